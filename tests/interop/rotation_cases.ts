// Makes random cases of rotation, in the time zone of the process.
//
// Usage: TZ=ZONE deno run -A rotation_cases.ts SEED COMPUTATIONS RUNS
// Prints one line of JSON for each case.
import { writeText } from "../../common/output.ts";
import {
  type ComputeCase,
  rolloversOf,
  type RotationCase,
  type RunCase,
} from "../logs/support/rotation.ts";

const UNITS = ["S", "M", "H", "D", "MIDNIGHT", ...[..."0123456"].map((day) => `W${day}`)] as const;
const SECONDS: Record<string, number> = { S: 1, M: 60, H: 3600, D: 86_400, MIDNIGHT: 86_400 };
const WEEK = 7 * 86_400;
const FIRST = Date.UTC(2001, 0, 1) / 1000;
const LAST = Date.UTC(2037, 0, 1) / 1000;

/** Names beside which a rotated log has to live; none is a label that a rotation could need. */
const STRANGERS = [
  "a.log.1999-11-23.old",
  "a.log.1999-11-23_",
  "a.log.99-11-23",
  "a.log.1999-11-23_01-02-03x",
  "a.log.",
  "a.log.old",
  "a.logs.1999-11-23",
  "b.log.1999-11-23",
  "xa.log.1999-11-23",
  "a.log.١٩٩٩-11-23",
];
const OLD = [
  "a.log.1999-11-23",
  "a.log.1998-01-02",
  "a.log.1999-11-23_05",
  "a.log.1999-11-23_05-06",
  "a.log.1999-11-23_05-06-07",
  "a.log.1999-99-99",
];

class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(0, from.length - 1)]!;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

function offsetAt(instant: number): number {
  return new Date(instant * 1000).getTimezoneOffset();
}

/** A random instant, half of the time close to a change of the clocks. */
function instantOf(random: Random): number {
  const instant = random.integer(FIRST, LAST);
  if (random.chance(0.5)) return instant;
  for (let low = instant; low < instant + 366 * 86_400; low += 20 * 86_400) {
    let high = low + 20 * 86_400;
    if (offsetAt(low) === offsetAt(high)) continue;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(middle) === offsetAt(low)) low = middle;
      else high = middle;
    }
    return high + random.integer(-2 * 86_400, 2 * 86_400);
  }
  return instant;
}

function rotationOf(random: Random): Omit<RotationCase, "kind" | "zone"> {
  const atTime = {
    hour: random.integer(0, 23),
    minute: random.integer(0, 59),
    second: random.integer(0, 59),
  };
  const when = random.pick(UNITS);
  return {
    when: random.chance(0.5) ? when : when.toLowerCase(),
    interval: random.chance(0.5) ? 1 : random.integer(2, 12),
    utc: random.chance(0.25),
    atTime: random.chance(0.5) ? atTime : null,
  };
}

function compute(zone: string, random: Random): ComputeCase {
  const rotation = { zone, kind: "compute", ...rotationOf(random) } as const;
  const instants: number[] = [];
  for (let i = 0; i < 10; i++) {
    // Every other instant is a rollover itself: the next one must be later.
    const instant = instantOf(random);
    instants.push(instant, ...rolloversOf({ ...rotation, instants: [instant] }));
  }
  return { ...rotation, instants };
}

function run(zone: string, random: Random): RunCase {
  const rotation = rotationOf(random);
  const seconds = (SECONDS[rotation.when.toUpperCase()] ?? WEEK) * rotation.interval;
  const start = instantOf(random);
  const records: [number, string][] = [];
  let now = start;
  for (let i = random.integer(1, 25); i > 0; i--) {
    // Often within an interval, sometimes many later, now and then back.
    if (random.chance(0.6)) now += random.integer(0, Math.ceil(seconds / 3));
    else if (random.chance(0.8)) now += random.integer(0, seconds * 4);
    else now -= random.integer(0, seconds);
    records.push([now, `${i} é漢😀`]);
  }
  return {
    zone,
    kind: "run",
    ...rotation,
    backupCount: random.chance(0.3) ? 0 : random.integer(1, 4),
    delay: random.chance(0.5),
    start,
    present: [...STRANGERS, ...OLD].filter(() => random.chance(0.4)),
    records,
  };
}

if (import.meta.main) {
  const zone = Deno.env.get("TZ")!;
  const [seed, computations, runs] = Deno.args.map(Number);
  const random = new Random(seed!);
  const cases: RotationCase[] = [];
  for (let i = 0; i < computations!; i++) cases.push(compute(zone, random));
  for (let i = 0; i < runs!; i++) cases.push(run(zone, random));
  writeText(Deno.stdout, cases.map((asked) => `${JSON.stringify(asked)}\n`).join(""));
}
