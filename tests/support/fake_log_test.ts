import { assert, assertEquals, assertRejects } from "@std/assert";

import type { Operation } from "../../server/cluster/operation.ts";
import { UnavailableError } from "../../server/cluster/operation_log.ts";
import { FakeLogWorld } from "./fake_log.ts";
import { seededRandom } from "./random.ts";

function enter(folded: string): Operation {
  return { do: "enter", folded, at: 0 };
}

Deno.test("all nodes get all entries in one order, and each node's own in the order of its calls", async () => {
  const world = new FakeLogWorld(seededRandom(7));
  const nodes = [world.node(), world.node(), world.node()];
  const seen: string[][] = [[], [], []];
  nodes.forEach((node, index) => node.follow(0, ({ id }) => void seen[index]!.push(id)));
  const numbers = await Promise.all(
    nodes.flatMap((node, index) =>
      Array.from({ length: 20 }, (_, i) => node.append(`${index}-${i}`, enter(`${i}`)))
    ),
  );
  await world.settled();
  assertEquals(new Set(numbers).size, 60);
  assertEquals(seen[1], seen[0]);
  assertEquals(seen[2], seen[0]);
  for (const index of [0, 1, 2]) {
    const own = seen[0]!.filter((id) => id.startsWith(`${index}-`));
    assertEquals(own, Array.from({ length: 20 }, (_, i) => `${index}-${i}`));
  }
});

Deno.test("an entry that is appended twice is there once, and an erased one is not given", async () => {
  const world = new FakeLogWorld(seededRandom(1));
  const node = world.node();
  assertEquals(await node.append("a", enter("a")), await node.append("a", enter("a")));
  await node.append("b", enter("b"));
  await node.erase([1]);
  const seen: number[] = [];
  world.node().follow(0, ({ seq }) => void seen.push(seq));
  await world.settled();
  assertEquals(seen, [2]);
});

Deno.test("a node that is cut off is refused, and gets what it missed", async () => {
  const world = new FakeLogWorld(seededRandom(3));
  const [near, far] = [world.node(), world.node()];
  const seen: string[] = [];
  far.follow(0, ({ id }) => void seen.push(id));
  far.isAvailable = false;
  await near.append("near", enter("a"));
  for (let i = 0; i < 20; i++) {
    await assertRejects(() => far.append(`${i}`, enter("a")), UnavailableError);
  }
  assert(world.newest > 1 && world.newest < 21);
  assertEquals(seen, []);
  far.isAvailable = true;
  await world.settled();
  assertEquals(seen.length, world.newest);
});
