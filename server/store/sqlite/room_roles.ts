import type { DatabaseSync, StatementSync } from "node:sqlite";

import { LIMITS } from "../../../common/limits.ts";
import type { RoomWrite, StoredRole, StoredRoom, WriteRefusal } from "../room_store.ts";
import type { SizeLimit } from "../size_limit.ts";

/** Owners and moderators of rooms. Synchronous; what changes something belongs into a transaction. */
export class SqliteRoomRoles {
  readonly #size: SizeLimit;
  readonly #list: StatementSync;
  readonly #owned: StatementSync;
  readonly #set: StatementSync;
  readonly #delete: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, size: SizeLimit) {
    this.#size = size;
    this.#list = db.prepare(
      `SELECT a.folded, a.name, r.role FROM room_roles r JOIN accounts a ON a.id = r.account
         WHERE r.room = ? ORDER BY a.folded`,
    );
    this.#owned = db.prepare(
      "SELECT count(*) AS owned FROM room_roles WHERE account = ? AND role = 'owner'",
    );
    this.#set = db.prepare(
      `INSERT INTO room_roles (room, account, role) VALUES (?, ?, ?)
         ON CONFLICT (room, account) DO UPDATE SET role = excluded.role`,
    );
    this.#delete = db.prepare("DELETE FROM room_roles WHERE room = ? AND account = ?");
  }

  /** All of a room, by folded name. */
  list(room: number): StoredRole[] {
    return this.#list.all(room).map((row) => ({
      folded: row.folded as string,
      name: row.name as string,
      role: row.role as StoredRole["role"],
    }));
  }

  /**
   * Whether an account may own one more room.
   *
   * @param maxRooms How many at most; 0 is no limit.
   */
  mayOwn(account: number, maxRooms: number): boolean {
    return maxRooms === 0 || (this.#owned.get(account)!.owned as number) < maxRooms;
  }

  /** The account is the owner of a room that it has just made. */
  own(room: number, account: number): void {
    this.#set.run(room, account, "owner");
  }

  /**
   * Gives an account another role.
   *
   * @param room As it is.
   * @throws {StoreFullError} If it has none so far, and the database may not grow.
   */
  grant(
    room: StoredRoom,
    account: number,
    { account: folded, role, maxRooms }: RoomWrite & { kind: "grant" },
  ): WriteRefusal | undefined {
    const before = room.roles.find((one) => one.folded === folded)?.role ?? "member";
    if (before === role) return undefined;
    if (before === "owner" && room.roles.filter((one) => one.role === "owner").length === 1) {
      return "last-owner";
    }
    if (role === "member") {
      this.#delete.run(room.id, account);
      return undefined;
    }
    if (role === "owner" && !this.mayOwn(account, maxRooms)) return "too-many";
    if (before === "member") {
      if (room.roles.length >= LIMITS.maxRoomRoles) return "too-many";
      this.#size.check();
    }
    this.#set.run(room.id, account, role);
    return undefined;
  }
}
