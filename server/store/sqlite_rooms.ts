/**
 * The rooms of the embedded store.
 *
 * @module
 */

import type { Log } from "../../common/log.ts";
import { logCalls } from "../../logs/calls/log_calls.ts";
import { REDACTED_NAMES } from "../../logs/calls/redaction.ts";
import type { RoomDeed } from "../cluster/room_deed.ts";
import type {
  DecideDeed,
  DeedOutcome,
  ListedRoom,
  OpenedRoom,
  RoomMaker,
  RoomStore,
  RoomViewer,
  StoredRoom,
} from "./room_store.ts";
import type { RoomChanged } from "./replica_store.ts";
import type { DecideRoom, RoomTable } from "./room_table.ts";
import type { SqliteRoomChanges } from "./sqlite/room_changes.ts";

/** What the rooms need of the store that they are in. */
export interface RoomsHost {
  /** Where each call is logged at DEBUG. */
  readonly log: Log;
  /** Days after which a room that nobody was in is forgotten. */
  readonly roomDays: number;
  /** Days after which it is forgotten who did what. */
  readonly actDays: number;
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
  /** From now on {@linkcode SqliteRooms.tellChanges} is to be called again and again. */
  onWatch(): void;
}

const SECONDS_A_DAY = 86_400;

/** Rows that one transaction of the retention touches at most, so that requests wait for it only briefly. */
const FORGET_ROWS = 500;

const logged = logCalls({
  log: (self: SqliteRooms) => self.log,
  redact: [...REDACTED_NAMES, "reason", "network"],
});

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
  readonly #changes: SqliteRoomChanges;
  #lastChange: number;
  #onChange: ((change: { readonly id: number; readonly folded: string }) => void) | undefined;

  /** Works on tables of the host's database. */
  constructor(table: RoomTable, changes: SqliteRoomChanges, host: RoomsHost) {
    this.log = host.log;
    this.#table = table;
    this.#host = host;
    this.#changes = changes;
    this.#lastChange = changes.last();
  }

  /** See {@linkcode RoomStore.find}. */
  @logged
  find(folded: string): Promise<StoredRoom | undefined> {
    return this.#host.read(() => this.#table.find(folded, this.#host.seconds()));
  }

  /** See {@linkcode RoomStore.open}. */
  @logged
  async open(folded: string, maker?: RoomMaker): Promise<OpenedRoom | "too-many" | undefined> {
    const now = { day: this.#host.day(), time: this.#host.seconds() };
    // Behind what is being written: what was said there last may be on its way.
    const room = await this.#host.readBehind(() => this.#table.openedToday(folded, now)) ??
      await this.#host.write(() => this.#table.open(folded, maker, now));
    if (typeof room === "object") this.#open.set(room.id, now.day);
    return room;
  }

  /** See {@linkcode RoomStore.close}. */
  close(id: number): void {
    this.#open.delete(id);
  }

  /** See {@linkcode RoomStore.change}. */
  async change<Refused>(
    folded: string,
    deed: RoomDeed,
    decide: DecideDeed<Refused>,
  ): Promise<DeedOutcome<Refused>> {
    let isEnd = false;
    const changed = await this.changeAny(folded, (room) => {
      const decided = decide(deed, room);
      isEnd = "order" in decided && decided.order.write.kind === "remove";
      return decided;
    }) as RoomChanged<Refused>;
    if (changed === undefined) return undefined;
    if ("thrown" in changed) throw changed.thrown;
    if (isEnd && "before" in changed) this.#ended(changed.before.id);
    return changed;
  }

  /** {@linkcode SqliteRooms.change} for the log: a decorator keeps no type parameter. */
  @logged
  changeAny(folded: string, decide: DecideRoom<unknown>): Promise<RoomChanged<unknown>> {
    const now = this.#host.seconds();
    return this.#host.write(() => this.#table.change(folded, decide, now));
  }

  /** See {@linkcode RoomStore.adopt}. */
  @logged
  async adopt(ids: readonly number[], folded: string): Promise<void> {
    if (ids.length > 0) await this.#host.write(() => this.#table.adopt(ids, folded));
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
  list(
    viewer: RoomViewer,
    limit: number,
    now: number,
  ): Promise<{ rooms: ListedRoom[]; total: number }> {
    return this.#host.read(() => this.#table.list(viewer, { limit, now }));
  }

  /** See {@linkcode RoomStore.watch}. */
  @logged
  watch(onChange: (change: { readonly id: number; readonly folded: string }) => void): void {
    this.#onChange = onChange;
    this.#host.onWatch();
  }

  /**
   * Tells what others have done to rooms since the last look.
   *
   * @throws {unknown} SQLite's error.
   */
  tellChanges(): void {
    if (this.#onChange === undefined) return;
    for (const { seq, id, folded } of this.#changes.list(this.#lastChange)) {
      this.#lastChange = seq;
      if (this.#table.idOf(folded) !== id) this.#ended(id);
      this.#onChange({ id, folded });
    }
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
    return await this.forgetBefore(day - this.#host.roomDays);
  }

  /** Deletes the rooms that nobody was in since a day, some at a time. Gives whether there were any. */
  async forgetBefore(day: number): Promise<boolean> {
    const forget = (): number => this.#table.forget(day, FORGET_ROWS);
    let all = 0;
    for (let count = FORGET_ROWS; count >= FORGET_ROWS; all += count) {
      count = await this.#host.write(forget);
    }
    return all > 0;
  }

  /**
   * Retention: deletes some of what is over. Belongs into a transaction.
   *
   * @param changesBefore Unix seconds: what administrators did before is forgotten.
   * @param limit Rows of a kind at most.
   * @param now Unix seconds.
   * @returns How many.
   */
  forgetPast(changesBefore: number, limit: number, now: number): number {
    this.#changes.forget(changesBefore);
    return this.#table.forgetPast(now, now - this.#host.actDays * SECONDS_A_DAY, limit);
  }

  #ended(id: number): void {
    this.#open.delete(id);
    this.#host.onEnd();
  }
}
