import { assert, assertEquals, assertRejects } from "@std/assert";

import type { Batch } from "../../server/cluster/bus.ts";
import { UnavailableError } from "../../server/cluster/operation_log.ts";
import { BusNode } from "../support/bus_node.ts";
import { connectNats } from "../support/nats_node.ts";
import { NatsServer } from "../support/nats_server.ts";
import { settle } from "../support/settle.ts";

async function two(
  address: string,
  options = {},
): Promise<{ a: BusNode; b: BusNode } & AsyncDisposable> {
  const [a, b] = await Promise.all([
    BusNode.start(address, options),
    BusNode.start(address, options),
  ]);
  await Promise.all([a.event(`came ${b.self}`), b.event(`came ${a.self}`)]);
  return {
    ...{ a, b },
    async [Symbol.asyncDispose]() {
      await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
    },
  };
}

Deno.test("nodes find each other, tell all and ask one, in order, whatever the length", async () => {
  await using server = await NatsServer.start();
  await using nodes = await two(server.address);
  const { a, b } = nodes;
  assertEquals([[...a.bus.nodes], [...b.bus.nodes]], [[b.self], [a.self]]);

  const before = a.nats.client.stats().outMsgs;
  for (let i = 0; i < 100; i++) a.bus.tell({ i });
  const long = "ж".repeat(1_500_000); // 3 MB; a message of NATS has 1 MiB
  a.bus.tell(long);
  const answers = Array.from({ length: 100 }, (_, i) => a.bus.ask(b.self, i));
  answers.push(a.bus.ask(b.self, long));
  a.bus.tell("last");
  await b.event(`told ${a.self} "last"`);
  const sent = a.nats.client.stats().outMsgs - before;
  assert(sent < 20, `${sent} messages`); // 3 and 4 pieces, and a beat or two
  assertEquals(
    b.events.filter(({ text }) => text.startsWith("told")).map(({ text }) => text.split(" ")[2]),
    [...Array.from({ length: 100 }, (_, i) => `{"i":${i}}`), `"${long}"`, `"last"`],
  );
  assertEquals(await Promise.all(answers), [
    ...Array.from({ length: 100 }, (_, i) => [a.self, i]),
    [a.self, long],
  ]);
  // What was asked before "last" was told came before it.
  const order = b.events.map(({ text }) => text.slice(0, 60)).filter((text) =>
    /asked|told/.test(text)
  );
  assertEquals(order.at(-1), `told ${a.self} "last"`);
  assertEquals(a.events.length, 1, "nobody hears themselves");
});

Deno.test("a node that has started has told the others that it knows them", async () => {
  await using server = await NatsServer.start();
  await using a = await BusNode.start(server.address);
  await using b = await BusNode.start(server.address);
  assertEquals([...b.bus.nodes], [a.self]);
});

Deno.test("what goes wrong with a question is an UnavailableError, at once where that is known", async () => {
  await using server = await NatsServer.start();
  const pending = Promise.withResolvers<unknown>();
  const answer = (_: string, question: unknown): unknown => {
    if (question === "throw") throw new TypeError("no");
    if (question === "reject") return Promise.reject(new UnavailableError("not now"));
    return `${question}`.startsWith("wait") ? pending.promise : question;
  };
  await using nodes = await two(server.address, { answer });
  const { a, b } = nodes;
  const fails = async (question: unknown, node: string, seconds?: number): Promise<string> =>
    (await assertRejects(() => a.bus.ask(node, question, seconds), UnavailableError)).message;
  assertEquals(await fails("throw", b.self), `node ${b.self} failed to answer`);
  assertEquals(await fails("reject", b.self), `node ${b.self} failed to answer`);
  assertEquals(b.log.of("a question has failed").length, 1);
  assertEquals(await fails(1, "0123456789abcdef"), "node 0123456789abcdef is not there");
  assertEquals(await fails("wait", b.self, 0.05), `node ${b.self} did not answer within 0.05 s`);
  // One that was heard and listens no more: NATS says so.
  const ghost = "00000000000000aa";
  const beat = { node: ghost, number: 1, heard: {}, told: 0, position: 0, users: 0, address: "x" };
  b.nats.client.publish("jim.beat", JSON.stringify(beat));
  await a.event(`came ${ghost}`);
  assertEquals(await fails(1, ghost), `node ${ghost} does not listen`);
  // One that leaves.
  const asked = fails("wait long", b.self);
  await b.event(`asked ${a.self} "wait long"`);
  const left = b.bus[Symbol.asyncDispose]();
  assertEquals(await asked, `node ${b.self} has gone`);
  await left;
  await assertRejects(() => b.bus.ask(a.self, 1), UnavailableError, "this node is cut off");
});

