// Who joins with the number that they saw last has missed nothing and gets nothing twice, whatever is said meanwhile.
import { assert, assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";

import { type Clock, systemClock } from "../../common/clock.ts";
import { ChatServer } from "../../server/chat_server.ts";
import { Passwords } from "../../server/accounts/passwords.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import { login, presence, register } from "../support/account_fixture.ts";
import { seededRandom } from "../support/random.ts";
import { DEADLINE_MS, withDeadline } from "../support/raw_client.ts";
import { CHEAP, computeAtOnce } from "../support/server_fixture.ts";
import { storeWith } from "../support/store_with.ts";
import { MemoryConn, MemoryListener } from "../fuzz/memory_conn.ts";

const SEED = 20_260_101;
const ROOMS = 2;
const WRITERS_PER_ROOM = 3;
const READERS_PER_ROOM = 3;
const MESSAGES_PER_WRITER = 16_800;
/** Everything of this is one wait, and much work. */
const ALL_MS = 5 * DEADLINE_MS;
const MESSAGES_PER_ROOM = WRITERS_PER_ROOM * MESSAGES_PER_WRITER;
/** Turns of the event loop that a read takes at most. */
const SLOW_TURNS = 16;

/** Lets a busy server be patient with answers for a fraction of a millisecond only, where it would be for 40. */
const HASTY_CLOCK: Clock = {
  monotonicMs: () => 100 * systemClock.monotonicMs(),
  epochMs: () => systemClock.epochMs(),
  setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms),
  clearTimeout: (timer) => systemClock.clearTimeout(timer),
};

const encoder = new TextEncoder();

interface Answer {
  readonly response: number;
  readonly last: number;
  readonly more: boolean;
  readonly messages: readonly { readonly seq: number; readonly message: string }[];
}

/** The number of a delivered frame; `undefined` for every other line. Parsing half a million of them would take seconds. */
function seqOf(line: string): number | undefined {
  if (!line.startsWith('{"event":"msg"')) return undefined;
  return Number(/"seq":(\d+)\}$/.exec(line)![1]);
}

/** A client in this process. */
class Client {
  readonly #conn: MemoryConn;
  readonly #decoder = new TextDecoder();
  #lines: string[] = [];
  #at = 0;
  #rest = "";
  #news: (() => void) | undefined;

  constructor(listener: MemoryListener, port: number) {
    this.#conn = new MemoryConn(port);
    this.#conn.onWrite = (bytes) => {
      const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
      this.#rest = lines.pop()!;
      for (const line of lines) this.#lines.push(line);
      this.#news?.();
    };
    listener.offer(this.#conn);
  }

  send(...requests: readonly object[]): void {
    const text = requests.map((request) => JSON.stringify(request) + "\n").join("");
    this.#conn.feed(encoder.encode(text));
  }

