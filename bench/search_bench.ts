/**
 * How long searches take among many messages, and what the index costs: time for each message that is kept, for each
 * that is deleted, and bytes on the disk.
 *
 * `deno run -A bench/search_bench.ts [--messages 1000000] [--searches 200] [--dir DIR]`; the directory decides which
 * disk is measured. 5000 users talk in 200 rooms, of which few are busy, and in 20 000 pairs, in English and Russian.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";

import { type CommandSpec, type FlagTable, parseCommand } from "../common/flags.ts";
import { printLine } from "../common/output.ts";
import {
  CREATE_SEARCH_INDEX,
  type SearchEntry,
  SearchIndex,
} from "../server/store/search_index.ts";
import { parseQuery } from "../server/store/search_text.ts";
import { openDatabase } from "../server/store/sqlite_file.ts";
import { inTransaction } from "../server/store/transaction.ts";
import { seededRandom } from "../tests/support/random.ts";

const USERS = 5_000;
const ROOMS = 200;
const PAIRS = 20_000;
const VOCABULARY = 50_000;
/** Messages that the server writes in one transaction under load. */
const GROUP = 100;
/** Messages with which rows without an index are timed, and removals. */
const SAMPLE = 10_000;
const PAGE = 50;

const FLAGS = {
  messages: {
    kind: "integer",
    value: "N",
    min: 1_000,
    max: 100_000_000,
    default: 1_000_000,
    help: "messages that are kept",
  },
  searches: {
    kind: "integer",
    value: "N",
    min: 1,
    max: 100_000,
    default: 200,
    help: "searches of each kind",
  },
  dir: { kind: "text", value: "DIR", default: "/tmp", help: "where the database is" },
} as const satisfies FlagTable;

const COMMAND: CommandSpec<typeof FLAGS> = {
  name: "deno run -A bench/search_bench.ts",
  usage: "[flags]",
  about: "Measures searches in kept messages.",
  flags: FLAGS,
  maxPositional: 0,
};

/** Talk that is the same each time. What was said is not remembered: a million messages take no memory. */
class Talk {
  readonly #random: () => number;
  readonly #words: readonly string[];
  readonly #pickWord: () => number;
  readonly #pickRoom: () => number;
  #message = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#words = Array.from({ length: VOCABULARY }, (_, n) => wordOf(n));
    this.#pickWord = this.#zipf(VOCABULARY);
    this.#pickRoom = this.#zipf(ROOMS);
  }

  /** The word of a rank: 0 is the most common one. */
  word(rank: number): string {
    return this.#words[rank]!;
  }

  /** Any number below another. */
  pick(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** Any word, common ones more often. */
  pickWord(): string {
    return this.word(this.#pickWord());
  }

  /** The next message. */
  next(): SearchEntry {
    const length = 1 + this.pick(8) + this.pick(8);
    const text = Array.from({ length }, () => this.pickWord()).join(" ");
    const message = ++this.#message;
    if (this.pick(2) === 0) {
      return { message, scopes: [`r${this.#pickRoom()}`], marks: [`f${this.pick(USERS)}`], text };
    }
    // Some pairs talk a lot, most do not.
    const pair = Math.floor(this.#random() ** 3 * PAIRS);
    const [one, other] = [pair % USERS, (pair * 7 + 1) % USERS];
    return { message, scopes: [`u${one}`, `u${other}`], marks: [`f${one}`, `c${pair}`], text };
  }

  #zipf(count: number): () => number {
    let sum = 0;
    const sums = Float64Array.from({ length: count }, (_, n) => sum += 1 / (n + 2));
    return () => {
      const at = this.#random() * sum;
      let [low, high] = [0, count - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sums[middle]! < at) low = middle + 1;
        else high = middle;
      }
      return low;
    };
  }
}

/** A word of syllables, Russian or English in turn; the more common, the shorter. */
function wordOf(rank: number): string {
  const [consonants, vowels] = rank % 2 === 0 ? ["nrtsldkmpvgbzch", "aeiouy"] : [
    "нрстлдкмпвгбзчш",
    "аеиоуяю",
  ];
  let word = "";
  for (let rest = rank >> 1; word.length < 2 || rest > 0;) {
    word += consonants[rest % 15]! + vowels[(rest + word.length) % vowels.length];
    rest = Math.floor(rest / 15);
  }
  return word;
}