/** A batch that takes a number of answers, and notes what becomes of it. */
class NotedBatch implements Batch {
  readonly items: unknown[] = [];
  readonly heard: unknown[] = [];
  readonly over = Promise.withResolvers<void>();
  left = 1;

  close(): unknown {
    return this.items.splice(0);
  }

  take(answer: unknown): boolean {
    this.heard.push(answer);
    if (--this.left === 0) this.over.resolve();
    return this.left > 0;
  }

  fail({ message }: UnavailableError): void {
    this.heard.push(message);
    this.over.resolve();
  }
}

Deno.test("a batch leaves when its turn ends, is answered in parts, and fails for what is missing when the node goes", async () => {
  await using server = await NatsServer.start();
  const further: ((answer: unknown) => void)[] = [];
  const answer = (_: string, question: unknown, more: (answer: unknown) => void): unknown => {
    further.push(more);
    return question;
  };
  await using nodes = await two(server.address, { answer });
  const { a, b } = nodes;

  const batch = new NotedBatch();
  batch.left = 3;
  a.bus.askAll(b.self, batch);
  batch.items.push(1, 2);
  const other = a.bus.ask(b.self, "behind it");
  batch.items.push("too late");
  assertEquals(await other, "behind it");
  assertEquals(batch.heard, [[1, 2]]);
  further[0]!("second");
  further[0]!("third");
  further[0]!("too many");
  await batch.over.promise;
  assertEquals(batch.heard, [[1, 2], "second", "third"]);

  const long = new NotedBatch();
  a.bus.askAll(b.self, long);
  const text = "ж".repeat(700_000); // two messages of NATS
  long.items.push(text);
  await long.over.promise;
  assertEquals(long.heard, [[text]]);

  const cut = new NotedBatch();
  cut.left = 2;
  a.bus.askAll(b.self, cut);
  cut.items.push("cut");
  await b.event(`asked ${a.self} ["cut"]`);
  const left = b.bus[Symbol.asyncDispose]();
  await cut.over.promise;
  await left;
  assertEquals(cut.heard.at(-1), `node ${b.self} has gone`);

  const refused = new NotedBatch();
  a.bus.askAll(b.self, refused);
  assertEquals(refused.heard, [`node ${b.self} is not there`]);
  const fenced = new NotedBatch();
  b.bus.askAll(a.self, fenced);
  assertEquals(fenced.heard, ["this node is cut off"]);
});

Deno.test("words that are lost are noticed with the next word or the next beat", async () => {
  await using server = await NatsServer.start();
  await using nodes = await two(server.address);
  const { a, b } = nodes;
  a.bus.tell(1);
  await b.event(`told ${a.self} 1`);
  // A piece that only b did not get: it is told that there were more.
  const { client } = b.nats;
  client.publish(`jim.told.${a.self}`, "3=[3]");
  await b.event(`told ${a.self} 3`);
  assertEquals(b.events.slice(-2).map(({ text }) => text), [
    `missed ${a.self}`,
    `told ${a.self} 3`,
  ]);
  a.bus.tell("late"); // number 2 again: it is old
  await a.bus.ask(b.self, 0);
  assertEquals(b.events.at(-1)!.text, `asked ${a.self} 0`);
  // A beat knows of more than has come.
  const beat = {
    node: a.self,
    number: 1e9,
    heard: {},
    told: 9,
    position: 77,
    users: 0,
    address: "x",
  };
  client.publish("jim.beat", JSON.stringify(beat));
  await client.flush();
  await settle();
  assertEquals(b.events.at(-1)!.text, `missed ${a.self}`);
  assertEquals(b.highest, 77);
});

