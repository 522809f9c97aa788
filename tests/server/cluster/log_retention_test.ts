import { assertEquals } from "@std/assert";

import { LogRetention } from "../../../server/cluster/log_retention.ts";
import { letter, ReplicaNode, say, withNodes } from "../../support/replica_node.ts";

const DAY_MS = 86_400_000;

Deno.test("what is old goes on all nodes at one place in the log, and out of the log", () =>
  withNodes(async ([first, second], world, clock) => {
    await say(first, "ann");
    await first.store.storeLetter(letter("ann", "hi"));
    await first.store.rooms.open("pier", { folded: "ann", roomName: "Pier", maxRooms: 0 });
    first.store.rooms.close(2);
    clock.leap(400 * DAY_MS);
    const faults: unknown[] = [];
    using retention = new LogRetention(second.replication, {
      touch: () => second.store.rooms.touch(),
      clock,
      onFault: (fault) => void faults.push(fault),
    });
    // Somebody of that node is in the room.
    await second.store.rooms.open("park");
    await retention.run();
    await world.settled();
    for (const { store } of [first, second]) {
      assertEquals(await store.listLetters("bob", 0, 9), []);
      assertEquals(
        (await store.listMessages((await store.openRoom(1))!, { limit: 9 })).messages,
        [],
      );
      assertEquals((await store.rooms.find("park"))?.name, "Park");
      assertEquals(await store.rooms.find("pier"), undefined);
    }
    const left = world.entries.map(({ operation }) => operation.do);
    assertEquals(left.includes("message") || left.includes("letter"), false);
    assertEquals(left.filter((kind) => kind === "tidy").length, 1);
    await retention.run();
    assertEquals(world.entries.length, left.length, "once an hour is enough");
    assertEquals(faults, []);
    await using anew = new ReplicaNode(world, clock);
    assertEquals((await anew.store.findAccount("ann"))?.name, "ann");
  }));
