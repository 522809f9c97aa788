import { assert, assertEquals } from "@std/assert";

import { type Line, line } from "../../../client/chat/styled_line.ts";
import { HistoryView } from "../../../client/terminal/history_view.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import { FakeTerminal } from "./fake_terminal.ts";

/** A conversation whose pages come when the test says so. */
class FakeSource {
  readonly name = "bob";
  isWhole = false;
  readonly #asked: ((lines: Line[] | undefined) => void)[] = [];

  older(): Promise<Line[] | undefined> {
    return new Promise((resolve) => this.#asked.push(resolve));
  }

  get asked(): number {
    return this.#asked.length;
  }

  /** Answers the oldest question. */
  async give(...texts: (string | undefined)[]): Promise<void> {
    const lines = texts.flatMap((text) => text === undefined ? [] : [line("message", text)]);
    this.#asked.shift()!(texts[0] === undefined ? undefined : lines);
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
}

function open(): {
  view: HistoryView;
  terminal: FakeTerminal;
  told: string[];
  shown: () => string;
} {
  const terminal = new FakeTerminal();
  const told: string[] = [];
  const view = new HistoryView(terminal, {
    speaker: speakerOf("en"),
    onOpen: () => told.push("open"),
    onClose: () => told.push("close"),
  });
  return { view, terminal, told, shown: () => terminal.writes.splice(0).join("") };
}

const PAGE_UP = { name: "pageup" };

Deno.test("it opens when the first page is there, asks ahead, and gives the terminal back as it was", async () => {
  const { view, told, shown } = open();
  const source = new FakeSource();
  view.open(source);
  assertEquals([view.press(undefined, PAGE_UP), view.isOpen, shown()], [true, false, ""]);
  await source.give("one", "two");
  assertEquals([view.isOpen, told, source.asked], [true, ["open"], 1]);
  const drawn = shown();
  assert(drawn.startsWith("\x1b[?1049h") && drawn.includes("one\x1b[K\r\ntwo"), drawn);
  source.isWhole = true;
  await source.give("zero");
  assertEquals(source.asked, 0);
  assert(shown().includes("zero\x1b[K\r\none"));
  assertEquals(view.press("x", { name: "x" }), false, "it is typed elsewhere");
  assertEquals([view.isOpen, told], [false, ["open", "close"]]);
  assertEquals(shown(), "\x1b[?1049l");
  view.close();
  view.note(1);
  view.resized();
  assertEquals([told.length, shown()], [2, ""]);
});

Deno.test("another key, or a refusal, before the first page is there: it does not open", async () => {
  const { view, told, shown } = open();
  for (const isTyped of [true, false]) {
    const source = new FakeSource();
    view.open(source);
    if (isTyped) assertEquals(view.press("x", { name: "x" }), false);
    await source.give(isTyped ? "late" : undefined);
    assertEquals([view.isOpen, told, shown()], [false, [], ""]);
    assertEquals(view.press(undefined, PAGE_UP), false, "it may be opened again");
  }
});

Deno.test("a page that comes when it was closed and opened again is not taken for one of the new one", async () => {
  const { view, shown } = open();
  const [first, second] = [new FakeSource(), new FakeSource()];
  view.open(first);
  await first.give("one");
  view.press("q", { name: "q" });
  view.open(second);
  await second.give("new");
  assertEquals(second.asked, 1);
  shown();
  await first.give("late");
  assertEquals(shown(), "");
  await second.give("older");
  assert(shown().includes("older\x1b[K\r\nnew"));
  view.close();
});

Deno.test("what waits is told once a turn; a page that fails is the last one", async () => {
  const { view, terminal, shown } = open();
  const source = new FakeSource();
  view.open(source);
  await source.give("one");
  await source.give(undefined);
  assertEquals(source.asked, 0);
  shown();
  terminal.columns = 60;
  for (let i = 0; i < 3; i++) view.note(2);
  assertEquals(shown(), "");
  view.resized();
  assert(shown().includes("6 new lines below"));
  view.note(1);
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  assertEquals(terminal.writes.length, 1);
  view.close();
});
