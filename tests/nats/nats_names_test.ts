import { assert, assertEquals, assertRejects } from "@std/assert";

import type { Incarnation } from "../../server/cluster/bus.ts";
import { UnavailableError } from "../../server/cluster/operation_log.ts";
import { NatsNames } from "../../server/cluster/nats/nats_names.ts";
import { RevisedTable } from "../../server/cluster/nats/revised_table.ts";
import { Streams } from "../../server/cluster/nats/streams.ts";
import { BusNode } from "../support/bus_node.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { connectNats } from "../support/nats_node.ts";
import { NatsServer } from "../support/nats_server.ts";
import { settle } from "../support/settle.ts";

Deno.test("of three nodes that want a name one gets it, and the others learn who; 300 times", async () => {
  await using server = await NatsServer.start();
  await using a = await BusNode.start(server.address);
  await using b = await BusNode.start(server.address);
  await using c = await BusNode.start(server.address);
  const race = async (name: string, i: number): Promise<BusNode> => {
    // What one node has to say leaves together: ten races at a time, begun by another one each time.
    const first = Math.floor(i / 10) % 3;
    const nodes = [a, b, c, a, b].slice(first, first + 3);
    const results = await Promise.all(nodes.map(({ names }) => names.take(name)));
    const winners = nodes.filter((_, i) => results[i] === true);
    assertEquals(winners.length, 1, `${name}: ${results}`);
    for (const result of results) assert(result === true || result === winners[0]!.self);
    return winners[0]!;
  };
  // Names of all kinds; then the same ones, which their holders have just given back.
  const names = Array.from({ length: 300 }, (_, i) => i % 2 ? `имя ${i}.*>` : `name${i}`);
  const winners: BusNode[] = [];
  for (let i = 0; i < names.length; i += 10) {
    const part = names.slice(i, i + 10);
    winners.push(...await Promise.all(part.map((name, j) => race(name, i + j))));
  }
  assertEquals(new Set(winners).size, 3, "it was no race");
  const again = names.slice(0, 100);
  for (const [i, name] of again.entries()) winners[i]!.names.release(name);
  await Promise.all(again.map(async (name, i) => {
    const others = [a, b, c].filter((node) => node !== winners[i]);
    for (;;) { // until it is given back
      const results = await Promise.all(others.map(({ names }) => names.take(name)));
      const count = results.filter((result) => result === true).length;
      assert(count <= 1);
      if (count === 1) break;
      assert(results.every((result) => result === winners[i]!.self), `${results}`);
    }
  }));
});

Deno.test("a name that is given back and taken again here stays; one that was taken over is not given back", async () => {
  await using server = await NatsServer.start();
  await using a = await BusNode.start(server.address);
  await using b = await BusNode.start(server.address);
  assertEquals(await a.names.take("alice"), true);
  assertEquals(await a.names.take("alice"), a.self);
  for (let i = 0; i < 20; i++) {
    a.names.release("alice");
    assertEquals(await a.names.take("alice"), true);
    assertEquals(await b.names.take("alice"), a.self);
  }
  assertEquals(b.names.surrender("alice"), undefined, "it is not b's");
  const ticket = a.names.surrender("alice")!;
  assertEquals(await b.names.takeFrom("alice", ticket - 1), false);
  assertEquals(await b.names.take("alice"), a.self, "only who has the ticket gets it");
  assertEquals(await b.names.takeFrom("alice", ticket), true);
  a.names.release("alice");
  assertEquals(await a.names.take("alice"), b.self);
});

Deno.test("names of one that has left or died are free, those of an unknown one are not", async () => {
  await using server = await NatsServer.start();
  const a = await BusNode.start(server.address);
  await using b = await BusNode.start(server.address);
  assertEquals(await a.names.take("alice"), true);
  await a[Symbol.asyncDispose]();
  for (;;) { // until b has heard that a has left
    const result = await b.names.take("alice");
    if (result === true) break;
    assertEquals(result, a.self);
  }

  await using nats = await connectNats([server.address]);
  const streams = await Streams.open({ nats, log: b.log });
  const names = await RevisedTable.open(nats, streams, "names");
  const nodes = await RevisedTable.open(nats, streams, "nodes");
  const key = (name: string) => btoa(name).replaceAll("=", "");
  const dead = "00000000000000dd", unknown = "00000000000000ee";
  await nodes.write(dead, { state: "dead" }, 0);
  await names.write(key("bob"), { holder: dead }, 0);
  await names.write(key("carol"), { holder: unknown }, 0);
  await names.write(key("dave"), { holder: "no incarnation" }, 0);
  assertEquals(await b.names.take("bob"), true);
  assertEquals(await b.names.take("carol"), unknown);
  assertEquals(await b.names.take("dave"), true);
});

