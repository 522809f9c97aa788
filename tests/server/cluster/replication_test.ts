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

<<<<<<< HEAD
Deno.test("messages are handed over in the order of the log, on their node and by others, when they are on its disk", () =>
  withNodes(async ([first, second], world) => {
    const handed: number[] = [];
    const handOver = (seq: number): number => {
      assertEquals(first.copy.position >= seq, true, "on the disk");
      handed.push(seq);
      return 2;
    };
    const outcomes = await Promise.all([1, 2, 3].map(() => say(first, "ann", { handOver })));
    await world.settled();
    assertEquals(outcomes, handed.map((seq) => ({ delivered: 2, seq })));
    assertEquals(handed, handed.toSorted((a, b) => a - b));
    assertEquals(second.told, handed.map((seq) => `said 1 ${seq} ann says`));
  }));

Deno.test("a message that comes twice, on two nodes, is kept once, and its second text leaves the log", () =>
  withNodes(async ([first, second], world) => {
    const [one, other] = await Promise.all(
      [first, second].map((node) => say(node, "ann", { id: "a", handOver: () => 3 })),
    ) as { delivered: number; seq: number }[];
    assertEquals(one!.seq, other!.seq);
    // The node that handed it over knows to how many.
    assertEquals([one!.delivered, other!.delivered].sort(), [1, 3]);
    await first.store.check();
    await world.settled();
    const texts = world.entries.filter((entry) => entry.operation.do === "message");
    assertEquals(texts.map(({ seq }) => seq), [one!.seq]);
  }));

Deno.test("what somebody says without knowing that they were taken out is not kept, on any node", () =>
  withNodes(async ([first, second], world, clock) => {
    const ban = {
      by: { name: "ann", folded: "ann", isAccount: true, network: "", origin: "" },
      request: { event: "ban", room: "Park", user: "bob" },
      target: { folded: "bob", name: "bob", status: "account" },
      now: clock.epochMs() / 1000,
      maxRooms: 0,
    } as const;
    const banned = first.replication.perform({ do: "moderate", folded: "park", deed: ban });
    const said = say(second, "bob", { handOver: () => 5 });
    const [changed, outcome] = await Promise.all([banned, said]);
    assert(changed !== undefined && "after" in changed);
    await world.settled();
    const entries = world.entries.map(({ operation }) => operation.do);
    const isBehind = entries.indexOf("moderate") < entries.lastIndexOf("message");
    assertEquals(isBehind, true, "the seed decides");
    assertEquals(outcome, { delivered: 0, seq: undefined });
    assertEquals(first.told.filter((word) => word.startsWith("said")), []);
    assertEquals(second.told, ["moderated ban park"]);
  }));

Deno.test("an answer that comes too late is an error; the message is handed over all the same, once", () =>
  withNodes(async ([first], world, clock) => {
    const conversation = await first.store.openRoom(1);
    assert(conversation !== undefined);
    const append = first.log.append.bind(first.log);
    const { promise, resolve } = Promise.withResolvers<void>();
    Object.defineProperty(first.log, "append", {
      value: async (...args: Parameters<typeof append>) => {
        await promise;
        return await append(...args);
      },
    });
    const handed: number[] = [];
    const said = say(first, "ann", { handOver: (seq) => handed.push(seq) });
    const refused = assertRejects(() => said, UnavailableError);
    await settle();
    clock.advance(11_000);
    await refused;
    resolve();
    await settle();
    await world.settled();
    assertEquals(handed, [world.newest]);
    assertEquals(first.told.filter((word) => word.startsWith("said")), []);
  }));

Deno.test("a message that is deleted is out of the copies and of the log, with its edits and its letter", () =>
  withNodes(async ([first, second], world) => {
    const { seq } = await say(first, "ann", { to: "bob", handOver: () => "full" }) as {
      seq: number;
    };
    const by = { account: "ann", session: "" };
    const conversation = (await second.store.findDirect("ann", "bob"))!;
    const change = { conversation, seq, by, asker: "ann", time: 5 };
    await second.store.editMessage({ ...change, message: "ann says more", since: 0 });
    const isSaid = (): boolean => JSON.stringify(world.entries).includes("ann says");
    assert(isSaid());
    assertEquals(await second.store.deleteMessage(change), { to: "bob", from: "ann" });
    assertEquals(isSaid(), false);
    assertEquals(await first.store.listLetters("bob", 0, 9), []);
    await world.settled();
    assertEquals(first.told.filter((word) => word.startsWith("changed")), [
      `changed edit ${seq} ann by ann`,
      `changed delete ${seq} ann by ann`,
    ]);
  }));

Deno.test("a limit of the mailbox holds for letters of one node at once", () =>
  withNodes(async ([first, second]) => {
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, n) => first.store.storeLetter(letter("ann", `${n}`))),
    );
    const expected = ["stored", "stored", "stored", "sender-full", "sender-full", "sender-full"];
    assertEquals(outcomes.map(String).sort(), expected.toSorted());
    assertEquals((await second.store.listLetters("bob", 0, 9)).length, 3);
  }, { mailbox: { sender: { letters: 3, bytes: 10_000 } } }));

Deno.test("a database that is full refuses what comes here, and takes what others have written", () =>
  withNodes(async ([first, second], world, clock) => {
    await using full = new ReplicaNode(world, clock, { maxBytes: 1 });
    await full.replication.ready();
    await assertRejects(() => full.store.storeLetter(letter("ann", "hi")), StoreFullError);
    await assertRejects(() => say(full, "ann"), StoreFullError);
    await first.store.storeLetter(letter("ann", "hi"));
    await say(second, "bob");
    assertEquals((await full.store.listLetters("bob", 0, 9)).length, 1);
    assertEquals(full.broken, undefined);
  }));

=======
>>>>>>> replica
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
