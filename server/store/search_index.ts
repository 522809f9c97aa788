/**
 * The index that messages are searched with. It holds words and the numbers of messages, no texts.
 *
 * Each word is indexed behind the label of a scope, so that a search looks only where the asker may read. Nothing
 * about it, not its time either, depends on what others wrote, and a word that is common elsewhere costs nothing.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import { type Term, tokenize } from "./search_text.ts";

/**
 * Makes an empty index. Contentless, since the messages are kept elsewhere; the tokenizer `ascii` parts what stands
 * between spaces just as {@linkcode tokenize} has made it; `secure-delete` takes a word out of the index at once
 * instead of noting that it is gone (sqlite.org/fts5.html). A search looks into each of the index's segments for each
 * word and scope, and a removal, too. FTS5 by itself would merge them in the middle of an addition, for up to a hundred
 * milliseconds: it is told not to, unless very many have gathered, and {@linkcode SearchIndex.merge} does it in pieces.
 */
export const CREATE_SEARCH_INDEX = `
  CREATE VIRTUAL TABLE search_index
    USING fts5(words, content = '', columnsize = 0, detail = full, tokenize = 'ascii');
  INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1);
  INSERT INTO search_index (search_index, rank) VALUES ('automerge', 0);
  INSERT INTO search_index (search_index, rank) VALUES ('usermerge', 2);
  INSERT INTO search_index (search_index, rank) VALUES ('crisismerge', 16);
  CREATE VIRTUAL TABLE search_index_words USING fts5vocab(search_index, instance);`;

/** ASCII lower case letters and digits. */
const LABEL = /^[a-z0-9]+$/;
/** Parts labels from words. It is in no word, and FTS5 takes it for a part of one. */
const POINT = "·";
/** What FTS5 puts before each word in its tables. */
const MAIN_INDEX = "0";

/** A message as it is indexed. */
export interface SearchEntry {
  /** Its number, from 1: later messages have higher ones. */
  readonly message: number;
  /**
   * Labels of ASCII lower case letters and digits: all that may be searched on its own. A room is one scope; a direct
   * message is best in one of each of the two people, so that each finds all of theirs by one look.
   */
  readonly scopes: readonly string[];
  /** Labels as above, by which a search can be narrowed: who wrote it, which conversation it is in. */
  readonly marks?: readonly string[];
  /** What it says. */
  readonly text: string;
}

/** What is looked for. */
export interface Search {
  /** Where: a message in any of them is found, once. */
  readonly scopes: readonly string[];
  /** Only messages with all of these. */
  readonly marks?: readonly string[];
  /** Only messages with all of these, see `parseQuery`. At least one. */
  readonly terms: readonly Term[];
  /** Only messages below this number. */
  readonly before?: number;
  /** Only messages above this number. */
  readonly above?: number;
  /** At most so many messages. */
  readonly limit: number;
}

/**
 * Finds messages. Synchronous, and without transactions of its own: what is added and removed is durable when the
 * caller's transaction is.
 */
export class SearchIndex {
  readonly #db: DatabaseSync;
  readonly #add: StatementSync;
  readonly #remove: StatementSync;
  readonly #find: StatementSync;
  readonly #merge: StatementSync;
  readonly #changes: StatementSync;
  readonly #clear: StatementSync;
  readonly #separators: StatementSync;
  readonly #nextWord: StatementSync;

