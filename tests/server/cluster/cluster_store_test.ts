import { assert, assertEquals, assertRejects } from "@std/assert";

import { StoreFullError } from "../../../server/store/store.ts";
import { letter, ReplicaNode, say, withNodes } from "../../support/replica_node.ts";

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
