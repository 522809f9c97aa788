/**
 * All rooms.
 *
 * @module
 */

import { type Log, silentLog } from "../../common/log.ts";
import { foldName } from "../../common/names.ts";
import type { RoomEntry } from "../../common/wire/protocol.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { Registry } from "../people/registry.ts";
import type { User } from "../people/user.ts";
import type { OpenedRoom, RoomStore } from "../store/room_store.ts";
import { Memberships } from "./memberships.ts";
import { NameTurns } from "./name_turns.ts";
import { removedNotice, topicNotice } from "./notices.ts";
import { Room } from "./room.ts";

/** What {@linkcode Rooms} are made of. */
export interface RoomsOptions {
  /** Tells members what happens. */
  readonly delivery: Pick<Delivery, "notify" | "moved">;
  /** The rooms that last. */
  readonly store: RoomStore;
  /** Rooms that last which one account may own; 0 is no limit. */
  readonly maxRooms: number;
  /**
   * Where to say what happens.
   *
   * @default {silentLog}
   */
  readonly log?: Log;
}

/** A room that is ready for a user who is about to come in, until it is disposed of. */
export interface ExpectingRoom extends Disposable {
  /** The room. */
  readonly room: Room;
  /** Whether it was made for this user. */
  readonly isNew: boolean;
  /**
   * Lets the user in, unless they have gone meanwhile.
   *
   * @param time Unix seconds.
   * @returns `false` if the room was removed meanwhile: then nothing has happened.
   */
  enter(time: number): boolean;
}

/** The end of something that waited for the store: to be called once, with Unix seconds. */
export type Finish<Result> = (time: number) => Result;

/** What is known of a room. */
export interface RoomFacts {
  /** The name as its maker typed it. */
  readonly room: string;
  /** What it is about. */
  readonly topic: string;
  /** Whether it exists without members, too. */
  readonly lasting: boolean;
  /** Names of its owners, by folded name. */
  readonly owners: readonly string[];
}

/** What an owner may do with a room. */
export type RoomChange = { readonly topic: string } | "remove";

/** Why a room was not changed. */
export type ChangeRefusal =
  /** There is none of that name. */
  | "unknown"
  /** A guest has made it. */
  | "guests"
  /** Somebody else owns it. */
  | "not-owner";

/**
 * All rooms by folded name. In memory are those that somebody is in. One that a guest has made comes with its first
 * member and goes with its last; one of an account lasts, and the store has it.
 *
 * Guarantees:
 * 1. There is one room of a name, however many make it at the same moment.
 * 2. What waits for the store about a room (coming into one that nobody is in, changing it) is done one after the other.
 * 3. If the store fails, nothing has happened.
 */
export class Rooms {
  /** Who is in, as far as that outlives connections; whoever joins is, from then on. */
  readonly memberships: Memberships;
  readonly #delivery: Pick<Delivery, "notify" | "moved">;
  readonly #store: RoomStore;
  readonly #maxRooms: number;
  readonly #turns = new NameTurns();
  readonly #rooms = new Map<string, Room>();
  /** Those of them that go with their last member, for lists. */
  readonly #passing = new Registry<Room>();

  /** Makes a server that nobody is in a room of. */
  constructor({ delivery, store, maxRooms, log = silentLog }: RoomsOptions) {
    this.memberships = new Memberships(store, log);
    this.#delivery = delivery;
    this.#store = store;
    this.#maxRooms = maxRooms;
  }

  /** How many rooms have members. */
  get size(): number {
    return this.#rooms.size;
  }

  /** The room of that name, however it is typed, if somebody is in. */
  find(name: string): Room | undefined {
    return this.#rooms.get(foldName(name));
  }

  /** Whether there is a room of that name, with members or without. */
  async exists(name: string): Promise<boolean> {
    const folded = foldName(name);
    return this.#rooms.has(folded) || await this.#store.find(folded) !== undefined;
  }

  /**
   * Lets a user into a room that somebody is in, and tells the others.
   *
   * @param time Unix seconds.
   */
  join(user: User, room: Room, time: number): void {
    if (!room.members.add(user)) return;
    user.rooms.add(room);
    this.memberships.begin(user, room);
    if (room.members.size > 1) this.#delivery.moved(room, user, "joined", time);
  }

