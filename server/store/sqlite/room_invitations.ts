import type { DatabaseSync, StatementSync } from "node:sqlite";

import { LIMITS } from "../../../common/limits.ts";
import type { StoredRoom, WriteRefusal } from "../room_store.ts";
import type { SizeLimit } from "../size_limit.ts";

/** Who may enter a room though it is private. Synchronous; what changes something belongs into a transaction. */
export class SqliteRoomInvitations {
  readonly #size: SizeLimit;
  readonly #list: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, size: SizeLimit) {
    this.#size = size;
    this.#list = db.prepare(
      `SELECT a.folded, a.name FROM room_invitations i JOIN accounts a ON a.id = i.account
         WHERE i.room = ? ORDER BY a.folded`,
    );
    this.#insert = db.prepare("INSERT INTO room_invitations (room, account) VALUES (?, ?)");
    this.#delete = db.prepare("DELETE FROM room_invitations WHERE room = ? AND account = ?");
  }

  /** All of a room, by folded name. */
  list(room: number): { folded: string; name: string }[] {
    return this.#list.all(room).map((row) => ({
      folded: row.folded as string,
      name: row.name as string,
    }));
  }

  /**
   * An account may enter; nothing happens if it may already.
   *
   * @param room As it is.
   * @throws {StoreFullError} If the database may not grow.
   */
  add(
    room: StoredRoom,
    account: { readonly id: number; readonly folded: string },
  ): WriteRefusal | undefined {
    if (room.invited.some(({ folded }) => folded === account.folded)) return undefined;
    if (room.invited.length >= LIMITS.maxRoomInvitations) return "too-many";
    this.#size.check();
    this.#insert.run(room.id, account.id);
    return undefined;
  }

  /** An account may enter no more. */
  delete(room: number, account: number): void {
    this.#delete.run(room, account);
  }
}
