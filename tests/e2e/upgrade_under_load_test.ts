// A new server takes over the database of an old one while people write: what they notice, and what arrives.
import { assert, assertEquals, assertMatch } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { withDeadline } from "../support/raw_client.ts";
import { PASSWORD } from "../support/server_fixture.ts";
import { ServedTime } from "../support/served_time.ts";
import { ServerProcess } from "../support/server_process.ts";
import { startClient } from "../support/start_client.ts";
import type { Terminal } from "../support/terminal.ts";

const ROOM = "#dev";
const NAMES = ["ann", "ben", "cem", "dan", "eli"] as const;
/** Messages that each has on their way at once. */
const IN_FLIGHT = 4;
/** What is promised: so soon after the old server has ended is everybody back. */
const BACK_MS = 2_000;
/** Answers that each has before the old server is told to end, and once more under the new one. */
const ANSWERS = 100;

type Address = { hostname: string; port: number };

/** What was said to one room or user by one sender: `ann>#dev`. */
type Way = `${string}>${string}`;

/** Somebody who writes all the time, to the room and to the next one, and notes what becomes of it. */
class Writer {
  readonly name: string;
  readonly #next: string;
  readonly #client: JimClient;
  readonly #time: ServedTime;
  /** What was answered 200 with a number, or 202. */
  readonly accepted = new Map<Way, number[]>();
  /** What came, in its order. */
  readonly received = new Map<Way, number[]>();
  /** Numbers of what came from the room, in its order. */
  readonly seqs: number[] = [];
  /** What must not happen. */
  readonly faults: string[] = [];
  /** When it was online again. */
  backAt: number | undefined;
  #answers = 0;
  #isStopping = false;
  #news = Promise.withResolvers<void>();

  constructor(name: string, next: string, client: JimClient, time: ServedTime) {
    this.name = name;
    this.#next = next;
    this.#client = client;
    this.#time = time;
    this.#listen();
  }

  static async start(address: Address, index: number, time: ServedTime): Promise<Writer> {
    const name = NAMES[index]!;
    const client = await JimClient.connect({ ...address });
    await client.login(name, { password: PASSWORD, register: true });
    const writer = new Writer(name, NAMES[(index + 1) % NAMES.length]!, client, time);
    await client.join(ROOM);
    return writer;
  }

  /** Writes until it is told to stop and all is answered. */
  async write(): Promise<void> {
    let number = 0;
    const lane = async (): Promise<void> => {
      while (!this.#isStopping) {
        const n = ++number;
        const to = n % 2 === 0 ? ROOM : this.#next;
        const outcome = await this.#client.send(to, `${n}`);
        if (outcome.state === "refused") this.faults.push(`${to} ${n}: ${outcome.sentence}`);
        else note(this.accepted, `${this.name}>${to}`, n);
        this.#answers++;
        this.#tell();
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  }

  stop(): void {
    this.#isStopping = true;
  }

  /** Waits until so many more messages are answered. */
  async answered(count: number): Promise<void> {
    const goal = this.#answers + count;
    await this.#until(() => this.#answers >= goal, `answers to ${this.name}`);
  }

  /** Waits until it is online again. */
  async isBack(): Promise<number> {
    await this.#until(() => this.backAt !== undefined, `the return of ${this.name}`);
    return this.backAt!;
  }

  /** Waits until all has come that was accepted for it. */
  async gets(all: ReadonlyMap<Way, number[]>): Promise<void> {
    const count = (ways: ReadonlyMap<Way, number[]>): number =>
      ways.values().reduce((sum, { length }) => sum + length, 0);
    await this.#until(
      () => count(this.received) >= count(all),
      `${count(all)} messages to ${this.name}`,
    );
    // What comes twice comes before this answer.
    await this.#client.probe();
    await new Promise((resolve) => setImmediate(resolve));
  }

  quit(): Promise<void> {
    return this.#client.quit();
  }

  async #listen(): Promise<void> {
    for await (const event of this.#client.events()) {
      if (event.type === "message") {
        const { from, to, message, seq } = event.message;
        note(this.received, `${from}>${to}`, Number(message));
        if (to === ROOM) this.seqs.push(seq!);
      } else if (event.type === "online" && event.again) {
        this.backAt ??= this.#time.ms;
      } else if (event.type === "gap" || event.type === "room-lost" || event.type === "malformed") {
        this.faults.push(JSON.stringify(event));
      }
      this.#tell();
    }
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }

