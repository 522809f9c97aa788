import { assert, assertEquals, assertRejects } from "@std/assert";

import { StartError } from "../../common/errors.ts";
import { NatsLog } from "../../server/cluster/nats/nats_log.ts";
import { UnavailableError } from "../../server/cluster/operation_log.ts";
import { StoreError } from "../../server/store/store.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { assertSame, LogReader, operation } from "../support/log_reader.ts";
import { NatsServer } from "../support/nats_server.ts";
import { natsNode } from "../support/nats_node.ts";
import { RecordingLog } from "../support/recording_log.ts";
import { settle } from "../support/settle.ts";

Deno.test("what a node appends at once stands in the order of the calls, for all", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  await using b = await natsNode([server.address]);
  const readers = [new LogReader(a.log), new LogReader(b.log)];
  const append = (who: typeof a, name: string): Promise<number[]> =>
    Promise.all(
      Array.from({ length: 2_000 }, (_, n) => who.log.append(`${name}${n}`, operation("x"))),
    );
  const seqs = await Promise.all([append(a, "a"), append(b, "b")]);
  for (const ofOne of seqs) assertEquals(ofOne, ofOne.toSorted((x, y) => x - y));
  assertEquals(
    seqs.flat().toSorted((x, y) => x - y),
    Array.from({ length: 4_000 }, (_, n) => n + 1),
  );
  const last = await b.log.last();
  assertEquals(last, 4_000);
  await Promise.all(readers.map((reader) => reader.reaches(last)));
  assertSame(readers, new Map(seqs[0]!.map((seq, n) => [`a${n}`, seq])));
  assertEquals(readers[0]!.entries[0]!.operation, operation("x"));
});

Deno.test("the same id is one entry, at once, and after a kill", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  const seqs = await Promise.all([1, 2, 3].map(() => a.log.append("same", operation("x"))));
  await server.kill();
  await server.restart();
  assertEquals([...seqs, await a.log.append("same", operation("x"))], [1, 1, 1, 1]);
  assertEquals(await a.log.last(), 1);
});

Deno.test("a number that is none is believed for ten seconds at most, whoever says it", async () => {
  await using server = await NatsServer.start();
  const clock = new FakeClock();
  await using a = await natsNode([server.address], { clock });
  await a.log.append("one", operation("x"));
  a.log.hint(1_000);
  assertEquals(await a.log.last(), 1_000);
  clock.advance(10_000);
  assertEquals(await a.log.last(), 1);
  assertEquals(await a.log.append("two", operation("x")), 2);
});

Deno.test("kills of the only server lose nothing and double nothing", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  await using b = await natsNode([server.address]);
  await killWhileWriting([a.log, b.log], 4, async () => {
    await server.kill();
    await server.restart();
  });
});

Deno.test("the death of the leader of three loses nothing and doubles nothing", async () => {
  await using cluster = await NatsServer.startThree();
  await using a = await natsNode(cluster.addresses, { patienceMs: 30_000 });
  await using b = await natsNode(cluster.addresses, { patienceMs: 30_000 });
  await killWhileWriting([a.log, b.log], 1, async () => {
    const { cluster: placed } = await a.streams.manager.streams.info("jim_log");
    const leader = cluster.servers[Number(placed!.leader!.slice(1))]!;
    await leader.kill();
  });
});

/** Two nodes write, 20 at once each, and read, while something is killed so many times. */
async function killWhileWriting(
  logs: readonly NatsLog[],
  times: number,
  kill: () => Promise<void>,
): Promise<void> {
  const readers = logs.map((log) => new LogReader(log));
  const acknowledged = new Map<string, number>();
  let isOver = false;
  let moved = Promise.withResolvers<void>();
  const write = async (log: NatsLog, name: string): Promise<void> => {
    for (let n = 0; !isOver; n++) {
      const id = `${name}-${n}`;
      acknowledged.set(id, await log.append(id, operation(id)));
      moved.resolve();
    }
  };
  const writing = logs.flatMap((log, index) =>
    Array.from({ length: 20 }, (_, n) => write(log, `${index}-${n}`))
  );
  const more = async (count: number): Promise<void> => {
    const end = acknowledged.size + count;
    while (acknowledged.size < end) {
      moved = Promise.withResolvers();
      await moved.promise;
    }
  };
  for (let time = 0; time < times; time++) {
    await more(50 + Math.floor(Math.random() * 300));
    await kill();
  }
  await more(200);
  isOver = true;
  await Promise.all(writing);
  const last = Math.max(...await Promise.all(logs.map((log) => log.last())));
  await Promise.all(readers.map((reader) => reader.reaches(last)));
  assertSame(readers, acknowledged);
}

