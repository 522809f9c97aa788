/**
 * What is done to a server while others use it: each attack is a row, run by `attacker.ts` in a process of its own.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import { LineClient } from "../line_client.ts";
import { network } from "./networks.ts";
import { SocketLink } from "./socket_link.ts";

/** What an attack works with. */
export interface Siege {
  /** The server's port on 127.0.0.1. */
  readonly port: number;
  /** Aborted when it is time to stop. */
  readonly signal: AbortSignal;
  /** Something was achieved. */
  count(what: string, by?: number): void;
}

/** One way to take from others what is theirs. */
export interface Attack {
  /** Its name: in the report, and for `attacker.ts`. */
  readonly name: string;
  /** What is done, for people. */
  readonly title: string;
  /** What has to stand before it begins; a crowd, for instance. It stays until the signal is aborted. */
  prepare?(siege: Siege): Promise<void>;
  /** Goes on until the signal is aborted. Never rejects. */
  run(siege: Siege): Promise<void>;
}

/** Names whose owners have something to lose: one comes from where they always come from, one never does. */
export const OWNERS = { known: "anna", travelling: "boris" } as const;

/** Groups of networks: one for each attack, and one for the travelling owner. */
const GROUPS = {
  strangers: 1,
  registrations: 2,
  connections: 3,
  crowd: 4,
  disk: 5,
  greedy: 6,
} as const;

/** The attack of the scenario `work`: requests of a few bytes that make others work, from one address. */
export function greedy(): Attack {
  const asking = '{"event":"who"}\n'.repeat(100);
  const joining = Array.from(
    { length: LIMITS.maxRoomsPerSession },
    (_, room) => JSON.stringify({ event: "join", room: `#greedy${room}` }) + "\n",
  ).join("");
  const links: SocketLink[] = [];
  const come = async ({ port, signal, count }: Siege, index: number): Promise<SocketLink> => {
    const link = await SocketLink.connect(port, network(GROUPS.greedy, 0));
    signal.addEventListener("abort", () => link.close());
    await say(link, { event: "presence", user: { account_name: `greedy${index}` } });
    await link.read(new Uint8Array(1_024));
    count("connections");
    return link;
  };
  return {
    name: "greedy",
    title: "900 connections of one address enter 50 rooms each and ask for who without a pause",
    async prepare(siege) {
      await each(30, async (lane) => {
        for (let index = lane; index < 900; index += 30) links[index] = await come(siege, index);
      });
    },
    async run(siege) {
      await each(links.length, (index) =>
        forever(siege, async () => {
          let link = links[index]!;
          if (link.hasEnded) link = links[index] = await come(siege, index);
          const asked = (async () => {
            await sayText(link, joining);
            await forever(siege, () => sayText(link, asking), () => link.hasEnded);
          })();
          await drain(link, (bytes) => siege.count("MiB of answers", bytes / 2 ** 20));
          await asked;
        }));
    },
  };
}

