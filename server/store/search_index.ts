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

import { everyIn, markIn, POINT, SearchLists, wordIn } from "./search_lists.ts";
import { tokenize } from "./search_text.ts";

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

/**
 * Messages come and go here, and are found. Synchronous, and without transactions of its own: what is added and removed
 * is durable when the caller's transaction is.
 */
export class SearchIndex extends SearchLists {
  readonly #db: DatabaseSync;
  readonly #add: StatementSync;
  readonly #remove: StatementSync;
  readonly #merge: StatementSync;
  readonly #changes: StatementSync;
  readonly #clear: StatementSync;
  readonly #separators: StatementSync;
  readonly #nextWord: StatementSync;
  #replace: Record<"dropLower" | "set" | "drop", StatementSync> | undefined;

  /**
   * Prepares the statements on an open connection, which stays the caller's.
   *
   * @param db Has run {@linkcode CREATE_SEARCH_INDEX}.
   */
  constructor(db: DatabaseSync) {
    super(db);
    this.#db = db;
    this.#add = db.prepare("INSERT INTO search_index (rowid, words) VALUES (?, ?)");
    this.#remove = db.prepare(
      "INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', ?, ?)",
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
   *
   * Pages at the beginning of a segment that a merge has emptied stay in the tree until it is over, and have the same next
   * word as the first page that is left. FTS5 goes from each of them to that one, so of those that become alike it is
   * enough to keep the highest.
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
      this.#replace ??= {
        dropLower: db.prepare(
          `DELETE FROM search_index_idx WHERE segid = ?1 AND term = ?3
             AND pgno < (SELECT pgno FROM search_index_idx WHERE segid = ?1 AND term = ?2)`,
        ),
        set: db.prepare(
          "UPDATE OR IGNORE search_index_idx SET term = ?3 WHERE segid = ?1 AND term = ?2",
        ),
        drop: db.prepare("DELETE FROM search_index_idx WHERE segid = ?1 AND term = ?2"),
      };
      const { dropLower, set, drop } = this.#replace;
      dropLower.run(segment, separator, by);
      if (set.run(segment, separator, by).changes === 0) drop.run(segment, separator);
    } finally {
      db.enableDefensive(true);
    }
  }
}

/** What is indexed of a message: everything once for each scope. */
function wordsOf({ scopes, marks = [], text }: SearchEntry): string[] {
  const words = tokenize(text);
  return [...new Set(scopes)].flatMap((scope) => [
    everyIn(scope),
    ...marks.map((mark) => markIn(scope, mark)),
    ...words.map((word) => wordIn(scope, word)),
  ]);
}

/** How many bytes two arrays begin with alike. */
function commonLength(one: Uint8Array, other: Uint8Array): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}