/** Keeps messages, as many in each transaction as under load; gives microseconds for each. */
function keep(db: DatabaseSync, talk: Talk, count: number, index?: SearchIndex): number {
  const insert = db.prepare("INSERT INTO kept (id, scope, time, body) VALUES (?, ?, ?, ?)");
  const start = performance.now();
  for (let done = 0; done < count; done += GROUP) {
    inTransaction(db, () => {
      for (let n = 0; n < GROUP; n++) {
        const entry = talk.next();
        const body = JSON.stringify({ from: entry.marks![0], message: entry.text });
        insert.run(entry.message, entry.scopes[0]!, 1.7e9 + entry.message, body);
        index?.add(entry);
      }
    });
  }
  return (performance.now() - start) * 1000 / count;
}

function open(path: string): DatabaseSync {
  const db = openDatabase(path);
  db.exec("PRAGMA secure_delete = ON");
  db.exec("CREATE TABLE kept (id INTEGER PRIMARY KEY, scope TEXT, time REAL, body TEXT) STRICT");
  return db;
}

/** Bytes of the tables whose names begin like this. */
function bytesOf(db: DatabaseSync, name: string): number {
  const row = db.prepare("SELECT sum(pgsize) AS bytes FROM dbstat WHERE name GLOB ? || '*'")
    .get(name);
  return row?.bytes as number;
}

/** Milliseconds of searches, for people. */
function report(what: string, times: number[], found: number): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(2).padStart(8);
  const mean = (found / times.length).toFixed(1).padStart(5);
  printLine(`${what.padEnd(34)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms  found ${mean}`);
}

function search(index: SearchIndex, talk: Talk, searches: number): void {
  const common = (): string => talk.word(talk.pick(10));
  const rare = (): string => talk.word(20_000 + talk.pick(30_000));
  const kinds: Record<string, () => string> = {
    "common word": common,
    "any word": () => talk.pickWord(),
    "rare word": rare,
    "two common": () => `${talk.word(talk.pick(5))} ${talk.word(5 + talk.pick(5))}`,
    "common, rare": () => `${common()} ${rare()}`,
    "phrase": () => `"${common()} ${common()}"`,
    "prefix of 3": () => `${rare().slice(0, 3)}*`,
    "prefix of 1": () => `${rare().slice(0, 1)}*`,
  };
  // The busiest rooms first: whoever is in few rooms is in those.
  const rooms = (count: number): string[] => Array.from({ length: count }, (_, n) => `r${n}`);
  const users = (count: number): string[] =>
    Array.from({ length: count }, () => `u${talk.pick(USERS)}`);
  const places: Record<string, () => string[]> = {
    "the busiest room": () => rooms(1),
    "a user's pairs, 49 rooms": () => [...users(1), ...rooms(49)],
    "500 scopes": () => [...users(300), ...rooms(200)],
  };
  for (const [place, scopesOf] of Object.entries(places)) {
    for (const [kind, textOf] of Object.entries(kinds)) {
      const times: number[] = [];
      let found = 0;
      for (let n = 0; n < searches; n++) {
        const [scopes, text] = [scopesOf(), textOf()];
        const start = performance.now();
        found += index.find({ scopes, terms: parseQuery(text)!, limit: PAGE }).length;
        times.push(performance.now() - start);
      }
      report(`${place}: ${kind}`, times, found);
    }
  }
}

/** Removes the first messages, which talk of the same seed says again. */
function remove(db: DatabaseSync, index: SearchIndex, count: number): number {
  const talk = new Talk(1);
  const start = performance.now();
  for (let done = 0; done < count; done += GROUP) {
    inTransaction(db, () => {
      for (let n = 0; n < GROUP; n++) index.remove(talk.next());
    });
  }
  return (performance.now() - start) * 1000 / count;
}

async function main(): Promise<void> {
  const { messages, searches, dir: parent } = parseCommand(COMMAND, Deno.args).flags;
  const dir = await Deno.makeTempDir({ prefix: "jim-bench-", dir: parent });
  try {
    const sample = Math.min(messages, SAMPLE);
    {
      using bare = open(`${dir}/bare.db`);
      const time = keep(bare, new Talk(1), sample);
      printLine(`kept without an index: ${time.toFixed(0)} µs a message`);
    }
    using db = open(`${dir}/jim.db`);
    db.exec(CREATE_SEARCH_INDEX);
    const index = new SearchIndex(db);
    const time = keep(db, new Talk(1), messages, index);
    printLine(`kept with the index: ${time.toFixed(0)} µs a message`);
    const [rows, words] = [bytesOf(db, "kept"), bytesOf(db, "search_index")].map((bytes) =>
      (bytes / messages).toFixed(0)
    );
    printLine(`on disk: ${rows} bytes a message, and ${words} for the index`);
    search(index, new Talk(2), searches);
    printLine(`removed from the index: ${remove(db, index, sample / 10).toFixed(0)} µs a message`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

if (import.meta.main) await main();
