import { assert, assertEquals } from "@std/assert";

import { isShownAsMessage } from "../../../client/chat/input.ts";
import { line } from "../../../client/chat/styled_line.ts";
import type { Prompter } from "../../../client/terminal/console_ui.ts";
import { TerminalUi, type TerminalUiOptions } from "../../../client/terminal/terminal_ui.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const PROMPTER: Prompter = {
  prompt: "eve → bob> ",
  isMessage: isShownAsMessage,
  sources: { commands: ["who"], names: ["bob", "bobby"], rooms: [], inConversation: true },
};

/** A person at a terminal, and what they see; `stop` ends the test's timers. */
function sitDown(
  options: Partial<TerminalUiOptions> = {},
): { ui: TerminalUi; type: (text: string) => void; shown: () => string } {
  const terminal = new FakeTerminal();
  terminal.columns = 80;
  const ui = new TerminalUi(terminal, { speaker: speakerOf("en"), ...options });
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
  assertEquals(await ui.read(), { text: "one" });
  assertEquals(await ui.ask("Really? "), "two");
  assertEquals(await ui.read(), { text: "next" });
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

Deno.test("a text of several lines is remembered whole, unless one of them may hold a password", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  for (const typed of ["hi\\\rthere\r", "/login eve \\\rsesame\r", "so\x1b\rpass sesame\r"]) {
    const reading = ui.read();
    type(typed);
    await reading;
  }
  ui.read();
  type("\x1b[A"); // up
  assert(shown().endsWith("eve → bob> hi\r\n… there\r\x1b[7C"));
  const before = shown().length;
  type("\x1b[A");
  assert(!shown().slice(before).includes("sesame"));
  ui.stop();
});

Deno.test("the arrows go from row to row first, and on through the input history once they are there", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  const ends = (text: string, left: number): void => {
    assert(shown().endsWith(text + `\r\x1b[${left}C`), JSON.stringify(shown().slice(-80)));
  };
  for (const typed of ["first\r", "a\x1b\rbc\r"]) {
    const reading = ui.read();
    type(typed);
    await reading;
  }
  ui.read();
  type("one\ntw\x1b[A");
  ends("> one\r\n… tw\x1b[1A", 11); // in column 4 stands the prompt
  type("\x1b[B");
  ends("> one\r\n… tw", 4);
  type("\x03\x1b[A");
  ends("> a\r\n… bc", 4);
  type("\x1b[A");
  ends("> first", 16);
  type("\x1b[B");
  ends("> a\r\n… bc", 4);
  type("\x1b[D\x1b[A");
  ends("> a\r\n… bc\x1b[1A", 11);
  type("\x1b[A");
  ends("> first", 16);
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
  assertEquals(await reading, { text: "r\nx" });
  const answer = ui.ask("Really? ");
  type("y\r");
  await answer;
  assertEquals(told, ["r", "r\\", "r\n", "r\nx", "", ""]);
  ui.stop();
});

