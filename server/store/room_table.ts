/**
 * The statements about rooms of the embedded database. Synchronous: `SqliteRooms` calls them, in a transaction where they write.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import { LIMITS } from "../../common/limits.ts";
import type { ListedRoom, OpenedRoom, RoomMaker, StoredRoom } from "./room_store.ts";
import type { SizeLimit } from "./size_limit.ts";
import type { SqliteConversations } from "./sqlite/conversations.ts";

/** What a {@linkcode RoomTable} needs of the database beside its own tables. */
export interface RoomTableOptions {
  /** Whether the database may grow. */
  readonly size: SizeLimit;
  /** Where messages of rooms are kept; `undefined` if none are. */
  readonly conversations: SqliteConversations | undefined;
}

/** Rooms, and who has which role in them. */
export class RoomTable {
  readonly #size: SizeLimit;
  readonly #conversations: SqliteConversations | undefined;
  readonly #room: StatementSync;
  readonly #owners: StatementSync;
  readonly #lastDay: StatementSync;
  readonly #list: StatementSync;
  readonly #total: StatementSync;
  readonly #touch: StatementSync;
  readonly #account: StatementSync;
  readonly #owned: StatementSync;
  readonly #insert: StatementSync;
  readonly #grant: StatementSync;
  readonly #setTopic: StatementSync;
  readonly #remove: StatementSync;
  readonly #forget: StatementSync;
  readonly #isRemembered: StatementSync;
  readonly #remember: StatementSync;
  readonly #trimRemembered: StatementSync;
  readonly #forgetMember: StatementSync;

