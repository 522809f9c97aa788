import { assert, assertEquals, assertRejects } from "@std/assert";

import { UnavailableError } from "../../../server/cluster/operation_log.ts";
import { openSqliteReplica } from "../../../server/store/sqlite.ts";
import { StoreError } from "../../../server/store/store.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeLogWorld } from "../../support/fake_log.ts";
import { seededRandom } from "../../support/random.ts";
import { ReplicaNode, withNodes } from "../../support/replica_node.ts";
import { settle } from "../../support/settle.ts";

Deno.test("without the log what needs others is refused, and a node that is behind does not wait for ever", () =>
  withNodes(async ([first, second], _world, clock) => {
    first.log.isAvailable = false;
    await assertRejects(() => first.store.createAccount("eve", "eve", "hash"), UnavailableError);
    await assertRejects(() => first.store.nameStatus("bob"), UnavailableError);
    assertEquals(first.store.hasLegacyAccount("bob"), false);
    first.log.isAvailable = true;
    // The log answers, and gives nothing.
    const gives = second.log as { canStep: boolean };
    Object.defineProperty(gives, "canStep", { get: () => false, configurable: true });
    await first.store.createAccount("fay", "fay", "hash");
    Object.defineProperty(second.log, "last", { value: () => Promise.resolve(99) });
    const late = second.store.nameStatus("fay");
    const refused = assertRejects(() => late, UnavailableError, "behind");
    await settle();
    clock.advance(10_000);
    await refused;
    Reflect.deleteProperty(gives, "canStep");
  }));

Deno.test("a copy that cannot apply an entry stops there, and says so once", () =>
  withNodes(async ([first, second], world) => {
    const waiting = second.store.rooms.forgetMember(1, "ann");
    const operation = { do: "call", method: "paint", args: [], at: 0 } as unknown;
    const before = first.copy.position;
    const seq = await world.node().append("newer", operation as never);
    await first.log.append("later", { do: "enter", folded: "park", at: 0 });
    await world.settled();
    await waiting.catch(() => {});
    for (const node of [first, second]) {
      assert(node.broken!.message.includes("newer version ('paint')"), node.broken!.message);
      assert(node.copy.position >= before && node.copy.position < seq);
      await assertRejects(() => node.store.nameStatus("bob"), StoreError, "newer version");
      await assertRejects(
        () => node.store.createAccount("x", "x", "h"),
        StoreError,
        "newer version",
      );
    }
  }));

Deno.test("a copy that is ahead of its log is refused", async () => {
  const world = new FakeLogWorld(seededRandom(1));
  await using node = new ReplicaNode(world, new FakeClock());
  await using copy = openSqliteReplica(":memory:", { replicaOf: "log" });
  await copy.apply({ seq: 7, at: 0 }, () => {});
  Object.defineProperty(node.copy, "position", { value: copy.position });
  await assertRejects(
    () => node.replication.ready(),
    StoreError,
    "has applied 7 entries of a log that has 0",
  );
  assert(node.broken !== undefined);
});
