import type { DatabaseSync, StatementSync } from "node:sqlite";

import { takeUnits } from "./message_index.ts";
import type { MessageTexts } from "./message_texts.ts";

/** Rows that one step looks at, so that others wait for it only briefly. */
const LOOK_ROWS = 5_000;
/**
 * Seconds after which nobody can be online any more with an account that was removed: a server learns of it within two.
 */
const SETTLED_SECONDS = 60;

/** Messages that were deleted, by where they were. */
export interface RemovedMessages {
  /** Direct ones, of both people, and letters that were nothing else. */
  direct: number;
  /** In rooms. */
  rooms: number;
}

/** An account of which messages may be left. */
export interface Removal {
  /** The id that it had. */
  readonly account: number;
  /** Unix seconds. */
  readonly time: number;
  /** Up to which row none is left. */
  readonly swept: number;
}

/**
 * What is left to erase of accounts that are gone: the messages of their direct conversations, and what they said in
 * rooms. Synchronous; each step is to be called in a transaction of its own.
 *
 * The account goes first, so that nothing new comes; its id stays noted until all is done. So whoever is interrupted
 * goes on where it was: the administrator's command, or the retention of the next server. The rows are looked at in
 * their order, once, and those that came meanwhile are the last.
 */
export class SqliteRemovals {
  readonly #texts: MessageTexts;
  readonly #insert: StatementSync;
  readonly #list: StatementSync;
  readonly #last: StatementSync;
  readonly #find: StatementSync;
  readonly #sweep: StatementSync;
  readonly #delete: StatementSync;
  readonly #entries: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, texts: MessageTexts) {
    this.#texts = texts;
    this.#insert = db.prepare("INSERT INTO removals (account, folded, time) VALUES (?, ?, ?)");
    this.#list = db.prepare(
      "SELECT account, time, swept FROM removals WHERE ?1 IS NULL OR folded = ?1 ORDER BY account",
    );
    this.#last = db.prepare("SELECT coalesce(max(id), 0) AS last FROM messages");
    this.#find = db.prepare(
      `SELECT m.id, m.seq, m.conversation, c.kind, length(m.body) AS units
         FROM messages m LEFT JOIN conversations c ON c.id = m.conversation
         WHERE m.id > ?2 AND m.id <= ?3 AND (m.sender = ?1 OR m.conversation IN (
           SELECT id FROM conversations WHERE kind = 'direct' AND a = ?1
           UNION ALL SELECT id FROM conversations WHERE kind = 'direct' AND b = ?1))
         ORDER BY m.id`,
    );
    this.#sweep = db.prepare("UPDATE removals SET swept = max(swept, ?2) WHERE account = ?1");
    this.#delete = db.prepare("DELETE FROM removals WHERE account = ?");
    this.#entries = db.prepare(
      `SELECT stored AS entry FROM letters WHERE message = ?1
         UNION SELECT entry FROM message_entries WHERE conversation = ?2 AND seq = ?3`,
    );
  }

  /** Whether anything is noted. */
  static areLeft(db: DatabaseSync): boolean {
    return db.prepare("SELECT 1 FROM removals LIMIT 1").get() !== undefined;
  }

  /** An account is gone. Belongs into the transaction that deletes it. */
  begin(account: number, folded: string, time: number): void {
    this.#insert.run(account, folded, time);
  }

  /** The accounts of which something may be left; those that had a name, if it is given. */
  list(folded?: string): Removal[] {
    return this.#list.all(folded ?? null).map((row) => ({
      account: row.account as number,
      time: row.time as number,
      swept: row.swept as number,
    }));
  }

  /**
   * Deletes some of what is left of an account: the time goes with the length of the texts.
   *
   * @param units About how many code units of rows, at most.
   * @param removed Counts it.
   * @param entries Of a copy: gets the numbers of the entries of the log that have texts of it.
   * @returns What is left then; `undefined` if nothing is.
   */
  step(
    { account, time, swept }: Removal,
    units: number,
    removed: RemovedMessages,
    entries?: number[],
  ): Removal | undefined {
    const last = this.#last.get()!.last as number;
    if (swept >= last) return undefined;
    const end = Math.min(last, swept + LOOK_ROWS);
    const rows = takeUnits(this.#find.iterate(account, swept, end), units);
    for (const { id, seq, conversation, kind } of rows.taken) {
      if (entries !== undefined) {
        if (seq !== null) entries.push(seq as number);
        const others = this.#entries.all(id as number, conversation as number, seq as number);
        for (const { entry } of others) entries.push(entry as number);
      }
      this.#texts.delete(id as number);
      if (seq === null && conversation !== null) continue; // what an edit has left
      removed[kind === "room" ? "rooms" : "direct"]++;
    }
    const upTo = rows.more ? rows.taken.at(-1)!.id as number : end;
    this.#sweep.run(account, upTo);
    return upTo < last ? { account, time, swept: upTo } : undefined;
  }

  /**
   * Retention: takes one step for an account, or forgets one of which nothing can come any more.
   *
   * @param now Unix seconds.
   * @param units About how many code units of rows, at most.
   * @param entries See {@linkcode SqliteRemovals.step}.
   * @returns Whether there is more to do.
   */
  goOn(now: number, units: number, entries?: number[]): boolean {
    for (const removal of this.list()) {
      if (this.step(removal, units, { direct: 0, rooms: 0 }, entries) !== undefined) return true;
      if (removal.time < now - SETTLED_SECONDS) this.#delete.run(removal.account);
    }
    return false;
  }
}
