// Searches in small steps, compared with a plain list of messages.
import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import {
  findHits,
  type Hits,
  type Lead,
  type ReadTexts,
} from "../../../../server/store/archive/look.ts";
import { CREATE_SEARCH_INDEX, SearchIndex } from "../../../../server/store/search_index.ts";
import type { Search, SearchLists } from "../../../../server/store/search_lists.ts";
import { parseQuery, type Term, tokenize } from "../../../../server/store/search_text.ts";
import { inTransaction } from "../../../../server/store/transaction.ts";
import { seededRandom } from "../../../support/random.ts";

interface Said {
  readonly number: number;
  readonly scope: string;
  readonly marks: readonly string[];
  readonly text: string;
  readonly words: readonly string[];
}

interface Fixture {
  readonly db: DatabaseSync;
  readonly index: SearchIndex;
  readonly said: readonly Said[];
  readonly readTexts: ReadTexts;
  /** How many texts were read. */
  read: number;
}

/** What nearly all say, what some say, and what few say. */
const WORDS = [
  "word",
  "work",
  "common",
  "comma",
  "Ёлка",
  "東京",
  "a.b",
  "wonder",
  "x1",
  "x2",
  "x3",
];

/** Messages in one busy scope and two quiet ones; every third number is in none of them. */
function fill(count: number, textOf: (n: number) => string): Fixture {
  const db = new DatabaseSync(":memory:");
  db.exec(CREATE_SEARCH_INDEX);
  const index = new SearchIndex(db);
  const said: Said[] = [];
  inTransaction(db, () => {
    for (let n = 1; n <= count; n++) {
      const scope = n % 50 === 0 ? "r2" : n % 70 === 0 ? "u1" : "r1";
      const marks = [`f${n % 7 === 0 ? 1 : 2}`, ...(n % 900 === 0 ? ["c9"] : [])];
      const text = textOf(n);
      said.push({ number: n * 3, scope, marks, text, words: tokenize(text) });
      index.add({ message: n * 3, scopes: [scope], marks, text });
    }
  });
  const readTexts: ReadTexts = (numbers) => {
    fixture.read += numbers.length;
    return Iterator.from(numbers).map((number) => ({ number, text: said[number / 3 - 1]!.text }));
  };
  const fixture = { db, index, said, readTexts, read: 0 };
  return fixture;
}

/** A clock that goes on with each look at it. */
function ticking(): () => number {
  let now = 0;
  return () => now++;
}

interface Asked extends Pick<Search, "scopes" | "limit"> {
  readonly marks?: readonly string[];
  readonly before?: number;
  readonly above?: number;
  readonly text: string;
  readonly ms: number;
}

/** All steps of a search, and the leads that they had. */
function findAll(
  { index, readTexts }: Pick<Fixture, "index" | "readTexts">,
  { marks = [], before = 1e9, above = 0, limit, ...rest }: Asked,
): { hits: number[]; leads: (Lead | undefined)[]; steps: number } {
  const [hits, leads] = [[] as number[], [] as (Lead | undefined)[]];
  const [terms, clock] = [parseQuery(rest.text)!, ticking()];
  let next: number | undefined = before;
  let lead: Lead | undefined;
  let steps = 0;
  for (; next !== undefined && hits.length < limit; steps++) {
    const look = { ...rest, marks, before: next, above, limit: limit - hits.length };
    const found: Hits = findHits(
      index,
      readTexts,
      { ...look, lead, isFirst: steps === 0 },
      terms,
      clock,
    );
    hits.push(...found.hits);
    assert(found.next === undefined || found.next < next, "it goes on");
    ({ next, lead } = found);
    leads.push(lead);
  }
  return { hits, leads, steps };
}

/** What a search goes by, said in the simplest way. */
function hasTerm(said: Said, { words, isPrefix }: Term): boolean {
  return ` ${said.words.join(" ")} `.includes(` ${words.join(" ")}${isPrefix ? "" : " "}`);
}

function expected(
  said: readonly Said[],
  { scopes, marks = [], before = 1e9, above = 0, limit, text }: Asked,
): number[] {
  const terms = parseQuery(text)!;
  return said.filter((one) =>
    scopes.includes(one.scope) && marks.every((mark) => one.marks.includes(mark)) &&
    one.number < before && one.number > above && terms.every((term) => hasTerm(one, term))
  ).map(({ number }) => number).toReversed().slice(0, limit);
}

