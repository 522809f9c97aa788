/**
 * People who write to each other while servers come and go.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { withDeadline } from "./raw_client.ts";
import { PASSWORD } from "./server_fixture.ts";
import type { ServedTime } from "./served_time.ts";

/** Their names, as many as there are of them. */
export const WRITERS: readonly string[] = ["ann", "ben", "cem", "dan", "eli"];
/** Where all of them write. */
const ROOM = "#dev";
/** Messages that each has on their way at once. */
export const IN_FLIGHT = 4;
/** Direct messages that wait for one who is away: fewer than a mailbox takes of one sender. */
const MAX_BEHIND = 50;

type ConnectOptions = Parameters<typeof JimClient.connect>[0];

/** What was said to one room or user by one sender: `ann>#dev`. */
export type Way = `${string}>${string}`;

/** How a writer came back. */
export interface Return {
  /** When, by the clock that it was given. */
  readonly at: number;
  /** The port where it is now. */
  readonly port: number;
  /** Whether nothing was lost of its session. */
  readonly resumed: boolean;
}

/** Somebody who writes all the time, to the room and to the next one, and notes what becomes of it. */
export class Writer {
  readonly name: string;
  readonly #next: string;
  readonly #client: JimClient;
  readonly #time: ServedTime;
  readonly #writers: readonly Writer[];
  /** What was answered 200 with a number, or 202. */
  readonly accepted = new Map<Way, number[]>();
  /** What was answered 500: it has come or not. */
  readonly unsure = new Map<Way, number[]>();
  /** What came, in its order. */
  readonly received = new Map<Way, number[]>();
  /** Numbers of what came from the room, in its order. */
  readonly seqs: number[] = [];
  /** What must not happen. */
  readonly faults: string[] = [];
  /** Each time that it was online again. */
  readonly returns: Return[] = [];
  #answers = 0;
  #isStopping = false;
  #news = Promise.withResolvers<void>();

  private constructor(
    client: JimClient,
    names: readonly [own: string, next: string],
    writers: readonly Writer[],
    time: ServedTime,
  ) {
    this.#client = client;
    [this.name, this.#next] = names;
    this.#writers = writers;
    this.#time = time;
    this.#listen();
  }

  /**
   * Makes an account, is online with it and joins the other writers.
   *
   * @param time When it says that it was back.
   */
  static async start(
    options: ConnectOptions,
    writers: Writer[],
    time: ServedTime,
  ): Promise<void> {
    const [name, next] = [0, 1].map((step) => WRITERS[(writers.length + step) % WRITERS.length]!);
    const client = await JimClient.connect(options);
    await client.login(name!, { password: PASSWORD, register: true });
    writers.push(new Writer(client, [name!, next!], writers, time));
    await client.join(ROOM);
  }

  /** The port of the server, or of the node, that it is connected to. */
  get port(): number {
    return this.#client.node.port;
  }

  /** Writes until it is told to stop and all is answered. */
  async write(): Promise<void> {
    let number = 0;
    const lane = async (): Promise<void> => {
      while (!this.#isStopping) {
        await this.#isHeard(`${this.name}>${this.#next}`);
        const n = ++number; // nothing is waited for from here until it is sent: numbers go out in their order
        const to = n % 2 === 0 ? ROOM : this.#next;
        const { state, code, sentence } = await this.#client.send(to, `${n}`);
        if (state !== "refused") note(this.accepted, `${this.name}>${to}`, n);
        else if (code === 500) note(this.unsure, `${this.name}>${to}`, n);
        else this.faults.push(`${to} ${n}: ${sentence}`);
        this.#answers++;
        this.#tell();
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  }

  /** Has it write no more. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Waits until so many more messages are answered. */
  async answered(count: number): Promise<void> {
    const goal = this.#answers + count;
    await this.#until(() => this.#answers >= goal, `answers to ${this.name}`);
  }

  /** Waits until it has come back so often. */
  async isBack(times = 1): Promise<Return> {
    await this.#until(() => this.returns.length >= times, `the return of ${this.name}`);
    return this.returns[times - 1]!;
  }

  /** Waits until all has come that was accepted for it. */
  async gets(all: ReadonlyMap<Way, number[]>): Promise<void> {
    const missing = (): number[] =>
      all.entries().flatMap(([way, numbers]) => {
        const got = new Set(this.received.get(way));
        return numbers.filter((n) => !got.has(n));
      }).toArray();
    await this.#until(() => missing().length === 0, `${missing().length} messages`);
    // What comes twice comes before this answer.
    await this.#client.probe();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Says goodbye. */
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
        const { port } = this;
        this.returns.push({ at: this.#time.ms, port, resumed: event.resumed === true });
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

  /** Waits as long as too much of what it has sent has not come. */
  async #isHeard(way: Way): Promise<void> {
    const count = (ways: ReadonlyMap<Way, number[]>): number => ways.get(way)?.length ?? 0;
    const next = this.#writers.find(({ name }) => name === this.#next)!;
    const isHeard = (): boolean => count(next.received) >= count(this.accepted) - MAX_BEHIND;
    if (!isHeard()) await next.#until(isHeard, `what ${this.name} has sent to ${next.name}`);
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

/** What the others wrote to the room and to a writer, of what has become of it in one way. */
function writtenTo(
  { name }: Writer,
  writers: readonly Writer[],
  which: "accepted" | "unsure",
): ReadonlyMap<Way, number[]> {
  const others = writers.filter((writer) => writer.name !== name);
  const ways = others.flatMap((writer) => [...writer[which]]);
  return new Map(ways.filter(([way]) => way.endsWith(`>${ROOM}`) || way.endsWith(`>${name}`)));
}

/**
 * Has all of them stop, and asserts that what was accepted has come to each of them, once, and nothing else but what was
 * answered 500: that once at most. What was said in the room has come in order.
 *
 * @param isInOrder Whether what one has sent to another has, too: nodes do not promise it to who goes to another one.
 */
export async function assertAllCame(
  writers: readonly Writer[],
  writing: readonly Promise<void>[],
  isInOrder: boolean,
): Promise<void> {
  for (const writer of writers) writer.stop();
  await Promise.all(writing);
  for (const writer of writers) {
    const expected = writtenTo(writer, writers, "accepted");
    const unsure = writtenTo(writer, writers, "unsure");
    await writer.gets(expected);
    assertEquals(writer.faults, []);
    for (const [way, received] of writer.received) {
      const may = unsure.get(way) ?? [];
      const sure = [received.filter((n) => !may.includes(n)), expected.get(way)!];
      const isAnyOrder = !isInOrder && !way.endsWith(`>${ROOM}`);
      const [got, wanted] = isAnyOrder
        ? sure.map((numbers) => numbers.toSorted((a, b) => a - b))
        : sure;
      assertEquals(got, wanted, way);
      assertEquals(new Set(received).size, received.length, way);
    }
    assertEquals(writer.seqs, writer.seqs.toSorted((a, b) => a - b));
  }
}