  /**
   * Prepares the statements on an open connection, which stays the caller's.
   *
   * @param db Has run {@linkcode CREATE_SEARCH_INDEX}.
   */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#add = db.prepare("INSERT INTO search_index (rowid, words) VALUES (?, ?)");
    this.#remove = db.prepare(
      "INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', ?, ?)",
    );
    this.#find = db.prepare(
      "SELECT rowid FROM search_index(?) WHERE rowid < ? AND rowid > ? ORDER BY rowid DESC LIMIT ?",
    );
    this.#merge = db.prepare("INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)");
    this.#changes = db.prepare("SELECT total_changes() AS count");
    this.#clear = db.prepare("INSERT INTO search_index (search_index) VALUES ('delete-all')");
    // One step for each segment of the index, not for each of its rows.
    this.#separators = db.prepare(
      `WITH RECURSIVE segments (id) AS (
         SELECT min(segid) FROM search_index_idx
         UNION ALL
         SELECT (SELECT min(segid) FROM search_index_idx WHERE segid > id)
           FROM segments WHERE id IS NOT NULL)
       SELECT id, term FROM (
         SELECT id, (SELECT term FROM search_index_idx WHERE segid = id AND term <= ?1
                       ORDER BY term DESC LIMIT 1) AS term
           FROM segments WHERE id IS NOT NULL)
         WHERE length(term) > ?2 AND term = substr(?1, 1, length(term))`,
    );
    this.#nextWord = db.prepare(
      "SELECT CAST(term AS BLOB) AS term FROM search_index_words WHERE term >= CAST(? AS TEXT) LIMIT 1",
    );
  }

  /**
   * Makes a message known.
   *
   * @throws {RangeError} If a label is none.
   */
  add(entry: SearchEntry): void {
    this.#add.run(entry.message, wordsOf(entry).join(" "));
  }

  /**
   * Forgets a message. With `PRAGMA secure_delete = ON`, its words are gone from the file when the transaction is
   * committed and the write-ahead log has been truncated, except those that other messages of the scope have.
   *
   * @param entry What was given to {@linkcode add}, and not removed yet. Anything else damages the index.
   * @throws {RangeError} If a label is none.
   */
  remove(entry: SearchEntry): void {
    const words = wordsOf(entry);
    this.#remove.run(entry.message, words.join(" "));
    for (const word of new Set(words)) this.#wipe(word);
  }

  /**
   * Finds the newest messages.
   *
   * The time rises with the scopes and the words in the terms, which the caller limits: a look for each word into each
   * scope.
   *
   * @returns Their numbers, highest first.
   * @throws {RangeError} If a label is none.
   */
  find(
    { scopes, marks = [], terms, before = Number.MAX_SAFE_INTEGER, above = 0, limit }: Search,
  ): number[] {
    if (scopes.length === 0) return [];
    const inScope = (scope: string): string => {
      const words = terms.map(({ words, isPrefix }) =>
        `"${words.map((word) => wordIn(scope, word)).join(" ")}"${isPrefix ? " *" : ""}`
      );
      return `(${[...marks.map((mark) => `"${markIn(scope, mark)}"`), ...words].join(" AND ")})`;
    };
    // Inside quotes FTS5 knows no operators, and no word holds a quote.
    const anywhere = [...new Set(scopes)].map(inScope).join(" OR ");
    return this.#find.all(anywhere, before, above, limit).map(({ rowid }) => rowid as number);
  }

  /**
   * Merges segments of the index, so that later searches have fewer to look into.
   *
   * @param pages About how many pages to write at most; from 1.
   * @returns Whether there may be more to merge.
   */
  merge(pages: number): boolean {
    const before = this.#totalChanges();
    this.#merge.run(pages);
    return this.#totalChanges() - before >= 2; // what FTS5 documents for its 'merge'
  }

  /** Forgets all messages. */
  clear(): void {
    this.#clear.run();
  }

  #totalChanges(): number {
    return this.#changes.get()!.count as number;
  }

  /**
   * Takes what is left of a removed word out of FTS5's tree of pages. To part a page from the one before, it keeps as
   * much of the page's first word as differs, also when the word itself is gone; as much of the next word that is there
   * parts them as well.
   */
  #wipe(word: string): void {
    const removed = Buffer.from(MAIN_INDEX + word);
    const scopeLength = removed.indexOf(POINT) + Buffer.byteLength(POINT);
    for (const { id, term } of this.#separators.all(removed, scopeLength)) {
      const separator = term as Uint8Array;
      const next = this.#nextWord.get(separator.subarray(MAIN_INDEX.length))?.term;
      if (next === undefined) continue;
      const other = Buffer.concat([Buffer.from(MAIN_INDEX), next as Uint8Array]);
      const length = commonLength(separator, other);
      if (length === separator.length) continue; // a word that is there begins like this
      this.#replaceSeparator(id as number, separator, other.subarray(0, length + 1));
    }
  }

  #replaceSeparator(segment: number, separator: Uint8Array, by: Uint8Array): void {
    // Deno has the method, its types do not.
    const db = this.#db as DatabaseSync & { enableDefensive(active: boolean): void };
    db.enableDefensive(false);
    try {
      db.prepare("UPDATE search_index_idx SET term = ? WHERE segid = ? AND term = ?")
        .run(by, segment, separator);
    } finally {
      db.enableDefensive(true);
    }
  }
}

/** What is indexed of a message: everything once for each scope. */
function wordsOf({ scopes, marks = [], text }: SearchEntry): string[] {
  const words = tokenize(text);
  return [...new Set(scopes)].flatMap((scope) => [
    ...marks.map((mark) => markIn(scope, mark)),
    ...words.map((word) => wordIn(scope, word)),
  ]);
}

function wordIn(scope: string, word: string): string {
  return `${checkLabel(scope)}${POINT}${word}`;
}

function markIn(scope: string, mark: string): string {
  return `${checkLabel(scope)}${POINT}${POINT}${checkLabel(mark)}`;
}

function checkLabel(label: string): string {
  if (!LABEL.test(label)) {
    throw new RangeError(`Cannot use '${label}' as a label: it must be lower-case letters, digits`);
  }
  return label;
}

/** How many bytes two arrays begin with alike. */
function commonLength(one: Uint8Array, other: Uint8Array): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}
