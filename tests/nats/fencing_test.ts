import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";

import { UnavailableError } from "../../server/cluster/operation_log.ts";
import { BusNode } from "../support/bus_node.ts";
import { NatsServer } from "../support/nats_server.ts";
import { OneWayProxy } from "../support/one_way_proxy.ts";
import { withDeadline } from "../support/raw_client.ts";

/** Seconds from one moment to another are at least and at most so many. */
function assertWithin(from: number, to: number, least: number, most: number): void {
  const seconds = (to - from) / 1000;
  assert(seconds >= least && seconds <= most, `${seconds} s, not ${least} to ${most}`);
}

/** A node that is cut off, by what is lost on its way: it ends its life after 6 s, before its names are free. */
async function cutOff(server: NatsServer, lost: "all" | "sent" | "received"): Promise<void> {
  await using proxy = new OneWayProxy(server.address);
  const prefix = `cut-${lost}`;
  await using a = await BusNode.start(proxy.address, { prefix });
  await using b = await BusNode.start(server.address, { prefix });
  const former = a.self;
  await Promise.all([a.event("came"), b.event("came")]);
  assertEquals(await a.names.take("alice"), true);
  const cutAt = performance.now();
  if (lost !== "sent") proxy.losesReceived = true;
  if (lost !== "received") proxy.losesSent = true;
  const asked = assertRejects(() => a.bus.ask(b.self, 1, 60), UnavailableError);
  // It may be done, if only the answer is lost.
  const taken = assertRejects(() => a.names.take("bob"), UnavailableError, "not known within 5 s");

  const fencedAt = await a.event("fenced", 8);
  assertWithin(cutAt, fencedAt, 5, 7);
  await Promise.all([asked, taken]);
  assertEquals(a.bus.nodes.size, 0);
  await assertRejects(() => a.names.take("carol"), UnavailableError, "cut off");
  await assertRejects(() => a.bus.ask(b.self, 1), UnavailableError, "cut off");
  a.bus.tell("nothing");

  const goneAt = await b.event(`gone ${former}`, 12);
  assert(goneAt > fencedAt);
  // While only the way to it is cut, it is heard until its client gives the connection up, after 3 s.
  assertWithin(cutAt, goneAt, 7, lost === "received" ? 12 : 10);
  assertEquals(await b.names.take("alice"), true);
  assertEquals(await b.names.take("bob"), true);

  proxy.mend();
  await a.event("restored");
  assertNotEquals(a.self, former);
  await b.event(`came ${a.self}`);
  assertEquals(await a.names.take("alice"), b.self);
  assert(!b.events.some(({ text }) => text.includes("nothing")));
  assertEquals(a.log.of("this node is cut off").map(({ fields }) => fields.node), [former]);
  assertEquals(a.log.of("this node is among the others again").length, 1);
}

/** A node of its own process. */
async function child(server: NatsServer, prefix: string, name: string) {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--lock=tests/deno.lock", "--allow-all"],
      ...["tests/support/bus_process.ts", server.address, prefix, name],
    ],
    cwd: new URL("../..", import.meta.url),
    stdout: "piped",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const line = async (): Promise<string> =>
    (await withDeadline(lines.read(), () => "a line of the process", 10_000)).value!;
  return {
    ...{ process, line },
    self: await line(),
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGKILL");
      } catch {
        // Killed already.
      }
      await process.status;
      await lines.cancel();
    },
  };
}

async function killed(server: NatsServer): Promise<void> {
  await using b = await BusNode.start(server.address, { prefix: "killed" });
  await using a = await child(server, "killed", "alice");
  await b.event(`came ${a.self}`);
  assertEquals(await b.names.take("alice"), a.self);
  const killedAt = performance.now();
  a.process.kill("SIGKILL");
  assertWithin(killedAt, await b.event(`gone ${a.self}`, 10), 7, 10);
  assertEquals(await b.names.take("alice"), true);
  assertEquals(b.log.of("node dead").length, 1);
}

async function stopped(server: NatsServer): Promise<void> {
  await using b = await BusNode.start(server.address, { prefix: "stopped" });
  await using a = await child(server, "stopped", "alice");
  await b.event(`came ${a.self}`);
  a.process.kill("SIGSTOP");
  await b.event(`gone ${a.self}`, 10);
  assertEquals(await b.names.take("alice"), true);
  const goesOnAt = performance.now();
  a.process.kill("SIGCONT");
  assertEquals(await a.line(), "fenced");
  assertWithin(goesOnAt, performance.now(), 0, 1);
  const [word, self] = (await a.line()).split(" ");
  assertEquals(word, "restored");
  await b.event(`came ${self}`);
}