/** The attacks of the scenario `hostile`, in the order in which they are run. */
export const ATTACKS: readonly Attack[] = [
  {
    name: "strangers",
    title: "50 networks guess at two owners' passwords",
    async run(siege) {
      await each(50, (index) =>
        forever(siege, async () => {
          using client = await connect(siege, network(GROUPS.strangers, index));
          for (const name of [OWNERS.known, OWNERS.travelling, OWNERS.known]) {
            const user = { account_name: name, password: "guess " + crypto.randomUUID() };
            const { response } = await client.ask({ event: "authenticate", user });
            siege.count(response === 402 ? "guesses" : "guesses refused");
            if (response !== 402) return;
          }
        }));
    },
  },
  {
    name: "registrations",
    title: "60 networks make accounts",
    async run(siege) {
      await each(60, (index) =>
        forever(siege, async () => {
          using client = await connect(siege, network(GROUPS.registrations, index));
          await register(siege, client);
        }));
    },
  },
  {
    name: "connections",
    title: "20 networks hold 600 connections each and say nothing",
    async run(siege) {
      const each20 = 600;
      await each(20, async (index) => {
        const held = new Set<SocketLink>();
        siege.signal.addEventListener("abort", () => held.forEach((link) => link.close()));
        await forever(siege, async () => {
          if (held.size >= each20) return await pause(50);
          const link = await SocketLink.connect(siege.port, network(GROUPS.connections, index));
          held.add(link);
          siege.count("connections");
          drain(link).then(() => held.delete(link));
        });
      });
    },
  },
  {
    name: "who",
    title: "20 connections of one network ask for lists of 1000 with statuses of controls",
    async prepare(siege) {
      const status = "\u0001".repeat(LIMITS.maxStatusChars);
      await each(10, async (lane) => {
        for (let index = 0; index < 100; index++) {
          const client = await connect(siege, network(GROUPS.crowd, lane));
          await client.enter(`crowd${lane}.${index}`, status);
          siege.signal.addEventListener("abort", () => client.close());
        }
      });
    },
    async run(siege) {
      await each(20, (index) =>
        forever(siege, async () => {
          const link = await SocketLink.connect(siege.port, network(GROUPS.crowd, 10));
          siege.signal.addEventListener("abort", () => link.close());
          await say(link, { event: "presence", user: { account_name: `asker${index}` } });
          const asking = forever(siege, async () => {
            for (let i = 0; i < 10; i++) await say(link, { event: "who" });
            await pause(100);
          });
          siege.count("MiB of answers", await drain(link) / 2 ** 20);
          await asking;
        }));
    },
  },
  {
    name: "disk",
    title: "one network makes accounts, fills their mailboxes, and uses up names",
    async run(siege) {
      const from = network(GROUPS.disk, 0);
      const message = "x".repeat(LIMITS.maxMessage);
      await Promise.all([
        each(10, () =>
          forever(siege, async () => {
            const to = await register(siege, await connect(siege, from), true);
            if (to === undefined) return;
            using sender = await connect(siege, from);
            await sender.enter(random());
            for (let code: unknown = 202; code === 202 && !siege.signal.aborted;) {
              code = (await sender.ask({ event: "msg", to, message, store: true })).response;
              if (code === 202) siege.count("letters");
            }
          })),
        each(10, () =>
          forever(siege, async () => {
            using client = await connect(siege, from);
            await client.enter(random());
            siege.count("names");
          })),
      ]);
    },
  },
];

async function connect({ port }: Siege, from: string): Promise<LineClient> {
  return new LineClient(await SocketLink.connect(port, from));
}

/** Makes an account under a random name; `undefined` if the server does not let it. */
async function register(
  siege: Siege,
  client: LineClient,
  hangUp = false,
): Promise<string | undefined> {
  const name = random();
  const user = { account_name: name, password: "correct horse" };
  const { response } = await client.ask({ event: "authenticate", user, register: true });
  siege.count(response === 201 ? "accounts" : "accounts refused");
  if (hangUp) client.close();
  return response === 201 ? name : undefined;
}

function random(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 16);
}

/** Does something again and again until it is time to stop; what fails is done again soon. */
async function forever(
  { signal, count }: Siege,
  work: () => Promise<void>,
  isOver: () => boolean = () => false,
): Promise<void> {
  while (!signal.aborted && !isOver()) {
    try {
      await work();
    } catch {
      if (!signal.aborted) count("failures");
    }
    await pause(5);
  }
}

async function each(count: number, work: (index: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function say(link: SocketLink, frame: object): Promise<void> {
  await sayText(link, JSON.stringify(frame) + "\n");
}

async function sayText(link: SocketLink, text: string): Promise<void> {
  await link.write(new TextEncoder().encode(text));
}

/** Reads to the end, telling of each read; resolves with how many bytes there were. */
async function drain(link: SocketLink, onBytes?: (bytes: number) => void): Promise<number> {
  const buffer = new Uint8Array(65_536);
  let bytes = 0;
  for (let count = await link.read(buffer); count !== null; count = await link.read(buffer)) {
    bytes += count;
    onBytes?.(count);
  }
  return bytes;
}