Deno.test("a command stays on the screen, a message goes: it comes back with its answer", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  for (const [typed, stays] of [["hi", false], ["/who", true]] as const) {
    const before = shown().length;
    const reading = ui.read();
    type(`${typed}\r`);
    const written = shown().slice(before);
    assertEquals([typed, written.includes(`> ${typed}\r\x1b[${11 + typed.length}C\r\n`)], [
      typed,
      stays,
    ]);
    await reading;
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

Deno.test("Page Up types nothing, and asks for nothing while there is a question or no conversation", async () => {
  const { ui, type } = sitDown();
  let asked = 0;
  const pages = (): undefined => {
    asked++;
  };
  ui.start({ ...PROMPTER, pages });
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

Deno.test("Page Up shows the history apart; what comes meanwhile, and what is typed, is there when it closes", async () => {
  const { ui, type, shown } = sitDown();
  const page = [line("message", "long ago")];
  const pages = { name: "bob", isWhole: true, older: () => Promise.resolve(page) };
  ui.start({ ...PROMPTER, pages: () => pages });
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  const reading = ui.read();
  type("half\x1b[5~");
  await turn();
  assert(shown().includes("\x1b[?1049h\x1b[Hlong ago"));
  const before = shown().length;
  ui.show(line("info", "somebody came"));
  await turn();
  assert(!shown().slice(before).includes("somebody came"));
  type("\r");
  assert(/\[\?1049l[^]*somebody came\r\neve → bob> half/.test(shown().slice(before)));
  for (const [close, text] of [["!", "half!"], ["\x1b[200~?\x1b[201~", "half!?"]] as const) {
    type("\x1b[5~");
    await turn();
    type(close);
    assert(shown().endsWith(`\x1b[?1049l\r\x1b[Jeve → bob> ${text}\r\x1b[${11 + text.length}C`));
  }
  type("\x1b[5~");
  await turn();
  const answer = ui.ask("Really? ");
  assert(shown().endsWith("Really? \r\x1b[8C"), "a question closes it");
  type("yes\r\x1b[5~");
  assertEquals(await answer, "yes");
  await turn();
  ui.stop();
  assert(/\[\?1049l[^h]*\[\?2004l/.test(shown()), JSON.stringify(shown().slice(-80)));
  void reading;
});

Deno.test("a command is put into an empty input only; its lines are one entry, and no paste", async () => {
  const { ui, type } = sitDown();
  const told: string[] = [];
  ui.start({ ...PROMPTER, onLine: (line) => told.push(line) });
  let reading = ui.read();
  assertEquals(ui.prefill("/edit ", "helo"), true);
  assertEquals([told, ui.prefill("/edit ", "again")], [["/edit helo"], false]);
  type("!\r");
  assertEquals(await reading, { text: "/edit helo!" });
  reading = ui.read();
  ui.prefill("/edit ", "one\ntwo");
  type("\r");
  assertEquals(await reading, { text: "/edit one\ntwo" });
  ui.stop();
});

Deno.test("Ctrl-R finds what was typed and puts it into the input, where a second Enter sends it", async () => {
  const { ui, type, shown } = sitDown();
  ui.start(PROMPTER);
  for (const typed of ["Ещё чай\r", "one\x1b\rtwo\r", "last\r"]) {
    const reading = ui.read();
    type(typed);
    await reading;
  }
  const ends = (text: string): void => {
    assert(shown().endsWith(text), JSON.stringify(shown().slice(-120)));
  };
  const reading = ui.read();
  type("a draft\x1b[D\x12");
  ends("(typed: ) a draft\r\x1b[16C");
  type("еще");
  ends("(typed: еще) Ещё чай\r\x1b[13C");
  type("x");
  ends("(never typed: ещеx) Ещё чай\r\x1b[27C");
  for (const leave of ["\x07", "\x03"]) {
    type(`\x12tw${leave}`);
    ends("eve → bob> a draft\r\x1b[17C");
    assertEquals(ui.ended.aborted, false);
  }
  type("\x12\x1b[200~tw\nx\x1b[201~");
  ends("(typed: tw) one\r\n… two\r\x1b[2C");
  type("\r");
  ends("eve → bob> one\r\n… two\r\x1b[2C");
  type("!\r");
  assertEquals(await reading, { text: "one\n!two" });
  const next = ui.read();
  type("\x12\x12"); // looks for the same
  ends("(typed: tw) one\r\n… !two\r\x1b[3C");
  type("\x05?\r");
  assertEquals(await next, { text: "one\n!two?" }, "another key takes it and does its work");
  ui.stop();
});

Deno.test("a lone Escape leaves the search, without waiting for another key", () => {
  const clock = new FakeClock();
  const { ui, type, shown } = sitDown({ clock });
  ui.start(PROMPTER);
  ui.read();
  type("half\x12x\x1b");
  clock.advance(50);
  assert(shown().endsWith("eve → bob> half\r\x1b[15C"));
  ui.stop();
});

Deno.test("each conversation has its draft; when one ends without the person, that is said", async () => {
  const { ui, type, shown } = sitDown();
  const prompter = { ...PROMPTER, conversation: "bob", prompt: "> " };
  const told: string[] = [];
  ui.start({
    ...PROMPTER,
    get conversation() {
      return prompter.conversation;
    },
    onLine: (line) => told.push(line),
  });
  const turnTo = (conversation: string): void => {
    prompter.conversation = conversation;
    ui.refresh();
  };
  let reading = ui.read();
  type("for bob\x12a");
  turnTo("#dev");
  assert(shown().endsWith("eve → bob> \r\x1b[11C"), "a search ends with it");
  type("for #dev");
  turnTo("bob");
  assert(!shown().includes("is kept"));
  assertEquals(told.slice(-2), ["", "for bob"]);
  type("!\r");
  assertEquals(await reading, { text: "for bob!" });
  turnTo("#dev");
  turnTo("");
  assert(shown().includes("What you were writing there is kept"));
  reading = ui.read();
  type("who\r");
  assertEquals(await reading, { text: "who" });
  const answer = ui.ask("Who? ");
  turnTo("#dev");
  type("bob\r");
  assertEquals(await answer, "bob");
  reading = ui.read();
  type("\r");
  assertEquals(await reading, { text: "for #dev" });
  turnTo("bob");
  ui.read();
  type("of the same person");
  turnTo("");
  ui.start({ ...PROMPTER, conversation: "bob" }, { keepsDrafts: true });
  assert(shown().includes("of the same person"));
  ui.start({ ...PROMPTER, conversation: "" });
  ui.start({ ...PROMPTER, conversation: "bob" });
  assert(shown().endsWith("eve → bob> \r\x1b[11C"));
  ui.stop();
});

Deno.test("what comes back from the editor is in the conversation in which it was opened", async () => {
  const closed = Promise.withResolvers<{ text: string }>();
  const edited: string[] = [];
  const edit = (text: string): Promise<{ text: string }> => {
    edited.push(text);
    return closed.promise;
  };
  const { ui, type, shown } = sitDown({ editor: { missing: undefined, edit } });
  const prompter = { ...PROMPTER, conversation: "#dev" };
  ui.start(prompter);
  ui.read();
  type("begun\x18\x05");
  // Somebody takes the person out of the room meanwhile.
  Object.assign(prompter, { conversation: "" });
  ui.refresh();
  closed.resolve({ text: "written" });
  await ui.away;
  assertEquals(edited, ["begun"]);
  assert(shown().includes("What you were writing there is kept"));
  const reading = ui.read();
  type("who\r");
  assertEquals(await reading, { text: "who" });
  Object.assign(prompter, { conversation: "#dev" });
  ui.refresh();
  const again = ui.read();
  type("\r");
  assertEquals(await again, { text: "written" });
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

Deno.test("Alt and a digit or A, Ctrl-N and Ctrl-P ask for another conversation, not while there is a question", async () => {
  const { ui, type } = sitDown();
  const asked: string[] = [];
  ui.start({
    ...PROMPTER,
    onNumber: (number) => asked.push(`number ${number}`),
    onStep: (step) => asked.push(`step ${step}`),
    onUnread: () => asked.push("unread"),
  });
  const reading = ui.read();
  type("a\x1b1\x1b9\x1b0\x0e\x10\x1ba\x1bфb");
  assertEquals(asked.splice(0), [
    "number 1",
    "number 9",
    "step 1",
    "step -1",
    "unread",
    "unread",
  ]);
  const answer = ui.ask("Really? ");
  type("\x1b1\x0e\x1bano\r");
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
