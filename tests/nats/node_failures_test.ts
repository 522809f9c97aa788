import { assert, assertEquals } from "@std/assert";

import { account, back, code, guest, NodeGroup, quit, soon, upTo } from "../support/node_group.ts";
import type { Frame } from "../support/raw_client.ts";

const msg = (to: string, message: string, more: object = {}): object => ({
  event: "msg",
  to,
  message,
  ...more,
});
const join = (room: string, more: object = {}): object => ({ event: "join", room, ...more });
const presence = (name: string): object => ({ event: "presence", user: { account_name: name } });

/** Seconds that something takes, and what came of it. */
async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const from = performance.now();
  return [await work, (performance.now() - from) / 1000];
}

/** A node dies without a word; one ends; one comes back without its database. */
async function nodesEnd(): Promise<void> {
  await using nodes = await NodeGroup.start(3);
  const { a, b, c } = nodes;
  const witness = await account(a, "witness");
  const victim = await account(b, "victim");
  const visitor = await guest(b, "visitor");
  await witness.ask(join("#ends"));
  for (const client of [victim, visitor]) await client.ask(join("#ends"));
  await soon(witness, { event: "who", room: "#ends" }, ({ total }) => total === 3);
  const seqs: unknown[] = [];
  for (let index = 0; index < 20; index++) {
    const { response, seq } = await (index % 2 === 0 ? witness : victim)
      .ask(msg("#ends", `before ${index}`));
    assertEquals(response, 200);
    seqs.push(seq);
  }
  await witness.pending();

  const killedAt = performance.now();
  b.kill("SIGKILL");
  const left = new Set<unknown>();
  while (left.size < 2) left.add((await upTo(witness, (frame) => "left" in frame)).at(-1)!.left);
  assertEquals(left, new Set(["victim", "visitor"]));
  const other = await c.connect();
  await soon(other, presence("visitor"), ({ response }) => response === 200);
  const returned = await back(a, "victim");
  const seconds = (performance.now() - killedAt) / 1000;
  assert(seconds < 10, `${seconds} s`);
  assertEquals(await code(returned, join("#ends")), 200);
  assertEquals(await code(returned, msg("#ends", "from elsewhere")), 200);

  // It comes back, without its database: it has everything again when it listens.
  await b.ended();
  for (const end of ["", "-wal", "-shm"]) {
    await Deno.remove(nodes.db(1) + end).catch((error) =>
      assert(error instanceof Deno.errors.NotFound)
    );
  }
  const restored = await nodes.startNode(1);
  const reader = await guest(restored, "reader");
  const { messages, role } = await reader.ask(join("#ends", { history: 100 }));
  assertEquals(role, "member");
  assertEquals((messages as Frame[]).map(({ seq }) => seq).slice(0, 20), seqs);
  assertEquals((messages as Frame[]).map(({ message }) => message).slice(18), [
    "before 18",
    "before 19",
    "from elsewhere",
  ]);
  await quit(returned);
  const atHome = await back(restored, "victim");
  assertEquals(await code(atHome, join("#ends")), 200);
  await witness.pending();
  const { seq } = await atHome.ask(msg("#ends", "at home"));
  assert(Number(seq) > Number(seqs.at(-1)));
  // That somebody has come may be told at any moment.
  assertEquals((await upTo(witness, ({ event }) => event === "msg")).at(-1)!.seq, seq);

  // One ends in order: its names are free at once, and it says goodbye.
  const guestOfC = other;
  await guestOfC.ask(join("#ends"));
  await upTo(witness, ({ joined }) => joined === "visitor");
  c.kill("SIGTERM");
  const { frames } = await guestOfC.ended();
  assertEquals(frames.at(-1)!.reason, "shutdown");
  await upTo(witness, (frame) => frame.left === "visitor");
  const again = await a.connect();
  await soon(again, presence("visitor"), ({ response }) => response === 200);
  const end = await c.ended();
  assertEquals([end.code, end.signal], [0, null]);
  const started = await nodes.startNode(2);
  assertEquals((await (await guest(started, "late")).ask(join("#ends"))).last, seq);
}

