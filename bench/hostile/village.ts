/**
 * The well-behaved users of a server, and what they notice of an attack.
 *
 * @module
 */

import { Histogram } from "../soak/tally.ts";
import { LineClient } from "../line_client.ts";
import { OWNERS } from "./attacks.ts";
import { network } from "./networks.ts";
import { SocketLink } from "./socket_link.ts";

/** Who chats: guests in pairs, both of whom write. */
const PAIRS = 100;
/** Between two messages of one of them. */
const MESSAGE_EVERY_MS = 400;
/** Between two logins of one owner, and between two newcomers. */
const LOGIN_EVERY_MS = 300;
/** Somebody who waits for longer gives up. */
const PATIENCE_MS = 30_000;
/** What was answered has arrived by then, or is lost. */
const ARRIVAL_MS = 5_000;
const PASSWORD = "correct horse battery";
/** The group of networks that the travelling owner comes from, and that of newcomers. */
const TRAVELS = 100;
const NEWCOMERS = 101;

/** Times of things that succeed or fail, in milliseconds. */
export interface Times {
  /** How many were tried. */
  readonly tried: number;
  /** How many of them succeeded. */
  readonly done: number;
  /** Middle of the times of those that did; `NaN` if none did. */
  readonly p50: number;
  /** Their 99th percentile. */
  readonly p99: number;
}

/** What the users noticed for a while. */
export interface VillageSample {
  /** Messages between those who chat: done if they arrived. */
  readonly messages: Times;
  /** Logins of an owner from where they always come from. */
  readonly known: Times;
  /** Logins of an owner, each from a network of its own. */
  readonly travelling: Times;
  /** Guests who come for the first time. */
  readonly newcomers: Times;
  /** Messages that were answered 200 and did not arrive. */
  readonly lost: number;
  /** Of those who chat, how many were disconnected. */
  readonly dropped: number;
}

/** Counts what succeeds, with its time, and what fails. */
class Stopwatch {
  readonly #times = new Histogram();
  #tried = 0;

  /** Takes the time of something; it has failed if it rejects. */
  async time(work: () => Promise<void>): Promise<void> {
    this.#tried++;
    const start = performance.now();
    try {
      await within(PATIENCE_MS, work());
      this.#times.add(performance.now() - start);
    } catch {
      // Counted as tried, not as done.
    }
  }

  get result(): Times {
    const [p50, p99] = [this.#times.quantile(0.5), this.#times.quantile(0.99)];
    return { tried: this.#tried, done: this.#times.total, p50, p99 };
  }
}

/** Two hundred users who chat, two owners of accounts, and those who come for the first time. */
export class Village implements Disposable {
  readonly #port: number;
  readonly #clients: LineClient[] = [];
  /** By text: when it was sent, and whom to tell that it has come. */
  readonly #onWay = new Map<string, () => void>();
  #journeys = 0;

  private constructor(port: number) {
    this.#port = port;
  }

  /** Everybody comes online; the owners make their accounts. */
  static async settle(port: number): Promise<Village> {
    const village = new Village(port);
    const address = { hostname: "127.0.0.1", port };
    for (let i = 0; i < 2 * PAIRS; i++) {
      const client = await LineClient.online(address, villager(i));
      client.onFrame = (frame) => village.#arrived(String(frame.message));
      village.#clients.push(client);
    }
    for (const name of Object.values(OWNERS)) {
      using client = await LineClient.connect(address);
      const user = { account_name: name, password: PASSWORD };
      const { response } = await client.ask({ event: "authenticate", user, register: true });
      if (response !== 201) throw new Error(`${name} gets no account: ${response}`);
      await client.ask({ event: "quit" });
    }
    return village;
  }

  /** Lets everybody do what they always do, for some seconds. */
  async watch(seconds: number): Promise<VillageSample> {
    const [messages, known, travelling, newcomers] = [0, 0, 0, 0].map(() => new Stopwatch()) as [
      Stopwatch,
      Stopwatch,
      Stopwatch,
      Stopwatch,
    ];
    let lost = 0;
    const end = performance.now() + seconds * 1_000;
    const repeat = async (everyMs: number, work: () => Promise<void>): Promise<void> => {
      while (performance.now() < end) {
        const next = performance.now() + everyMs;
        await work();
        await pause(Math.max(1, next - performance.now()));
      }
    };
    await Promise.all([
      ...this.#clients.map(async (client, index) => {
        await pause(Math.random() * MESSAGE_EVERY_MS);
        await repeat(MESSAGE_EVERY_MS, () =>
          messages.time(async () => {
            if (!await this.#write(client, villager(index ^ 1))) lost++;
          }));
      }),
      repeat(LOGIN_EVERY_MS, () => known.time(() => this.#logIn(OWNERS.known, "127.0.0.1"))),
      repeat(
        LOGIN_EVERY_MS,
        () =>
          travelling.time(() => this.#logIn(OWNERS.travelling, network(TRAVELS, this.#journeys++))),
      ),
      repeat(LOGIN_EVERY_MS, () =>
        newcomers.time(async () => {
          using client = new LineClient(
            await SocketLink.connect(this.#port, network(NEWCOMERS, this.#journeys++)),
          );
          await client.enter(`newcomer${this.#journeys}`);
        })),
    ]);
    return {
      messages: messages.result,
      known: known.result,
      travelling: travelling.result,
      newcomers: newcomers.result,
      lost,
      dropped: this.#clients.filter((client) => client.hasEnded).length,
    };
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client.close();
  }

  /**
   * Sends a message and waits until it has come.
   *
   * @returns `false` if it was answered 200 and did not come.
   * @throws {Error} If it was not answered 200.
   */
  async #write(client: LineClient, to: string): Promise<boolean> {
    const message = crypto.randomUUID();
    const arrival = Promise.withResolvers<void>();
    this.#onWay.set(message, arrival.resolve);
    try {
      const { response } = await client.ask({ event: "msg", to, message });
      if (response !== 200) throw new Error(`a message was answered ${response}`);
      return await within(ARRIVAL_MS, arrival.promise).then(() => true, () => false);
    } finally {
      this.#onWay.delete(message);
    }
  }

  #arrived(message: string): void {
    this.#onWay.get(message)?.();
  }

  async #logIn(name: string, from: string): Promise<void> {
    using client = new LineClient(await SocketLink.connect(this.#port, from));
    const user = { account_name: name, password: PASSWORD };
    const { response } = await client.ask({ event: "authenticate", user });
    if (response !== 200) throw new Error(`a login was answered ${response}`);
    await client.ask({ event: "quit" });
  }
}

function villager(index: number): string {
  return `villager${index}`;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits for something, but not for ever. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it took too long")), milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