/** A table whose writes may be done without an answer, or be late. */
class DoubtfulTable {
  readonly entries: RevisedTable["entries"];
  readonly read: RevisedTable["read"];
  readonly remove: RevisedTable["remove"];
  /** What happens to the next writes; then they are as ever. */
  readonly next: ("done" | "lost" | "late")[] = [];
  readonly late: (() => Promise<unknown>)[] = [];

  constructor(readonly table: RevisedTable) {
    this.entries = () => table.entries();
    this.read = (key) => table.read(key);
    this.remove = (revision) => table.remove(revision);
  }

  async write(key: string, value: object, expected: number): Promise<number | undefined> {
    const fate = this.next.shift();
    if (fate === undefined) return await this.table.write(key, value, expected);
    if (fate === "done") await this.table.write(key, value, expected);
    if (fate === "late") this.late.push(() => this.table.write(key, value, expected));
    throw new UnavailableError("no answer");
  }
}

Deno.test("an attempt without an answer ends in a known state, also if it lands late", async () => {
  await using server = await NatsServer.start();
  await using a = await BusNode.start(server.address);
  await using b = await BusNode.start(server.address);

  const streams = await Streams.open({ nats: a.nats, log: a.log });
  const table = new DoubtfulTable(await RevisedTable.open(a.nats, streams, "names"));
  const clock = new FakeClock();
  using names = new NatsNames(table, a.bus, { clock, log: a.log });
  /** Lets a pause pass, if there is one: the other timer is that of the sweeping. */
  const step = async (): Promise<void> => {
    if (clock.pending > 1) clock.advance(250);
    await settle();
  };
  /** Lets pauses pass until it is settled. */
  const run = async <T>(promise: Promise<T>): Promise<T> => {
    let isOver = false;
    promise.catch(() => {}).finally(() => isOver = true);
    while (!isOver) await step();
    return await promise;
  };
  const until = async (holder: Incarnation | undefined, name: string): Promise<void> => {
    const key = btoa(name).replaceAll("=", "");
    for (;;) {
      const value = (await table.read(key))?.value as { holder?: string } | undefined;
      if (value !== undefined && value.holder === holder) return;
      await step();
    }
  };

  for (const fate of ["done", "lost", "late"] as const) {
    table.next.push(fate);
    assertEquals(await run(names.take(`one ${fate}`)), true);
    for (const land of table.late.splice(0)) await land();
    assertEquals(await b.names.take(`one ${fate}`), a.self);
    names.release(`one ${fate}`);
    await until(undefined, `one ${fate}`);
  }

  // No answer for all of the 5 s: it is given back, and what lands afterwards takes nothing.
  for (const fate of ["done", "lost", "late"] as const) {
    const name = `all ${fate}`;
    table.next.push(fate, ...Array.from({ length: 12 }, () => "late" as const));
    await assertRejects(() => run(names.take(name)), UnavailableError, "not known within 5 s");
    table.next.length = 0;
    await until(undefined, name);
    for (const land of table.late.splice(0)) await land();
    assertEquals(await b.names.take(name), true);
  }

  // The giving back has no answer, and the name is taken again here meanwhile.
  assertEquals(await names.take("again"), true);
  table.next.push("late");
  names.release("again");
  assertEquals(await run(names.take("again")), true);
  for (const land of table.late.splice(0)) await land();
  clock.advance(10_000);
  await settle();
  assertEquals(await b.names.take("again"), a.self);
});

Deno.test("what nobody holds is swept out after ten minutes, what somebody holds never", async () => {
  await using server = await NatsServer.start();
  await using a = await BusNode.start(server.address);
  await using nats = await connectNats([server.address]);
  const streams = await Streams.open({ nats, log: a.log });
  const table = await RevisedTable.open(nats, streams, "names");

  await table.write("held", { holder: a.self }, 0);
  await table.write("unknown", { holder: "00000000000000ee" }, 0);
  await table.write("free", {}, 0);
  const gone = await BusNode.start(server.address);
  await table.write("gone", { holder: gone.self }, 0);
  await gone[Symbol.asyncDispose]();
  const keys = async (): Promise<string[]> =>
    (await Array.fromAsync(table.entries())).map(([key]) => key).sort();
  const sweep = async (ms: number): Promise<void> => {
    using names = new NatsNames(table, a.bus, {
      clock: new FakeClock(Date.now() + ms),
      log: a.log,
    });
    await names.sweep();
  };
  await sweep(500_000);
  assertEquals(await keys(), ["free", "gone", "held", "unknown"]);
  await sweep(700_000);
  assertEquals(await keys(), ["held", "unknown"]);
  // What was swept can be taken.
  assertEquals(typeof await table.write("free", { holder: a.self }, 0), "number");
});