  /**
   * Gets a room ready that nobody is in, or makes it. An account's lasts.
   *
   * @returns Lets the user in, unless they have gone meanwhile; `"too-many"` if the account may make no further room.
   * @throws {StoreError} If the store fails.
   */
  async open(
    user: User,
    name: string,
  ): Promise<Finish<{ room: Room; isNew: boolean }> | "too-many"> {
    const folded = foldName(name);
    using held = new DisposableStack();
    held.use(await this.#turns.take(folded));
    const ready = await this.#ready(user, name);
    if (ready === "too-many") return ready;
    const { room, isNew } = ready;
    const turn = held.move();
    return (time) => {
      using _ = turn;
      room.expected--;
      if (user.isOnline) this.join(user, room, time);
      else this.#dropIfEmpty(room);
      return { room, isNew };
    };
  }

  /**
   * Gets a room ready, as {@linkcode Rooms.open} does, and lets others come in and change it while its user is told
   * what is kept of it.
   *
   * @returns `"too-many"` if the account may make no further room.
   * @throws {StoreError} If the store fails.
   */
  async expect(user: User, name: string): Promise<ExpectingRoom | "too-many"> {
    const folded = foldName(name);
    let ready: { room: Room; isNew: boolean };
    const known = this.#rooms.get(folded);
    if (known !== undefined) {
      known.expected++;
      ready = { room: known, isNew: false };
    } else {
      using _ = await this.#turns.take(folded);
      const opened = await this.#ready(user, name);
      if (opened === "too-many") return opened;
      ready = opened;
    }
    const { room } = ready;
    return {
      ...ready,
      enter: (time) => {
        if (this.#rooms.get(folded) !== room) return false;
        if (user.isOnline) this.join(user, room, time);
        return true;
      },
      [Symbol.dispose]: () => {
        room.expected--;
        this.#dropIfEmpty(room);
      },
    };
  }

  /**
   * Takes a user out and tells the others.
   *
   * @param time Unix seconds.
   * @returns `false` if the user was not in.
   */
  leave(user: User, room: Room, time: number): boolean {
    user.rooms.delete(room);
    if (!room.members.remove(user)) return false;
    if (room.members.size > 0) this.#delivery.moved(room, user, "left", time);
    else this.#dropIfEmpty(room);
    return true;
  }

  /** Takes a user out of all rooms. */
  leaveAll(user: User, time: number): void {
    for (const room of user.rooms) this.leave(user, room, time);
  }

  /** What is known of the room of that name. */
  async facts(name: string): Promise<RoomFacts | undefined> {
    const room = this.find(name);
    if (room !== undefined && room.lasting === undefined) {
      return { room: room.name, topic: room.topic, lasting: false, owners: [] };
    }
    const stored = await this.#store.find(foldName(name));
    return stored && {
      room: stored.name,
      topic: stored.topic,
      lasting: true,
      owners: stored.owners,
    };
  }

  /**
   * The first rooms by folded name, in code unit order, and how many there are.
   *
   * @param limit How many at most.
   */
  async list(limit: number): Promise<{ rooms: RoomEntry[]; total: number }> {
    const { rooms: stored, total } = await this.#store.list(limit);
    const rooms = [...stored, ...this.#passing.sorted().slice(0, limit)]
      .sort((a, b) => a.folded < b.folded ? -1 : 1)
      .slice(0, limit)
      .map((room) => ({
        room: room.name,
        topic: room.topic,
        users: this.#rooms.get(room.folded)?.members.size ?? 0,
        lasting: !(room instanceof Room),
      }));
    return { rooms, total: total + this.#passing.size };
  }

  /**
   * Changes a room, durably.
   *
   * @returns Tells the members, and gives what is known of the room then; or why the user may not.
   * @throws {StoreError} If the store fails.
   */
  async change(
    user: User,
    name: string,
    change: RoomChange,
  ): Promise<Finish<RoomFacts> | ChangeRefusal> {
    const folded = foldName(name);
    using held = new DisposableStack();
    held.use(await this.#turns.take(folded));
    const known = this.#rooms.get(folded);
    if (known !== undefined && known.lasting === undefined) return "guests";
    const stored = await this.#store.find(folded);
    if (stored === undefined) return "unknown";
    const { id, owners } = stored;
    const isDone = user.isAccount &&
      await (change === "remove"
        ? this.#store.remove(id, user.folded)
        : this.#store.setTopic(id, user.folded, change.topic));
    if (!isDone) return "not-owner";
    const turn = held.move();
    return (time) => {
      using _ = turn;
      const room = this.#rooms.get(folded);
      const topic = change === "remove" ? stored.topic : change.topic;
      if (room !== undefined) this.#changed(room, change, user, time);
      return { room: stored.name, topic, lasting: true, owners };
    };
  }

  /** An account is gone, so that it owns nothing. */
  forgetOwner(folded: string): void {
    for (const { lasting } of this.#rooms.values()) lasting?.owners.delete(folded);
  }

  /** The room of that name, in memory, for one more who is about to come in. Belongs into a turn. */
  async #ready(user: User, name: string): Promise<{ room: Room; isNew: boolean } | "too-many"> {
    const folded = foldName(name);
    let room = this.#rooms.get(folded); // somebody may have come in meanwhile
    let isNew = false;
    if (room === undefined) {
      const stored = await this.#openStored(user, name);
      if (stored === "too-many") return stored;
      room = new Room(name, stored);
      isNew = stored?.isNew ?? true;
      this.#rooms.set(folded, room);
      if (room.lasting === undefined) this.#passing.add(room);
    }
    room.expected++;
    return { room, isNew };
  }

  #openStored(user: User, roomName: string): Promise<OpenedRoom | "too-many" | undefined> {
    const { folded, isAccount } = user;
    const maker = { folded, roomName, maxRooms: this.#maxRooms };
    return this.#store.open(foldName(roomName), isAccount ? maker : undefined);
  }

  #changed(room: Room, change: RoomChange, user: User, time: number): void {
    if (change !== "remove") {
      room.topic = change.topic;
      this.#delivery.notify(room, topicNotice(room, change.topic, user, time));
      return;
    }
    this.#delivery.notify(room, removedNotice(room, user, time));
    for (const member of room.members.values()) member.rooms.delete(room);
    this.#drop(room);
  }

  #dropIfEmpty(room: Room): void {
    const isThere = this.#rooms.get(room.folded) === room; // else it was removed
    if (!isThere || room.members.size > 0 || room.expected > 0) return;
    this.#drop(room);
    if (room.lasting !== undefined) this.#store.close(room.lasting.id);
  }

  #drop(room: Room): void {
    room.gathering?.[Symbol.dispose]();
    this.#rooms.delete(room.folded);
    this.#passing.remove(room);
  }
}
