import { assertEquals } from "@std/assert";

import { isDirectQuestion, readLate, readReply } from "../../../server/cluster/direct_words.ts";

const EVE = { name: "Eve", isAccount: false, session: "s", network: "", status: "", moves: 0 };
const MESSAGE = { from: 0, to: "Боб", message: "привет" };

const question = (...messages: unknown[]) => ({ ask: "direct", people: [EVE], messages });

Deno.test("isDirectQuestion: messages, each of somebody in the list", () => {
  const full = { ...MESSAGE, id: "7", store: true, reply: 3, kind: "action", isAgain: true };
  for (const right of [question(), question(MESSAGE), question(full, { ...MESSAGE, id: 7 })]) {
    assertEquals(isDirectQuestion(right), true, JSON.stringify(right));
  }
  const wrong = [
    undefined,
    [],
    { ...question(MESSAGE), ask: "people" },
    { ask: "direct", people: [EVE] },
    { ask: "direct", messages: [] },
    { ...question(MESSAGE), people: {} },
    { ...question(MESSAGE), people: [] },
    { ...question(MESSAGE), people: [EVE, { ...EVE, name: "a\n" }] },
    { ...question(), messages: { length: 0 } },
    ...[
      null,
      [0, "bob", "hi"],
      { ...MESSAGE, from: 1 },
      { ...MESSAGE, from: -1 },
      { ...MESSAGE, from: "0" },
      { ...MESSAGE, to: 1 },
      { ...MESSAGE, message: undefined },
      { ...MESSAGE, id: null },
      { ...MESSAGE, id: 0.5 },
      { ...MESSAGE, store: 1 },
      { ...MESSAGE, reply: -1 },
      { ...MESSAGE, kind: "shout" },
      { ...MESSAGE, kind: null },
      { ...MESSAGE, isAgain: false },
    ].map((message) => question(MESSAGE, message)),
  ];
  for (const value of wrong) assertEquals(isDirectQuestion(value), false, JSON.stringify(value));
});

Deno.test("readReply, readLate: one outcome for each message, and the missing ones later", () => {
  const told = ["delivered", null, { outcome: "stored", seq: 3 }, { moved: true }, { failed: "x" }];
  assertEquals<unknown>(readReply({ told }, 5), told);
  for (const wrong of [null, told, {}, { told: "delivered" }, { told: [...told, "full"] }]) {
    assertEquals(readReply(wrong, 5), undefined);
  }
  assertEquals<unknown>(readLate({ index: 4, told: "behind" }), { index: 4, told: "behind" });
  const none = [
    "lost",
    "toString",
    undefined,
    1,
    [],
    {},
    { moved: 1 },
    { failed: 1 },
    { outcome: "full", seq: 1 },
    { outcome: "stored" },
    { outcome: "stored", seq: "1" },
  ];
  for (const it of none) {
    assertEquals(readLate({ index: 0, told: it }), undefined, JSON.stringify(it));
    assertEquals(readReply({ told: ["full", it ?? 0] }, 2), undefined, JSON.stringify(it));
  }
  for (const index of [-1, "0", undefined]) {
    assertEquals(readLate({ index, told: "full" }), undefined);
  }
  assertEquals(readLate(null), undefined);
});
