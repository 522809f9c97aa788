import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A room that an administrator has changed or ended. */
export interface RoomChange {
  /** The number of the change: a later one has a higher. */
  readonly seq: number;
  /** The room's number. */
  readonly id: number;
  /** Its folded name. */
  readonly folded: string;
}

/** The journal of what administrators did with rooms. Synchronous; what changes something belongs into a transaction. */
export class SqliteRoomChanges {
  readonly #list: StatementSync;
  readonly #last: StatementSync;
  readonly #add: StatementSync;
  readonly #addOf: StatementSync;
  readonly #forget: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#list = db.prepare(
      "SELECT seq, room, folded FROM room_changes WHERE seq > ? ORDER BY seq",
    );
    // Not max(seq): retention may have emptied the table, and numbers are never used twice.
    this.#last = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'room_changes'");
    this.#add = db.prepare("INSERT INTO room_changes (room, folded, time) VALUES (?, ?, ?)");
    this.#addOf = db.prepare(
      `INSERT INTO room_changes (room, folded, time)
         SELECT id, folded, ?2 FROM rooms WHERE id IN (
           SELECT room FROM room_roles WHERE account = ?1 UNION
           SELECT room FROM room_invitations WHERE account = ?1 UNION
           SELECT room FROM room_sanctions WHERE account = ?1 OR by_account = ?1)`,
    );
    this.#forget = db.prepare("DELETE FROM room_changes WHERE time < ?");
  }

  /** The number of the latest change. */
  last(): number {
    return (this.#last.get()?.seq as number | undefined) ?? 0;
  }

  /** The changes after that number, oldest first. */
  list(after: number): RoomChange[] {
    return this.#list.all(after).map((row) => ({
      seq: row.seq as number,
      id: row.room as number,
      folded: row.folded as string,
    }));
  }

  /** Notes that a room is another one now, or is gone. @param time Unix seconds. */
  add({ id, folded }: { readonly id: number; readonly folded: string }, time: number): void {
    this.#add.run(id, folded, time);
  }

  /** Notes all rooms that name an account, which is about to be removed. @param time Unix seconds. */
  addOf(account: number, time: number): void {
    this.#addOf.run(account, time);
  }

  /** Deletes the changes from before a time (Unix seconds). */
  forget(before: number): void {
    this.#forget.run(before);
  }
}