  /** Prepares the statements on an open, writable connection, which stays the caller's. */
  constructor(db: DatabaseSync, { size, conversations }: RoomTableOptions) {
    this.#size = size;
    this.#conversations = conversations;
    this.#room = db.prepare("SELECT id, folded, name, topic FROM rooms WHERE folded = ?");
    this.#owners = db.prepare(
      `SELECT a.name FROM room_roles r JOIN accounts a ON a.id = r.account
         WHERE r.room = ? AND r.role = 'owner' ORDER BY a.folded`,
    );
    this.#lastDay = db.prepare("SELECT last_day FROM rooms WHERE folded = ?");
    this.#list = db.prepare("SELECT folded, name, topic FROM rooms ORDER BY folded LIMIT ?");
    // SQLite counts cells of index pages here and reads no row.
    this.#total = db.prepare("SELECT count(*) AS total FROM rooms");
    this.#touch = db.prepare("UPDATE rooms SET last_day = ?2 WHERE id = ?1 AND last_day < ?2");
    this.#account = db.prepare("SELECT id FROM accounts WHERE folded = ?");
    this.#owned = db.prepare(
      "SELECT count(*) AS owned FROM room_roles WHERE account = ? AND role = 'owner'",
    );
    this.#insert = db.prepare(
      "INSERT INTO rooms (folded, name, made, last_day) VALUES (?, ?, ?, ?) RETURNING id",
    );
    this.#grant = db.prepare("INSERT INTO room_roles (room, account, role) VALUES (?, ?, ?)");
    const isOwners = `id = ? AND EXISTS (
      SELECT 1 FROM room_roles r JOIN accounts a ON a.id = r.account
        WHERE r.room = rooms.id AND r.role = 'owner' AND a.folded = ?)`;
    this.#setTopic = db.prepare(`UPDATE rooms SET topic = ? WHERE ${isOwners}`);
    this.#remove = db.prepare(`DELETE FROM rooms WHERE ${isOwners}`);
    this.#forget = db.prepare(
      "DELETE FROM rooms WHERE id IN (SELECT id FROM rooms WHERE last_day < ? LIMIT ?)",
    );
    this.#isRemembered = db.prepare(
      `SELECT 1 FROM room_members
         WHERE account = (SELECT id FROM accounts WHERE folded = ?) AND room = ?`,
    );
    this.#remember = db.prepare(
      `INSERT INTO room_members (account, room)
         SELECT a.id, r.id FROM accounts a, rooms r WHERE a.folded = ? AND r.id = ?
         ON CONFLICT DO NOTHING RETURNING account`,
    );
    this.#trimRemembered = db.prepare(
      `DELETE FROM room_members WHERE account = ?1 AND id <= (
         SELECT id FROM room_members WHERE account = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
    );
    this.#forgetMember = db.prepare(
      `DELETE FROM room_members
         WHERE account = (SELECT id FROM accounts WHERE folded = ?) AND room = ?`,
    );
  }

  /** See `RoomStore.find`. */
  find(folded: string): StoredRoom | undefined {
    const row = this.#room.get(folded);
    if (row === undefined) return undefined;
    const id = row.id as number;
    return {
      id,
      folded,
      name: row.name as string,
      topic: row.topic as string,
      owners: this.#owners.all(id).map(({ name }) => name as string),
    };
  }

  /**
   * A room that can be opened without anything being written.
   *
   * @param day Of today, since 1970-01-01: at which somebody is known to have been in the room.
   */
  openedToday(folded: string, day: number): OpenedRoom | undefined {
    if (this.#lastDay.get(folded)?.last_day !== day) return undefined;
    const room = this.find(folded)!;
    const conversation = this.#conversations?.findRoom(room.id);
    const isAtHand = conversation !== undefined &&
      this.#conversations!.peek(conversation) !== undefined;
    return isAtHand || this.#conversations === undefined ? this.#opened(room, false) : undefined;
  }

  /** Whether it is written down that an account is in a room, or nothing is to be. */
  isRemembered(id: number, folded: string): boolean {
    return this.#conversations === undefined || this.#isRemembered.get(folded, id) !== undefined;
  }

  /** See `RoomStore.list`. */
  list(limit: number): { rooms: ListedRoom[]; total: number } {
    const rooms = this.#list.all(limit).map((row) => ({
      folded: row.folded as string,
      name: row.name as string,
      topic: row.topic as string,
    }));
    return { rooms, total: this.#total.get()!.total as number };
  }

  /**
   * See `RoomStore.open`. Belongs into a transaction, as all that follows.
   *
   * @throws {StoreFullError} If the room is new and the database may not grow.
   */
  open(
    folded: string,
    maker: RoomMaker | undefined,
    { day, time }: { day: number; time: number },
  ): OpenedRoom | "too-many" | undefined {
    const room = this.find(folded);
    if (room !== undefined) {
      this.#touch.run(room.id, day);
      return this.#opened(room, false);
    }
    if (maker === undefined) return undefined;
    const account = this.#account.get(maker.folded)?.id as number | undefined;
    if (account === undefined) return undefined;
    const { roomName, maxRooms } = maker;
    if (maxRooms > 0 && this.#owned.get(account)!.owned as number >= maxRooms) return "too-many";
    this.#size.check();
    const id = this.#insert.get(folded, roomName, time, day)!.id as number;
    this.#grant.run(id, account, "owner");
    return this.#opened(this.find(folded)!, true);
  }

  /**
   * See `RoomStore.setTopic`.
   *
   * @throws {StoreFullError} If the database may not grow.
   */
  setTopic(id: number, by: string, topic: string): boolean {
    if (topic !== "") this.#size.check(Buffer.byteLength(topic)); // an empty one takes no room
    return this.#setTopic.run(topic, id, by).changes === 1;
  }

  /** See `RoomStore.remove`. */
  remove(id: number, by: string): boolean {
    this.#conversations?.settle(); // what takes no messages any more is looked up again
    return this.#remove.run(id, by).changes === 1;
  }

  /**
   * See `RoomStore.remember`.
   *
   * @throws {StoreFullError} If the database may not grow.
   */
  remember(id: number, folded: string): void {
    this.#size.check();
    const account = this.#remember.get(folded, id)?.account as number | undefined;
    if (account !== undefined) this.#trimRemembered.run(account, LIMITS.maxRememberedRooms);
  }

  /** See `RoomStore.forgetMember`. */
  forgetMember(id: number, folded: string): void {
    this.#forgetMember.run(folded, id);
  }

  /** Somebody was in these rooms on that day. */
  touch(ids: readonly number[], day: number): void {
    for (const id of ids) this.#touch.run(id, day);
  }

  /**
   * Deletes rooms that nobody was in since before a day.
   *
   * @returns How many, at most `limit`.
   */
  forget(beforeDay: number, limit: number): number {
    this.#conversations?.settle();
    return Number(this.#forget.run(beforeDay, limit).changes);
  }

  /** A room with the place of its messages, made if there is room for it. */
  #opened(room: StoredRoom, isNew: boolean): OpenedRoom {
    const nothing = { ...room, isNew, conversation: undefined, last: 0 };
    const conversations = this.#conversations;
    if (conversations === undefined) return nothing;
    // Who comes into a room is not refused because nothing can be said there at the moment.
    if (conversations.findRoom(room.id) === undefined && !this.#size.admits()) return nothing;
    const conversation = conversations.openRoom(room.id)!;
    return { ...room, isNew, conversation, last: conversations.lastOf(conversation) };
  }
}
