import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import {
  CREATE_SEARCH_INDEX,
  type SearchEntry,
  SearchIndex,
} from "../../../server/store/search_index.ts";
import type { Search } from "../../../server/store/search_lists.ts";
import { parseQuery, type Term, tokenize } from "../../../server/store/search_text.ts";
import { inTransaction } from "../../../server/store/transaction.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { seededRandom } from "../../support/random.ts";

/** Opens a file as the store does, with an index if it has none. */
function open(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
  if (db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined) {
    db.exec(CREATE_SEARCH_INDEX);
  }
  return db;
}

async function withIndex(run: (index: SearchIndex, db: DatabaseSync, path: string) => void) {
  await withDatabasePath((path) => {
    using db = open(path);
    run(new SearchIndex(db), db, path);
    // FTS5 looks whether its tables fit together; throws if they do not.
    db.exec("INSERT INTO search_index (search_index) VALUES ('integrity-check')");
  });
}

function entry(message: number, scope: string, text: string, marks: string[] = []): SearchEntry {
  return { message, scopes: [scope], marks, text };
}

function find(
  index: SearchIndex,
  query: string,
  scopes: readonly string[],
  more: Partial<Search> = {},
): number[] {
  return index.find({ scopes, terms: parseQuery(query)!, limit: 100, ...more });
}

