/**
 * The statements about rooms of the embedded database. Synchronous: `SqliteRooms` calls them, in a transaction where they write.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { RoomChanged } from "./replica_store.ts";
import type {
  ListedRoom,
  OpenedRoom,
  RoomMaker,
  RoomOrder,
  RoomViewer,
  RoomWrite,
  StoredRoom,
} from "./room_store.ts";
import type { SizeLimit } from "./size_limit.ts";
import type { SqliteConversations } from "./sqlite/conversations.ts";
import { KnownRooms } from "./sqlite/known_rooms.ts";
import { SqliteRoomActs } from "./sqlite/room_acts.ts";
import { SqliteRoomInvitations } from "./sqlite/room_invitations.ts";
import { type RoomListOptions, SqliteRoomLists } from "./sqlite/room_lists.ts";
import { SqliteRoomMembers } from "./sqlite/room_members.ts";
import { SqliteRoomRoles } from "./sqlite/room_roles.ts";
import { SqliteRoomSanctions } from "./sqlite/room_sanctions.ts";
import { type RoomPeople, SqliteRoomWrites } from "./sqlite/room_writes.ts";

/** What a {@linkcode RoomTable} needs of the database beside its own tables. */
export interface RoomTableOptions {
  /** Whether the database may grow. */
  readonly size: SizeLimit;
  /** Where messages of rooms are kept; `undefined` if none are. */
  readonly conversations: SqliteConversations | undefined;
}

/** When something happens. */
export interface Moment {
  /** Days since 1970-01-01. */
  readonly day: number;
  /** Unix seconds. */
  readonly time: number;
}

/** What is decided on a room: see `RoomStore.change`. */
export type DecideRoom<Refused> = (
  room: StoredRoom,
) => { readonly order: RoomOrder } | { readonly refused: Refused };

/** Rooms, how they are run, and who is in them. */
export class RoomTable {
  readonly #size: SizeLimit;
  readonly #conversations: SqliteConversations | undefined;
  readonly #known: KnownRooms;
  readonly #people: RoomPeople;
  readonly #writes: SqliteRoomWrites;
  readonly #acts: SqliteRoomActs;
  readonly #lists: SqliteRoomLists;
  readonly #members: SqliteRoomMembers;
  readonly #room: StatementSync;
  readonly #lastDay: StatementSync;
  readonly #touch: StatementSync;
  readonly #account: StatementSync;
  readonly #insert: StatementSync;
  readonly #forget: StatementSync;