/** NATS is away for 3 s, and then for 15 s. */
async function natsEnds(): Promise<void> {
  await using nodes = await NodeGroup.start(2);
  const { a, b, nats } = nodes;
  const [one, two] = [await guest(a, "one"), await guest(a, "two")];
  const [writer, far] = [await guest(a, "writer"), await guest(b, "far")];
  const [here, there] = [await account(a, "here"), await account(b, "there")];
  for (const client of [one, two]) await client.ask(join("#local"));
  for (const client of [here, there]) await client.ask(join("#kept"));
  await soon(here, { event: "who", room: "#kept" }, ({ total }) => total === 2);
  assertEquals(await code(here, msg("there", "before")), 200);
  for (const client of [one, two, here, there]) await client.pending();

  await nats.kill();
  // What is this node's alone goes on.
  for (const request of [msg("two", "local"), msg("#local", "local")]) {
    const [answer, seconds] = await timed(one.ask(request));
    assertEquals(answer.response, 200, answer.error);
    assert(seconds < 0.5, `${seconds} s`);
    assertEquals((await two.frame()).message, "local");
  }
  for (const request of [{ event: "probe" }, { event: "who" }, { event: "who", room: "#local" }]) {
    assertEquals(await code(one, request), 200);
  }
  // What is kept, and who comes, waits and is done when NATS is back; a question that is lost is answered 500.
  const kept = here.ask(msg("#kept", "meanwhile", { id: "k" }));
  const newcomer = await a.connect();
  const coming = newcomer.ask(presence("newcomer"));
  const late = ["far", "nobody"].map((name) => timed(writer.ask(msg(name, "hi", { id: name }))));
  await new Promise((resolve) => setTimeout(resolve, 3_000)); // NATS is away for so long
  await nats.restart();
  assertEquals((await kept).response, 200);
  assertEquals((await coming).response, 200);
  for (const [{ response, error }, seconds] of await Promise.all(late)) {
    assertEquals(response, 500, error);
    assert(seconds < 6, `${seconds} s`);
  }
  assertEquals(await far.pending(), []);
  assertEquals(await code(writer, msg("far", "again")), 200);
  assertEquals((await upTo(there, ({ message }) => message === "meanwhile")).length, 1);
  assertEquals(await code(there, msg("here", "well again")), 200);
  assertEquals((await here.frame()).message, "well again");
  assertEquals(await code(newcomer, msg("there", "hi")), 200);

  await nats.kill();
  const awayAt = performance.now();
  const since = () => (performance.now() - awayAt) / 1000;
  const waiting = here.ask(msg("there", "lost?", { id: "lost" })).catch(() => "closed" as const);
  const fenced = await Promise.all([one, two, there].map(async (client) => {
    const { frames } = await client.ended();
    return [frames.at(-1)?.response, frames.at(-1)?.reason, since() < 8];
  }));
  assertEquals(fenced, Array(3).fill([101, "fenced", true]));
  const outcome = await waiting;
  assert(outcome === "closed" || outcome.response === 500, JSON.stringify(outcome));
  for (const node of [a, b]) assertEquals(await admits(node), false);
  await new Promise((resolve) => setTimeout(resolve, 12_000 - since() * 1000)); // NATS is away for so long
  for (const node of [a, b]) assertEquals(await admits(node), false);
  await nats.restart();
  await Promise.all([a, b].map(async (node) => {
    while (!await admits(node)) await new Promise((resolve) => setTimeout(resolve, 50));
  }));
  const [again, elsewhere] = [await back(b, "here"), await back(a, "there")];
  for (const client of [again, elsewhere]) {
    assertEquals(await code(client, join("#kept")), 200);
  }
  await soon(again, { event: "who", room: "#kept" }, ({ total }) => total === 2);
  await elsewhere.pending();
  const { seq } = await again.ask(msg("#kept", "after all"));
  assertEquals((await elsewhere.frame()).seq, seq);
  // Whether or not it was kept, it is there once.
  assertEquals(await code(again, msg("there", "lost?", { id: "lost" })), 200);
  const { messages } = await elsewhere.ask({ event: "history", with: "here" });
  assertEquals((messages as Frame[]).filter(({ message }) => message === "lost?").length, 1);
}

/** A process stands still for so long that the others take it for dead; then it goes on. */
async function nodeStops(): Promise<void> {
  await using nodes = await NodeGroup.start(2);
  const { a, b } = nodes;
  const sleeper = await account(b, "sleeper");
  const witness = await account(a, "witness");
  for (const client of [sleeper, witness]) await client.ask(join("#naps"));
  await soon(witness, { event: "who", room: "#naps" }, ({ total }) => total === 2);
  await witness.pending();
  b.kill("SIGSTOP");
  try {
    // What is answered by the addressee's node is not known.
    const [{ response }, seconds] = await timed(witness.ask(msg("sleeper", "there?", { id: "t" })));
    assertEquals([response, seconds < 6], [500, true]);
    assertEquals((await upTo(witness, (frame) => "left" in frame)).at(-1)!.left, "sleeper");
    const elsewhere = await a.connect();
    const user = { account_name: "sleeper", password: "correct horse" };
    await soon(elsewhere, { event: "authenticate", user }, ({ response }) => response === 200);
    assertEquals(await code(elsewhere, join("#naps")), 200);
    const { seq } = await witness.ask(msg("#naps", "while it sleeps"));
    assertEquals((await elsewhere.frame()).seq, seq);
    // Asked under the same id again: it is there once, whatever the node that stands still does later.
    assertEquals(await code(witness, msg("sleeper", "there?", { id: "t" })), 200);
    b.kill("SIGCONT");
    const { frames } = await sleeper.ended();
    assertEquals(frames.at(-1)?.reason, "fenced");
    while (!await admits(b)) await new Promise((resolve) => setTimeout(resolve, 50));
    const reader = await guest(b, "reader");
    const { messages, users } = await reader.ask(join("#naps", { history: 100 }));
    assertEquals((messages as Frame[]).map(({ message }) => message), ["while it sleeps"]);
    assertEquals(users, ["reader", "sleeper", "witness"]);
    const kept = await elsewhere.ask({ event: "history", with: "witness" });
    assertEquals((kept.messages as Frame[]).map(({ message }) => message), ["there?"]);
  } finally {
    b.kill("SIGCONT");
  }
}

