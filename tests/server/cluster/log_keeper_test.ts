import { assert, assertEquals, assertRejects } from "@std/assert";

import { UnavailableError } from "../../../server/cluster/operation_log.ts";
import { say, withNodes } from "../../support/replica_node.ts";
import { settle } from "../../support/settle.ts";

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