Deno.test("bytes that are no words break nothing, and are logged once per node", async () => {
  await using server = await NatsServer.start();
  await using nodes = await two(server.address);
  const { a, b } = nodes;
  await using stranger = await connectNats([server.address]);
  const { client } = stranger;
  const ghost = "00000000000000aa";
  const beat = { node: ghost, number: 1, heard: {}, told: 0, position: 0, users: 0, address: "x" };
  client.publish("jim.beat", JSON.stringify(beat));
  await b.event(`came ${ghost}`);
  const junk = [
    "",
    "x",
    "5=",
    "6={",
    "7={}",
    "8=\x00",
    "9>[1]",
    "10-[",
    "99999999999999999999=[1]",
  ];
  for (const text of junk) {
    client.publish(`jim.told.${ghost}`, text);
    client.publish(`jim.node.${b.self}.${ghost}`, text);
    client.publish(`jim.answer.${b.self}.${ghost}`, text);
    client.publish("jim.beat", text);
    client.publish("jim.ended", text);
  }
  client.publish(`jim.told.${ghost}`, new Uint8Array([53, 48, 61, 0xff]));
  client.publish(`jim.node.${b.self}.${ghost}`, `60=[null,7,[],["1"],{}]`);
  client.publish(`jim.answer.${b.self}.${ghost}`, `60=[null,7,[],["1"],{},[1]]`);
  client.publish(`jim.told.nobody`, `1=[1]`);
  for (const heard of [null, 7, { x: 1 }, { [a.self]: -1 }]) {
    client.publish("jim.beat", JSON.stringify({ ...beat, number: 2, heard }));
  }
  await client.flush();
  assertEquals(await b.bus.ask(a.self, "still there"), [b.self, "still there"]);
  const said = b.log.records.filter(({ level }) => level === "warn" || level === "error");
  assertEquals(said.map(({ message }) => message).sort(), [
    "a beat cannot be read",
    "what a node says cannot be read; is it of another version?",
  ]);
  assertEquals(b.events.filter(({ text }) => /told|asked|gone/.test(text)), []);
});

Deno.test("one that starts again on the same database is known to be the only one; one that leaves is gone at once", async () => {
  await using server = await NatsServer.start();
  await using watcher = await BusNode.start(server.address, { copy: "w" });
  const first = { node: await BusNode.start(server.address, { copy: "d" }) };
  assertEquals(await first.node.names.take("alice"), true);
  const former = first.node.self;
  await using second = await BusNode.start(server.address, { copy: "d" });
  await watcher.event(`gone ${former}`);
  assertEquals(await second.names.take("alice"), true);
  // Were it alive after all, it would learn of it and begin anew.
  await first.node.event("fenced the others took it for dead");
  await first.node.event("restored");
  await watcher.event(`came ${first.node.self}`);
  assertEquals(await first.node.names.take("alice"), second.self);
  await first.node[Symbol.asyncDispose]();
  await watcher.event(`gone ${first.node.self}`, 1);
  const said = watcher.log.records.map(({ message }) => message).filter((text) =>
    /^node /.test(text)
  );
  assertEquals(said.filter((text) => text !== "node came"), ["node dead", "node left"]);
});

Deno.test("what is said when the connection is closed already goes nowhere", async () => {
  await using server = await NatsServer.start();
  await using nodes = await two(server.address);
  const { a, b } = nodes;
  await a.nats.client.close();
  a.bus.tell("nothing");
  const asked = assertRejects(() => a.bus.ask(b.self, 1, 0.05), UnavailableError);
  await settle();
  await asked;
  assertEquals(a.log.of("nothing is sent").length, 2);
});
