/**
 * What an administrator does to rooms that last, beside a server that may be running on the same file.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";

import type { RoomRole } from "../../common/wire/protocol.ts";
import type { EndedRoom, GrantedRole } from "./admin_acts.ts";
import type { StoredRoom, WriteRefusal } from "./room_store.ts";
import { RoomTable } from "./room_table.ts";
import { SizeLimit } from "./size_limit.ts";
import { type ActFilter, type NotedAct, SqliteRoomActs } from "./sqlite/room_acts.ts";
import { SqliteRoomOrders } from "./sqlite/room_orders.ts";
import { openDatabase } from "./sqlite_file.ts";
import { inTransaction } from "./transaction.ts";

const SECONDS_A_DAY = 86_400;

/** A room, as an administrator sees it in a list. */
export interface RoomRecord {
  /** The name as shown. */
  readonly name: string;
  /** What it is about; may be empty. */
  readonly topic: string;
  /** Unix seconds. */
  readonly made: number;
  /** Unix seconds of the beginning of the last day (UTC) on which somebody was in. */
  readonly lastIn: number;
  /** Whether only who was invited may enter. */
  readonly isPrivate: boolean;
  /** Whether only owners and moderators speak. */
  readonly isModerated: boolean;
  /** Seconds in which a member may say one thing; 0 is no limit. */
  readonly slow: number;
  /** Its owners, as shown, by folded name. */
  readonly owners: readonly string[];
  /** How many accounts are remembered to be in, also while they are offline. */
  readonly members: number;
  /** How many messages are kept, deleted ones that are not gone yet among them. */
  readonly kept: number;
  /** The number of its newest message, as many as ever were; 0 if none was kept. */
  readonly last: number;
}

/**
 * Administration of rooms. Names come folded (`foldName`). Each method is one transaction, on disk when it returns; a
 * server that runs on the same file notices within two seconds.
 */
export class RoomAdmin implements Disposable {
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  readonly #table: RoomTable;
  readonly #acts: SqliteRoomActs;
  readonly #orders: SqliteRoomOrders;

  private constructor(db: DatabaseSync, now: () => number) {
    this.#db = db;
    this.#now = now;
    // The operator is not held by the operator's own limit.
    const size = new SizeLimit(db, { path: "", maxBytes: 0, onChange: () => {} });
    this.#table = new RoomTable(db, { size, conversations: undefined });
    this.#acts = new SqliteRoomActs(db, size);
    this.#orders = new SqliteRoomOrders(db, this.#table, now);
  }

  /**
   * Opens the database.
   *
   * @param path The server's database file; it is not made.
   * @param now Unix seconds.
   * @param busyTimeoutMs Milliseconds that each call waits while another program is in the way.
   * @throws {StartError} One line that names the file, what is wrong and what to do.
   */
  static open(path: string, now: () => number, busyTimeoutMs: number = 5_000): RoomAdmin {
    const db = openDatabase(path, { create: false, busyTimeoutMs });
    try {
      return new RoomAdmin(db, now);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /**
   * Rooms that last, one after the other, by folded name.
   *
   * @param folded Only the one of that name.
   */
  *listRooms(folded?: string): Generator<RoomRecord> {
    const owners = this.#db.prepare(
      `SELECT a.name FROM room_roles r JOIN accounts a ON a.id = r.account
         WHERE r.room = ? AND r.role = 'owner' ORDER BY a.folded`,
    );
    // Both counts look at an index only.
    const rows = this.#db.prepare(
      `SELECT r.id, r.name, r.topic, r.made, r.last_day, r.private, r.moderated, r.slow,
              coalesce(c.last, 0) AS last,
              (SELECT count(*) FROM room_members m WHERE m.room = r.id) AS members,
              (SELECT count(*) FROM messages m WHERE m.conversation = c.id) AS kept
         FROM rooms r LEFT JOIN conversations c ON c.kind = 'room' AND c.a = r.id AND c.b = 0
         WHERE ?1 IS NULL OR r.folded = ?1 ORDER BY r.folded`,
    );
    for (const row of rows.all(folded ?? null)) {
      yield {
        name: row.name as string,
        topic: row.topic as string,
        made: row.made as number,
        lastIn: row.last_day as number * SECONDS_A_DAY,
        isPrivate: row.private === 1,
        isModerated: row.moderated === 1,
        slow: row.slow as number,
        owners: owners.all(row.id!).map(({ name }) => name as string),
        members: row.members as number,
        kept: row.kept as number,
        last: row.last as number,
      };
    }
  }

  /** All that holds in a room; `undefined` if there is none of that name. */
  showRoom(folded: string): StoredRoom | undefined {
    return this.#table.find(folded, this.#now());
  }

  /** See `AdminActs.removeRoom`. Its messages are deleted by the running server, or by the next one. */
  removeRoom(folded: string): EndedRoom | undefined {
    return this.#do(() => this.#orders.removeRoom(folded));
  }

  /** See `AdminActs.grantRoom`. */
  grantRoom(
    folded: string,
    account: string,
    role: RoomRole,
  ): GrantedRole | WriteRefusal | undefined {
    return this.#do(() => this.#orders.grantRoom(folded, account, role));
  }

  /** The latest acts, the newest first, also in rooms that are gone. */
  listActs(filter: ActFilter): NotedAct[] {
    return this.#acts.list(filter);
  }

  /** Closes the database. */
  [Symbol.dispose](): void {
    this.#db.close();
  }

  #do<T>(work: () => T): T {
    this.#table.rolledBack(); // if the last change was not committed
    return inTransaction(this.#db, work);
  }
}
