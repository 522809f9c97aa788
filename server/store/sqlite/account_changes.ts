import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { AccountChange } from "../store.ts";

/** The journal of what administrators did. Synchronous; what changes something belongs into a transaction. */
export class SqliteAccountChanges {
  readonly #list: StatementSync;
  readonly #last: StatementSync;
  readonly #forget: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#list = db.prepare(
      "SELECT seq, folded, kind, reason FROM account_changes WHERE seq > ? ORDER BY seq",
    );
    // Not max(seq): retention may have emptied the table, and numbers are never used twice.
    this.#last = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'account_changes'");
    this.#forget = db.prepare("DELETE FROM account_changes WHERE time < ?");
  }

  /** The number of the latest change. */
  last(): number {
    return (this.#last.get()?.seq as number | undefined) ?? 0;
  }

  /** The changes after that number, oldest first. */
  list(after: number): (AccountChange & { seq: number })[] {
    return this.#list.all(after).map((row) => ({
      seq: row.seq as number,
      folded: row.folded as string,
      kind: row.kind as AccountChange["kind"],
      reason: row.reason as string,
    }));
  }

  /** Deletes the changes from before a time (Unix seconds). */
  forget(before: number): void {
    this.#forget.run(before);
  }
}
