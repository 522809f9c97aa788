import { assert, assertEquals } from "@std/assert";

import { isShownAsMessage } from "../../../client/chat/input.ts";
import { line } from "../../../client/chat/styled_line.ts";
import type { Prompter } from "../../../client/terminal/console_ui.ts";
import { TerminalUi } from "../../../client/terminal/terminal_ui.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const PROMPTER: Prompter = {
  prompt: "eve → bob> ",
  isMessage: isShownAsMessage,
  sources: { commands: ["who"], names: ["bob", "bobby"], rooms: [], inConversation: true },
};

/** A person at a terminal, and what they see; `stop` ends the test's timers. */
function sitDown(): { ui: TerminalUi; type: (text: string) => void; shown: () => string } {
  const terminal = new FakeTerminal();
  terminal.columns = 80;
  const ui = new TerminalUi(terminal, { speaker: speakerOf("en") });
  const encoder = new TextEncoder();
  return {
    ui,
    type: (text) => ui.feed(encoder.encode(text)),
    shown: () => {
      ui.resized(); // paints at once
      return terminal.writes.join("");
    },
  };
}

Deno.test("keys that come early wait for the next line, and for the question that it asks", async () => {
  const { ui, type } = sitDown();
  type("one\rtwo\rnext\r");
  ui.start(PROMPTER);
  assertEquals(await ui.read(), { text: "one", pastedLines: 0 });
  assertEquals(await ui.ask("Really? "), "two");
  assertEquals(await ui.read(), { text: "next", pastedLines: 0 });
  ui.stop();
});

Deno.test("a secret is neither shown nor remembered", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  const reading = ui.read();
  type("hi\r");
  await reading;
  const answer = ui.askSecret("Password: ");
  type("sesame");
  assert(shown().includes("Password: "));
  type("\x7f!\r");
  assertEquals(await answer, "sesam!");
  ui.read();
  type("\x19"); // Ctrl-Y
  type("\x1b[A"); // up
  assert(shown().endsWith("eve → bob> hi\r\x1b[13C"));
  assert(!shown().includes("sesam"));
  ui.stop();
});

Deno.test("a line that goes on is remembered only if the whole may be", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  for (const typed of ["hi\\\rthere\r", "/login eve \\\rsesame\r", "/login\\\rsesame\r"]) {
    const reading = ui.read();
    type(typed);
    await reading;
  }
  ui.read();
  for (const line of ["/login\\", "there", "hi\\"]) {
    type("\x1b[A"); // up
    assert(shown().endsWith(`eve → bob> ${line}\r\x1b[${11 + line.length}C`));
  }
  ui.stop();
});

Deno.test("Ctrl-C takes back a question, then the line, then asks for one more to leave", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  const answer = ui.confirm("Really? ");
  type("y\x03");
  assertEquals([await answer, ui.ended.aborted], [false, false]);
  const reading = ui.read();
  type("half\\\ra line\x03");
  type("\x03");
  assertEquals(ui.ended.aborted, false);
  assert(shown().includes("Ctrl-C again, or Ctrl-D, leaves the chat."));
  type("\x03");
  assertEquals([await reading, ui.ended.aborted], [undefined, true]);
  assertEquals([await ui.ask("? "), await ui.read()], [undefined, undefined]);
  ui.stop();
});

Deno.test("before the chat has begun, no answer means to leave", async () => {
  for (const key of ["\x03", "\x04"]) {
    const { ui, type } = sitDown();
    const answer = ui.ask("Your name: ");
    type(key);
    assertEquals([await answer, ui.ended.aborted], [undefined, true]);
    ui.stop();
  }
});

Deno.test("a paste of several lines is one entry; elsewhere it becomes one line", async () => {
  const { ui, type } = sitDown();
  ui.start(PROMPTER);
  const entry = ui.read();
  type("a\x1b[200~one\r\ntwo\n\x1b[201~");
  assertEquals(await entry, {
    text: "aone\ntwo",
    pastedLines: 2,
    paste: { firstLine: "one", isBlock: false, cursor: 8 },
  });
  const answer = ui.ask("Text: ");
  type("\x1b[200~one\ntwo\x1b[201~\r");
  assertEquals(await answer, "one two");
  const secret = ui.askSecret("Password: ");
  type("\x1b[200~one\ntwo\x1b[201~\r");
  assertEquals(await secret, "one");
  ui.stop();
});

Deno.test("the chat is told of each change of the line, and of no answer to a question", async () => {
  const { ui, type } = sitDown();
  const told: string[] = [];
  ui.start({ ...PROMPTER, onLine: (line) => told.push(line) });
  const reading = ui.read();
  type("r\\\rx\r");
  assertEquals(await reading, { text: "r\nx", pastedLines: 0 });
  const answer = ui.ask("Really? ");
  type("y\r");
  await answer;
  assertEquals(told, ["r", "r\\", "r\n", "r\nx", "", ""]);
  ui.stop();
});

Deno.test("a command stays on the screen, a message goes: it comes back with its answer", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  for (const [typed, stays] of [["hi", false], ["/who", true], ["so\\", true]] as const) {
    const before = shown().length;
    const reading = ui.read();
    type(`${typed}\r`);
    const written = shown().slice(before);
    assertEquals([typed, written.includes(`> ${typed}\r\x1b[${11 + typed.length}C\r\n`)], [
      typed,
      stays,
    ]);
    if (!typed.endsWith("\\")) await reading;
  }
  ui.end();
  ui.stop();
});

Deno.test("what is shown and what Tab lists never changes what is typed", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  const reading = ui.read();
  type("hi bo\t\t");
  assert(shown().includes("bob  bobby\r\n"));
  ui.show(line("info", "somebody came"));
  assert(shown().endsWith("somebody came\r\neve → bob> hi bob\r\x1b[17C"));
  type("\r");
  assertEquals((await reading)?.text, "hi bob");
  ui.stop();
});

