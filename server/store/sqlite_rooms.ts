/**
 * The rooms of the embedded store.
 *
 * @module
 */

import type { Log } from "../../common/log.ts";
import { logCalls } from "../../logs/calls/log_calls.ts";
import type { ListedRoom, OpenedRoom, RoomMaker, RoomStore, StoredRoom } from "./room_store.ts";
import type { RoomTable } from "./room_table.ts";

/** What the rooms need of the store that they are in. */
export interface RoomsHost {
  /** Where each call is logged at DEBUG. */
  readonly log: Log;
  /** Days after which a room that nobody was in is forgotten. */
  readonly roomDays: number;
  /** Unix seconds. */
  seconds(): number;
  /** Days since 1970-01-01. */
  day(): number;
  /**
   * Reads at once.
   *
   * @throws {StoreError} If the engine fails.
   */
  query<T>(query: () => T): T;
  /** Reads; an error becomes a rejection. */
  read<T>(query: () => T): Promise<T>;
  /** Reads when all is written that was given before. */
  readBehind<T>(query: () => T): Promise<T>;
  /** Does work in the next transaction; resolves when that is on disk. */
  write<T>(work: () => T): Promise<T>;
  /** A room has ended: its messages are to be deleted. */
  onEnd(): void;
}

/** Rows that one transaction of the retention touches at most, so that requests wait for it only briefly. */
const FORGET_ROWS = 500;

const logged = logCalls({ log: (self: SqliteRooms) => self.log });

/**
 * {@linkcode RoomStore} on the tables of the embedded database.
 *
 * That somebody is in a room is written once a day, so that coming and going costs nothing, and a crash forgets no
 * room that people sit in.
 */
export class SqliteRooms implements RoomStore {
  /** Where calls are logged. */
  readonly log: Log;
  readonly #table: RoomTable;
  readonly #host: RoomsHost;
  /** The rooms that somebody is in, with the day up to which that is written. */
  readonly #open = new Map<number, number>();

  /** Works on a table of the host's database. */
  constructor(table: RoomTable, host: RoomsHost) {
    this.log = host.log;
    this.#table = table;
    this.#host = host;
  }

  /** See {@linkcode RoomStore.find}. */
  @logged
  find(folded: string): Promise<StoredRoom | undefined> {
    return this.#host.read(() => this.#table.find(folded));
  }

  /** See {@linkcode RoomStore.open}. */
  @logged
  async open(folded: string, maker?: RoomMaker): Promise<OpenedRoom | "too-many" | undefined> {
    const [day, time] = [this.#host.day(), this.#host.seconds()];
    // Behind what is being written: what was said there last may be on its way.
    const room = await this.#host.readBehind(() => this.#table.openedToday(folded, day)) ??
      await this.#host.write(() => this.#table.open(folded, maker, { day, time }));
    if (typeof room === "object") this.#open.set(room.id, day);
    return room;
  }

  /** See {@linkcode RoomStore.close}. */
  close(id: number): void {
    this.#open.delete(id);
  }

  /** See {@linkcode RoomStore.setTopic}. */
  @logged
  setTopic(id: number, by: string, topic: string): Promise<boolean> {
    return this.#host.write(() => this.#table.setTopic(id, by, topic));
  }

  /** See {@linkcode RoomStore.remove}. */
  @logged
  async remove(id: number, by: string): Promise<boolean> {
    const isDone = await this.#host.write(() => this.#table.remove(id, by));
    if (isDone) {
      this.#open.delete(id);
      this.#host.onEnd();
    }
    return isDone;
  }

  /** See {@linkcode RoomStore.remember}. */
  @logged
  async remember(id: number, folded: string): Promise<void> {
    // At once: who leaves in the same turn is to be forgotten behind it.
    if (this.#host.query(() => this.#table.isRemembered(id, folded))) return;
    await this.#host.write(() => this.#table.remember(id, folded));
  }

  /** See {@linkcode RoomStore.forgetMember}. */
  @logged
  forgetMember(id: number, folded: string): Promise<void> {
    return this.#host.write(() => this.#table.forgetMember(id, folded));
  }

  /** See {@linkcode RoomStore.list}. */
  list(limit: number): Promise<{ rooms: ListedRoom[]; total: number }> {
    return this.#host.read(() => this.#table.list(limit));
  }

  /**
   * Retention: deletes the rooms that nobody was in for long enough, some at a time.
   *
   * @returns Whether there were any.
   */
  async forgetOld(): Promise<boolean> {
    const day = this.#host.day();
    const untouched = [...this.#open].filter(([, last]) => last < day).map(([id]) => id);
    for (let i = 0; i < untouched.length; i += FORGET_ROWS) {
      const ids = untouched.slice(i, i + FORGET_ROWS);
      await this.#host.write(() => this.#table.touch(ids, day));
      for (const id of ids) if (this.#open.has(id)) this.#open.set(id, day);
    }
    // What is opened from here on has today's day at least, so that it stays.
    const forget = (): number => this.#table.forget(day - this.#host.roomDays, FORGET_ROWS);
    let all = 0;
    for (let count = FORGET_ROWS; count >= FORGET_ROWS; all += count) {
      count = await this.#host.write(forget);
    }
    return all > 0;
  }
}
