import { assertEquals } from "@std/assert";

import type { MsgRequest } from "../../../common/wire/protocol.ts";
import { DirectBatch, personOf } from "../../../server/cluster/direct_batch.ts";
import type { Told } from "../../../server/cluster/direct_words.ts";
import { UnavailableError } from "../../../server/cluster/operation_log.ts";
import { FakeUser } from "../../support/fake_user.ts";

const msg = (message: string, more: Partial<MsgRequest> = {}): MsgRequest => ({
  ...{ event: "msg", to: "bob", message },
  ...more,
});

/** A batch of some messages of one sender, and what was told of each. */
function batchOf(...texts: string[]): { batch: DirectBatch; heard: string[]; closed(): number } {
  let closed = 0;
  const batch = new DirectBatch(() => closed++);
  const heard: string[] = [];
  const eve = new FakeUser("eve");
  for (const text of texts) {
    batch.add(eve, msg(text), false, {
      settled: (told) => heard.push(`${text} ${JSON.stringify(told)}`),
      failed: (error) => heard.push(`${text} ${(error as Error).message}`),
    });
  }
  return { batch, heard, closed: () => closed };
}

Deno.test("DirectBatch: each sender once, the messages in their order, and of each what it has", () => {
  const { batch, closed } = batchOf();
  const [eve, dave] = [new FakeUser("Eve"), new FakeUser("dave")];
  const nobody = { settled: () => {}, failed: () => {} };
  batch.add(eve, msg("1", { from: "EVE", encoding: "x", seen: 5 }), false, nobody);
  batch.add(dave, msg("2", { id: "two", store: true, reply: 4, kind: "action" }), true, nobody);
  batch.add(eve, msg("3", { id: 0, store: false }), false, nobody);
  assertEquals(closed(), 0);
  assertEquals(JSON.parse(JSON.stringify(batch.close())), {
    ask: "direct",
    people: [personOf(eve), personOf(dave)],
    messages: [
      { from: 0, to: "bob", message: "1" },
      {
        ...{ from: 1, to: "bob", message: "2", id: "two", store: true, reply: 4 },
        ...{ kind: "action", isAgain: true },
      },
      { from: 0, to: "bob", message: "3", id: 0, store: false },
    ],
  });
  assertEquals(closed(), 1);
});

Deno.test("DirectBatch: what is known is told at once, the rest when it is, and all of it once", () => {
  const { batch, heard } = batchOf("1", "2", "3");
  batch.close();
  const told: (Told | null)[] = [null, "delivered", null];
  assertEquals(batch.take({ told }), true);
  assertEquals(heard, ['2 "delivered"']);
  assertEquals(batch.take({ index: 1, told: "full" }), true);
  assertEquals(batch.take({ index: 7, told: "full" }), true);
  assertEquals(batch.take({ index: 2, told: { outcome: "stored", seq: 4 } }), true);
  assertEquals(batch.take({ index: 2, told: "full" }), true);
  assertEquals(batch.take({ index: 0, told: { moved: true } }), false);
  assertEquals(heard, ['2 "delivered"', '3 {"outcome":"stored","seq":4}', '1 {"moved":true}']);
});

Deno.test("DirectBatch: what comes late may be told first", () => {
  const { batch, heard } = batchOf("1", "2");
  batch.close();
  assertEquals(batch.take({ index: 1, told: "full" }), true);
  assertEquals(batch.take({ told: ["delivered", null] }), false);
  assertEquals(heard, ['2 "full"', '1 "delivered"']);
});

Deno.test("DirectBatch: when no answer comes any more, those fail of which nothing is known", () => {
  const { batch, heard, closed } = batchOf("1", "2", "3");
  batch.close();
  batch.take({ told: [null, "delivered", null] });
  batch.fail(new UnavailableError("gone"));
  assertEquals(heard, ['2 "delivered"', "1 gone", "3 gone"]);
  assertEquals(closed(), 1);
  const refused = batchOf("1");
  refused.batch.fail(new UnavailableError("not there"));
  assertEquals(refused.batch.close().messages, []);
  assertEquals([refused.heard, refused.closed()], [["1 not there"], 1]);
});

Deno.test("DirectBatch: an answer that cannot be read is the last, and delivers nothing", () => {
  for (const answer of [null, {}, { told: ["delivered"] }, { told: ["delivered", "lost"] }]) {
    const { batch, heard } = batchOf("1", "2");
    batch.close();
    assertEquals(batch.take(answer), false);
    const why = "the answer says nothing about messages";
    assertEquals(heard, [`1 ${why}`, `2 ${why}`]);
  }
  const { batch, heard } = batchOf("1", "2");
  batch.take({ told: ["delivered", null] });
  assertEquals(batch.take({ told: ["full", "lost"] }), false);
  assertEquals(heard, ['1 "delivered"', "2 the answer says nothing about messages"]);
});
