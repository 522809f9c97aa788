import { assertEquals } from "@std/assert";

import { type QueueHolder, QueueMemory } from "../../../server/connection/queue_memory.ts";

/** A connection that holds what it is told to. When it is given up, `underWay` bytes stay until it is closed. */
class Holder implements QueueHolder {
  heldBytes = 0;
  underWay = 0;
  constructor(readonly name: string, readonly memory: QueueMemory, readonly fates: string[]) {
    memory.enter(this);
  }

  hold(bytes: number): void {
    this.heldBytes += bytes;
    this.memory.add(bytes);
  }

  giveUp(): void {
    this.fates.push(`${this.name} given up`);
    this.hold(this.underWay - this.heldBytes);
  }

  abort(): void {
    this.fates.push(`${this.name} closed`);
    this.end();
  }

  end(): void {
    this.hold(-this.heldBytes);
    this.memory.leave(this);
  }
}

/** Connections that share a memory of 1000 bytes. */
function shared<const Names extends readonly string[]>(
  ...names: Names
): { memory: QueueMemory; fates: string[]; holders: { [Index in keyof Names]: Holder } } {
  const [memory, fates] = [new QueueMemory(1_000), [] as string[]];
  const holders = names.map((name) => new Holder(name, memory, fates));
  return { memory, fates, holders: holders as { [Index in keyof Names]: Holder } };
}

Deno.test("QueueMemory: beyond the limit the largest go first, until nine tenths are left", async () => {
  const { memory, fates, holders: [a, b, c, d] } = shared("a", "b", "c", "d");
  a.hold(100);
  b.hold(250);
  c.hold(300);
  d.hold(350);
  await Promise.resolve();
  assertEquals([fates, memory.total], [[], 1_000], "the limit may be reached");
  a.hold(301);
  assertEquals(fates, [], "not while somebody is on the way through a room");
  await Promise.resolve();
  assertEquals([fates, memory.total], [["a given up"], 900]);
  b.hold(200);
  await Promise.resolve();
  assertEquals([fates, memory.total], [["a given up", "b given up"], 650]);
});

Deno.test("QueueMemory: what is under way counts as gone, up to an eighth; beyond it there is no last word", async () => {
  const { memory, fates, holders: [a, b, c, d] } = shared("a", "b", "c", "d");
  [a.underWay, b.underWay, c.underWay] = [100, 26, 25];
  a.hold(1_001);
  await Promise.resolve();
  assertEquals([fates, memory.total], [["a given up"], 100]);
  b.hold(1_000);
  await Promise.resolve();
  assertEquals(fates, ["a given up"], "a's are beside the limit");
  d.hold(1);
  await Promise.resolve();
  assertEquals([fates, memory.total], [["a given up", "b given up", "b closed"], 101]);
  c.hold(1_000);
  await Promise.resolve();
  assertEquals([fates.slice(3), memory.total], [["c given up"], 126]);
  a.end();
  c.end();
  assertEquals(memory.total, 1);
  d.hold(999);
  await Promise.resolve();
  assertEquals(fates.length, 4, "who has gone holds nothing");
});

Deno.test("QueueMemory: 0 is no limit", async () => {
  const memory = new QueueMemory(0);
  const holder = new Holder("a", memory, []);
  holder.hold(1e15);
  await Promise.resolve();
  assertEquals([holder.fates, memory.total], [[], 1e15]);
});

Deno.test("QueueMemory: the peak is the most that was held", () => {
  const { memory, holders: [a, b] } = shared("a", "b");
  a.hold(300);
  b.hold(200);
  a.hold(-250);
  b.hold(100);
  assertEquals([memory.total, memory.peak], [350, 500]);
});
