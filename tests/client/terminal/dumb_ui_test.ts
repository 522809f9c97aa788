import { assertEquals } from "@std/assert";

import { line } from "../../../client/chat/styled_line.ts";
import type { Prompter } from "../../../client/terminal/console_ui.ts";
import { DumbUi } from "../../../client/terminal/dumb_ui.ts";
import { speakerOf } from "../../../client/texts/texts.ts";

const PROMPTER: Prompter = {
  prompt: "eve> ",
  isMessage: () => false,
  sources: { commands: [], names: [], rooms: [], inConversation: false },
};

/** A person at a dumb terminal, what it shows, and whether it shows what is typed. */
function sitDown() {
  let shown = "";
  let isRaw = false;
  const ui = new DumbUi({
    write: (text) => shown += text.replaceAll("\r\n", "\n"),
    size: () => ({ columns: 30, rows: 24 }),
  }, { speaker: speakerOf("en"), setRaw: (raw) => isRaw = raw });
  const encoder = new TextEncoder();
  return {
    ui,
    type: (text: string) => ui.feed(encoder.encode(text)),
    shown: async () => {
      await new Promise((resolve) => setTimeout(resolve, 0));
      return shown;
    },
    isRaw: () => isRaw,
  };
}

Deno.test("lines go to who waits first, in the order in which they were typed", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  type("one\\\ntwo\nyes\nyest");
  assertEquals(await ui.read(), { text: "one\ntwo" });
  assertEquals(await ui.confirm("Really? "), true);
  const answer = ui.confirm("Really? ");
  type("erday\n");
  assertEquals(await answer, false);
  const reading = ui.read();
  assertEquals(await shown(), "eve> ");
  ui.show(line("info", "somebody came, and said so in many words"));
  assertEquals(await shown(), "eve> \nsomebody came, and said so in\n    many words\neve> ");
  ui.end();
  ui.show(line("info", "Goodbye."));
  assertEquals([await reading, await ui.ask("? ")], [undefined, undefined]);
  assertEquals((await shown()).slice(-15), "eve> \nGoodbye.\n", "Ctrl-D is no end of a row");
  ui.stop();
});

Deno.test("a secret is read key by key, without echo", async () => {
  const { ui, type, shown, isRaw } = sitDown();
  const answer = ui.askSecret("Password: ");
  assertEquals([isRaw(), await shown()], [true, "Password: "]);
  type("sesan\x7fme\r");
  assertEquals([await answer, isRaw()], ["sesame", false]);
  const other = ui.askSecret("Password: ");
  type("x\x03");
  assertEquals([await other, isRaw()], [undefined, false]);
  ui.stop();
});
