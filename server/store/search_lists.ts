/**
 * Reading the index that messages are searched with: for each word there is a list of the messages that have it.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Term } from "./search_text.ts";

/** ASCII lower case letters and digits. */
const LABEL = /^[a-z0-9]+$/;
/** Parts labels from words. It is in no word, and FTS5 takes it for a part of one. */
export const POINT = "·";
/** Ends what begins with a word, in the order of the index: behind a word alone, and behind all that go on. */
const END_OF_WORD = "\x01";
const END_OF_PREFIX = "\u{10ffff}";

/** Which of the messages. */
export interface SearchBounds {
  /** Only messages below this number. */
  readonly before?: number;
  /** Only messages above this number. */
  readonly above?: number;
}

/** What is looked for. */
export interface Search extends SearchBounds {
  /** Where: a message in any of them is found, once. */
  readonly scopes: readonly string[];
  /** Only messages with all of these. */
  readonly marks?: readonly string[];
  /** Only messages with all of these, see `parseQuery`. Without terms and marks: all messages. */
  readonly terms: readonly Term[];
  /** At most so many messages. */
  readonly limit: number;
}

/** One list of the index. */
export type ListName =
  | {
    /** The messages with that mark. */
    readonly mark: string;
  }
  | {
    /** The messages with that word. */
    readonly word: string;
    /** Whether the word may go on: then it is a list that is made anew each time, of all such words. */
    readonly isPrefix: boolean;
  };

/**
 * Finds messages by what the index has of them. Numbers come highest first. Synchronous.
 *
 * A list is read from where it is asked for, and no further than it has to be: that costs about a microsecond for each of
 * its messages. What FTS5 does by itself before the first message is found has other bounds: it puts the list of a
 * prefix together as a whole, and of several terms it reads on to the next message that has all, wherever that is.
 */
export class SearchLists {
  readonly #find: StatementSync;
  readonly #nth: StatementSync;
  readonly #among: StatementSync;
  readonly #count: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    // Numbers come as floating ones, and by those FTS5 does not look: it would read all that is not asked for, too.
    const within = "rowid < CAST(?2 AS INTEGER) AND rowid > CAST(?3 AS INTEGER)";
    const list = `SELECT rowid FROM search_index(?1) WHERE ${within}`;
    this.#find = db.prepare(`${list} ORDER BY rowid DESC LIMIT ?4`);
    this.#nth = db.prepare(`${list} ORDER BY rowid DESC LIMIT 1 OFFSET ?4`);
    this.#among = db.prepare(
      `SELECT value AS rowid FROM json_each(?4) INTERSECT ${list} ORDER BY 1 DESC`,
    );
    this.#count = db.prepare(
      `SELECT count(*) AS count FROM
         (SELECT 1 FROM search_index_words WHERE term >= ?1 AND term < ?2 LIMIT ?3)`,
    );
  }

  /**
   * Finds the newest messages.
   *
   * The time rises with the scopes and the words in the terms, which the caller limits: a look for each word into each
   * scope.
   *
   * @throws {RangeError} If a label is none.
   */
  find({ scopes, marks = [], terms, limit, ...bounds }: Search): number[] {
    if (scopes.length === 0) return [];
    const anywhere = expression(scopes, (scope) => {
      const words = terms.map(({ words, isPrefix }) =>
        `"${words.map((word) => wordIn(scope, word)).join(" ")}"${isPrefix ? " *" : ""}`
      );
      const all = [...marks.map((mark) => `"${markIn(scope, mark)}"`), ...words];
      return all.length === 0 ? `"${everyIn(scope)}"` : all.join(" AND ");
    });
    return numbersOf(this.#find.all(anywhere, ...limitsOf(bounds), limit));
  }

  /** The message that is the n-th of a list; `undefined` if it has fewer. */
  nth(
    scopes: readonly string[],
    list: ListName,
    bounds: SearchBounds,
    n: number,
  ): number | undefined {
    const row = this.#nth.get(listIn(scopes, list), ...limitsOf(bounds), n - 1);
    return row?.rowid as number | undefined;
  }

  /**
   * Those of some messages that are in a list.
   *
   * @param numbers Messages within the bounds.
   */
  among(
    numbers: readonly number[],
    scopes: readonly string[],
    list: ListName,
    bounds: SearchBounds,
  ): number[] {
    const json = JSON.stringify(numbers);
    return numbersOf(this.#among.all(listIn(scopes, list), ...limitsOf(bounds), json));
  }

  /** How often a word or a mark is in these scopes; counts no further than `limit`. */
  count(scopes: readonly string[], list: ListName, limit: number): number {
    let count = 0;
    for (const scope of scopes) {
      const from = nameIn(scope, list);
      const isPrefix = "word" in list && list.isPrefix;
      const to = from + (isPrefix ? END_OF_PREFIX : END_OF_WORD);
      count += this.#count.get(from, to, limit - count)!.count as number;
      if (count >= limit) break;
    }
    return count;
  }
}

/** What FTS5 is asked for: inside quotes it knows no operators, and no word holds a quote. */
function expression(scopes: readonly string[], inScope: (scope: string) => string): string {
  return [...new Set(scopes)].map((scope) => `(${inScope(scope)})`).join(" OR ");
}

function listIn(scopes: readonly string[], list: ListName): string {
  const star = "word" in list && list.isPrefix ? " *" : "";
  return expression(scopes, (scope) => `"${nameIn(scope, list)}"${star}`);
}

function nameIn(scope: string, list: ListName): string {
  return "mark" in list ? markIn(scope, list.mark) : wordIn(scope, list.word);
}

function limitsOf({ before = Number.MAX_SAFE_INTEGER, above = 0 }: SearchBounds): [number, number] {
  return [before, above];
}

function numbersOf(rows: Record<string, unknown>[]): number[] {
  return rows.map(({ rowid }) => rowid as number);
}

/** A word of a message of a scope, as it is indexed. */
export function wordIn(scope: string, word: string): string {
  return `${checkLabel(scope)}${POINT}${word}`;
}

/** A mark of a message of a scope, as it is indexed. */
export function markIn(scope: string, mark: string): string {
  return `${checkLabel(scope)}${POINT}${POINT}${checkLabel(mark)}`;
}

/** What each message of a scope is indexed under, so that they can be walked through. */
export function everyIn(scope: string): string {
  return `${checkLabel(scope)}${POINT}${POINT}`;
}

function checkLabel(label: string): string {
  if (!LABEL.test(label)) {
    throw new RangeError(`Cannot use '${label}' as a label: it must be lower-case letters, digits`);
  }
  return label;
}
