import { assert, assertEquals, assertRejects } from "@std/assert";

import { lifetimeOf } from "../../../server/cluster/operation.ts";
import type { AdminActs } from "../../../server/store/admin_acts.ts";
import type { ConversationName, ReplicaWrites } from "../../../server/store/replica_store.ts";
import { openSqliteReplica } from "../../../server/store/sqlite.ts";
import { StoreFullError } from "../../../server/store/store.ts";
import { letter, ReplicaNode, say, withNodes } from "../../support/replica_node.ts";
import { withDeadline } from "../../support/raw_client.ts";
import { settle } from "../../support/settle.ts";

Deno.test("of two who make an account at once, on two nodes, one does", () =>
  withNodes(async (nodes) => {
    const made = await Promise.all(
      nodes.map(({ store }, n) => store.createAccount("carl", "carl", `hash ${n}`)),
    );
    assertEquals(made.filter(Boolean).length, 1);
    const winner = `hash ${made.indexOf(true)}`;
    for (const { store } of nodes) {
      assertEquals((await store.findAccount("carl"))?.passwordHash, winner);
    }
  }));

Deno.test("who asks any node sees what another one has answered before", () =>
  withNodes(async ([first, second]) => {
    for (let n = 0; n < 5; n++) {
      await first.store.createAccount(`n${n}`, `n${n}`, "hash");
      assertEquals(await second.store.nameStatus(`n${n}`), "account");
      await second.store.storeLetter(letter(`n${n}`, "hi"));
      assertEquals((await first.store.listLetters("bob", 0, 9)).length, n + 1);
    }
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

Deno.test("what an administrator does is done on all nodes, and told there in the order of the log", () =>
  withNodes(async ([first, second], world) => {
    const told: string[] = [];
    for (const [name, { store }] of [["first", first], ["second", second]] as const) {
      store.watchAccounts(({ folded, kind }) => told.push(`${name}: ${folded} ${kind}`));
      store.rooms.watch(({ folded }) => told.push(`${name}: ${folded}`));
    }
    const administer = async (act: keyof AdminActs, ...args: unknown[]): Promise<unknown> => {
      const outcome = await first.replication.perform({ do: "administer", act, args });
      await second.replication.ready();
      return outcome;
    };
    assertEquals(await administer("block", "mal", "Mal", "spam"), true);
    assertEquals(told.splice(0).sort(), ["first: mal blocked", "second: mal blocked"]);
    for (const { store } of [first, second]) assertEquals(await store.blockReason("mal"), "spam");
    assertEquals(await administer("unblock", "mal"), true);
    assertEquals(await administer("unblock", "mal"), false);

    // Its name is another one's at once: that account is told of nothing.
    const removal = first.replication.perform({
      ...{ do: "administer", act: "remove", args: ["bob", ""] },
    });
    const made = first.store.createAccount("bob", "Bob", "another hash");
    assertEquals([await removal, await made], [{ letters: 0 }, true]);
    await second.replication.ready();
    assertEquals(told.splice(0).sort(), ["first: bob removed", "second: bob removed"]);
    for (const { copy } of [first, second]) copy.tellChanges();
    assertEquals(told, []);
    for (const { store } of [first, second]) {
      assertEquals((await store.findAccount("bob"))?.passwordHash, "another hash");
    }

    assertEquals(await administer("grantRoom", "park", "bob", "owner"), {
      room: "Park",
      name: "Bob",
    });
    assertEquals((await second.store.rooms.find("park"))?.roles.length, 2);
    assertEquals(await administer("removeRoom", "park"), { name: "Park", kept: 0 });
    assertEquals(told.splice(0).sort(), [
      ...["first: park", "first: park", "second: park", "second: park"],
    ]);
    assertEquals(await administer("removeRoom", "park"), undefined);
    assert(world.entries.every(({ operation }) => lifetimeOf(operation) !== "text"));
  }));

Deno.test("a code is used up by the log: of three on two nodes two make an account", () =>
  withNodes(async ([first, second], world, clock) => {
    const invite = { hash: "code", uses: 2, days: 1, note: "" };
    await first.replication.perform({ do: "administer", act: "invite", args: [invite] });
    const id = world.newest;
    assertEquals(await second.store.isInvited("code"), true);
    const outcomes = await Promise.all([
      first.store.createInvited("x", "x", "hash", "code"),
      second.store.createInvited("y", "y", "hash", "code"),
      first.store.createInvited("z", "z", "hash", "code"),
    ]);
    assertEquals(outcomes.sort(), ["created", "created", "not-invited"]);
    const revoke = (id: number) =>
      first.replication.perform({ do: "administer", act: "revokeInvite", args: [id] });
    assertEquals(await revoke(id), false); // it is used up
    await first.replication.perform({
      do: "administer",
      act: "invite",
      args: [{ ...invite, hash: "other" }],
    });
    assertEquals(await revoke(world.newest), true);
    assertEquals(await second.store.isInvited("other"), false);
    await first.replication.perform({
      do: "administer",
      act: "invite",
      args: [{ ...invite, hash: "late" }],
    });
    clock.leap(86_400_000);
    assertEquals(await second.store.createInvited("w", "w", "hash", "late"), "not-invited");
  }));

Deno.test("what a removed account has written, and what others have written to it, is out of the copies and the log", () =>
  withNodes(async ([first, second], world) => {
    await say(first, "bob");
    await say(first, "ann");
    await say(second, "bob", { to: "ann" });
    await say(second, "ann", { to: "bob" });
    await first.store.storeLetter(letter("ann", "ann says more"));
    await first.store.storeLetter(letter("guest", "guest says"));
    await second.replication.ready();
    await first.replication.perform({ do: "administer", act: "remove", args: ["bob", ""] });
    const left = (): string[] =>
      world.entries.flatMap(({ operation }) => JSON.stringify(operation).match(/\w+ says/g) ?? []);
    await until(() => left().length === 1, "the end of the log's texts");
    assertEquals(left(), ["ann says"]);
    for (const node of [first, second]) {
      await until(async () => (await texts(node)).length === 1, "the end of the copy's texts");
      assertEquals(await texts(node), ["ann says"]);
    }
    // Its node has not heard of it yet.
    const late = await first.replication.perform({
      ...{ do: "message", in: { room: 1 }, behind: 0, speaker: "bob" },
      message: {
        ...{ from: "bob", sender: "bob", guest: undefined, to: "Park", message: "late" },
        ...{ time: 0, id: undefined, reply: undefined, fingerprint: undefined },
      },
    });
    assertEquals(late, { refused: "expelled" });
  }));

Deno.test("who gets the name of a removed account has nothing of it, though all comes at once", () =>
  withNodes(async ([first, second]) => {
    const grant = ["park", "bob", "owner"];
    await first.replication.perform({ do: "administer", act: "grantRoom", args: grant });
    for (const { store } of [first, second]) {
      assertEquals((await store.rooms.find("park"))?.roles.length, 2);
    }
    const room = (await first.store.openRoom(1))!;
    await first.store.openDirect("ann", "bob");
    const says = (message: string) =>
      first.replication.perform({
        ...{ do: "message", in: { room: 1 }, behind: 0, speaker: "bob" },
        message: {
          ...{ from: "bob", sender: "bob", guest: undefined, to: "Park", message },
          ...{ time: 1_767_225_600, id: undefined, reply: undefined, fingerprint: undefined },
        },
      });
    // In one turn, so that they may share a transaction.
    const [old, , , kept] = await Promise.all([
      says("the old one says"),
      first.replication.perform({ do: "administer", act: "remove", args: ["bob", ""] }),
      first.store.createAccount("bob", "Bob", "another hash"),
      says("the new one says"),
    ]);
    assert("kept" in old && "kept" in kept);
    await second.replication.ready();
    for (const node of [first, second]) {
      await until(async () => (await texts(node)).length < 2, "the end of what the old one said");
      assertEquals(await texts(node), ["the new one says"]);
      assertEquals((await node.store.rooms.find("park"))?.roles.map(({ name }) => name), ["ann"]);
      assertEquals(await node.store.findDirect("ann", "bob"), undefined);
    }

    // Somebody's node knew the message still.
    const { outcome } = await first.replication.perform({
      ...{ do: "delete", in: { room: 1 }, name: "ann" },
      deletion: { seq: old.kept.seq, time: 1_767_225_601, by: { account: "ann", session: "" } },
      remains: { from: "bob", to: "Park", time: 1_767_225_600 },
    } as never);
    assertEquals(outcome, "unknown");
    const page = await first.store.listMessages(room, { limit: 9 });
    assertEquals(page.messages.map(({ seq }) => seq), [kept.kept.seq]);
  }));

Deno.test("a removal in the midst of a transaction holds for what follows in it", async () => {
  await using copy = openSqliteReplica(":memory:", { replicaOf: "log" });
  let seq = 0;
  const apply = <T>(work: (writes: ReplicaWrites) => T): Promise<T> =>
    copy.apply({ seq: ++seq, at: 1_767_225_600_000 }, work);
  const say = (name: ConversationName, message: string) =>
    apply((writes) =>
      writes.keep({
        ...{ in: name, behind: 0, speaker: "bob" },
        message: {
          ...{ from: "bob", sender: "bob", guest: undefined, to: "it", message, time: 0 },
          ...{ id: undefined, reply: undefined, fingerprint: undefined },
        },
      })
    );
  const make = (name: string, hash: string) =>
    apply((writes) => writes.createAccount(name, name, hash));
  const direct = { accounts: ["ann", "bob"] } as const;
  const [, , , , , removed, late, , again] = await Promise.all([
    make("ann", "hash"),
    make("bob", "old"),
    apply((writes) => writes.enter("park", { folded: "ann", roomName: "Park", maxRooms: 0 })),
    say({ room: 1 }, "old"),
    say(direct, "old"),
    apply((writes) => writes.admin.remove("bob", "")),
    say({ room: 1 }, "late"),
    make("bob", "new"),
    say({ room: 1 }, "new"),
  ]);
  assertEquals([removed, late], [{ letters: 0 }, { refused: "expelled" }]);
  assert("kept" in again);
  const { messages } = await copy.listMessages(again.kept.conversation, { limit: 9 });
  await until(
    async () => await copy.findDirect("ann", "bob") === undefined,
    "the direct ones' end",
  );
  assertEquals(messages.at(-1)?.message, "new");
  await until(
    async () =>
      (await copy.listMessages(again.kept.conversation, { limit: 9 })).messages.length === 1,
    "the end",
  );
  assertEquals(copy.hasMessage(again.kept.conversation, again.kept.seq), true);
});

/** What was said in the room, as far as a node has it. */
async function texts({ store }: ReplicaNode): Promise<unknown[]> {
  const room = (await store.openRoom(1))!;
  return (await store.listMessages(room, { limit: 9 })).messages.map(({ message }) => message);
}

/** Resolves when something is so that comes about beside the log. */
async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  let isLate = false;
  const look = async (): Promise<void> => {
    while (!isLate && !await isSo()) await settle();
  };
  await withDeadline(look(), () => what).finally(() => isLate = true);
}