  /** Prepares the statements on an open, writable connection, which stays the caller's. */
  constructor(db: DatabaseSync, { size, conversations }: RoomTableOptions) {
    this.#size = size;
    this.#conversations = conversations;
    this.#known = new KnownRooms(db);
    this.#people = {
      roles: new SqliteRoomRoles(db, size),
      invitations: new SqliteRoomInvitations(db, size),
      sanctions: new SqliteRoomSanctions(db),
    };
    this.#writes = new SqliteRoomWrites(db, size, this.#people);
    this.#acts = new SqliteRoomActs(db, size);
    this.#lists = new SqliteRoomLists(db);
    this.#members = new SqliteRoomMembers(db, size);
    this.#room = db.prepare(
      "SELECT id, folded, name, topic, private, moderated, slow FROM rooms WHERE folded = ?",
    );
    this.#lastDay = db.prepare("SELECT id, last_day FROM rooms WHERE folded = ?");
    this.#touch = db.prepare("UPDATE rooms SET last_day = ?2 WHERE id = ?1 AND last_day < ?2");
    this.#account = db.prepare("SELECT id FROM accounts WHERE folded = ?");
    this.#insert = db.prepare(
      "INSERT INTO rooms (folded, name, made, last_day) VALUES (?, ?, ?, ?) RETURNING id",
    );
    this.#forget = db.prepare(
      "DELETE FROM rooms WHERE id IN (SELECT id FROM rooms WHERE last_day < ? LIMIT ?)",
    );
  }

  /**
   * See `RoomStore.find`.
   *
   * @param now Unix seconds: bans and mutes that are over are left out.
   */
  find(folded: string, now: number): StoredRoom | undefined {
    const known = this.#known.get(folded, now);
    if (known !== undefined) return known;
    const plain = this.#plain(folded);
    if (plain === undefined) return undefined;
    const room: StoredRoom = {
      ...plain,
      roles: this.#people.roles.list(plain.id),
      invited: this.#people.invitations.list(plain.id),
      sanctions: this.#people.sanctions.list(plain.id, now),
    };
    this.#known.set(room);
    return room;
  }

  /** The number of the room of that folded name. */
  idOf(folded: string): number | undefined {
    return this.#lastDay.get(folded)?.id as number | undefined;
  }

  /**
   * A room that can be opened without anything being written.
   *
   * @param now Its day is that of which somebody is known to have been in the room.
   */
  openedToday(folded: string, { day, time }: Moment): OpenedRoom | undefined {
    const row = this.#lastDay.get(folded);
    if (row?.last_day !== day) return undefined;
    const conversation = this.#conversations?.findRoom(row.id as number);
    const isAtHand = conversation !== undefined &&
      this.#conversations!.peek(conversation) !== undefined;
    if (!isAtHand && this.#conversations !== undefined) return undefined;
    const room = this.find(folded, time); // another process may have ended it meanwhile
    return room && this.#opened(room, false);
  }

  /** Whether it is written down that an account is in a room, or nothing is to be. */
  isRemembered(id: number, folded: string): boolean {
    return this.#conversations === undefined || this.#members.has(id, folded);
  }

  /** See `RoomStore.list`. */
  list(viewer: RoomViewer, options: RoomListOptions): { rooms: ListedRoom[]; total: number } {
    return this.#lists.list(viewer, options);
  }

  /**
   * See `RoomStore.open`. Belongs into a transaction, as all that follows.
   *
   * @throws {StoreFullError} If the room is new and the database may not grow.
   */
  open(
    folded: string,
    maker: RoomMaker | undefined,
    { day, time }: Moment,
  ): OpenedRoom | "too-many" | undefined {
    const room = this.find(folded, time);
    if (room !== undefined) {
      this.#touch.run(room.id, day);
      return this.#opened(room, false);
    }
    if (maker === undefined) return undefined;
    const account = this.#accountOf(maker.folded);
    if (account === undefined) return undefined;
    const { roomName, maxRooms } = maker;
    if (!this.#people.roles.mayOwn(account, maxRooms)) return "too-many";
    this.#size.check();
    const id = this.#insert.get(folded, roomName, time, day)!.id as number;
    this.#people.roles.own(id, account);
    return this.#opened(this.find(folded, time)!, true);
  }

  /**
   * See `RoomStore.change`.
   *
   * @param now Unix seconds.
   * @throws {StoreFullError} If what is written takes room and the database may not grow.
   */
  change<Refused>(
    folded: string,
    decide: DecideRoom<Refused>,
    now: number,
  ): RoomChanged<Refused> {
    const before = this.find(folded, now);
    if (before === undefined) return undefined;
    let decided: ReturnType<DecideRoom<Refused>>;
    try {
      decided = decide(before);
    } catch (error) {
      return { thrown: error }; // which is not to undo what others write in this transaction
    }
    if ("refused" in decided) return decided;
    const { write, act } = decided.order;
    if (write.kind === "remove") this.#conversations?.settle(); // what takes no messages then is looked up again
    const refused = this.#writes.apply(before, write, { by: act.by, now });
    if (refused !== undefined) return { refused };
    this.#acts.note(before, act, now);
    const after = this.#reread(before, write, now);
    if (write.kind === "remove") this.#known.delete(folded);
    else this.#known.set(after);
    return { before, after };
  }

  /** See `RoomStore.adopt`. */
  adopt(ids: readonly number[], folded: string): void {
    const account = this.#accountOf(folded);
    if (account === undefined) return;
    this.#known.clear();
    for (const id of ids) this.#people.sanctions.adopt(id, folded, account);
  }

  /**
   * See `RoomStore.remember`.
   *
   * @throws {StoreFullError} If the database may not grow.
   */
  remember(id: number, folded: string): void {
    this.#members.remember(id, folded);
  }

  /** See `RoomStore.forgetMember`. */
  forgetMember(id: number, folded: string): void {
    this.#members.forget(id, folded);
  }

  /** A transaction was not committed, or has changed what rooms name: what is known of them is wrong. */
  rolledBack(): void {
    this.#known.clear();
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
    this.#known.clear();
    return Number(this.#forget.run(beforeDay, limit).changes);
  }

  /**
   * Deletes bans and mutes that are over, and acts from before a time.
   *
   * @param now Unix seconds.
   * @param actsBefore Unix seconds.
   * @returns How many, at most twice `limit`.
   */
  forgetPast(now: number, actsBefore: number, limit: number): number {
    return this.#people.sanctions.forget(now, limit) + this.#acts.forget(actsBefore, limit);
  }

  /** A room after a write: only what that may have changed is read again, for a room may have thousands of entries. */
  #reread(before: StoredRoom, { kind }: RoomWrite, now: number): StoredRoom {
    const { id, folded } = before;
    switch (kind) {
      case "set":
        return { ...before, ...this.#plain(folded)! };
      case "invite":
        return { ...before, invited: this.#people.invitations.list(id) };
      case "sanction":
      case "lift":
        return { ...before, sanctions: this.#people.sanctions.list(id, now) };
      case "grant":
        return { ...before, roles: this.#people.roles.list(id) };
      case "note":
      case "remove":
        return before;
    }
  }

  /** A room without those who are named in it. */
  #plain(folded: string): Omit<StoredRoom, "roles" | "invited" | "sanctions"> | undefined {
    const row = this.#room.get(folded);
    return row && {
      id: row.id as number,
      folded,
      name: row.name as string,
      topic: row.topic as string,
      isLasting: true,
      isPrivate: row.private === 1,
      isModerated: row.moderated === 1,
      slow: row.slow as number,
    };
  }

  #accountOf(folded: string): number | undefined {
    return this.#account.get(folded)?.id as number | undefined;
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
