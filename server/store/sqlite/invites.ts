import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A code that is to be known. */
export interface NewInvite {
  /** See `hashOfInvite`. */
  readonly hash: string;
  /** How many accounts it makes; at least 1. */
  readonly uses: number;
  /** Unix seconds from which on it makes none. */
  readonly expires: number;
  /** What the administrator notes beside it. */
  readonly note: string;
}

/** A code that makes accounts, as an administrator sees it: not even they see the code again. */
export interface Invite {
  /** Its number; never used again. */
  readonly id: number;
  /** How many accounts it still makes. */
  readonly usesLeft: number;
  /** Unix seconds from which on it makes none. */
  readonly expires: number;
  /** What the administrator noted. */
  readonly note: string;
  /** Unix seconds. */
  readonly made: number;
}

/** Invitation codes, as hashes. Synchronous; what changes something belongs into a transaction. Times are Unix seconds. */
export class SqliteInvites {
  readonly #isOpen: StatementSync;
  readonly #use: StatementSync;
  readonly #make: StatementSync;
  readonly #list: StatementSync;
  readonly #revoke: StatementSync;
  readonly #forget: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#isOpen = db.prepare(
      "SELECT 1 FROM invites WHERE hash = ? AND uses_left > 0 AND expires > ?",
    );
    this.#use = db.prepare("UPDATE invites SET uses_left = uses_left - 1 WHERE hash = ?");
    this.#make = db.prepare(
      "INSERT OR REPLACE INTO invites (id, hash, uses_left, expires, note, made) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#list = db.prepare(
      `SELECT id, uses_left, expires, note, made FROM invites
         WHERE uses_left > 0 AND expires > ? ORDER BY expires, id`,
    );
    this.#revoke = db.prepare(
      "DELETE FROM invites WHERE id = ? AND uses_left > 0 AND expires > ?",
    );
    this.#forget = db.prepare(
      `DELETE FROM invites WHERE id IN
         (SELECT id FROM invites WHERE uses_left <= 0 OR expires <= ? LIMIT ?)`,
    );
  }

  /** See `Store.isInvited`. */
  isOpen(hash: string, now: number): boolean {
    return this.#isOpen.get(hash, now) !== undefined;
  }

  /** Uses up one use of a code that is open. */
  use(hash: string): void {
    this.#use.run(hash);
  }

  /**
   * Makes a code known.
   *
   * @param id Its number, where another one may have it that is worth less; without one it gets the next one.
   */
  make({ hash, uses, expires, note }: NewInvite, now: number, id?: number): void {
    this.#make.run(id ?? null, hash, uses, expires, note, now);
  }

  /** The codes that are open, those that expire first before all others. */
  list(now: number): Invite[] {
    return this.#list.all(now).map((row) => ({
      id: row.id as number,
      usesLeft: row.uses_left as number,
      expires: row.expires as number,
      note: row.note as string,
      made: row.made as number,
    }));
  }

  /** Deletes a code; `false` if none of that number is open. */
  revoke(id: number, now: number): boolean {
    return this.#revoke.run(id, now).changes === 1;
  }

  /** Deletes codes that are used up or have expired; at most `limit`. Returns how many. */
  forget(now: number, limit: number): number {
    return Number(this.#forget.run(now, limit).changes);
  }
}
