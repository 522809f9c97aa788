import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DiscardPolicy, jetstreamManager, StorageType } from "@nats-io/jetstream";

import { StartError } from "../../common/errors.ts";
import { RETRY_MS } from "../../server/cluster/nats/patience.ts";
import { Streams } from "../../server/cluster/nats/streams.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { NatsServer } from "../support/nats_server.ts";
import { connectNats } from "../support/nats_node.ts";
import { withDeadline } from "../support/raw_client.ts";
import { RecordingLog } from "../support/recording_log.ts";
import { eventually } from "../support/server_fixture.ts";

Deno.test("what is missing is made, by two nodes at the same moment, too", async () => {
  await using server = await NatsServer.start();
  const nodes = await Promise.all([1, 2, 3].map(() => connectNats([server.address])));
  const logs = nodes.map(() => new RecordingLog());
  const all = await Promise.all(nodes.map(async (nats, index) => {
    const streams = await Streams.open({ nats, log: logs[index]! });
    const [name, bucket] = await Promise.all([streams.log(), streams.bucket("names")]);
    const { config } = await streams.manager.streams.info(name);
    return { config, bucket, kept: (await streams.manager.streams.info("KV_jim_names")).config };
  }));
  for (const { config, kept } of all) {
    assertEquals([config.name, config.subjects], ["jim_log", ["jim.log.*"]]);
    assertEquals([config.storage, config.num_replicas], [StorageType.File, 1]);
    assertEquals([config.discard, config.max_age, config.max_msgs], [DiscardPolicy.New, 0, -1]);
    assertEquals([config.duplicate_window, config.deny_delete], [600e9, false]);
    assertEquals([kept.storage, kept.allow_direct], [StorageType.File, false]);
  }
  const revision = await all[0]!.bucket.create("a", "1");
  await assertRejects(() => all[1]!.bucket.create("a", "2"));
  await all[2]!.bucket.update("a", "3", revision);
  assertEquals((await all[1]!.bucket.get("a"))?.string(), "3");
  await Promise.all(nodes.map((nats) => nats[Symbol.asyncDispose]()));
});

const WRONG = [
  [{ storage: StorageType.Memory }, "is not kept in files; it cannot be changed"],
  [{ subjects: ["jim.x"] }, "must be on jim.log.*: nats stream edit jim_log --subjects"],
  [{ max_age: 3600e9 }, "drops what is old: nats stream edit jim_log --max-age 0"],
  [{ max_msgs: 5 }, "has a limit of messages: nats stream edit jim_log --max-msgs -1"],
  [{ max_bytes: 5_000 }, "drops what is old when it is full: nats stream edit jim_log --discard"],
  [{ max_msgs_per_subject: 5 }, "keeps another number of messages for a subject"],
  [{ duplicate_window: 1e9 }, "forgets repeats too soon"],
  [{ deny_delete: true }, "cannot be deleted from"],
] as const;

Deno.test("a stream that is not fit stops the start, with what to do", async (test) => {
  await using server = await NatsServer.start();
  await using nats = await connectNats([server.address]);
  const manager = await jetstreamManager(nats.client);
  const fit = { name: "jim_log", subjects: ["jim.log.*"], duplicate_window: 600e9 };
  for (const [wrong, says] of WRONG) {
    await test.step(JSON.stringify(wrong), async () => {
      const config = { ...fit, ...wrong };
      await manager.streams.add({ ...config, subjects: [...config.subjects] });
      const streams = await Streams.open({ nats, log: new RecordingLog() });
      const { message } = await assertRejects(
        () => streams.log(),
        StartError,
        `The stream jim_log of NATS ${says}`,
      );
      assertEquals(message.includes("\n"), false);
      await manager.streams.delete("jim_log");
    });
  }
});

Deno.test("a NATS without JetStream stops the start at once", async () => {
  await using server = await NatsServer.start({ jetStream: false });
  await using nats = await connectNats([server.address]);
  await assertRejects(
    () => Streams.open({ nats, log: new RecordingLog() }),
    StartError,
    "NATS has no JetStream here: start nats-server with -js",
  );
});

Deno.test("a start waits up to half a minute for servers that elect", async () => {
  await using server = await NatsServer.start();
  await using nats = await connectNats([server.address]);
  const clock = new FakeClock();
  const streams = await Streams.open({ nats, log: new RecordingLog(), clock });
  server.signal("SIGSTOP");
  const made = streams.log();
  clock.advance(29_000);
  // What was asked until then is lost, and is to be asked once more.
  await Promise.race([made, eventually(() => clock.pending === 1, () => "another attempt")]);
  server.signal("SIGCONT");
  clock.advance(RETRY_MS);
  assertEquals(await made, "jim_log");
});

Deno.test("three servers keep three copies, and fewer stop the start", async () => {
  await using cluster = await NatsServer.startThree();
  await using nats = await connectNats(cluster.addresses);
  const streams = await Streams.open({ nats, log: new RecordingLog() });
  const { manager } = streams;
  const { config } = await manager.streams.info(await streams.log());
  assertEquals(config.num_replicas, 3);
  assertEquals((await manager.streams.names().next()).filter((name) => name !== "jim_log"), []);
  await manager.streams.delete("jim_log");
  await manager.streams.add({ ...config, num_replicas: 1 });
  await assertRejects(
    () => streams.log(),
    StartError,
    "The stream jim_log of NATS is on 1 of 3 servers: nats stream edit jim_log --replicas 3",
  );
});

Deno.test("without a majority the start ends with one line", async () => {
  await using cluster = await NatsServer.startThree();
  const [first, second, third] = cluster.servers;
  await using nats = await connectNats([first!.address]);
  await Streams.open({ nats, log: new RecordingLog() });
  await Promise.all([second!.kill(), third!.kill()]);
  // The one that is left may be the leader: then it answers until it has noticed, which takes up to 20 s.
  const fault = async (): Promise<unknown> => {
    for (;;) {
      try {
        await Streams.open({ nats, log: new RecordingLog(), patienceMs: 1_000 });
      } catch (error) {
        return error;
      }
    }
  };
  const error = await withDeadline(fault(), () => "an error", 40_000);
  assert(error instanceof StartError);
  assertMatch(error.message, /^JetStream does not answer: are most of NATS's servers up\?[^\n]*$/);
});