Deno.test("without NATS an append fails ten seconds after the first try, and not before", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  const clock = new FakeClock();
  const { manager } = a.streams;
  const parts = { nats: a.nats, manager, stream: "jim_log", log: new RecordingLog() };
  await using log = new NatsLog({ ...parts, clock });
  await server.kill();
  let outcome: unknown = "pending";
  const appended = log.append("x", operation("x")).catch((error) => outcome = error);
  clock.advance(9_900);
  await settle();
  assertEquals(outcome, "pending");
  clock.advance(400);
  await appended;
  assert(outcome instanceof UnavailableError, String(outcome));
  assertEquals(outcome.message.includes("\n"), false);
  assertEquals(clock.pending, 0);
});

Deno.test("without a majority an append fails; tried again later, it is there once", async () => {
  await using cluster = await NatsServer.startThree();
  await using a = await natsNode([cluster.addresses[0]!], { patienceMs: 1_500 });
  const reader = new LogReader(a.log);
  await a.log.append("before", operation("x"));
  const [, second, third] = cluster.servers;
  await Promise.all([second!.kill(), third!.kill()]);
  await assertRejects(() => a.log.append("x", operation("x")), UnavailableError);
  await Promise.all([second!.restart(), third!.restart()]);
  let seq: number | undefined;
  while (seq === undefined) {
    seq = await a.log.append("x", operation("x")).catch((error) => {
      if (!(error instanceof UnavailableError)) throw error;
      return undefined;
    });
  }
  await reader.reaches(seq);
  assertEquals(reader.ids, ["before", "x"]);
});

Deno.test("an operation that is larger than NATS takes is refused, and the next one is not", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  const error = await assertRejects(
    () => a.log.append("x", operation("x".repeat(1024 ** 2))),
    StoreError,
    "is more than NATS takes",
  );
  assertEquals(error instanceof UnavailableError, false);
  assertEquals(await a.log.append("y", operation("y")), 1);
});

Deno.test("what was erased is in no file of the server", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  const secret = "Rosebud-4711";
  for (const text of ["a", secret, "b", secret, "c"]) {
    await a.log.append(crypto.randomUUID(), operation(text));
  }
  assertEquals((await filesWith(server.store, secret)).length, 1);
  await a.log.erase([2, 4, 4, 2]);
  await a.log.erase([2, 99]);
  assertEquals(await filesWith(server.store, secret), []);
  const reader = new LogReader(a.log);
  await reader.reaches(5);
  assertEquals(reader.entries.map(({ seq }) => seq), [1, 3, 5]);
});

async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await filesWith(path, text));
    else {
      const bytes = new TextDecoder("latin1").decode(await Deno.readFile(path));
      if (bytes.includes(text)) found.push(path);
    }
  }
  return found;
}

Deno.test("what is old is forgotten, of its lifetime, and the numbers go on", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  const append = (text: string, method: "rememberName" | "openRoom"): Promise<number> =>
    a.log.append(text, operation(text, method));
  const kept = async (): Promise<string[]> => {
    await using other = await natsNode([server.address]);
    const reader = new LogReader(other.log);
    await reader.reaches(await other.log.last());
    return reader.ids;
  };
  const start = new Date();
  for (const text of ["a", "b", "c"]) await append(text, "rememberName");
  await append("state", "openRoom");
  await afterNow();
  const middle = new Date();
  await append("d", "rememberName");
  await append("e", "rememberName");

  await a.log.forget("day", start);
  await a.log.forget("text", new Date());
  assertEquals(await kept(), ["a", "b", "c", "state", "d", "e"]);
  await a.log.forget("day", middle);
  assertEquals(await kept(), ["state", "d", "e"]);
  await afterNow();
  await a.log.forget("day", new Date());
  await a.log.forget("state", new Date());
  assertEquals(await kept(), ["e"]);
  await a.log.erase([6]);
  assertEquals(await kept(), []);
  await server.kill();
  await server.restart();
  assertEquals(await append("f", "rememberName"), 7);
});

/** Resolves in the next millisecond. */
async function afterNow(): Promise<void> {
  const now = Date.now();
  while (Date.now() === now) await settle();
}

Deno.test("a copy of another log, or of one that has lost its end, stops the start", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address], { patienceMs: 500 });
  await a.log.append("x", operation("x"));
  const origin = await a.log.check(0);
  assertEquals(await a.log.check(1, origin), origin);
  await assertRejects(() => a.log.check(2, origin), StartError, "it ends at 1");
  await a.streams.manager.streams.delete("jim_log");
  await a.streams.log();
  await assertRejects(() => a.log.check(0, origin), StartError, "is not the one");
});
