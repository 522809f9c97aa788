import type { DatabaseSync, StatementSync } from "node:sqlite";

import { LIMITS } from "../../../common/limits.ts";
import type { SizeLimit } from "../size_limit.ts";

/**
 * Which accounts are in which rooms that last, also while they are offline. Synchronous; what changes something belongs
 * into a transaction.
 */
export class SqliteRoomMembers {
  readonly #size: SizeLimit;
  readonly #has: StatementSync;
  readonly #remember: StatementSync;
  readonly #trim: StatementSync;
  readonly #forget: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, size: SizeLimit) {
    this.#size = size;
    this.#has = db.prepare(
      `SELECT 1 FROM room_members
         WHERE account = (SELECT id FROM accounts WHERE folded = ?) AND room = ?`,
    );
    this.#remember = db.prepare(
      `INSERT INTO room_members (account, room)
         SELECT a.id, r.id FROM accounts a, rooms r WHERE a.folded = ? AND r.id = ?
         ON CONFLICT DO NOTHING RETURNING account`,
    );
    this.#trim = db.prepare(
      `DELETE FROM room_members WHERE account = ?1 AND id <= (
         SELECT id FROM room_members WHERE account = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
    );
    this.#forget = db.prepare(
      `DELETE FROM room_members
         WHERE account = (SELECT id FROM accounts WHERE folded = ?) AND room = ?`,
    );
  }

  /** Whether it is written down that an account is in a room. */
  has(id: number, folded: string): boolean {
    return this.#has.get(folded, id) !== undefined;
  }

  /**
   * See `RoomStore.remember`.
   *
   * @throws {StoreFullError} If the database may not grow.
   */
  remember(id: number, folded: string): void {
    this.#size.check();
    const account = this.#remember.get(folded, id)?.account as number | undefined;
    if (account !== undefined) this.#trim.run(account, LIMITS.maxRememberedRooms);
  }

  /** See `RoomStore.forgetMember`. */
  forget(id: number, folded: string): void {
    this.#forget.run(folded, id);
  }
}
