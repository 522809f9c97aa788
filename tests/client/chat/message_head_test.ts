import { assertEquals } from "@std/assert";

import {
  barOf,
  depthOf,
  fittingGutter,
  hintHead,
  MAX_GUTTER,
  messageHead,
  noticeHead,
} from "../../../client/chat/message_head.ts";
import { paint, span } from "../../../client/chat/styled_line.ts";

const CLOCK = span("[12:34:56] ");

function head(names: string[], gutter: number): string {
  const spans = messageHead(CLOCK, names.map((name) => span(name)), { gutter });
  return paint({ kind: "message", spans });
}

Deno.test("without a column the name stands right behind the time", () => {
  assertEquals(head(["bob"], 0), "[12:34:56] bob: ");
  assertEquals(barOf({}), "           │ ");
  assertEquals(
    paint({ kind: "info", spans: noticeHead(CLOCK, span("***"), {}) }),
    "[12:34:56] *** ",
  );
});

Deno.test("in a column names end in one place, whatever their script, and so do bar and star", () => {
  assertEquals(head(["bob"], 8), "[12:34:56]      bob │ ");
  assertEquals(head(["#dev ", "bob"], 8), "[12:34:56] #dev bob │ ");
  assertEquals(head(["Анна"], 8), "[12:34:56]     Анна │ ");
  assertEquals(head(["日本"], 8), "[12:34:56]     日本 │ ");
  const hint = hintHead(CLOCK, span("3:bob"), { gutter: 8 });
  assertEquals(paint({ kind: "message", spans: hint }), "[12:34:56]    3:bob » ");
  assertEquals(barOf({ gutter: 8 }), "                    │ ");
  assertEquals(depthOf({ gutter: 8 }).length, "[12:34:56]      bob ".length);
  const star = noticeHead(CLOCK, span("***"), { gutter: 8 });
  assertEquals(paint({ kind: "info", spans: star }), "[12:34:56]      *** │ ");
});

Deno.test("a name that is too long for the column is not cut", () => {
  assertEquals(head(["bartholomew"], 8), "[12:34:56] bartholomew │ ");
});

Deno.test("a terminal that is too narrow, or has no width, has no column", () => {
  assertEquals(fittingGutter(12, 62), 12);
  assertEquals(fittingGutter(12, 61), 0);
  assertEquals(fittingGutter(0, 200), 0);
  assertEquals(fittingGutter(MAX_GUTTER, 79), 0);
  assertEquals(fittingGutter(12, undefined), 0);
});

Deno.test("what somebody does has a star before the name, and no colon", () => {
  const who = [span("* "), span("bob")];
  const head = (gutter: number): string =>
    paint({ kind: "message", spans: messageHead(CLOCK, who, { gutter, isAction: true }) });
  assertEquals([head(0), head(8)], ["[12:34:56] * bob ", "[12:34:56]    * bob │ "]);
});