/** NATS dies under a node that is alone: for 4 s nothing happens, after 12 s it ends its life. */
async function loneWithoutNats(): Promise<void> {
  await using server = await NatsServer.start();
  await using a = await BusNode.start(server.address);
  const former = a.self;
  assertEquals(await a.names.take("alice"), true);
  const stoppedAt = performance.now();
  server.signal("SIGSTOP");
  assertWithin(stoppedAt, await a.event("fenced no answer from JetStream", 14), 11, 13);
  server.signal("SIGCONT");
  await a.event("restored");
  assertNotEquals(a.self, former);
  assertEquals(await a.names.take("alice"), true, "its former life is over");
}

/** NATS dies under two nodes: shortly, then for long. */
async function twoWithoutNats(): Promise<void> {
  await using server = await NatsServer.start();
  await using a = await BusNode.start(server.address);
  await using b = await BusNode.start(server.address);
  await Promise.all([a.event("came"), b.event("came")]);
  const [formerA, formerB] = [a.self, b.self];
  assertEquals(await a.names.take("alice"), true);
  await server.kill();
  await server.restart();
  await assertAnswers(a, b);
  assertEquals([a.self, b.self], [formerA, formerB]);
  assertEquals(await b.names.take("alice"), formerA);
  assertEquals(a.events.concat(b.events).filter(({ text }) => /fenced|gone/.test(text)), []);

  const stoppedAt = performance.now();
  await server.kill();
  for (const at of await Promise.all([a.event("fenced", 8), b.event("fenced", 8)])) {
    assertWithin(stoppedAt, at, 0, 7); // counted from the last confirmation, before or after the short death
  }
  await server.restart();
  await Promise.all([a.event("restored"), b.event("restored")]);
  await Promise.all([a.event(`came ${b.self}`), b.event(`came ${a.self}`)]);
  assertEquals(await b.names.take("alice"), true);
  assertEquals(await a.names.take("alice"), b.self);
}

/** The leader of three NATS servers dies, which may take JetStream 9 s to get over: no node ends, no name has two holders. */
async function leaderDies(): Promise<void> {
  await using cluster = await NatsServer.startThree();
  const [a, b, c] = await Promise.all(
    cluster.addresses.map((address) => BusNode.start(address, { others: cluster.addresses })),
  ) as [BusNode, BusNode, BusNode];
  await using _a = a, _b = b, _c = c;
  const nodes = [a, b, c];
  await Promise.all(
    nodes.map(({ self }) =>
      Promise.all(nodes.map((node) => node.self === self || node.event(`came ${self}`)))
    ),
  );
  const lives = nodes.map(({ self }) => self);
  const race = async (name: string): Promise<void> => {
    const results = await Promise.all(
      nodes.map(({ names }) => names.take(name).catch(() => "unavailable")),
    );
    const winners = results.filter((result) => result === true).length;
    assert(
      winners === 1 || winners === 0 && results.includes("unavailable"),
      `${name}: ${results}`,
    );
  };
  for (let i = 0; i < 20; i++) await race(`before ${i}`);
  const { cluster: info } = await (await a.streams()).manager.streams.info("KV_jim_names");
  const killedAt = performance.now();
  await cluster.servers[Number(info!.leader!.slice(1))]!.kill();
  for (let i = 0; performance.now() - killedAt < 9_000; i++) {
    await race(`while ${i}`);
    await new Promise((resolve) => setTimeout(resolve, 200)); // not as fast as it can: others test, too
  }
  for (let i = 0; i < 20; i++) {
    const results = await Promise.all(nodes.map(({ names }) => names.take(`after ${i}`)));
    assertEquals(results.filter((result) => result === true).length, 1);
  }
  assertEquals(nodes.map(({ self }) => self), lives);
  assertEquals(
    nodes.flatMap(({ events }) => events).filter(({ text }) => /fenced|gone/.test(text)),
    [],
  );
}

/** One node answers another again, before either would end. */
async function assertAnswers(a: BusNode, b: BusNode): Promise<void> {
  for (let tries = 0;; tries++) {
    const answer = await a.bus.ask(b.self, "there?", 0.5).catch(() => undefined);
    if (answer !== undefined) return;
    assert(tries < 12, "no answer");
  }
}

Deno.test("a node that is cut off, killed or stopped has ended before its names are free, within 10 s", async (t) => {
  await using server = await NatsServer.start();
  const scenarios: [string, () => Promise<void>][] = [
    ["it neither sends nor receives", () => cutOff(server, "all")],
    ["it sends but does not receive", () => cutOff(server, "received")],
    ["it receives but does not send", () => cutOff(server, "sent")],
    ["it is killed", () => killed(server)],
    ["it is stopped and goes on", () => stopped(server)],
    ["NATS stops, and there is no other node", loneWithoutNats],
    ["NATS is killed, and there are two nodes", twoWithoutNats],
    ["one of three NATS servers is killed", leaderDies],
  ];
  // All of them wait most of the time: side by side they take as long as one.
  await Promise.all(scenarios.map(([name, fn]) => {
    const options = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
    return t.step({ name, fn, ...options });
  }));
});
