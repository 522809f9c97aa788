import { assertEquals } from "@std/assert";

import { whyNoTmux } from "../../../launcher/tmux/tmux.ts";

function why(text: string, isDone = true): Promise<string | undefined> {
  return whyNoTmux((...args) => {
    assertEquals(args, ["-V"]);
    return Promise.resolve({ isDone, text });
  });
}

Deno.test("tmux 3.0 or newer will do, development builds too", async () => {
  assertEquals(await why("tmux 3.3a"), undefined);
  assertEquals(await why("tmux next-3.5"), undefined);
  assertEquals(await why("tmux master"), undefined);
  assertEquals(await why("tmux 2.7"), "tmux 3.0 or newer is needed, this is tmux 2.7");
  assertEquals(await why("tmux is not\x1b installed", false), "tmux is not\\u{1b} installed");
});
