import { assertEquals } from "@std/assert";

import { type Arrival, Gap, partnerOf, seqOf, toDelivery } from "../../../client/library/gap.ts";

function message(seq: number | undefined, more: object = {}): Arrival {
  const numbered = seq === undefined ? {} : { seq };
  const message = {
    ...{ event: "msg", time: 1, to: "#dev", from: "bob", message: "hi" } as const,
    ...numbered,
    ...more,
  };
  return { event: { type: "message", message, line: "12345" } };
}

function edit(seq: number): Arrival {
  const change = { event: "edit", time: 1, to: "eve", from: "bob", seq, message: "ho" } as const;
  return { event: { type: "change", change, line: "1234567" } };
}

Deno.test("what waits is taken up to a number, in the order in which it came, and weighs what its lines do", () => {
  const gap = new Gap("#dev", 3);
  const arrivals = [message(8), edit(8), message(undefined), message(9), edit(2), message(12)];
  for (const arrival of arrivals) gap.hold(arrival);
  assertEquals([gap.waiting, gap.units, gap.next, gap.cursor], [6, 34, 8, 3]);
  assertEquals(gap.take(7), []);
  assertEquals(gap.take(8), arrivals.slice(0, 3));
  assertEquals([gap.waiting, gap.units, gap.next], [3, 17, 9]);
  assertEquals(gap.take(10), arrivals.slice(3, 5));
  assertEquals(gap.take(), arrivals.slice(5));
  assertEquals([gap.waiting, gap.units, gap.next], [0, 0, undefined]);
});

Deno.test("a change has no place of its own, a message has its number, if it has one", () => {
  assertEquals([message(4), edit(4), message(undefined)].map(seqOf), [4, undefined, undefined]);
});

Deno.test("a conversation is with a room, or with the other one", () => {
  const isOwn = (name: string): boolean => name === "eve";
  assertEquals(
    [
      message(1),
      message(1, { to: "eve" }),
      message(1, { to: "bob", from: "eve" }),
      message(1, { from: "eve" }),
      edit(1),
    ].map((arrival) => partnerOf(arrival, isOwn)),
    ["#dev", "bob", "bob", "#dev", "bob"],
  );
});

Deno.test("a kept message becomes one that is delivered, without what deliveries have not", () => {
  const kept = { time: 1, to: "#dev", from: "bob", message: "hi", seq: 4 };
  assertEquals(toDelivery(kept), { event: "msg", ...kept });
  assertEquals(toDelivery({ ...kept, id: "m", reply: 3, edited: 2 }), {
    ...{ event: "msg", ...kept },
    ...{ id: "m", reply: 3 },
  });
  const { message: _, ...bare } = kept;
  assertEquals([toDelivery({ ...bare, deleted: true }), toDelivery(bare)], [undefined, undefined]);
  assertEquals(toDelivery({ ...kept, deleted: true }), undefined);
});
