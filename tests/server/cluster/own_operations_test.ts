import { assertEquals, assertRejects } from "@std/assert";

import { UnavailableError } from "../../../server/cluster/operation_log.ts";
import { OwnOperations } from "../../../server/cluster/own_operations.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("an entry that was taken out of the log before it came is not waited for", async () => {
  const own = new OwnOperations("n", new FakeClock());
  const ids = [own.nextId(), own.nextId(), own.nextId()] as const;
  assertEquals(ids, ["n-1", "n-2", "n-3"]);
  const [first, second, third] = ids.map((id) => own.wait<string>(id));
  own.appended(ids[0], 4);
  own.appended(ids[2], 7);
  own.passed(5);
  await assertRejects(() => first!, UnavailableError, "deleted");
  own.appended(ids[1], 5); // the answer comes late
  await assertRejects(() => second!, UnavailableError, "deleted");
  own.applied(ids[2], "done", 7);
  own.passed(7);
  assertEquals(await third, "done");
});

Deno.test("who waits hears within eleven seconds; what comes within a minute is still this node's", async () => {
  const clock = new FakeClock();
  const own = new OwnOperations("n", clock);
  const seen: unknown[] = [];
  const waiting = own.wait("n-1", (result, seq) => seen.push([result, seq]));
  const refused = assertRejects(() => waiting, UnavailableError, "not known");
  clock.advance(11_000);
  await refused;
  assertEquals(own.has("n-1"), true);
  own.applied("n-1", "kept", 9);
  assertEquals(seen, [["kept", 9]]);
  own.wait("n-2").catch(() => {});
  clock.advance(62_000);
  assertEquals([own.has("n-2"), clock.pending], [false, 0]);
});

Deno.test("what is thrown when an operation is applied rejects", async () => {
  const own = new OwnOperations("n", new FakeClock());
  const waiting = own.wait("n-1", () => {
    throw new Error("no");
  });
  own.applied("n-1", undefined, 1);
  await assertRejects(() => waiting, Error, "no");
});
