import { assertEquals } from "@std/assert";

import { isMentioned, isRoomMention } from "../../../client/chat/mention.ts";

Deno.test("a name is mentioned as a word, not as a part of one", () => {
  const texts = ["Eve!", "ask eve, please", "eve.", "(EVE)", "evening", "never", "eve-2", "steve"];
  assertEquals(texts.map((text) => isMentioned("eve", text)), [
    ...[true, true, true, true],
    ...[false, false, false, false],
  ]);
});

Deno.test("punctuation around a name belongs to the text, unless a longer name is made of it", () => {
  const yes = [
    "-eve",
    "...eve",
    "eve...where",
    "eve…where",
    "eve-то",
    "@eve",
    "eve--",
    "_eve,",
    "eve-ка",
  ];
  const no = ["x-eve", "x.eve", "eve.x", "eve-2-3", "eve_", "x_eve", "эeve"];
  for (const text of yes) assertEquals([text, isMentioned("eve", text)], [text, true]);
  for (const text of no) assertEquals([text, isMentioned("eve", text)], [text, false]);
  assertEquals(["ева-то", "ева-2", "ева-тот"].map((text) => isMentioned("Ева", text)), [
    ...[true, false, false],
  ]);
});

Deno.test("a name is mentioned in any spelling, and by no particle of another script", () => {
  const yes = ["ΑΊΑΣ;", "αίασ", "Αίας-что", "ask αίας."];
  assertEquals(yes.map((text) => isMentioned("Αίας", text)), [true, true, true, true]);
  assertEquals(isMentioned("ǰan", "J\u030cAN!"), true);
  assertEquals([isMentioned("Αίας", "Αίας-β"), isMentioned("eve", "eve-东京")], [false, false]);
});

Deno.test("a name that ends in punctuation is mentioned with it", () => {
  for (const [name, text] of [["mr.", "ask mr. now"], ["mr.", "mr.!"], ["dash-", "dash-, hi"]]) {
    assertEquals([text, isMentioned(name!, text!)], [text, true]);
  }
  assertEquals([isMentioned("mr.", "mr"), isMentioned("mr.", "mr.x")], [false, false]);
});

Deno.test("only in a room is somebody mentioned", () => {
  const isIn = (to: string, message: string): boolean => isRoomMention("eve", { to, message });
  assertEquals([isIn("#dev", "eve?"), isIn("#dev", "anna?"), isIn("eve", "eve?")], [
    ...[true, false, false],
  ]);
});