/** NATS stands still, then dies and comes back, while people write to a room on both nodes. */
async function natsStumbles(): Promise<void> {
  await using nodes = await NodeGroup.start(2);
  const { a, b, nats } = nodes;
  const speakers = [await account(a, "speaker-a"), await account(b, "speaker-b")];
  const watchers = [await guest(a, "watcher-a"), await guest(b, "watcher-b")];
  for (const client of [...speakers, ...watchers]) await client.ask(join("#stumble"));
  for (const client of speakers) {
    await soon(client, { event: "who", room: "#stumble" }, ({ total }) => total === 4);
  }
  for (const client of watchers) await client.pending();
  const seqs = new Map<string, unknown>();
  let isOver = false;
  const speak = async (index: number): Promise<void> => {
    for (let n = 0; !isOver; n += 20) {
      const texts = Array.from({ length: 20 }, (_, i) => `${index} ${n + i}`);
      let open = texts;
      // What is not known is asked again under the same id.
      for (let tries = 0; open.length > 0; tries++) {
        assert(tries < 5, open.join());
        const client = speakers[index]!;
        await client.send(...open.map((text) => msg("#stumble", text, { id: text })));
        const answers: Frame[] = [];
        for (const _ of open) answers.push(await client.response());
        for (const { id, response, seq } of answers) if (response === 200) seqs.set(`${id}`, seq);
        open = open.filter((text) => !seqs.has(text));
      }
    }
  };
  const speaking = Promise.all([speak(0), speak(1)]);
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await soon(watchers[0]!, { event: "probe" }, () => seqs.size > 100);
  nats.signal("SIGSTOP");
  await pause(3_000); // NATS stands still for so long
  nats.signal("SIGCONT");
  const before = seqs.size;
  await soon(watchers[0]!, { event: "probe" }, () => seqs.size > before + 100);
  await nats.kill();
  await nats.restart();
  const after = seqs.size;
  await soon(watchers[0]!, { event: "probe" }, () => seqs.size > after + 100);
  isOver = true;
  await speaking;

  const all = [...seqs].sort(([, one], [, other]) => Number(one) - Number(other));
  const last = all.at(-1)![1];
  for (const client of watchers) {
    const got = (await upTo(client, ({ seq }) => seq === last)).filter(({ seq }) =>
      seq !== undefined
    );
    assertEquals(got.map(({ message, seq }) => [message, seq]), all);
  }
}

/** Whether a node takes connections and lets them in. */
async function admits(
  { address }: { address: { hostname: string; port: number } },
): Promise<boolean> {
  try {
    using conn = await Deno.connect(address);
    await conn.write(new TextEncoder().encode('{"event":"probe"}\n'));
    const buffer = new Uint8Array(1_000);
    const length = await conn.read(buffer);
    return length !== null && new TextDecoder().decode(buffer.subarray(0, length)).includes(":200");
  } catch (error) {
    if (
      error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.ConnectionReset
    ) {
      return false;
    }
    throw error;
  }
}

Deno.test("nodes and NATS may end: names are free again, nothing is lost, all goes on", async (t) => {
  const scenarios: [string, () => Promise<void>][] = [
    ["one of three is killed, one is made anew, one ends", nodesEnd],
    ["one stands still for longer than the others wait for it", nodeStops],
    ["NATS stands still, and is killed and started, under traffic", natsStumbles],
    ["NATS is away for 3 s, then for 12 s", natsEnds],
  ];
  // They wait most of the time: side by side they take as long as one.
  await Promise.all(scenarios.map(([name, fn]) => {
    const options = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
    return t.step({ name, fn, ...options });
  }));
});
