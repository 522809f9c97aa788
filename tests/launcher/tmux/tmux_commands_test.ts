import { assertEquals } from "@std/assert";

import {
  focus,
  newSession,
  newWindow,
  readChatPanes,
  readPaneIds,
  readTmuxRelease,
  splitWindow,
} from "../../../launcher/tmux/tmux_commands.ts";

const command = { program: "/opt/deno", args: ["run", "a b.ts"] };

Deno.test("a program is handed to tmux as arguments, so that no shell reads it", () => {
  assertEquals(newSession({ columns: 80, rows: 24 }, command), [
    ...["new-session", "-d", "-s", "jim", "-n", "chat", "-x", "80", "-y", "24"],
    ...["-P", "-F", "#{pane_id} #{window_id}", "--", "/opt/deno", "run", "a b.ts"],
  ]);
  assertEquals(splitWindow("%3", command).slice(0, 4), ["split-window", "-d", "-t", "%3"]);
  assertEquals(newWindow(undefined, command).includes("-t"), false);
  assertEquals(newWindow("=jim:", command).slice(4, 6), ["-t", "=jim:"]);
});

Deno.test("several commands are one run", () => {
  assertEquals(focus({ pane: "%1", window: "@0" }), [
    ...["select-window", "-t", "@0"],
    ";",
    ...["select-pane", "-t", "%1"],
  ]);
});

Deno.test("what tmux prints is read", () => {
  assertEquals(readPaneIds("%12 @3\n"), { pane: "%12", window: "@3" });
  assertEquals(readPaneIds("no server running"), undefined);
  assertEquals(readTmuxRelease("tmux 3.3a\n"), 3);
  assertEquals(readTmuxRelease("tmux 2.7\n"), 2);
  assertEquals(readTmuxRelease("tmux next-3.5\n"), 3);
  assertEquals(readTmuxRelease("tmux master\n"), Infinity);
  assertEquals(
    readChatPanes("%0 @0 chat= server=\n%1 @1 chat=1 server=1\n%2 @1 chat=1 server=\n"),
    [
      { pane: "%1", window: "@1", isServer: true },
      { pane: "%2", window: "@1", isServer: false },
    ],
  );
});