Deno.test("whatever is looked for, in whatever steps: what is found is what a plain list says", () => {
  const random = seededRandom(19);
  const pick = (count: number): number => Math.floor(random() * count);
  const some = <T>(list: readonly T[]): T => list[pick(list.length)]!;
  const texts = Array.from({ length: 4_000 }, (_, n) => {
    const words = Array.from({ length: 1 + pick(7) }, () => WORDS[Math.min(pick(12), pick(12))]!);
    return `${words.join(" ")} ${n % 4 === 0 ? "" : "alpha"} beta n${n}${n < 40 ? " early" : ""}`;
  });
  const fixture = fill(texts.length, (n) => texts[n - 1]!);
  using _db = fixture.db;
  const common = [
    '"word word"',
    "word",
    "beta",
    "alpha",
    "w*",
    "wo*",
    "wor*",
    "c*",
    "co*",
    "com*",
    "a*",
    "n*",
  ];
  const phrases = [
    '"alpha beta"',
    '"beta alpha"',
    '"word alpha b"*',
    '"word wo"*',
    '"common x1"',
    '"word word"',
    '"word w"*',
  ];
  const rare = [...WORDS, ...phrases, "early", "absent", "n77", "x*", "n59*", "ear*", "東*", "q*"];
  const ways = { short: 0, none: 0, steps: 0, found: 0 };
  for (let n = 0; n < 300; n++) {
    const text = Array.from(
      { length: 1 + pick(4) },
      () => some(pick(5) === 0 ? rare : common),
    ).join(" ");
    const asked: Asked = {
      text,
      scopes: some([["r1"], ["r1"], ["u1"], ["r2", "r1"], ["u1", "r2"], ["r1", "r2", "u1"], [
        "r9",
      ]]),
      marks: some([[], [], [], [], [], ["f2"], ["f1"], ["f2"], ["f1", "c9"], ["f8"]]),
      before: some([1e9, 1e9, 11_001, 9_000, 1]),
      above: some([0, 0, 300, 8_000]),
      limit: some([1, 7, 51, 1_000]),
      ms: some([3, 100, 400, 1e9]),
    };
    const { hits, leads, steps } = findAll(fixture, asked);
    assertEquals(hits, expected(fixture.said, asked), JSON.stringify(asked));
    if (leads.at(-1)) ways.short++;
    if (leads.at(-1) === null) ways.none++;
    if (steps > 1) ways.steps++;
    ways.found += hits.length;
  }
  assert(
    ways.short > 50 && ways.none > 15 && ways.steps > 30 && ways.found > 5_000,
    JSON.stringify(ways),
  );
});

/** The same lists, and a look at what they are asked for. */
function watched(index: SearchIndex, onFind: (search: Search) => void): SearchIndex {
  return new Proxy(index, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (name === "find") onFind(args[0] as Search);
        return Reflect.apply(value, target, args);
      };
    },
  });
}

Deno.test("a step has a bound, however many messages have what is looked for", () => {
  const fixture = fill(4_500, (n) => `word${n} common${n} ${n % 2 === 0 ? "even" : "odd"} all`);
  using _db = fixture.db;
  const asked: Search[] = [];
  const index = watched(fixture.index, (search) => asked.push(search));
  const scopes = ["r1"];
  const queries = [
    "w* wo* wor* word* c* co* com* comm*",
    "all even odd",
    "w* even odd",
    '"odd even"',
  ];
  for (const text of queries) {
    asked.length = 0;
    const terms = parseQuery(text)!;
    let next: number | undefined = 1e9;
    let lead: Lead | undefined;
    for (let isFirst = true; next !== undefined; isFirst = false) {
      const calls = asked.length;
      fixture.read = 0;
      const look = { text, scopes, marks: [], before: next, above: 0, limit: 5_000 };
      const found: Hits = findHits(
        index,
        fixture.readTexts,
        { ...look, lead, isFirst, ms: 1 },
        terms,
        () => asked.length, // a part of the work takes a millisecond
      );
      ({ next, lead } = found);
      assertEquals(asked.length, calls + 1, "one part of the work");
      assert(fixture.read <= 512, `${fixture.read} texts`);
    }
    for (const { terms, limit } of asked) {
      assert(limit <= 512, `${limit} messages`);
      assert(terms.every(({ isPrefix }) => !isPrefix), "no list of a prefix is put together");
      assert(terms.length <= 1, "no more than one list is gone through by the engine");
    }
  }
});

Deno.test("what many messages have is found without looking for what is rare", () => {
  const fixture = fill(3_000, (n) => `word${n} common${n}`);
  using _db = fixture.db;
  const counted: string[] = [];
  const lists = new Proxy(fixture.index, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name === "count") counted.push("count");
      return typeof value === "function" ? value.bind(target) : value;
    },
  }) as SearchLists;
  const look = { scopes: ["r1"], marks: [], before: 1e9, above: 0, limit: 51, ms: 1e9 };
  for (const text of ["w*", "w* wo* wor* word* c* co* com*"]) {
    const { hits } = findHits(
      lists,
      fixture.readTexts,
      { ...look, text, isFirst: true },
      parseQuery(text)!,
      ticking(),
    );
    assertEquals(hits.length, 51);
  }
  assert(fixture.read <= 2 * 512 && counted.length === 0);
});
