import { assert, assertEquals } from "@std/assert";

import {
  isOwn,
  renderAnswered,
  renderChange,
  renderHit,
  renderKept,
  renderRule,
  shortText,
  whenWords,
} from "../../../client/chat/render_kept.ts";
import type { KnownMessage } from "../../../client/chat/known_messages.ts";
import { type Line, paint } from "../../../client/chat/styled_line.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { KeptDelivery } from "../../../common/wire/protocol.ts";

const OPTIONS = { speaker: speakerOf("en"), multiline: true };
const KEPT: KeptDelivery = { time: 0, to: "#dev", from: "bob", message: "Eve?", seq: 1 };

function shown(message: KeptDelivery, isDim = true): [string, string[]] {
  const lines = renderKept(message, OPTIONS, { isDim, ownName: "eve" });
  const text = lines.map((line) => paint(line).replace(/^\[[\d:]+\] /, "")).join("\n");
  return [text, [...new Set(lines.flatMap(({ spans }) => spans.map(({ style }) => style)))]];
}

Deno.test("what was read is dim, what is new looks as ever, with marks for what became of it", () => {
  assertEquals(shown(KEPT), ["#dev bob: Eve?", ["faint"]]);
  assertEquals(shown(KEPT, false), ["#dev bob: Eve?", [
    "faint",
    "strong",
    "plain",
    "name",
    "mention",
  ]]);
  assertEquals(shown({ ...KEPT, edited: 9 })[0], "#dev bob: Eve? · changed");
  const { message: _, ...deleted } = KEPT;
  assertEquals(shown({ ...deleted, deleted: true }, false), ["#dev bob: (deleted)", ["faint"]]);
  const own = { ...KEPT, from: "EVE", to: "bob", message: "a\nb" };
  assertEquals(shown(own, false), ["→ bob: a\n           │ b", ["faint"]]);
});

Deno.test("what somebody did is told as a sentence wherever it is shown again", () => {
  const waves = { ...KEPT, message: "waves", kind: "action" } as const;
  assertEquals(shown(waves)[0], "#dev * bob waves");
  assertEquals(shown({ ...waves, from: "eve", to: "bob" })[0], "→ bob: * eve waves");
  const lines = (some: Line[]): string[] =>
    some.map((line) => paint(line).replace(/^\[[\d:]+\] /, ""));
  assertEquals(lines(renderAnswered(waves, {})), ["           ↪ * bob waves"]);
  const look = { query: "waves", nowMs: 0, speaker: OPTIONS.speaker };
  assert(lines([renderHit(1, "#dev", waves, look)])[0]!.endsWith("  * bob waves"));
  const edit = {
    event: "edit",
    time: 1,
    to: "#dev",
    from: "bob",
    seq: 1,
    message: "nods",
  } as const;
  const change = (more: object, known?: KnownMessage): string[] =>
    lines(renderChange({ ...edit, ...more }, known, "eve", { ...OPTIONS, nowMs: 0 }));
  const when = whenWords(0, 0, OPTIONS.speaker);
  assertEquals(change({}, waves), [`#dev *** bob changed ${when}: * bob nods`]);
  assertEquals(change({ kind: "action" }), ["#dev *** bob changed an earlier message: * bob nods"]);
  assertEquals(change({}), ["#dev *** bob changed an earlier message: nods"]);
});

Deno.test("a moment is told as shortly as the day allows", () => {
  const at = (...[year, month, day]: [number, number, number]): number =>
    new Date(year, month, day, 9, 5).getTime();
  const words = (ms: number, language: "en" | "ru" = "en"): string =>
    whenWords(ms / 1000, at(2026, 4, 7), speakerOf(language));
  assertEquals([words(at(2026, 4, 7)), words(at(2026, 4, 6)), words(at(2025, 4, 7))], [
    "09:05",
    "6 May 09:05",
    "7 May 2025 09:05",
  ]);
  assertEquals(words(at(2026, 4, 6), "ru"), "6 мая 09:05");
  assertEquals([words(1e300), words(NaN), words(-1e300)], Array(3).fill("--:--"));
});

Deno.test("a rule fits narrow terminals", () => {
  const rule = (words: string, columns?: number): string => paint(renderRule(words, columns));
  assertEquals([rule("").length, rule("", 20).length, rule("3 new", 20)], [
    ...[40, 20, "────── 3 new ──────"] as const,
  ]);
  assertEquals(rule("a long text", 5), "── a long text ──");
});

Deno.test("a short text is one line, whole characters, and says if there is more", () => {
  assertEquals(shortText(" a\n\tb "), "a b");
  assertEquals(shortText("x".repeat(61)), `${"x".repeat(60)}…`);
  assertEquals(shortText(`x${"🚀".repeat(500)}`), `x${"🚀".repeat(59)}…`);
  assertEquals(shortText(" ".repeat(10_000) + "x").isWellFormed(), true);
  assertEquals([isOwn({ from: "EVE" }, "eve"), isOwn({ from: "eva" }, "eve")], [true, false]);
});
