import { assertEquals, assertRejects } from "@std/assert";

import { StartError } from "../../../common/errors.ts";
import { stopInTmux } from "../../../launcher/tmux/tmux_stop.ts";
import { done, failed, FakeTmux } from "./fake_tmux.ts";

Deno.test("the server's pane is asked to end, also while it scrolls; other panes are left alone", async () => {
  const panes = "%0 @0 chat= server=\n%1 @1 chat=1 server=1\n%2 @1 chat=1 server=";
  const tmux = new FakeTmux({ "list-panes": [done(panes), done("%0 @0 chat= server=")] });
  await stopInTmux(tmux.run);
  assertEquals(tmux.of("send-keys"), [
    ["send-keys", "-t", "%1", "-X", "cancel"],
    ["send-keys", "-t", "%1", "C-c"],
  ]);
  assertEquals(tmux.of("kill-window"), []);
});

Deno.test("without a server's pane the chat's windows are closed at once", async () => {
  const panes = done("%1 @1 chat=1 server=\n%9 @9 chat= server=");
  const tmux = new FakeTmux({ "list-panes": [panes, panes] });
  await stopInTmux(tmux.run);
  assertEquals(tmux.of("kill-window"), [["kill-window", "-t", "@1"]]);
});

Deno.test("where there is no chat, one line says so", async () => {
  for (const answer of [failed("no server running"), done(""), done("%0 @0 chat= server=1")]) {
    const tmux = new FakeTmux({ "list-panes": [answer] });
    await assertRejects(
      () => stopInTmux(tmux.run),
      StartError,
      "There is no chat in tmux to stop",
    );
    assertEquals(tmux.asked.length, 1);
  }
});
