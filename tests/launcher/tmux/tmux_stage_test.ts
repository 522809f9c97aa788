import { assertEquals, assertRejects } from "@std/assert";

import { StartError } from "../../../common/errors.ts";
import { TmuxStage } from "../../../launcher/tmux/tmux_stage.ts";
import { done, failed, FakeTmux } from "./fake_tmux.ts";

const runtime = { deno: "/opt/my deno", root: "file:///chat/" };
const command = { program: "/opt/my deno", args: ["run", "server.ts"] };
const size = { columns: 80, rows: 24 };
const IDS = ["-P", "-F", "#{pane_id} #{window_id}"];

Deno.test("a chat is a session; programs are handed over as arguments, so that no shell reads them", async () => {
  const tmux = new FakeTmux({
    "new-session": [done("%12 @3")],
    "split-window": [done("%13 @3"), done("%14 @3")],
  });
  const stage = new TmuxStage(runtime, { isWindow: false, size }, tmux.run);
  const server = stage.server(command);
  await stage.show(server);
  assertEquals(tmux.asked[0], [
    ...["new-session", "-d", "-s", "jim", "-n", "chat", "-x", "80", "-y", "24", ...IDS],
    ...["--", "/opt/my deno", ...server.command.args],
  ]);
  assertEquals(tmux.asked[1]!.slice(0, 7), [
    ...["set-option", "-w", "-t", "@3", "@jim_chat", "1", ";"],
  ]);
  assertEquals(tmux.asked[2], [
    ...["set-option", "-t", "=jim:", "mouse", "on", ";"],
    ...["set-option", "-t", "=jim:", "destroy-unattached", "off"],
  ]);
  assertEquals(tmux.asked.at(-1), ["set-option", "-p", "-t", "%12", "@jim_server", "1"]);

  const eve = stage.client("eve", command);
  await stage.show(eve);
  assertEquals(tmux.asked.slice(-4), [
    [...["split-window", "-d", "-t", "%12", ...IDS], "--", "/opt/my deno", ...eve.command.args],
    ["select-pane", "-t", "%13", "-T", "eve"],
    ["select-layout", "-t", "@3", "tiled"],
    ["select-window", "-t", "@3", ";", "select-pane", "-t", "%13"],
  ]);
  await stage.show(stage.client("bob", command));
  assertEquals(tmux.of("split-window")[1]!.slice(0, 4), ["split-window", "-d", "-t", "%13"]);
  assertEquals(tmux.of("select-window").length, 1);
  await stage.close();
  assertEquals(tmux.asked.at(-1), ["kill-session", "-t", "=jim"]);
});

Deno.test("what does not fit gets another window, of our session or of the one around", async () => {
  for (const isWindow of [false, true]) {
    const tmux = new FakeTmux({
      "new-session": [done("%1 @1")],
      "new-window": isWindow ? [done("%1 @1"), done("%2 @2")] : [done("%2 @2")],
      "split-window": [failed("no space for new pane")],
    });
    const stage = new TmuxStage(runtime, { isWindow, size }, tmux.run);
    for (const name of ["eve", "bob"]) await stage.show(stage.client(name, command));
    const target = isWindow ? [] : ["-t", "=jim:"];
    assertEquals(tmux.of("new-window").at(-1)!.slice(0, 7 + target.length), [
      ...["new-window", "-d", "-n", "jim", ...target, ...IDS],
    ]);
    await stage.close();
    assertEquals(tmux.of("kill-session").length, isWindow ? 0 : 1);
    const killed = isWindow ? ["@1", "@2"].map((window) => ["kill-window", "-t", window]) : [];
    assertEquals(tmux.of("kill-window"), killed);
  }
});

Deno.test("the server of an own session ends it when nobody else does", async () => {
  for (const isWindow of [false, true]) {
    const tmux = new FakeTmux();
    const stage = new TmuxStage(runtime, { isWindow, size }, tmux.run);
    const atEnd = isWindow ? undefined : { program: "tmux", args: ["kill-session", "-t", "=jim"] };
    assertEquals(stage.server(command).job, { command, role: "server", atEnd });
    assertEquals(stage.client("eve", command).job, { command, role: "client" });
    await stage.release();
    await stage.close();
    assertEquals(tmux.asked, []);
  }
});

Deno.test("what tmux refuses is said, and what was there before is left alone", async () => {
  const problem = async (answer: { isDone: boolean; text: string }): Promise<string> => {
    const tmux = new FakeTmux({ "new-session": [answer] });
    const stage = new TmuxStage(runtime, { isWindow: false, size }, tmux.run);
    const { message } = await assertRejects(() => stage.show(stage.server(command)), StartError);
    await stage.close();
    assertEquals(tmux.asked.length, 1);
    return message;
  };
  assertEquals(
    await problem(failed("duplicate session: jim")),
    "Cannot start: there is a tmux session 'jim' already; 'tmux attach -t jim' shows it, " +
      "'deno task launch stop' ends it if it is a chat",
  );
  assertEquals(
    await problem(failed("no \x1b server")),
    "tmux new-session failed: no \\u{1b} server",
  );
  assertEquals(await problem(done("what?")), "tmux new-session failed: what?");
});
