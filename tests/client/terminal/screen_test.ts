import { assertEquals } from "@std/assert";

import type { InputState } from "../../../client/terminal/layout.ts";
import { Screen } from "../../../client/terminal/screen.ts";
import { FakeTerminal } from "./fake_terminal.ts";

Deno.test("all that is shown in one turn is one write, above the input", async () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal, () => ({ prompt: "> ", text: "hi", cursor: 1 }));
  screen.print("one");
  screen.print("two");
  screen.signal("\x07");
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(terminal.writes, ["one\r\ntwo\r\n\x07> hi\r\x1b[3C"]);
  screen.print("three");
  screen.flush();
  assertEquals(terminal.writes[1], "\r\x1b[Jthree\r\n> hi\r\x1b[3C");
});

Deno.test("the input is erased from its first row on, also when the terminal has broken its rows", async () => {
  const terminal = new FakeTerminal();
  const state: InputState = { prompt: "> ", text: "x".repeat(30), cursor: 30 };
  const screen = new Screen(terminal, () => state);
  screen.flush();
  assertEquals(terminal.writes[0], `> ${"x".repeat(17)}\r\n${"x".repeat(13)}\r\x1b[13C`);
  screen.signal("\x07");
  screen.flush();
  assertEquals(terminal.writes[1]!.startsWith("\r\x1b[1A\x1b[J"), true);
  terminal.columns = 10;
  screen.flush();
  // The cursor was in column 13 and is in column 3 now: its row was broken, so the one of 19 columns above was, too.
  assertEquals(terminal.writes[2]!.includes("\x1b[6n"), true);
  assertEquals(terminal.writes.length, 3);
  screen.reportColumn(3);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(terminal.writes[3]!.startsWith("\r\x1b[3A\x1b[J"), true);
});

Deno.test("a line that was entered stays, or goes without a trace", () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal, () => ({ prompt: "> ", text: "hi", cursor: 2 }));
  screen.commit(true);
  assertEquals(terminal.writes.at(-1), "\r\n");
  screen.commit(false);
  assertEquals(terminal.writes.at(-1), "\r\x1b[J");
  screen.clear();
  screen.flush();
  assertEquals(terminal.writes.at(-1), "\x1b[H\x1b[2J> hi\r\x1b[4C");
});

Deno.test("without an input there is nothing but what is shown", () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal, () => undefined);
  screen.print("one");
  screen.flush();
  assertEquals(terminal.writes, ["one\r\n"]);
});

Deno.test("while another program has the terminal nothing is written; then all, from where the cursor is", () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal, () => ({ prompt: "> ", text: "hi", cursor: 2 }));
  screen.hold();
  screen.print("one");
  screen.flush();
  assertEquals(terminal.writes, []);
  screen.takeOver();
  screen.flush();
  assertEquals(terminal.writes, ["\r\x1b[Jone\r\n> hi\r\x1b[4C"]);
});

Deno.test("what waits for the terminal has a bound: beyond it, it is written at once", () => {
  const terminal = new FakeTerminal();
  terminal.columns = 10;
  const screen = new Screen(terminal, () => ({ prompt: "> ", text: "x".repeat(30), cursor: 30 }));
  screen.flush();
  const rest = (): string => terminal.writes.splice(0).join("");
  rest();
  screen.hold();
  const line = "y".repeat(1_024);
  for (let i = 0; i < 1_024; i++) screen.print(line);
  assertEquals(terminal.writes, []);
  screen.print("last");
  assertEquals(rest().split("y".repeat(1_024)).length, 1_025);
  screen.takeOver();
  terminal.columns = 5;
  screen.flush();
  for (let i = 0; i < 1_025; i++) screen.print(line);
  assertEquals(rest().split("y".repeat(1_024)).length, 1_026, "though it has not been answered");
  screen.end();
});

Deno.test("what was held goes on where it was; whoever holds may be told that too much waits", () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal, () => ({ prompt: "> ", text: "x".repeat(30), cursor: 30 }));
  screen.flush();
  terminal.writes.length = 0;
  let full = 0;
  const onFull = (): void => {
    full++;
    screen.release();
  };
  screen.hold(onFull);
  screen.print("one");
  screen.release();
  screen.flush();
  const painted = `> ${"x".repeat(17)}\r\n${"x".repeat(13)}\r\x1b[13C`;
  assertEquals(terminal.writes.splice(0), [`\r\x1b[1A\x1b[Jone\r\n${painted}`]);
  screen.hold(onFull);
  for (let i = 0; i < 1_025; i++) screen.print("y".repeat(1_024));
  assertEquals([full, terminal.writes], [1, []], "it is not on the screen of somebody else");
  screen.flush();
  assertEquals(terminal.writes.join("").split("y".repeat(1_024)).length, 1_026);
  screen.end();
});

Deno.test("the row below the input goes with it, and stays behind nowhere", () => {
  const terminal = new FakeTerminal();
  const state = { prompt: "> ", text: "x".repeat(30), cursor: 2, below: "state" };
  let input: InputState | undefined = state;
  const screen = new Screen(terminal, () => input);
  const written = (): string => terminal.writes.splice(0).join("");
  screen.flush();
  const painted = `> ${"x".repeat(17)}\r\n${"x".repeat(13)}\r\nstate\x1b[2A\r\x1b[4C`;
  assertEquals(written(), painted);
  screen.print("one");
  screen.flush();
  assertEquals(written(), `\r\x1b[Jone\r\n${painted}`);
  screen.commit(true);
  assertEquals(written(), "\r\n\r\n\x1b[J", "from where it stood");
  screen.flush();
  screen.commit(false);
  assertEquals(written(), `${painted}\r\x1b[J`);
  screen.flush();
  written();
  input = undefined;
  screen.end();
  assertEquals(written(), "\r\x1b[J");
});

Deno.test("where nothing has changed nothing is written", () => {
  const terminal = new FakeTerminal();
  const state = { prompt: "> ", text: "hi", cursor: 2, below: "state" };
  const titles = ["one", "", "two"];
  const screen = new Screen(terminal, () => state, () => titles.shift() ?? "");
  const written = (): string[] => terminal.writes.splice(0);
  const painted = "> hi\r\nstate\x1b[1A\r\x1b[4C";
  screen.flush();
  screen.flush();
  assertEquals(written(), [`one${painted}`]);
  screen.flush();
  assertEquals(written(), [`two\r\x1b[J${painted}`]);
  screen.flush();
  assertEquals(written(), []);
  state.below = "other";
  screen.flush();
  assertEquals(written(), ["\r\x1b[J> hi\r\nother\x1b[1A\r\x1b[4C"]);
  terminal.columns = 30;
  screen.flush();
  assertEquals(written().length, 1, "a terminal of another size may have lost something");
  screen.takeOver();
  screen.flush();
  assertEquals(written().length, 1, "as may one that others have used");
  screen.clear();
  screen.flush();
  assertEquals(written().length, 1);
});