  /** The next line. */
  async line(): Promise<string> {
    while (this.#at === this.#lines.length) {
      [this.#lines, this.#at] = [[], 0];
      await new Promise<void>((resolve) => this.#news = resolve);
    }
    return this.#lines[this.#at++]!;
  }

  /** The answer to the only request that waits for one; what is delivered before it goes to `onSeq`. */
  async answer(onSeq: (seq: number) => void): Promise<Answer> {
    for (;;) {
      const line = await this.line();
      const seq = seqOf(line);
      if (seq !== undefined) onSeq(seq);
      else if (!line.startsWith('{"response":1')) return JSON.parse(line);
    }
  }

  async ask(request: object, onSeq: (seq: number) => void = () => {}): Promise<Answer> {
    this.send(request);
    return await this.answer(onSeq);
  }

  hangUp(): void {
    this.#conn.end();
  }
}

/** What somebody has of a room: all numbers from the first to the last, each once, in order. */
class Seen {
  last: number;

  constructor(last: number) {
    this.last = last;
  }

  add(seq: number, how: string): void {
    assertEquals(seq, this.last + 1, `${how}: ${seq} behind ${this.last}`);
    this.last = seq;
  }
}

/** The highest number that a writer knows of, by room. */
const progress = new Map<string, number>();

/** Speaks in a room as fast as answers come, and checks that it hears everybody else. */
async function write(client: Client, room: string, random: () => number): Promise<void> {
  const heard: number[] = [];
  const own: number[] = [];
  for (let said = 0; said < MESSAGES_PER_WRITER;) {
    const count = Math.min(MESSAGES_PER_WRITER - said, 1 + Math.floor(random() * 100));
    const batch = Array.from({ length: count }, (_, n) => ({
      ...{ event: "msg", to: room, message: `${said + n}` },
      ...(random() < 0.02 && { id: `${said + n}` }),
    }));
    client.send(...batch);
    said += count;
    for (let n = 0; n < count;) {
      const line = await client.line();
      const seq = seqOf(line);
      if (seq !== undefined) heard.push(seq);
      else if (line.startsWith('{"response":2')) {
        own.push(Number(/"seq":(\d+)\}$/.exec(line)![1]));
        progress.set(room, Math.max(progress.get(room) ?? 0, own.at(-1)!));
        n++;
      } else assert(line.startsWith('{"response":1'), line);
    }
  }
  while (heard.length + own.length < MESSAGES_PER_ROOM) {
    const seq = seqOf(await client.line());
    if (seq !== undefined) heard.push(seq);
  }
  for (const list of [heard, own]) {
    assert(list.every((seq, n) => n === 0 || seq > list[n - 1]!), "rising");
  }
  assertEquals(new Set([...heard, ...own]).size, MESSAGES_PER_ROOM, "each number once");
}

/** What readers did, so that the test knows that it has tested something. */
const tally = { joins: 0, again: 0, paged: 0, missed: 0 };

/** Joins with the number that was seen last, and pages where the answer says that there is more. */
async function join(client: Client, room: string, seen: Seen, isMember: boolean): Promise<void> {
  const after = seen.last;
  const before: number[] = [];
  const answer = await client.ask({ event: "join", room, after }, (seq) => before.push(seq));
  assertEquals(answer.response, 200);
  assert(isMember || before.length === 0, "nothing is delivered before one is in");
  assert(
    before.every((seq) => seq <= answer.last),
    `${before} before the answer up to ${answer.last}`,
  );
  // To a member, messages may be delivered between the request and the reading: these are in both.
  for (const { seq } of answer.messages) seen.add(seq, "answer");
  tally.joins++;
  tally.missed += answer.messages.length;
  if (isMember) tally.again++;
  const live: number[] = [];
  for (let { more } = answer; more && seen.last < answer.last;) {
    tally.paged++;
    const page = await client.ask(
      { event: "history", with: room, after: seen.last, limit: 100 },
      (seq) => live.push(seq),
    );
    for (const { seq } of page.messages) if (seq <= answer.last) seen.add(seq, "page");
    more = page.more;
  }
  assertEquals(seen.last, Math.max(after, answer.last), "all up to last");
  for (const seq of live) seen.add(seq, "delivered while paging");
}

/** Comes and goes until all is said, and checks that nothing is missed. */
async function read(
  connect: () => Promise<Client>,
  room: string,
  random: () => number,
): Promise<void> {
  let client = await connect();
  const seen = new Seen(0);
  await join(client, room, seen, false);
  while (seen.last < MESSAGES_PER_ROOM) {
    for (let left = random() * 300; left > 0 && seen.last < MESSAGES_PER_ROOM; left--) {
      const seq = seqOf(await client.line());
      if (seq !== undefined) seen.add(seq, "delivered");
    }
    const chance = random();
    if (chance < 0.3) {
      await join(client, room, seen, true);
      continue;
    }
    if (chance < 0.8) {
      const { response } = await client.ask(
        { event: "leave", room },
        (seq) => seen.add(seq, "before leaving"),
      );
      assertEquals(response, 200);
    } else {
      await client.ask({ event: "quit" }, (seq) => seen.add(seq, "before quitting"));
      client.hangUp();
      client = await connect();
    }
    const until = Math.min(seen.last + random() * 400, MESSAGES_PER_ROOM);
    while ((progress.get(room) ?? 0) < until) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await join(client, room, seen, false);
  }
}

Deno.test("100 000 messages: members who come and go at any moment have each of them once, in order", async () => {
  assert(ROOMS * MESSAGES_PER_ROOM >= 100_000);
  const random = seededRandom(SEED);
  await using real = openSqliteStore(":memory:");
  const store = storeWith(real, {
    listMessages: async (...args) => {
      const page = await real.listMessages(...args);
      for (let turns = random() * SLOW_TURNS; turns > 1; turns--) {
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      return page;
    },
  });
  const passwords = new Passwords({ cost: CHEAP, compute: computeAtOnce });
  // A writer says nothing while it hears the others out, and would be probed by this clock on a busy machine.
  const probeInterval = 86_400;
  const settings = { rate: 0, work: 0, maxQueue: 1_048_576, maxAccountsPerIp: 0, probeInterval };
  const server = new ChatServer({ store, passwords, settings, clock: HASTY_CLOCK });
  const listener = new MemoryListener();
  const serving = server.serve(listener as unknown as Deno.Listener);
  let port = 0;
  const accounts = new Set<string>();
  const online = async (name: string, isGuest: boolean): Promise<Client> => {
    const client = new Client(listener, ++port);
    const request = isGuest ? presence(name) : accounts.has(name) ? login(name) : register(name);
    accounts.add(name);
    const { response } = await client.ask(request);
    assert(response === 200 || response === 201);
    return client;
  };
  const work: Promise<void>[] = [];
  for (let r = 0; r < ROOMS; r++) {
    const room = `#room${r}`;
    const writers: Client[] = [];
    for (let w = 0; w < WRITERS_PER_ROOM; w++) {
      const client = await online(`writer${r}${w}`, w > 0); // the account makes the room
      await client.ask({ event: "join", room });
      writers.push(client);
    }
    work.push(...writers.map((client) => write(client, room, random)));
    for (let n = 0; n < READERS_PER_ROOM; n++) {
      const connect = (): Promise<Client> => online(`reader${r}${n}`, n === 1);
      work.push(read(connect, room, random));
    }
  }
  await withDeadline(Promise.all(work), () => `the end of it; seed ${SEED}`, ALL_MS);
  assert(
    Object.values(tally).every((count) => count > 20),
    JSON.stringify(tally),
  );
  await server.shutdown();
  await serving;
});