Deno.test("questions that come at once are asked one after the other, and each gets its answer", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  const first = ui.ask("First? ");
  const second = ui.confirm("Second? ");
  const third = ui.ask("Third? ");
  type("one\r");
  assertEquals(await first, "one");
  assert(shown().endsWith("Second? \r\x1b[8C"));
  type("maybe\x03");
  assertEquals(await second, false);
  ui.end();
  assertEquals(await third, undefined);
  assert(shown().endsWith("eve → bob> maybe\r\x1b[16C"));
  ui.stop();
});

Deno.test("what is typed for a question that is left comes back with Ctrl-Y, the draft stays", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  const reading = ui.read();
  const answer = ui.ask("Text? ");
  type("half\x03");
  assertEquals(await answer, undefined);
  type("\x19 a draft");
  const other = ui.ask("Name? ");
  type("bob\r");
  assertEquals(await other, "bob");
  assert(shown().endsWith("eve → bob> half a draft\r\x1b[23C"));
  type("\r");
  assertEquals((await reading)?.text, "half a draft");
  ui.stop();
});

Deno.test("Page Up asks the chat for more, not while there is a question, and types nothing", async () => {
  const { ui, type } = sitDown();
  let asked = 0;
  ui.start({ ...PROMPTER, onPageUp: () => asked++ });
  const reading = ui.read();
  type("ab\x1b[D\x1b[5~\x1b[6~c");
  assertEquals(asked, 1);
  const answer = ui.ask("Really? ");
  type("\x1b[5~no\r");
  assertEquals([await answer, asked], ["no", 1]);
  type("\r");
  assertEquals((await reading)?.text, "acb");
  ui.stop();
});

Deno.test("a command is put into an empty input only; its lines are one entry, and no paste", async () => {
  const { ui, type } = sitDown();
  const told: string[] = [];
  ui.start({ ...PROMPTER, onLine: (line) => told.push(line) });
  let reading = ui.read();
  assertEquals(ui.prefill("/edit ", "helo"), true);
  assertEquals([told, ui.prefill("/edit ", "again")], [["/edit helo"], false]);
  type("!\r");
  assertEquals(await reading, { text: "/edit helo!", pastedLines: 0 });
  reading = ui.read();
  ui.prefill("/edit ", "one\ntwo");
  type("\r");
  assertEquals(await reading, { text: "/edit one\ntwo", pastedLines: 0 });
  ui.stop();
});

Deno.test("the terminal's modes are on while the chat has it, and off when it is given back", () => {
  const terminal = new FakeTerminal();
  let writes = "";
  terminal.write = (text) => void (writes += text);
  const taken = (): string => {
    const modes = writes.split("\x1b[?").flatMap((text) => /^(?:1004|2004)[hl]/.exec(text) ?? []);
    writes = "";
    return modes.join(" ");
  };
  const ui = new TerminalUi(terminal, {
    speaker: speakerOf("en"),
    suspend: () => {},
  });
  assertEquals(taken(), "2004h 1004h");
  ui.start(PROMPTER);
  ui.read();
  ui.feed(new TextEncoder().encode("\x1a")); // Ctrl-Z
  assertEquals(taken(), "1004l 2004l");
  ui.resume();
  assertEquals(taken(), "2004h 1004h");
  ui.stop();
  assertEquals(taken(), "1004l 2004l");
});

Deno.test("reports of the focus type nothing and say whether somebody looks", () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  ui.read();
  const looks = ["\x1b[I", "\x1b[O", "x"].map((text) => {
    type(text);
    return ui.isWatched;
  });
  assertEquals(looks, [true, false, true]);
  assert(shown().endsWith("eve → bob> x\r\x1b[12C"));
  ui.stop();
});

Deno.test("a notification goes out once, with what is painted next", () => {
  const { ui, shown } = sitDown();
  ui.start(PROMPTER);
  ui.notify("osc9", "bob\x07 wrote");
  ui.show(line("info", "hi"));
  assertEquals(shown().split("\x1b]9;").length, 2);
  assert(shown().includes("\x1b]9;bob  wrote\x07"));
  ui.stop();
});

Deno.test("Alt and a digit, Ctrl-N and Ctrl-P ask for another conversation, not while there is a question", async () => {
  const { ui, type } = sitDown();
  const asked: string[] = [];
  ui.start({
    ...PROMPTER,
    onNumber: (number) => asked.push(`number ${number}`),
    onStep: (step) => asked.push(`step ${step}`),
  });
  const reading = ui.read();
  type("a\x1b1\x1b9\x1b0\x0e\x10b");
  assertEquals(asked.splice(0), ["number 1", "number 9", "step 1", "step -1"]);
  const answer = ui.ask("Really? ");
  type("\x1b1\x0eno\r");
  assertEquals([await answer, asked], ["no", []]);
  type("\r");
  assertEquals((await reading)?.text, "ab");
  ui.stop();
});

Deno.test("the row of state is cut to the terminal, and stays while there is a question", async () => {
  const { ui, type, shown } = sitDown();
  const row = `79 ${"x".repeat(75)}`;
  ui.start({
    ...PROMPTER,
    state: (columns) => ({ ...line("info", `${columns} ${"x".repeat(100)}`), isOneRow: true }),
  });
  assert(shown().endsWith(`eve → bob> \r\n${row}…\x1b[1A\r\x1b[11C`));
  const answer = ui.ask("Really? ");
  assert(shown().endsWith(`Really? \r\n${row}…\x1b[1A\r\x1b[8C`));
  type("\r");
  await answer;
  ui.stop();
});