  async #until(isTrue: () => boolean, what: string): Promise<void> {
    const wait = async (): Promise<void> => {
      while (!isTrue()) await this.#news.promise;
    };
    await withDeadline(wait(), () => `${what}; ${this.faults}`);
  }
}

function note(ways: Map<Way, number[]>, way: Way, n: number): void {
  const list = ways.get(way);
  if (list === undefined) ways.set(way, [n]);
  else list.push(n);
}

/** What a writer has to get, by sender and place: what the others were told is accepted. */
function sentTo({ name }: Writer, writers: readonly Writer[]): ReadonlyMap<Way, number[]> {
  const others = writers.filter((writer) => writer.name !== name);
  const ways = others.flatMap(({ accepted }) => [...accepted]);
  return new Map(ways.filter(([way]) => way.endsWith(`>${ROOM}`) || way.endsWith(`>${name}`)));
}

/** The console of eve, who has an account. */
async function startConsole({ hostname, port }: Address): Promise<Terminal> {
  await using maker = await JimClient.connect({ hostname, port });
  await maker.login("eve", { password: PASSWORD, register: true });
  await maker.quit();
  const eve = startClient([hostname, `${port}`, "-n", "eve"], { columns: 100 });
  await eve.endsWith("Password for eve:");
  eve.enter(PASSWORD);
  await eve.endsWith("eve>");
  return eve;
}

Deno.test("a new server that waits for the old one: nothing is lost or doubled, all are back within 2 s, a person sees one line", () =>
  withDatabasePath(async (db) => {
    const options = { db, hashesCheaply: true };
    await using old = await ServerProcess.start(["--rate", "0"], options);
    const { address } = old;
    const writers: Writer[] = [];
    using time = new ServedTime();
    for (const index of NAMES.keys()) writers.push(await Writer.start(address, index, time));
    await using eve = await startConsole(address);
    const shown = eve.scrollback();
    const writing = writers.map((writer) => writer.write());

    await using fresh = await ServerProcess.begin(["--rate", "0", "--wait", "30"], {
      ...options,
      listenOn: ["-a", address.hostname, "-p", `${address.port}`],
    });
    await fresh.logs(`another server (process ${old.pid}) has it open`);
    await Promise.all(writers.map((writer) => writer.answered(ANSWERS)));
    old.kill("SIGTERM");
    const { code, stderr } = await old.ended();
    const freeAt = time.ms;
    const backAt = await Promise.all(writers.map((writer) => writer.isBack()));
    const awayMs = Math.max(...backAt) - freeAt;
    assert(awayMs < BACK_MS, `the last one was back ${awayMs} ms after the lock was free`);
    await eve.shows("Interrupted");
    await eve.endsWith("eve>");
    await Promise.all(writers.map((writer) => writer.answered(ANSWERS)));
    for (const writer of writers) writer.stop();
    await Promise.all(writing);

    for (const writer of writers) {
      const expected = sentTo(writer, writers);
      await writer.gets(expected);
      assertEquals(writer.faults, []);
      for (const [way, numbers] of expected) {
        assertEquals(writer.received.get(way), numbers, way);
      }
      assertEquals(writer.received.size, expected.size);
      assertEquals(writer.seqs, writer.seqs.toSorted((a, b) => a - b));
    }
    for (const writer of writers) await writer.quit();
    const seen = eve.scrollback();
    assertMatch(
      seen.slice(shown.lastIndexOf("eve>")),
      /^Interrupted \d\d:\d\d:\d\d, back \d\d:\d\d:\d\d\.\neve>\nonline$/,
    );
    const complaints = (stderr + fresh.stderr).match(/ (WARN|ERROR|CRITICAL) .*/g);
    assertEquals([code, complaints], [0, null]);
  }));
