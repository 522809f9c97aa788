/**
 * How long searches take among many messages, and what the index costs: time for each message, for each that is
 * forgotten, and bytes on the disk.
 *
 * `deno run -A bench/search_bench.ts [--messages 1000000] [--searches 200] [--dir DIR]`; the directory decides which
 * disk is measured. 5000 users talk in 200 rooms, of which few are busy, and in 20 000 pairs, in English and Russian.
 * Messages are kept, indexed and searched as the server does it, in the thread in which it does it.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";

import { type CommandSpec, type FlagTable, parseCommand } from "../common/flags.ts";
import { printLine } from "../common/output.ts";
import { type Ask, findMessages } from "../server/store/archive/search.ts";
import { ArchiveThread } from "../server/store/archive/thread.ts";
import { SizeLimit } from "../server/store/size_limit.ts";
import { SqliteConversations } from "../server/store/sqlite/conversations.ts";
import { SqliteMessages, writeBody } from "../server/store/sqlite/messages.ts";
import { openDatabase } from "../server/store/sqlite_file.ts";
import { StoreBusyError } from "../server/store/store.ts";
import { inTransaction } from "../server/store/transaction.ts";
import { seededRandom } from "../tests/support/random.ts";

const USERS = 5_000;
const ROOMS = 200;
const PAIRS = 20_000;
const VOCABULARY = 50_000;
/** Messages that the server writes in one transaction under load. */
const GROUP = 100;
/** Code units that one step indexes, and pages that one merges; the server finds such sizes by itself. */
const INDEX_STEP = 16_384;
const MERGE_STEP = 32;
/** Messages that are forgotten. */
const FORGOTTEN = 1_000;
const FORGET_STEP = 1_024;
const PAGE = 50;
/** What one search may take; the server refuses it then. */
const MAX_SEARCH_MS = 2_000;

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

  /** The next message: the conversation that it is in, and who says what. */
  next(): { conversation: number; from: number; text: string } {
    const length = 1 + this.pick(8) + this.pick(8);
    const text = Array.from({ length }, () => this.pickWord()).join(" ");
    if (this.pick(2) === 0) {
      return { conversation: 1 + this.#pickRoom(), from: this.pick(USERS), text };
    }
    // Some pairs talk a lot, most do not.
    const pair = Math.floor(this.#random() ** 3 * PAIRS);
    return { conversation: 1 + ROOMS + pair, from: peopleOf(pair)[this.pick(2)]!, text };
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

/** Who the two of a pair are. */
function peopleOf(pair: number): [number, number] {
  // Each talks with the one next to them, with one further away, and so on.
  const distance = 1 + 37 * Math.floor(pair / USERS);
  return [pair % USERS, (pair + distance) % USERS];
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

/** Makes the people, rooms and conversations. */
function settle(db: DatabaseSync): void {
  const account = db.prepare(
    "INSERT INTO accounts (id, folded, name, password_hash, created) VALUES (?, ?, ?, '', 0)",
  );
  const conversation = db.prepare("INSERT INTO conversations (kind, a, b) VALUES (?, ?, ?)");
  inTransaction(db, () => {
    for (let n = 0; n < USERS; n++) account.run(n + 1, `user${n}`, `user${n}`);
    for (let n = 0; n < ROOMS; n++) conversation.run("room", n + 1, 0);
    for (let n = 0; n < PAIRS; n++) {
      const [one, other] = peopleOf(n).sort((a, b) => a - b);
      conversation.run("direct", one! + 1, other! + 1);
    }
  });
}

/** Keeps messages, as many in each transaction as under load; gives microseconds for each. */
function keep(path: string, count: number): number {
  using db = openDatabase(path);
  settle(db);
  const size = new SizeLimit(db, { path, maxBytes: 0, onChange: () => {} });
  const messages = new SqliteMessages(db, new SqliteConversations(db, size));
  const talk = new Talk(1);
  const seqs = new Map<number, number>();
  const time = Math.floor(Date.now() / 1000);
  const start = performance.now();
  for (let done = 0; done < count; done += GROUP) {
    inTransaction(db, () => {
      for (let n = 0; n < GROUP; n++) {
        const { conversation, from, text } = talk.next();
        const seq = (seqs.get(conversation) ?? 0) + 1;
        seqs.set(conversation, seq);
        const to = conversation <= ROOMS ? `#room${conversation}` : "somebody";
        const body = writeBody({ to, from: `user${from}`, message: text, id: undefined });
        messages.insert({ conversation, seq, time, sender: from + 1, delivered: 1 }, body);
      }
    });
  }
  return (performance.now() - start) * 1000 / count;
}

/** Indexes all messages in small steps, as the server does it. */
async function index(path: string, count: number): Promise<void> {
  const thread = new ArchiveThread(path);
  const [steps, merges]: [number[], number[]] = [[], []];
  const start = performance.now();
  for (let isDone = false; !isDone;) {
    const { value, ms } = await thread.ask("indexSome", INDEX_STEP);
    ({ isDone } = value);
    steps.push(ms);
    for (let more = true; more;) {
      const merged = await thread.ask("mergeSome", MERGE_STEP);
      more = merged.value;
      merges.push(merged.ms);
    }
  }
  const each = (performance.now() - start) * 1000 / count;
  printLine(`indexed: ${each.toFixed(0)} µs a message, beside the event loop`);
  report(`  a step of ${INDEX_STEP} characters`, steps);
  report(`  a merge of ${MERGE_STEP} pages`, merges);
  await thread.close();
}

/** Forgets the oldest messages. */
async function forget(path: string): Promise<void> {
  {
    using db = openDatabase(path);
    db.exec(`UPDATE messages SET time = 0 WHERE id <= ${FORGOTTEN}`);
  }
  const thread = new ArchiveThread(path);
  const steps: number[] = [];
  for (let more = true; more;) {
    const { value, ms } = await thread.ask("forgetSome", FORGET_STEP, 1);
    more = value;
    steps.push(ms);
  }
  await thread.close();
  report(`forgotten, ${FORGET_STEP} characters a step`, steps);
}

/** Bytes of the tables whose names begin like this. */
function bytesOf(db: DatabaseSync, name: string): number {
  const row = db.prepare("SELECT sum(pgsize) AS bytes FROM dbstat WHERE name GLOB ? || '*'")
    .get(name);
  return row?.bytes as number;
}

/** Milliseconds, for people. */
function report(what: string, times: number[], more = ""): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(2).padStart(7);
  printLine(
    `${what.padEnd(40)} p50 ${at(0.5)} ms  p95 ${at(0.95)}  max ${at(1)}  ${more}`.trimEnd(),
  );
}

/** All beginnings of a word, as prefixes. */
function prefixesOf(word: string): string {
  return Array.from(word, (_, n) => `${word.slice(0, n + 1)}*`).join(" ");
}

/** Searches as the server does it when nobody else asks. */
class Searcher {
  /** Milliseconds of the longest step, for which others wait. */
  longest = 0;
  /** Searches that were refused, since they would take too long. */
  refused = 0;
  readonly #thread: ArchiveThread;

  constructor(thread: ArchiveThread) {
    this.#thread = thread;
  }

  /** How many messages the first page of a search has. */
  async find(account: string, text: string, rooms: readonly number[]): Promise<number> {
    let sum = 0;
    const ask: Ask = async (call, ...args) => {
      if (sum >= MAX_SEARCH_MS) throw new StoreBusyError("too long");
      const done = await this.#thread.ask(call, ...args);
      sum += done.ms;
      this.longest = Math.max(this.longest, done.ms);
      return done;
    };
    try {
      const page = await findMessages(ask, {
        ...{ asker: account, text, account, rooms, limit: PAGE },
        ...{ other: undefined, from: undefined, after: undefined },
      });
      return page!.messages.length;
    } catch (error) {
      if (!(error instanceof StoreBusyError)) throw error;
      this.refused++;
      return 0;
    }
  }
}

async function search(thread: ArchiveThread, talk: Talk, searches: number): Promise<void> {
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
    "two common, all their prefixes": () => `${prefixesOf(common())} ${prefixesOf(common())}`,
    "any, all its prefixes": () => prefixesOf(talk.pickWord()),
    "16 prefixes of 1": () => Array.from({ length: 16 }, () => `${rare()[0]}*`).join(" "),
  };
  // The busiest rooms first: whoever is in few rooms is in those.
  const rooms = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);
  const places: Record<string, readonly number[]> = {
    "pairs": [],
    "pairs, busiest room": rooms(1),
    "pairs, 50 rooms": rooms(50),
  };
  for (const [place, ids] of Object.entries(places)) {
    for (const [kind, textOf] of Object.entries(kinds)) {
      const times: number[] = [];
      const searcher = new Searcher(thread);
      let found = 0;
      for (let n = 0; n < searches; n++) {
        const [account, text] = [`user${talk.pick(USERS)}`, textOf()];
        const start = performance.now();
        found += await searcher.find(account, text, ids);
        times.push(performance.now() - start);
      }
      const { longest, refused } = searcher;
      report(
        `${place}: ${kind}`,
        times,
        `found ${(found / searches).toFixed(1).padStart(5)}  longest step ${
          longest.toFixed(1)
        } ms` +
          (refused > 0 ? `  refused ${refused}` : ""),
      );
    }
  }
}

async function main(): Promise<void> {
  const { messages, searches, dir: parent } = parseCommand(COMMAND, Deno.args).flags;
  const dir = await Deno.makeTempDir({ prefix: "jim-bench-", dir: parent });
  try {
    const path = `${dir}/jim.db`;
    printLine(`kept: ${keep(path, messages).toFixed(0)} µs a message, on the event loop`);
    await index(path, messages);
    {
      using db = openDatabase(path);
      const [rows, words] = ["messages", "search_index"].map((name) =>
        (bytesOf(db, name) / messages).toFixed(0)
      );
      printLine(`on disk: ${rows} bytes a message, and ${words} for the index`);
    }
    const thread = new ArchiveThread(path);
    await search(thread, new Talk(2), searches);
    await thread.close();
    await forget(path);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

if (import.meta.main) await main();
