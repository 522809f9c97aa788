import { createHash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import { foldName } from "../../../common/names.ts";
import { type SearchEntry, SearchIndex } from "../search_index.ts";
import type { SearchLists } from "../search_lists.ts";
import { WORD_RULES } from "../search_text.ts";
import { inTransaction } from "../transaction.ts";
import type { MessageBody } from "./messages.ts";

/** The scope of all direct messages of an account. */
export function accountScope(account: number): string {
  return `u${account}`;
}

/** The scope of a room that lasts. */
export function roomScope(room: number): string {
  return `r${room}`;
}

/** Marks the messages of a conversation. */
export function conversationMark(conversation: number): string {
  return `c${conversation}`;
}

/** Marks what somebody of a folded name has said: a hash of the name, since names are no labels. */
export function senderMark(folded: string): string {
  return `f${createHash("sha256").update(folded).digest("hex").slice(0, 16)}`;
}

/**
 * Which messages are in the search index: those that are kept, up to a watermark that is in the same file and is moved
 * in the same transactions, so that a crash loses nothing. Synchronous; what changes something belongs into a
 * transaction.
 *
 * What is indexed of a message follows from its row alone. It must be taken out as it was put in, so a row that may be
 * indexed is changed or deleted only within {@linkcode MessageIndex.changing}.
 *
 * A message is known by the id that its row had at first, also when it has another one now (`moves`): so it stays at its
 * place among the others, and it is indexed if that id is not above the watermark.
 */
export class MessageIndex {
  readonly #index: SearchIndex;
  readonly #indexed: StatementSync;
  readonly #setIndexed: StatementSync;
  readonly #behind: StatementSync;
  readonly #newest: StatementSync;
  readonly #first: StatementSync;
  readonly #isLeft: StatementSync;
  readonly #row: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#index = new SearchIndex(db);
    this.#indexed = db.prepare("SELECT indexed FROM search_state");
    this.#setIndexed = db.prepare("UPDATE search_state SET indexed = ?");
    const row = "m.conversation, m.body, c.kind, c.a, c.b";
    const conversation = "LEFT JOIN conversations c ON c.id = m.conversation";
    // Both parts come in the order of the indexes that they are read by: nothing is sorted.
    this.#behind = db.prepare(
      `SELECT m.id AS first, ${row} FROM messages m ${conversation}
         WHERE m.id > ?1 AND NOT EXISTS (SELECT 1 FROM moves WHERE message = m.id OR first = m.id)
       UNION ALL
       SELECT v.first, ${row} FROM moves v JOIN messages m ON m.id = v.message ${conversation}
         WHERE v.first > ?1
       ORDER BY 1`,
    );
    this.#newest = db.prepare("SELECT max(id) AS id FROM messages");
    this.#first = db.prepare("SELECT first FROM moves WHERE message = ?");
    this.#isLeft = db.prepare("SELECT 1 FROM moves WHERE first = ?");
    this.#row = db.prepare(
      `SELECT ?1 AS first, ${row} FROM messages m ${conversation}
         WHERE m.id = coalesce((SELECT message FROM moves WHERE first = ?1), ?1)`,
    );
  }

  /** The index, for searches. */
  get index(): SearchLists & Pick<SearchIndex, "merge"> {
    return this.#index;
  }

  /** The highest id up to which messages are indexed. */
  get indexed(): number {
    return this.#indexed.get()!.indexed as number;
  }

  /**
   * Indexes the next messages, at least one if there is one: the time goes with the length of their texts.
   *
   * @param units About how many code units of rows, at most.
   * @returns Whether none was left.
   */
  add(units: number): boolean {
    const rows = takeUnits(this.#behind.iterate(this.indexed), units);
    let last = this.indexed;
    for (const row of rows.taken) {
      const entry = entryOf(row);
      if (entry !== undefined) this.#index.add(entry);
      last = row.first as number;
    }
    // Behind the last message there may be rows that are only where others have moved to, or from.
    if (!rows.more) last = Math.max(last, this.#newest.get()!.id as number | null ?? 0);
    this.#setIndexed.run(last);
    return !rows.more;
  }

  /** The place of a message among all: the id that its row had at first. */
  firstOf(id: number): number {
    return this.#first.get(id)?.first as number | undefined ?? id;
  }

  /**
   * Changes or deletes the row of a message, and keeps the index right, whether or not the message was in it. To be
   * called in the transaction of the change, on any connection of the database: it is the same index. For a message that
   * is indexed it takes about a tenth of a millisecond for each word, and that for both people of a direct message: FTS5
   * overwrites each one. So a long one is best changed aside (`GroupCommit.aside`), on the archive's connection.
   *
   * @param id Its row.
   * @param change Changes what the table says of it; the message may have another row then. Afterwards its words are
   * those of the new text; none if it is gone, has no `message` in its body, or belongs to no conversation any more.
   * @returns What the change returned.
   */
  changing<T>(id: number, change: () => T): T {
    const first = this.firstOf(id);
    if (first > this.indexed) return change(); // indexed later, as it is then
    if (this.#isLeft.get(id) !== undefined) return change(); // the message is not there any more
    const before = this.#entry(first);
    if (before !== undefined) this.#index.remove(before);
    const result = change();
    const after = this.#entry(first);
    if (after !== undefined) this.#index.add(after);
    return result;
  }

  #entry(first: number): SearchEntry | undefined {
    const row = this.#row.get(first);
    return row && entryOf(row);
  }
}

/**
 * Empties the index if it was made by other rules than today's: then it says something else than the texts, and nothing
 * could be taken out of it. The messages are indexed again like new ones.
 *
 * @param db Has the tables of today, and no transaction.
 */
export function renewIndex(db: DatabaseSync, rules: string = WORD_RULES): void {
  if (db.prepare("SELECT rules FROM search_state").get()?.rules === rules) return;
  inTransaction(db, () => {
    new SearchIndex(db).clear();
    db.prepare("UPDATE search_state SET indexed = 0, rules = ?").run(rules);
  });
}

/** What a row costs beside its body, in code units of a body. */
const ROW_UNITS = 64;

/**
 * The first of these rows that together have about so many code units in their bodies; at least one, if there is one.
 *
 * @param rows With `body`, or with its length as `units`.
 */
export function takeUnits(
  rows: Iterable<Record<string, unknown>>,
  units: number,
): { taken: Record<string, unknown>[]; more: boolean } {
  const taken: Record<string, unknown>[] = [];
  let left = units;
  for (const row of rows) {
    left -= ROW_UNITS + ((row.units as number | undefined) ?? (row.body as string).length);
    if (left < 0 && taken.length > 0) return { taken, more: true };
    taken.push(row);
  }
  return { taken, more: false };
}

/** What is indexed of a row; nothing of what is a letter only, or has no text any more. */
function entryOf(row: Record<string, unknown>): SearchEntry | undefined {
  if (row.conversation === null) return undefined;
  const { from, message } = JSON.parse(row.body as string) as Partial<MessageBody>;
  if (message === undefined) return undefined;
  const isRoom = row.kind === "room";
  const mark = from === undefined ? [] : [senderMark(foldName(from))];
  return {
    message: row.first as number,
    scopes: isRoom
      ? [roomScope(row.a as number)]
      : [accountScope(row.a as number), accountScope(row.b as number)],
    marks: isRoom ? mark : [...mark, conversationMark(row.conversation as number)],
    text: message,
  };
}
