import { assertEquals } from "@std/assert";

import { line } from "../../../client/chat/styled_line.ts";
import type { Prompter } from "../../../client/terminal/console_ui.ts";
import { DumbUi } from "../../../client/terminal/dumb_ui.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const PROMPTER: Prompter = {
  prompt: "eve> ",
  isMessage: () => false,
  sources: { commands: [], names: [], rooms: [], inConversation: false },
};

/** A person at a dumb terminal, what it shows, and whether it shows what is typed. */
function sitDown() {
  let shown = "";
  let isRaw = false;
  const clock = new FakeClock();
  const ui = new DumbUi({
    write: (text) => shown += text.replaceAll("\r\n", "\n"),
    size: () => ({ columns: 30, rows: 24 }),
  }, { speaker: speakerOf("en"), setRaw: (raw) => isRaw = raw, clock });
  const encoder = new TextEncoder();
  return {
    ui,
    clock,
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

Deno.test("the first Ctrl-C leaves a question or says how to leave, and one soon after it leaves", async () => {
  const { ui, clock, shown } = sitDown();
  const named = ui.ask("Your name: ");
  assertEquals(ui.interrupt(), true, "before the chat has begun");
  ui.start(PROMPTER);
  assertEquals(ui.interrupt(), false);
  assertEquals(await named, undefined);
  clock.advance(499);
  assertEquals(ui.interrupt(), false, "the same one, forwarded");
  clock.advance(1);
  const answer = ui.confirm("Really? ");
  assertEquals(ui.interrupt(), false);
  assertEquals(await answer, false);

  const reading = ui.read();
  await shown();
  const told = async (): Promise<number> => (await shown()).split("Ctrl-C").length - 1;
  clock.advance(500);
  assertEquals([ui.interrupt(), await told()], [false, 1]);
  assertEquals((await shown()).endsWith("eve> "), true);
  clock.advance(5_000);
  assertEquals([ui.interrupt(), await told()], [false, 2], "the first one is forgotten");
  clock.advance(499);
  assertEquals(ui.interrupt(), false, "the same one, forwarded");
  clock.advance(4_500);
  assertEquals(ui.interrupt(), true);
  ui.end();
  assertEquals(await reading, undefined);
  ui.stop();
});
