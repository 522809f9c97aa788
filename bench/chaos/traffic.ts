/**
 * People of all kinds who talk while nodes die around them.
 *
 * @module
 */

import { type Address, LineClient } from "../line_client.ts";
import { ask, ChaosClient, now, pause, textsOf } from "./chaos_client.ts";
import type { FinalState, Presence } from "./record.ts";

const PASSWORD = "correct horse battery";
/** The rooms, which an account makes: what is said there is kept. */
const ROOMS = ["#north", "#south"] as const;
/** Milliseconds between two messages of one client. */
const EVERY_MS = 150;
/** What is refused is tried again after so long. */
const RETRY_MS = 300;
/** A login in the end is tried for so long. */
const PATIENCE_MS = 30_000;

/** How much traffic. */
export interface TrafficOptions {
  /** Accounts; at least 2. */
  readonly accounts: number;
  /** Guests. */
  readonly guests: number;
  /** Where clients may connect. */
  readonly nodes: () => readonly Address[];
  /** Random numbers from 0 up to 1. */
  readonly random: () => number;
}

/** All clients. */
export class Traffic {
  /** The clients. */
  readonly clients: readonly ChaosClient[];
  readonly #options: TrafficOptions;
  readonly #accounts: readonly string[];
  readonly #stop = new AbortController();
  readonly #quiet = new AbortController();
  #work: Promise<unknown>[] = [];
  #count = 0;

