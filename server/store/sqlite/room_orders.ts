import type { DatabaseSync } from "node:sqlite";

import type { RoomRole } from "../../../common/wire/protocol.ts";
import type { EndedRoom, GrantedRole } from "../admin_acts.ts";
import {
  ADMINISTRATOR,
  type RoomWrite,
  type StoredRoom,
  type WriteRefusal,
} from "../room_store.ts";
import type { RoomTable } from "../room_table.ts";
import { SqliteRoomChanges } from "./room_changes.ts";

/**
 * What an administrator does to rooms: see `AdminActs`. Each is noted as done by {@linkcode ADMINISTRATOR}, and in the
 * journal from which a server learns of it. Synchronous; each belongs into a transaction.
 */
export class SqliteRoomOrders {
  readonly #db: DatabaseSync;
  readonly #table: RoomTable;
  readonly #now: () => number;

  /**
   * Works on an open connection, which stays the caller's.
   *
   * @param table Its rooms.
   * @param now Unix seconds, with fractions.
   */
  constructor(db: DatabaseSync, table: RoomTable, now: () => number) {
    this.#db = db;
    this.#table = table;
    this.#now = now;
  }

  /** See `AdminActs.removeRoom`. */
  removeRoom(folded: string): EndedRoom | undefined {
    const kept = this.#keptIn(folded);
    const room = this.#change(folded, { kind: "remove" }, { action: "remove" });
    return typeof room === "object" ? { name: room.name, kept } : undefined;
  }

  /** See `AdminActs.grantRoom`. */
  grantRoom(
    folded: string,
    account: string,
    role: RoomRole,
  ): GrantedRole | WriteRefusal | undefined {
    const row = this.#db.prepare("SELECT name FROM accounts WHERE folded = ?").get(account);
    const name = row?.name as string | undefined ?? account;
    const write = { kind: "grant", account, role, maxRooms: 0 } as const;
    const room = this.#change(folded, write, { action: "grant", target: name, detail: { role } });
    return typeof room === "object" ? { room: room.name, name } : room;
  }

  #keptIn(folded: string): number {
    const row = this.#db.prepare(
      `SELECT count(*) AS kept FROM messages WHERE conversation = (
         SELECT c.id FROM conversations c JOIN rooms r ON r.id = c.a
           WHERE c.kind = 'room' AND c.b = 0 AND r.folded = ?)`,
    ).get(folded);
    return row!.kept as number;
  }

  #change(
    folded: string,
    write: RoomWrite,
    act: { action: string; target?: string; detail?: Readonly<Record<string, string>> },
  ): StoredRoom | WriteRefusal | undefined {
    const now = this.#now();
    const order = { write, act: { by: ADMINISTRATOR, ...act } };
    const changed = this.#table.change<never>(folded, () => ({ order }), now);
    if (changed === undefined) return undefined;
    if ("thrown" in changed) throw changed.thrown;
    if ("refused" in changed) return changed.refused;
    new SqliteRoomChanges(this.#db).add(changed.before, now);
    return changed.after;
  }
}
