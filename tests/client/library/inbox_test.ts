import { assert, assertEquals } from "@std/assert";

import { Inbox } from "../../../client/library/inbox.ts";
import type { Delivery } from "../../../common/wire/protocol.ts";

function message(text: string, more: Partial<Delivery> = {}): Delivery {
  return { event: "msg", time: 7, to: "eve", from: "bob", message: text, ...more };
}

Deno.test("of two messages with the same id and text the first goes on, whatever the case of the names", () => {
  const inbox = new Inbox({ onAcknowledge: () => {} });
  const isNew = (delivery: Delivery): boolean => inbox.accept(delivery, 1) !== undefined;
  assertEquals([
    isNew(message("hi", { id: "a" })),
    isNew(message("hi", { id: "a", from: "BOB", time: 8 })),
    isNew(message("ho", { id: "a" })),
    isNew(message("hi", { id: "b" })),
    isNew(message("hi", { id: 1 })),
    isNew(message("hi", { id: 1 })),
    isNew(message("hi")),
    isNew(message("hi")),
  ], [true, false, true, true, true, true, true, true]);
});

Deno.test("without a text as id, a mailbox number with the whole message proves that it came before", () => {
  const inbox = new Inbox({ onAcknowledge: () => {} });
  const isNew = (delivery: Delivery): boolean => inbox.accept(delivery, 1) !== undefined;
  assertEquals([
    isNew(message("hi", { stored: 3 })),
    isNew(message("hi", { stored: 3 })),
    isNew(message("hi", { stored: 3, time: 8 })),
    isNew(message("hi", { stored: 4 })),
  ], [true, false, true, true]);
});

Deno.test("what came directly and comes again from the mailbox is dropped, once for each, and acknowledged", () => {
  const acknowledged: number[] = [];
  const inbox = new Inbox({ onAcknowledge: (stored) => acknowledged.push(stored) });
  const isNew = (delivery: Delivery): boolean => inbox.accept(delivery, 0) !== undefined;
  assertEquals(
    [
      isNew(message("hi")),
      isNew(message("hi")),
      isNew(message("hi", { stored: 1 })),
    ],
    [true, true, true],
    "on the same connection a stored one is another one",
  );
  inbox.reset();
  assertEquals([
    isNew(message("hi", { stored: 2, time: 8 })),
    isNew(message("hi", { stored: 3, id: 1 })),
    isNew(message("hi", { stored: 4 })),
    isNew(message("hi", { stored: 4 })),
    isNew(message("hi", { stored: 5, from: "BOB" })),
    isNew(message("hi", { stored: 6 })),
  ], [true, true, false, false, false, true]);
  assertEquals(acknowledged.at(-1), 6);
});

Deno.test("a number is acknowledged when all handlers have dealt with all up to it", () => {
  const acknowledged: number[] = [];
  const inbox = new Inbox({ onAcknowledge: (stored) => acknowledged.push(stored) });
  const first = inbox.accept(message("one", { stored: 3 }), 2)!;
  const second = inbox.accept(message("two", { stored: 5 }), 1)!;
  inbox.handled(second);
  inbox.handled(first);
  assertEquals(acknowledged, []);
  inbox.handled(first);
  assertEquals(acknowledged, [5]);
});

Deno.test("on a new connection old numbers mean nothing; what comes again is acknowledged at once", () => {
  const acknowledged: number[] = [];
  const inbox = new Inbox({ onAcknowledge: (stored) => acknowledged.push(stored) });
  const receipt = inbox.accept(message("one", { stored: 3, id: "a" }), 1);
  assert(receipt !== undefined);
  inbox.reset();
  inbox.handled(receipt);
  assertEquals(acknowledged, []);
  assertEquals(inbox.accept(message("one", { stored: 1, id: "a" }), 1), undefined);
  assertEquals(acknowledged, [1]);
});

Deno.test("the oldest message is forgotten when the memory is full", () => {
  const inbox = new Inbox({ onAcknowledge: () => {}, memory: 2 });
  for (const id of ["a", "b", "c"]) inbox.accept(message("hi", { id }), 1);
  assertEquals(inbox.accept(message("hi", { id: "c" }), 1), undefined);
  assert(inbox.accept(message("hi", { id: "a" }), 1) !== undefined);
});

Deno.test("stored messages that come again and again wait once, and acknowledge nothing that is not handled", () => {
  const acknowledged: number[] = [];
  const inbox = new Inbox({ onAcknowledge: (stored) => acknowledged.push(stored) });
  const first = inbox.accept(message("a", { id: "a", stored: 1 }), 1)!;
  const second = inbox.accept(message("b", { id: "b", stored: 2 }), 1)!;
  for (let stored = 3; stored < 1_000; stored++) {
    const text = stored % 2 === 0 ? "a" : "b";
    assertEquals(inbox.accept(message(text, { id: text, stored }), 1), undefined);
  }
  assertEquals(inbox.unacknowledged, 2);
  inbox.handled(first);
  assertEquals(acknowledged, [1]);
  inbox.handled(second);
  assertEquals([acknowledged, inbox.unacknowledged], [[1, 2], 0]);
  assertEquals(inbox.accept(message("a", { id: "a", stored: 1_000 }), 1), undefined);
  assertEquals([acknowledged, inbox.unacknowledged], [[1, 2, 1_000], 0]);
});

Deno.test("what is remembered has a bound in length, too", () => {
  const inbox = new Inbox({ onAcknowledge: () => {} });
  const long = "x".repeat(3_000_000);
  const isNew = (id: string): boolean => inbox.accept(message(long, { id }), 1) !== undefined;
  assertEquals([isNew("a"), isNew("b"), isNew("b"), isNew("c"), isNew("c")], [
    ...[true, true, false],
    ...[true, false],
  ]);
  assertEquals(isNew("a"), true, "forgotten");
});

Deno.test("a number is one message: direct, stored or from the history, edited or not; at another time it is another", () => {
  const acknowledged: number[] = [];
  const inbox = new Inbox({ onAcknowledge: (stored) => acknowledged.push(stored) });
  const isNew = (delivery: Delivery): boolean => inbox.accept(delivery, 0) !== undefined;
  assertEquals([
    isNew(message("hi", { seq: 4, id: 1 })),
    isNew(message("hi", { seq: 4, id: 1, stored: 1 })),
    isNew(message("edited", { seq: 4, from: "BOB" })),
    isNew(message("hi", { seq: 5, id: 1 })),
    isNew(message("hi", { seq: 4, to: "#dev" })),
    isNew(message("hi", { seq: 4, time: 8 })),
  ], [true, false, false, true, true, true]);
  inbox.reset();
  assertEquals(isNew(message("hi", { seq: 5, id: 1, stored: 7 })), false, "on the next connection");
  assertEquals(acknowledged, [1, 7]);
  assertEquals(
    [
      isNew(message("same", { seq: 6, id: "a" })),
      isNew(message("same", { seq: 9, id: "a" })),
    ],
    [true, false],
    "sent again after so long that the server did not know it any more",
  );
});

Deno.test("all that is brought after a lost connection is remembered by its number", () => {
  const inbox = new Inbox({ onAcknowledge: () => {} });
  const isNew = (seq: number): boolean => inbox.accept(message("hi", { seq }), 1) !== undefined;
  for (let seq = 1; seq <= 12_000; seq++) isNew(seq);
  assertEquals([isNew(1), isNew(12_000), isNew(12_001)], [false, false, true]);
});
