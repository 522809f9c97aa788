import { assertEquals, assertRejects, assertThrows } from "@std/assert";

import { StartError } from "../../../../common/errors.ts";
import { openSqliteReplica, openSqliteStore } from "../../../../server/store/sqlite.ts";
import { StoreError } from "../../../../server/store/store.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { FakeClock } from "../../../support/fake_clock.ts";

const stamp = (seq: number) => ({ seq, at: Date.UTC(2026, 0, 1) });
const letter = {
  folded: "bob",
  to: "bob",
  from: "ann",
  message: "hi",
  time: 1_767_225_600,
  id: undefined,
};

Deno.test("an entry's effects and its number are on disk together", async () => {
  await withDatabasePath(async (path) => {
    await using copy = openSqliteReplica(path, { replicaOf: "log" });
    const done = copy.apply(stamp(3), (writes) => writes.createAccount("ann", "Ann", "hash"));
    const left = async (name: string): Promise<[number, number]> => {
      // What a process leaves that is killed now.
      for (const end of ["", "-wal"]) Deno.copyFileSync(path + end, `${path}.${name}${end}`);
      await using other = openSqliteReplica(`${path}.${name}`, { replicaOf: "log" });
      return [other.position, await other.countAccounts()];
    };
    assertEquals(await left("before"), [0, 0]);
    assertEquals(await done, true);
    assertEquals(await left("after"), [3, 1]);
    assertEquals(copy.position, 3);
  });
});

Deno.test("what is kept and stored has the number and the time of its entry", async () => {
  await using copy = openSqliteReplica(":memory:", { replicaOf: "log", clock: new FakeClock(0) });
  await copy.apply(stamp(1), (writes) => writes.createAccount("ann", "Ann", "hash"));
  await copy.apply(stamp(2), (writes) => writes.createAccount("bob", "Bob", "hash"));
  await copy.apply(stamp(40), (writes) => writes.storeLetter({ letter, options: {} }));
  const [stored] = await copy.listLetters("bob", 0, 9);
  assertEquals([stored?.stored, stored?.place?.seq], [40, 40]);
  await copy.apply(
    stamp(41),
    (writes) => writes.enter("park", { folded: "ann", roomName: "Park", maxRooms: 0 }),
  );
  const message = {
    ...{ from: "Ann", sender: "ann", to: "Park", message: "hi", time: 5 },
    ...{ id: undefined, fingerprint: undefined },
  };
  const kept = await copy.apply(
    stamp(50),
    (writes) => writes.keep({ in: { room: 1 }, behind: 41, speaker: "ann", message }),
  );
  const conversation = copy.knows.conversationOf({ room: 1 })!;
  assertEquals(kept, { kept: { conversation, seq: 50 } });
  assertEquals(copy.knows.nameOf(conversation), { room: 1 });
  assertEquals(copy.knows.nameOf(stored!.place!.conversation), { accounts: ["ann", "bob"] });
});

Deno.test("a copy that has missed an entry takes no later one", async () => {
  await using copy = openSqliteReplica(":memory:", { replicaOf: "log" });
  const failed = copy.apply(stamp(1), () => {
    throw new StoreError("no");
  });
  await assertRejects(() => failed, StoreError, "no");
  const later = copy.apply(stamp(2), (writes) => writes.createAccount("ann", "Ann", "hash"));
  await assertRejects(() => later, StoreError, "An earlier entry of the log was not applied");
  assertEquals([copy.position, await copy.countAccounts()], [0, 0]);
});

Deno.test("a copy is opened alone: it goes on above all numbers, and is no copy any more", async () => {
  await withDatabasePath(async (path) => {
    {
      await using copy = openSqliteReplica(path, { replicaOf: "log" });
      await copy.apply(stamp(1), (writes) => writes.createAccount("ann", "Ann", "hash"));
      await copy.apply(stamp(2), (writes) => writes.createAccount("bob", "Bob", "hash"));
      await copy.apply(stamp(900), (writes) => writes.storeLetter({ letter, options: {} }));
      await copy.apply(stamp(950), (writes) => writes.deleteLetters("bob", 900));
    }
    {
      await using alone = openSqliteStore(path, { clock: new FakeClock() });
      await alone.storeLetter({ ...letter, from: "bob", folded: "bob" });
      await alone.storeLetter(letter);
      const stored = await alone.listLetters("bob", 0, 9);
      assertEquals(stored.map((one) => one.stored), [951, 952]);
      assertEquals(stored[1]!.place!.seq > 950, true);
    }
    assertThrows(
      () => openSqliteReplica(path, { replicaOf: "log" }),
      StartError,
      "it belongs to a server without --nats; choose another file with --db FILE",
    );
  });
});

Deno.test("a copy of another log is refused, and left as it is", async () => {
  await withDatabasePath(async (path) => {
    await openSqliteReplica(path, { replicaOf: "one" })[Symbol.asyncDispose]();
    assertThrows(
      () => openSqliteReplica(path, { replicaOf: "two" }),
      StartError,
      "it is a copy of another log ('one', not 'two'); choose another file",
    );
    await using copy = openSqliteReplica(path, { replicaOf: "one" });
    assertEquals(copy.position, 0);
  });
});
