import { assert, assertEquals } from "@std/assert";
import stringWidth from "string-width";

import { line } from "../../../client/chat/styled_line.ts";
import { Pager } from "../../../client/terminal/pager.ts";
import { speakerOf } from "../../../client/texts/texts.ts";

const OPTIONS = { name: "#dev", speaker: speakerOf("en") };

/** Lines `first` … `last`. */
function lines(first: number, last: number, more = ""): ReturnType<typeof line>[] {
  return Array.from({ length: last - first + 1 }, (_, i) => line("message", `${first + i}${more}`));
}

/** What is on the screen, the last row being the status; what is marked stands between `[` and `]`. */
function seen(pager: Pager): string[] {
  const drawn = pager.draw().replaceAll("\x1b[7m", "[").replaceAll("\x1b[0m", "]");
  // deno-lint-ignore no-control-regex
  return drawn.replace(/\x1b\[(H|K|\?25h)/g, "").split("\r\n");
}

/** Presses keys: names, or single characters. */
function press(pager: Pager, ...keys: string[]): string {
  let step = "";
  for (const key of keys) {
    const ctrl = key.startsWith("^");
    const text = [...key].length === 1 ? key : undefined;
    step = pager.press(text, { name: key.replace("^", ""), ctrl });
  }
  return step;
}

function first(pager: Pager): string | undefined {
  return seen(pager)[0];
}

Deno.test("it opens one page back from the end, and the keys go from there to both ends", () => {
  const pager = new Pager(lines(1, 50), true, { columns: 40, rows: 11 }, OPTIONS);
  assertEquals(seen(pager), [
    ...Array.from({ length: 10 }, (_, i) => String(32 + i)),
    "[#dev · PgUp PgDn · / finds · q closes]",
  ]);
  assertEquals([press(pager, "up"), first(pager)], ["stays", "31"]);
  assertEquals([press(pager, "pageup"), first(pager)], ["stays", "22"]);
  assertEquals([press(pager, "home"), first(pager)], ["stays", "1"]);
  assertEquals([press(pager, "pageup", "down", "pagedown"), first(pager)], ["stays", "11"]);
  assertEquals([press(pager, "end"), first(pager)], ["stays", "41"]);
  for (const key of ["end", "pagedown", "down", "space"]) {
    assertEquals([key, press(pager, key)], [key, "closes"]);
  }
});

Deno.test("what is shorter than the screen stands at its top", () => {
  const pager = new Pager(lines(1, 2), true, { columns: 40, rows: 5 }, OPTIONS);
  assertEquals(seen(pager).slice(0, 4), ["1", "2", "", ""]);
  assertEquals(press(pager, "pageup"), "stays");
  assertEquals(press(pager, "down"), "closes");
});

Deno.test("older lines are wanted before they are paged to, and do not move what is seen", () => {
  const pager = new Pager(lines(91, 100), false, { columns: 40, rows: 6 }, OPTIONS);
  assertEquals([pager.wantsOlder, first(pager)], [true, "92"]);
  press(pager, "pageup");
  assertEquals(first(pager), "91");
  pager.add(lines(81, 90), false);
  assertEquals([first(pager), pager.wantsOlder], ["88", false], "the rest of the page is made up");
  press(pager, "pageup", "pageup");
  assertEquals([first(pager), pager.wantsOlder], ["81", true]);
  pager.add(lines(71, 80), true);
  assertEquals([first(pager), pager.wantsOlder], ["80", false]);
  press(pager, "home");
  assertEquals(first(pager), "71");
});

Deno.test("Home goes on to the beginning while pages come, until another key is pressed or twenty have come", () => {
  const size = { columns: 40, rows: 6 };
  const pager = new Pager(lines(91, 100), false, size, OPTIONS);
  press(pager, "home");
  pager.add(lines(81, 90), false);
  assertEquals([first(pager), pager.wantsOlder], ["81", true]);
  press(pager, "down");
  pager.add(lines(71, 80), false);
  assertEquals([first(pager), pager.wantsOlder], ["82", false]);
  press(pager, "home");
  for (let i = 0; i < 20; i++) pager.add(lines(1, 9), false);
  assertEquals(first(pager), "1");
  pager.add(lines(0, 0), false);
  assertEquals(first(pager), "1", "it takes another key to go on");
});

Deno.test("a search goes back from the screen, on in pages that come, and says where it stands", () => {
  const size = { columns: 40, rows: 6 };
  const pager = new Pager(lines(51, 100, " ёлка"), false, size, OPTIONS);
  press(pager, "/", "Х", "backspace", "9", "3", " ", "Е", "Л");
  assertEquals(seen(pager).at(-1), "[/93 ЕЛ]");
  press(pager, "return");
  assertEquals(seen(pager), [
    ...["91 ёлка", "92 ёлка", "[93 ёлка]", "94 ёлка", "95 ёлка"],
    "[#dev · PgUp PgDn · / finds · q closes]",
  ]);
  press(pager, "/", "4", "9", "return");
  assertEquals([pager.wantsOlder, seen(pager).at(-1)], [true, "[49: looking …]"]);
  pager.add(lines(41, 50), true);
  assertEquals([first(pager), seen(pager)[2]], ["47", "[49]"]);
  press(pager, "n");
  assertEquals(seen(pager).at(-1), "[49: not found]");
  const marked = (): string | undefined => seen(pager).find((row) => row.startsWith("["));
  press(pager, "/", "5", "return");
  assertEquals(marked(), "[51 ёлка]", "the last row of the screen is looked at first");
  press(pager, "N");
  assertEquals(marked(), "[52 ёлка]");
  press(pager, "n", "n");
  assertEquals(marked(), "[50]");
  assertEquals(press(pager, "/", "x", "^z"), "closes and presses");
  press(pager, "escape", "/", "x", "escape");
  assertEquals(seen(pager).at(-1), "[#dev · PgUp PgDn · / finds · q closes]");
});

Deno.test("a search that finds nothing in twenty pages says so, and goes on when it is told to", () => {
  const pager = new Pager(lines(1, 9), false, { columns: 40, rows: 6 }, OPTIONS);
  press(pager, "end", "/", "x", "return");
  let pages = 0;
  for (; seen(pager).at(-1)?.includes("looking"); pages++) pager.add(lines(1, 9), false);
  assertEquals([pages, seen(pager).at(-1)], [20, "[x: not found so far; n goes on]"]);
  press(pager, "n");
  assertEquals(pager.wantsOlder, true);
});

Deno.test("some keys close it, typing closes it and is typed, others do nothing", () => {
  const make = (): Pager => new Pager(lines(1, 50), true, { columns: 40, rows: 6 }, OPTIONS);
  for (const key of ["q", "escape", "return", "newline", "^c", "^d", "^g"]) {
    assertEquals([key, press(make(), key)], [key, "closes"]);
  }
  for (const key of ["n", "N", "й", "x", "🚀", "^r", "^z", "^n"]) {
    assertEquals([key, press(make(), key)], [key, "closes and presses"]);
  }
  for (const sequence of ["\x1ba", "\x1bф"]) {
    const key = { meta: true, sequence, ...(sequence === "\x1ba" && { name: "a" }) };
    assertEquals(make().press(undefined, key), "closes and presses");
  }
  for (const key of ["left", "f5", "backspace", "tab", "^a"]) {
    assertEquals([key, press(make(), key)], [key, "stays"]);
  }
});

Deno.test("in every width the line on top stays there, all rows fit, and what waits is told", () => {
  const text = " слова и 日本語 🚀 that go on and on, over several rows of a narrow terminal";
  const pager = new Pager(lines(1, 50, text), true, { columns: 80, rows: 11 }, OPTIONS);
  press(pager, "pageup", "pageup");
  const top = first(pager)!.split(" ")[0]!;
  pager.note(1);
  pager.note(2);
  for (const columns of [40, 20, 8, 100]) {
    pager.resize({ columns, rows: 9 });
    const rows = seen(pager);
    assert(rows[0]!.startsWith(`${top} `), rows[0]);
    for (const row of rows) assert(stringWidth(row.replace(/^\[|\]$/g, "")) < columns, row);
  }
  assertEquals(seen(pager).at(-1), "[#dev · 3 new lines below · PgUp PgDn · / finds · q closes]");
  pager.resize({ columns: 1, rows: 1 });
  seen(pager);
});