/** Whether the bytes of a word stand in any of a database's files. */
function holds(path: string, word: string): boolean {
  const latin = new TextDecoder("latin1");
  const bytes = latin.decode(new TextEncoder().encode(word));
  return ["", "-wal", "-shm"].some((end) => {
    try {
      return latin.decode(Deno.readFileSync(path + end)).includes(bytes);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  });
}

function checkpoint(db: DatabaseSync): void {
  assertEquals(db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy, 0);
}

Deno.test("words, prefixes and phrases are found, newest first", async () => {
  await withIndex((index) => {
    const texts = [
      "Привет, мир!",
      "The quick brown fox",
      "brown quick foxes",
      "Ёлка в лесу, привет",
      "東京タワー 👍🏽",
      "see https://example.org/a.html#top",
      "",
    ];
    texts.forEach((text, n) => index.add(entry(n + 1, "r1", text)));
    const expected: Record<string, number[]> = {
      "привет": [4, 1],
      "ПРИВЕТ мир": [1],
      "елк*": [4],
      "fox": [2],
      "fox*": [3, 2],
      "quick brown": [3, 2],
      '"quick brown"': [2],
      '"quick bro"*': [2],
      "東京": [5],
      "京タ": [5],
      "京東": [],
      "東 👍": [5],
      "example.org": [6],
      "org.example": [],
      "absent": [],
    };
    for (const [query, messages] of Object.entries(expected)) {
      assertEquals(find(index, query, ["r1"]), messages, query);
    }
  });
});

Deno.test("a scope shows nothing of another", async () => {
  await withIndex((index) => {
    index.add(entry(1, "r1", "one secret"));
    index.add(entry(2, "r12", "two secret"));
    index.add({ message: 3, scopes: ["u1", "u2", "u1"], text: "three secret" });
    assertEquals(find(index, "secret", ["r1"]), [1]);
    assertEquals(find(index, "secret*", ["r1"]), [1]);
    assertEquals(find(index, "secret", ["r12", "u2", "u1"]), [3, 2]);
    assertEquals(find(index, "secret", ["r", "r123", "u12"]), []);
    assertEquals(find(index, "secret", []), []);
    // A phrase does not go on from one scope into the next.
    assertEquals(find(index, '"secret three"', ["u1", "u2"]), []);
  });
});

Deno.test("marks narrow a search and are no words", async () => {
  await withIndex((index) => {
    index.add(entry(1, "r1", "hello", ["f7"]));
    index.add(entry(2, "r1", "hello f7", ["f8"]));
    assertEquals(find(index, "hello", ["r1"], { marks: ["f7"] }), [1]);
    assertEquals(find(index, "hello", ["r1"], { marks: ["f7", "f8"] }), []);
    assertEquals(find(index, "f7", ["r1"]), [2]);
    assertEquals(find(index, "f*", ["r1"]), [2]);
  });
});

Deno.test("nothing that is typed is an expression of FTS5", async () => {
  await withIndex((index) => {
    index.add(entry(1, "r1", "apples and pears"));
    index.add(entry(2, "r2", "apples OR pears NEAR"));
    const typed = [
      'x" OR "r2·apples',
      "x OR apples",
      "words : apples",
      "r2·apples",
      "apples) OR (r2·pears",
      "NEAR(apples pears, 5)",
      "'; DROP TABLE search_index; --",
      "apples NOT pears",
      "^apples + pears + r2",
      "\0apples\0 zzz",
    ];
    for (const query of typed) assertEquals(find(index, query, ["r1"]), [], query);
    const random = seededRandom(1);
    for (let round = 0; round < 500; round++) {
      const signs = [..."\"*^:(){}+-.·=\\'a \0AND OR NOT NEAR,é京👍\ud800"];
      const query = Array.from(
        { length: 12 },
        () => signs[Math.floor(random() * signs.length)],
      ).join("");
      const terms = parseQuery(query);
      if (terms !== undefined) assert(!index.find({ scopes: ["r1"], terms, limit: 9 }).includes(2));
    }
  });
});

Deno.test("labels are checked", async () => {
  await withIndex((index) => {
    for (const label of ["", "R1", "r 1", "r·1", 'r"', "é"]) {
      assertThrows(() => index.add(entry(1, label, "a")), RangeError, "as a label");
      assertThrows(() => index.add(entry(1, "r1", "a", [label])), RangeError, "as a label");
      assertThrows(() => find(index, "a", [label]), RangeError, "as a label");
      assertThrows(() => find(index, "a", ["r1"], { marks: [label] }), RangeError, "as a label");
    }
    assertEquals(find(index, "a", ["r1"]), []);
  });
});

const VOCABULARY = "да нет наверное yes no maybe кот кота котам cat cats 東 京 x".split(" ");

function randomEntry(random: () => number, message: number): SearchEntry {
  const pick = (n: number): number => Math.floor(random() * n);
  const text = Array.from({ length: 1 + pick(6) }, () => VOCABULARY[pick(VOCABULARY.length)]);
  const scopes = random() < 0.5 ? [`r${pick(8)}`] : [`u${pick(8)}`, `u${pick(8)}`];
  return { message, scopes, marks: [`f${pick(3)}`], text: text.join(" ") };
}

/** What should be found, by looking at every message. */
function scan(entries: readonly SearchEntry[], search: Search): number[] {
  const has = (words: readonly string[], { words: phrase, isPrefix }: Term): boolean =>
    words.some((_, at) =>
      phrase.every((word, n) => {
        const other = words[at + n] ?? "";
        return isPrefix && n === phrase.length - 1 ? other.startsWith(word) : other === word;
      })
    );
  return entries.filter(({ message, scopes, marks, text }) =>
    scopes.some((scope) => search.scopes.includes(scope)) &&
    (search.marks ?? []).every((mark) => marks!.includes(mark)) &&
    search.terms.every((term) => has(tokenize(text), term)) &&
    message < (search.before ?? Infinity)
  ).map(({ message }) => message).sort((a, b) => b - a).slice(0, search.limit);
}

Deno.test("random searches find what a look at every message finds, also after removals", async () => {
  await withIndex((index, db) => {
    const random = seededRandom(2);
    const pick = (n: number): number => Math.floor(random() * n);
    let entries: SearchEntry[] = [];
    let message = 0;
    for (let round = 0; round < 60; round++) {
      inTransaction(db, () => {
        for (let n = 0; n < 20; n++) {
          entries.push(randomEntry(random, message += 1 + pick(3)));
          index.add(entries.at(-1)!);
        }
        const gone = entries.filter(() => random() < 0.1);
        for (const entry of gone) index.remove(entry);
        entries = entries.filter((entry) => !gone.includes(entry));
      });
      const words = Array.from({ length: 1 + pick(3) }, () => VOCABULARY[pick(VOCABULARY.length)]);
      const query = [words.join(" "), `"${words.join(" ")}"`, `${words.join(" ")}*`][pick(3)]!;
      const search: Search = {
        scopes: ["r1", "u2", "u3", "r4", "r7"].slice(pick(5)),
        marks: random() < 0.3 ? ["f1"] : [],
        terms: parseQuery(query)!,
        before: 1 + pick(message),
        limit: 1 + pick(30),
      };
      assertEquals(index.find(search), scan(entries, search), query);
    }
  });
});

Deno.test("pages have no doubles and no gaps, whatever comes meanwhile", async () => {
  await withIndex((index, db) => {
    inTransaction(db, () => {
      for (let n = 1; n <= 500; n++) index.add(entry(n, `r${n % 3}`, n % 2 ? "odd one" : "even"));
    });
    const seen: number[] = [];
    for (let before = 501, page = 0;; page++) {
      const found = find(index, "odd", ["r0", "r2"], { before, limit: 7 });
      if (found.length === 0) break;
      seen.push(...found);
      before = found.at(-1)!;
      index.add(entry(501 + page, "r0", "odd newcomer"));
    }
    const expected = Array.from({ length: 500 }, (_, n) => 500 - n)
      .filter((n) => n % 2 === 1 && n % 3 !== 1);
    assertEquals(seen, expected);
  });
});

Deno.test("numbers up to the greatest safe integer are kept apart", async () => {
  await withIndex((index) => {
    const top = Number.MAX_SAFE_INTEGER - 1;
    for (const message of [1, 2 ** 31, 2 ** 32 + 1, top]) index.add(entry(message, "r1", "a"));
    assertEquals(find(index, "a", ["r1"]), [top, 2 ** 32 + 1, 2 ** 31, 1]);
    assertEquals(find(index, "a", ["r1"], { before: top }), [2 ** 32 + 1, 2 ** 31, 1]);
  });
});

Deno.test("an edited message is found by its new words only", async () => {
  await withIndex((index, db) => {
    index.add(entry(1, "r1", "old words"));
    inTransaction(db, () => {
      index.remove(entry(1, "r1", "old words"));
      index.add(entry(1, "r1", "new words"));
    });
    assertEquals(["old", "new", "words"].map((word) => find(index, word, ["r1"])), [[], [1], [1]]);
  });
});

Deno.test("a removed word is in none of the files", async () => {
  await withIndex((index, db, path) => {
    index.add(entry(1, "r1", "nothing but Geheimwort here", ["f1"]));
    index.add(entry(2, "r1", "тайнослово здесь"));
    index.add(entry(3, "r1", "here a word that stays"));
    assert(holds(path, "geheimwort") && holds(path, "тайнослово"));
    inTransaction(db, () => {
      index.remove(entry(1, "r1", "nothing but Geheimwort here", ["f1"]));
      index.remove(entry(2, "r1", "тайнослово здесь"));
    });
    checkpoint(db);
    assertEquals(["geheimwort", "тайнослово", "nothing"].filter((word) => holds(path, word)), []);
    assertEquals(find(index, "here", ["r1"]), [3]);
  });
});

Deno.test("of thousands of removed words that resemble each other none is left", async () => {
  await withIndex((index, db, path) => {
    const random = seededRandom(3);
    // Neighbours differ in the last letter, so that FTS5 has to note whole words between its pages.
    const word = (n: number): string => `тайна${Math.floor(n / 8)}ю${"абвгдежз"[n % 8]}`;
    const entries = Array.from(
      { length: 4_000 },
      (_, n) => entry(n + 1, `r${n % 3}`, `${word(n)} слово${Math.floor(random() * 500)} и ещё`),
    );
    for (let from = 0; from < entries.length; from += 200) {
      inTransaction(db, () => entries.slice(from, from + 200).forEach((one) => index.add(one)));
    }
    const gone = entries.filter(() => random() < 0.3);
    for (let from = 0; from < gone.length; from += 100) {
      inTransaction(db, () => gone.slice(from, from + 100).forEach((one) => index.remove(one)));
    }
    checkpoint(db);
    const text = new TextDecoder().decode(Deno.readFileSync(path));
    const left = gone.map(({ message }) => word(message - 1)).filter((one) => text.includes(one));
    assertEquals(left, []);
    for (const { message } of entries.filter((_, n) => n % 50 === 0)) {
      const isGone = gone.some((one) => one.message === message);
      const found = find(index, word(message - 1), ["r0", "r1", "r2"]);
      assertEquals(found, isGone ? [] : [message]);
    }
  });
});

Deno.test("long messages go while the index is being merged, and none of their words is left", async () => {
  const scopes = ["u1", "u2"];
  /** Words that nothing else has, so that whole pages of the index go with them. */
  const textOf = (n: number): string =>
    Array.from({ length: 500 }, (_, m) => `w${(n * 500 + m + 40_000).toString(36)}`).join(" ");
  for (const seed of [3, 8, 11]) {
    const random = seededRandom(seed);
    await withIndex((index, db, path) => {
      const entryOf = (message: number, n: number): SearchEntry => ({
        ...{ message, scopes, text: textOf(n) },
      });
      for (let n = 1; n <= 14; n++) inTransaction(db, () => index.add(entryOf(n, n)));
      for (let n = 1; n <= 14; n++) {
        // A few pages at a time, so that most of it is half done.
        for (let steps = Math.floor(random() * 4); steps > 0; steps--) {
          inTransaction(db, () => index.merge(1 + Math.floor(random() * 30)));
        }
        inTransaction(db, () => {
          index.remove(entryOf(n, n));
          index.add(entryOf(n, 100 + n));
        });
        db.exec("INSERT INTO search_index (search_index) VALUES ('integrity-check')");
      }
      for (let n = 1; n <= 14; n++) {
        const [words, gone] = [textOf(100 + n).split(" "), textOf(n).split(" ")];
        for (const at of [0, 250, 499]) {
          assertEquals(find(index, words[at]!, scopes), [n]);
          assertEquals(find(index, gone[at]!, scopes), []);
        }
      }
      for (let n = 1; n <= 14; n++) inTransaction(db, () => index.remove(entryOf(n, 100 + n)));
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      assert(!holds(path, "·w"));
    });
  }
});

Deno.test("removing leaves the tables of FTS5 guarded", async () => {
  await withIndex((index, db) => {
    const numbers = Array.from({ length: 2_000 }, (_, n) => n + 1);
    const one = (n: number): SearchEntry => entry(n, "r1", `слово${n}`);
    inTransaction(db, () => numbers.forEach((n) => index.add(one(n))));
    inTransaction(db, () => numbers.filter((n) => n % 2).forEach((n) => index.remove(one(n))));
    assertThrows(() => db.exec("DELETE FROM search_index_idx"), Error, "may not be modified");
  });
});

Deno.test("an index that is made anew finds the same", async () => {
  await withIndex((index, db) => {
    const random = seededRandom(4);
    const entries = Array.from({ length: 600 }, (_, n) => randomEntry(random, n + 1));
    inTransaction(db, () => entries.forEach((one) => index.add(one)));
    const kept = entries.filter((one) => one.message % 3 !== 0);
    inTransaction(db, () => {
      entries.filter((one) => !kept.includes(one)).forEach((one) => index.remove(one));
    });
    const findAll = (): number[][] =>
      VOCABULARY.map((word) => find(index, word, ["r1", "r2", "u1"]));
    const before = findAll();
    assert(before.flat().length > 100);
    inTransaction(db, () => {
      db.exec("INSERT INTO search_index (search_index) VALUES ('delete-all')");
      kept.forEach((one) => index.add(one));
    });
    assertEquals(findAll(), before);
  });
});

Deno.test("what a transaction that failed added and removed is as before", async () => {
  await withIndex((index, db) => {
    index.add(entry(1, "r1", "first"));
    assertThrows(() =>
      inTransaction(db, () => {
        index.remove(entry(1, "r1", "first"));
        index.add(entry(2, "r1", "second"));
        throw new Error("no");
      })
    );
    assertEquals([find(index, "first", ["r1"]), find(index, "second", ["r1"])], [[1], []]);
    index.add(entry(2, "r1", "second again"));
    assertEquals(find(index, "second", ["r1"]), [2]);
  });
});

Deno.test("a process that is killed in a transaction leaves the index of the last commit", async () => {
  await withDatabasePath(async (path) => {
    const module = new URL("../../../server/store/search_index.ts", import.meta.url);
    const script = `
      import { DatabaseSync } from "node:sqlite";
      import { CREATE_SEARCH_INDEX, SearchIndex } from ${JSON.stringify(module.href)};
      const db = new DatabaseSync(Deno.args[0]);
      db.exec("PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON; PRAGMA cache_size = 10");
      db.exec(CREATE_SEARCH_INDEX);
      const index = new SearchIndex(db);
      const entry = (n) => ({ message: n, scopes: ["r1"], text: "word" + n });
      const many = (from, work) => { for (let n = from; n < from + 2000; n++) work(entry(n)); };
      db.exec("BEGIN"); many(1, (one) => index.add(one)); db.exec("COMMIT");
      db.exec("BEGIN"); many(2001, (one) => index.add(one));
      for (let n = 1; n <= 2000; n += 20) index.remove(entry(n));
      console.log("in the middle");
      setInterval(() => {}, 1000);`;
    await using process = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", script, path],
      stdout: "piped",
    }).spawn();
    const reader = process.stdout.getReader();
    const { value } = await reader.read();
    assertEquals(new TextDecoder().decode(value), "in the middle\n");
    process.kill("SIGKILL");
    await process.status;
    await reader.cancel();
    using db = open(path);
    const index = new SearchIndex(db);
    db.exec("INSERT INTO search_index (search_index) VALUES ('integrity-check')");
    assertEquals(find(index, "word*", ["r1"], { limit: 9_999 }).length, 2_000);
    assertEquals(find(index, "word1 ", ["r1"]), [1]);
    assertEquals(find(index, "word2001", ["r1"]), []);
  });
});