  /** Nobody is there yet. */
  constructor(options: TrafficOptions) {
    this.#options = options;
    const { nodes, random } = options;
    const { signal } = this.#stop;
    this.#accounts = Array.from({ length: options.accounts }, (_, i) => `account${i + 1}`);
    const guests = Array.from({ length: options.guests }, (_, i) => `guest${i + 1}`);
    const shared = { nodes, random, signal, rooms: ROOMS };
    // Two clients of one name each: they compete for it.
    const doubles = guests.slice(0, 2);
    // The last account is away now and then: it gets letters.
    const naps = this.#quiet.signal;
    const sleeper = this.#accounts.at(-1);
    this.clients = [
      ...this.#accounts.map((name) =>
        new ChaosClient({
          ...{ client: name, name, password: PASSWORD, ...shared },
          ...(name === sleeper && { naps }),
        })
      ),
      ...guests.map((name) => new ChaosClient({ client: name, name, ...shared })),
      ...doubles.map((name) => new ChaosClient({ client: `${name}'s rival`, name, ...shared })),
    ];
  }

  /** Makes the accounts and the rooms. */
  async prepare(): Promise<void> {
    for (const [index, name] of this.#accounts.entries()) {
      const nodes = this.#options.nodes();
      using client = await LineClient.connect(nodes[index % nodes.length]!);
      const user = { account_name: name, password: PASSWORD };
      const { response } = await client.ask({ event: "authenticate", user, register: true });
      if (response !== 201) throw new Error(`${name} got no account: ${response}`);
      if (index === 0) { for (const room of ROOMS) await client.ask({ event: "join", room }); }
      await client.ask({ event: "quit" });
    }
  }

  /** Everybody comes and talks. */
  start(): void {
    this.#work = this.clients.flatMap((client) => [client.run(), this.#talk(client)]);
  }

  /** Nobody says anything new; what was begun is brought to its end. */
  async hush(): Promise<void> {
    this.#quiet.abort();
    await pause(RETRY_MS, this.#stop.signal);
  }

  /** Everybody goes. */
  async end(): Promise<void> {
    this.#quiet.abort();
    for (const client of this.clients) client.noteStay();
    this.#stop.abort();
    await Promise.all(this.#work);
  }

  async #talk(client: ChaosClient): Promise<void> {
    const { random } = this.#options;
    const { name, isAccount } = client.record;
    while (!this.#quiet.signal.aborted) {
      await pause(EVERY_MS * (0.5 + random()), this.#quiet.signal);
      if (this.#quiet.signal.aborted) return;
      const text = `${client.record.client} ${++this.#count}`;
      const choice = random();
      if (choice < 0.55) {
        const room = ROOMS[Math.floor(random() * ROOMS.length)]!;
        await client.say(room, text, false);
        if (isAccount && random() < 0.1) await this.#takeBack(client, room, text);
      } else if (choice < 0.95) {
        const others = this.#accounts.filter((other) => other !== name);
        await client.say(others[Math.floor(random() * others.length)]!, text, true);
      } else await client.read(ROOMS[0]);
    }
  }

  async #takeBack(client: ChaosClient, room: string, text: string): Promise<void> {
    const answered = client.record.happenings.findLast((it) =>
      it.what === "answered" && it.text === text && it.code === 200
    );
    if (answered?.what !== "answered" || answered.seq === undefined) return;
    await client.delete(room, answered.seq, text);
  }

  /** Who is there, as one node tells it, who asks left out. */
  async presencesOf(node: string, address: Address): Promise<Presence[]> {
    const name = `looker_at_${node}`;
    using client = await logIn(address, { event: "presence", user: { account_name: name } });
    const lists: Presence[] = [];
    for (const where of ["who", ...ROOMS]) {
      const room = where === "who" ? undefined : where;
      if (room !== undefined) await client.ask({ event: "join", room });
      const { users } = await client.ask({ event: "who", room });
      const all = (users as { account_name: string }[]).map(({ account_name }) => account_name);
      lists.push({ node, where, names: all.filter((other) => other !== name).sort() });
    }
    await client.ask({ event: "quit" });
    await client.ended;
    return lists;
  }

  /** All that is kept, as one node has it. */
  async finalsOf(node: string, address: Address): Promise<FinalState[]> {
    const finals: FinalState[] = [];
    for (const [index, name] of this.#accounts.entries()) {
      const user = { account_name: name, password: PASSWORD };
      using client = await logIn(address, { event: "authenticate", user, takeover: true });
      const others = this.#accounts.slice(index + 1);
      const places = [...(index === 0 ? ROOMS : []), ...others];
      for (const place of places) {
        if (place.startsWith("#")) await client.ask({ event: "join", room: place });
        const messages: { seq: number; text: string | undefined }[] = [];
        for (let after = 0, more = true; more;) {
          const answer = await client.ask({ event: "history", with: place, after, limit: 100 });
          if (answer.response === 404) break; // they never wrote to each other
          if (answer.response !== 200) throw new Error(`history of ${place}: ${answer.response}`);
          const page = textsOf(answer);
          messages.push(...page);
          after = page.at(-1)?.seq ?? after;
          more = answer.more === true && page.length > 0;
        }
        const conversation = place.startsWith("#") ? place : `${name} ${place}`;
        finals.push({ node, conversation, messages });
      }
      await client.ask({ event: "quit" });
    }
    return finals;
  }
}

/**
 * Logs in. While JetStream elects its leaders that is answered 500, and while a connection is not given up by its node yet
 * the name is taken.
 *
 * @throws {Error} If that takes too long.
 */
async function logIn(address: Address, request: object): Promise<LineClient> {
  let code: unknown;
  for (const end = now() + PATIENCE_MS; now() < end;) {
    const client = await LineClient.connect(address);
    const answer = await ask(client, request);
    code = answer?.response;
    if (code === 200) return client;
    client.close();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw new Error(`port ${address.port} lets nobody in in the end: ${code}`);
}

/**
 * Somebody whose node dies, and when the name is free.
 *
 * @returns Begins to try the name elsewhere; resolves with the time at which it was free, `undefined` if that takes
 * longer than `patienceMs`.
 */
export async function victim(
  name: string,
  at: Address,
  elsewhere: () => readonly Address[],
): Promise<(patienceMs: number) => Promise<number | undefined>> {
  const client = await LineClient.connect(at);
  const user = { account_name: name };
  const { response } = await client.ask({ event: "presence", user });
  if (response !== 200) {
    client.close();
    throw new Error(`${name} is not let in: ${response}`);
  }
  return async (patienceMs) => {
    const end = now() + patienceMs;
    let freeAt: number | undefined;
    // One of them may be stopped, or cut off.
    await Promise.any(
      elsewhere().map(async (node) => {
        while (freeAt === undefined && now() < end) {
          try {
            using again = await LineClient.connect(node);
            const answer = await ask(again, { event: "presence", user });
            if (answer?.response === 200) return freeAt ??= now();
          } catch {
            // That node has gone, too.
          }
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
        throw new Error("not free");
      }),
    ).catch(() => {});
    return freeAt;
  };
}
