import { assert, assertEquals } from "@std/assert";

import type { NatsNode } from "../support/nats_node.ts";
import { natsNode } from "../support/nats_node.ts";
import { LogReader, operation } from "../support/log_reader.ts";
import { NatsServer } from "../support/nats_server.ts";

/** Appends entries from–to by their numbers. */
async function append({ log }: NatsNode, from: number, to: number, text = "x"): Promise<void> {
  const numbers = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  await Promise.all(numbers.map((n) => log.append(`${n}`, operation(text))));
}

async function consumers({ streams }: NatsNode): Promise<{ name: string; num_pending: number }[]> {
  return await streams.manager.consumers.list("jim_log").next();
}

Deno.test("a reader that is busy gets no more than is bounded, and then all", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  await append(a, 1, 1_500, "x".repeat(10_000));
  await using b = await natsNode([server.address]);
  const begun = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  let atOnce = 0;
  const reader = new LogReader(b.log, async () => {
    assertEquals(++atOnce, 1);
    begun.resolve();
    await free.promise;
    atOnce--;
  });
  await begun.promise;
  for (let round = 0; round < 20; round++) {
    const [{ num_pending } = { num_pending: 0 }] = await consumers(b);
    assert(num_pending > 750, `${num_pending} are left`);
  }
  assertEquals(reader.entries.length, 1);
  free.resolve();
  await reader.reaches(1_500);
  assertEquals(
    reader.entries.map(({ seq }) => seq),
    Array.from({ length: 1_500 }, (_, n) => n + 1),
  );
});

Deno.test("a reader whose consumer is gone begins another one behind what it has", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  const reader = new LogReader(a.log);
  await append(a, 1, 5);
  await reader.reaches(5);
  for (const { name } of await consumers(a)) {
    await a.streams.manager.consumers.delete("jim_log", name);
  }
  await append(a, 6, 9);
  await reader.reaches(9);
  assertEquals(reader.ids, ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
});

Deno.test("a reader is told that what is newest has been erased", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  await append(a, 1, 4);
  await a.log.erase([3, 4]);
  await using b = await natsNode([server.address]);
  const reader = new LogReader(b.log);
  assertEquals(await b.log.last(), 4);
  await reader.reaches(4);
  assertEquals(reader.ids, ["1", "2"]);
  await append(a, 5, 5);
  await reader.reaches(5);
  assertEquals(reader.ids, ["1", "2", "5"]);
});

Deno.test("a reader goes on when its server has stood still", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  const reader = new LogReader(a.log);
  await append(a, 1, 3);
  server.signal("SIGSTOP");
  const lost = new Promise<void>((resolve) => {
    const end = a.nats.onChange((isConnected) => {
      if (!isConnected) end(), resolve();
    });
  });
  const more = append(a, 4, 6);
  try {
    await lost;
  } finally {
    server.signal("SIGCONT");
  }
  await more;
  await reader.reaches(await a.log.last());
  assertEquals(reader.ids, ["1", "2", "3", "4", "5", "6"]);
});

Deno.test("a reader gets all from the stream itself where no consumer can be made", async () => {
  const config = await Deno.makeTempFile();
  const permissions = '{ publish: { deny: ["$JS.API.CONSUMER.>"] } }';
  const users = `[{ user: a, password: b, permissions: ${permissions} }]`;
  await Deno.writeTextFile(config, `authorization { users: ${users} }\nno_auth_user: a\n`);
  try {
    await using server = await NatsServer.start({ args: ["--config", config] });
    await using a = await natsNode([server.address]);
    const reader = new LogReader(a.log);
    await append(a, 1, 200);
    await a.log.erase([200]);
    await reader.reaches(200);
    assertEquals(
      reader.entries.map(({ seq }) => seq),
      Array.from({ length: 199 }, (_, n) => n + 1),
    );
  } finally {
    await Deno.remove(config);
  }
});

Deno.test("what others publish in the log's place is passed over", async () => {
  await using server = await NatsServer.start();
  await using a = await natsNode([server.address]);
  const reader = new LogReader(a.log);
  a.nats.client.publish("jim.log.state", "no JSON");
  a.nats.client.publish("jim.log.state", '{"id":"x"}');
  await a.nats.client.flush();
  await append(a, 1, 1);
  await reader.reaches(3);
  assertEquals(reader.entries.map(({ seq }) => seq), [3]);
  assertEquals(a.said.of("not an operation in the log, passed over").length, 2);
});
