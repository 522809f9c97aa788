/**
 * One run of the chaos script.
 *
 * @module
 */

import { messageOf } from "../../common/errors.ts";
import { seededRandom } from "../../tests/support/random.ts";
import { now, pause } from "./chaos_client.ts";
import { check } from "./checker.ts";
import { type Fault, suffer } from "./faults.ts";
import type { ChaosRecord, Death, Presence } from "./record.ts";
import { Traffic, victim } from "./traffic.ts";
import type { Violation } from "./violation.ts";
import { World, type WorldSize } from "./world.ts";

/** How a run goes. */
export interface RunOptions extends WorldSize {
  /** Seconds of trouble at most. */
  readonly seconds: number;
  /** Where the random choices begin. */
  readonly seed: number;
  /** A folder of its own, which is there. */
  readonly folder: string;
  /** Which trouble there may be. */
  readonly faults: readonly Fault[];
  /** The trouble there is, what comes together in one list, instead of a random choice. */
  readonly plan?: readonly (readonly Trouble[])[];
  /**
   * Seconds that everything has to come to rest in the end.
   *
   * @default {12}
   */
  readonly restSeconds?: number;
  /** Told what happens. */
  readonly say: (line: string) => void;
}

/** One trouble. */
export interface Trouble {
  /** What. */
  readonly fault: Fault;
  /** Of which node, or NATS server, counted from 0. */
  readonly index: number;
  /** From 0 up to 1: where between its shortest and its longest. */
  readonly length: number;
}

/** What came of it. */
export interface Outcome {
  /** What the contract forbids. */
  readonly violations: readonly Violation[];
  /** How often there was which trouble. */
  readonly faults: ReadonlyMap<string, number>;
  /** Messages that were answered, by code. */
  readonly answers: ReadonlyMap<number, number>;
  /** Milliseconds from the first try of a message to an answer other than 500, sorted. */
  readonly waits: readonly number[];
  /** Milliseconds until the names of killed nodes were free. */
  readonly freed: readonly number[];
  /** All of it. */
  readonly record: ChaosRecord;
}

/** Between two troubles. */
const LULL_MS = 2_500;
/** The share of troubles that come in twos. */
const PAIRS = 0.3;
/** How long a name is tried. */
const PATIENCE_MS = 30_000;

/** Starts it all, makes trouble, lets it come to rest, and checks. */
export async function run(options: RunOptions): Promise<Outcome> {
  const { seconds, seed, folder, say, faults, restSeconds = 12 } = options;
  const random = seededRandom(seed);
  await using world = new World(options, folder);
  await world.start();
  const traffic = new Traffic({
    ...{ accounts: 5, guests: 4, random },
    nodes: () => world.addresses,
  });
  await traffic.prepare();
  traffic.start();
  const counts = new Map<string, number>();
  const freed: ChaosRecord["freed"][number][] = [];
  const watches: Promise<void>[] = [];
  let victims = 0;
  const presences: Presence[] = [];
  const over = new AbortController();
  try {
    const end = now() + seconds * 1_000;
    for (const troubles of options.plan ?? anyOf(faults, world.nodes.length, random)) {
      if (now() >= end) break;
      await pause(LULL_MS, over.signal);
      say(troubles.map(({ fault: { name }, index }) => `${name} (${index + 1})`).join(" and "));
      const withNats = troubles.some(({ fault }) => fault.isNats);
      await Promise.all(troubles.map(async ({ fault, index, length }) => {
        counts.set(fault.name, (counts.get(fault.name) ?? 0) + 1);
        const node = world.nodes[index]!;
        await fault.prepare?.(world, index);
        if (fault.frees) {
          const name = `victim${++victims}`;
          const isFree = await victim(name, node.address, () => {
            return world.addresses.filter(({ port }) => port !== node.port);
          }).catch((error) => say(`no victim: ${messageOf(error)}`));
          if (isFree) {
            const death: Death = { node: node.name, at: now(), withNats };
            watches.push(
              isFree(PATIENCE_MS).then((freeAt) => {
                freed.push({ name, death, freeAt });
              }),
            );
          }
        }
        await suffer(fault, world, index, length, over.signal);
      }));
    }
    world.heal();
    await traffic.hush();
    await Promise.all(watches);
    await pause(restSeconds * 1_000, over.signal);
    for (const { name, address } of world.nodes) {
      presences.push(...await traffic.presencesOf(name, address));
    }
  } finally {
    await traffic.end();
  }
  const finals = [];
  for (const node of world.nodes) finals.push(...await traffic.finalsOf(node.name, node.address));
  const ends = await world.end();
  const clients = traffic.clients.map((client) => client.record);
  const stops = world.nodes.flatMap((node) => node.stops);
  const record = { clients, finals, presences, freed, stops, ends };
  return { violations: check(record), faults: counts, ...measured(record), record };
}

/** One trouble after the other, now and then two at once: of two nodes, or of a node and NATS. */
function* anyOf(
  faults: readonly Fault[],
  nodes: number,
  random: () => number,
): Generator<Trouble[]> {
  const any = (): Trouble => ({
    fault: faults[Math.floor(random() * faults.length)]!,
    index: Math.floor(random() * nodes),
    length: random(),
  });
  for (;;) {
    const [one, other] = [any(), any()];
    const areTwo = random() < PAIRS && one.index !== other.index &&
      !(one.fault.isNats && other.fault.isNats) && !(one.fault.isAlone || other.fault.isAlone);
    yield areTwo ? [one, other] : [one];
  }
}

function measured(
  { clients, freed }: ChaosRecord,
): Pick<Outcome, "answers" | "waits" | "freed"> {
  const answers = new Map<number, number>();
  const waits: number[] = [];
  for (const { happenings } of clients) {
    const begun = new Map<string, number>();
    for (const it of happenings) {
      if (it.what === "sent" && !begun.has(it.text)) begun.set(it.text, it.at);
      if (it.what !== "answered") continue;
      answers.set(it.code, (answers.get(it.code) ?? 0) + 1);
      const at = begun.get(it.text);
      if (it.code !== 500 && at !== undefined) waits.push(it.at - at);
    }
  }
  return {
    answers,
    waits: waits.sort((a, b) => a - b),
    freed: freed.map(({ death, freeAt }) => (freeAt ?? Infinity) - death.at),
  };
}
