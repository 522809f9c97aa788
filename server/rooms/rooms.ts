/**
 * All rooms.
 *
 * @module
 */

import { messageOf } from "../../common/errors.ts";
import { type Log, silentLog } from "../../common/log.ts";
import { foldName } from "../../common/names.ts";
import type { Notice, RoomEntry } from "../../common/wire/protocol.ts";
import { ALONE, type Nodes } from "../cluster/nodes.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { Registry } from "../people/registry.ts";
import { RemoteUser } from "../people/remote_user.ts";
import type { User } from "../people/user.ts";
import type { RoomDeed } from "../cluster/room_deed.ts";
import {
  ADMINISTRATOR,
  type DecideDeed,
  type DoneDeed,
  type OpenedRoom,
  type RoomStore,
  type StoredRoom,
  type WriteRefusal,
} from "../store/room_store.ts";
import { LastSeen } from "./last_seen.ts";
import { MembersElsewhere } from "./members_elsewhere.ts";
import { Memberships } from "./memberships.ts";
import { NameTurns } from "./name_turns.ts";
import { removedNotice } from "./notices.ts";
import type { Refusal } from "./roles.ts";
import { lastingRooms, Room } from "./room.ts";
import type { Asker, RoomAccess } from "./room_access.ts";
import { RoomPolicy } from "./room_policy.ts";

/** What {@linkcode Rooms} are made of. */
export interface RoomsOptions {
  /** Tells members what happens. */
  readonly delivery: Pick<Delivery, "notify" | "moved" | "expel" | "tellGathered">;
  /** The rooms that last. */
  readonly store: RoomStore;
  /** Says who may come in. */
  readonly access: RoomAccess;
  /** Rooms that last which one account may own; 0 is no limit. */
  readonly maxRooms: number;
  /**
   * Is told who of this node is in.
   *
   * @default {ALONE}
   */
  readonly nodes?: Pick<Nodes, "entered" | "left">;
  /**
   * Where to say what happens.
   *
   * @default {silentLog}
   */
  readonly log?: Log;
}

/** How somebody comes into a room whose session was in it on another node. */
export interface MoveIn {
  /** Who stands for the session here, if anybody does. */
  readonly from: RemoteUser | undefined;
  /** Has to be done before; `undefined` if there is nothing to wait for. */
  prepare(room: Room): Promise<void> | undefined;
  /** Called when the user is in, before anything else is told there. */
  onIn(room: Room): void;
}

/** A room that somebody has come into. */
export interface EnteredRoom {
  /** The room. */
  readonly room: Room;
  /** Whether it was made for them. */
  readonly isNew: boolean;
}

/** Why nobody is let into a room. */
export type EntryRefusal =
  /** The account owns as many rooms as it may, so that it makes no further one. */
  | "too-many"
  /** It was removed meanwhile. */
  | "removed"
  | Refusal;

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
   * @returns Why not, if they may not by now: then nothing has happened.
   */
  enter(time: number): EntryRefusal | undefined;
}

/** The end of something that waited for the store: to be called once, with Unix seconds. */
export type Finish<Result> = (time: number) => Result;

/** A room that was changed in the store. */
export interface ChangedRoom {
  /** What was done. */
  readonly deed: RoomDeed;
  /** Gives what has come of it; to be called once, in the turn in which memory follows. */
  readonly finish: () => DoneDeed;
}

/**
 * All rooms by folded name. One that a guest has made comes with its first member and goes with its last; one of an account
 * lasts, and the store has it. In memory are those of a guest that somebody is in, on whichever node, and those of an
 * account that somebody of this node is in.
 *
 * Guarantees:
 * 1. There is one room of a name, however many make it at the same moment.
 * 2. What waits for the store about a room (coming into one that nobody is in, changing it) is done one after the other.
 * 3. If the store fails, nothing has happened.
 */
export class Rooms {
  /** Who is in, as far as that outlives connections; whoever joins is, from then on. */
  readonly memberships: Memberships;
  readonly #delivery: Pick<Delivery, "notify" | "moved" | "expel" | "tellGathered">;
  readonly #store: RoomStore;
  readonly #access: RoomAccess;
  readonly #maxRooms: number;
  readonly #nodes: Pick<Nodes, "entered" | "left">;
  readonly #log: Log;
  readonly #turns = new NameTurns();
  readonly #rooms = new Map<string, Room>();
  /** Those of them that go with their last member, for lists. */
  readonly #passing = new Registry<Room>();
  readonly #lastSeen = new LastSeen();
  readonly #elsewhere = new MembersElsewhere();
  /** What is to be done to rooms that are being opened, as soon as they are in memory, by folded name. */
  readonly #opening = new Map<string, ((room: Room) => void)[]>();

  /** Makes a server that nobody is in a room of. */
  constructor(options: RoomsOptions) {
    const { delivery, store, access, maxRooms, nodes = ALONE, log = silentLog } = options;
    this.memberships = new Memberships(store, log);
    this.#delivery = delivery;
    this.#store = store;
    this.#access = access;
    this.#maxRooms = maxRooms;
    this.#nodes = nodes;
    this.#log = log;
  }

  /** How many rooms are in memory. */
  get size(): number {
    return this.#rooms.size;
  }

  /** The room of that name, however it is typed, if somebody is in. */
  find(name: string): Room | undefined {
    return this.#rooms.get(foldName(name));
  }

  /**
   * The room of that number in memory, if somebody is in.
   *
   * @param named Its number and its name, however it is typed.
   * @param later Called instead if it is being opened, as soon as it is there: what the store has said of it may be
   * older than what brings the caller here. Must not throw.
   */
  findLasting(
    { id, name }: Pick<StoredRoom, "id" | "name">,
    later: (opened: Room) => void,
  ): Room | undefined {
    const folded = foldName(name);
    const room = this.#rooms.get(folded);
    if (room?.lasting?.id === id) return room;
    this.#opening.get(folded)?.push((opened) => {
      if (opened.lasting?.id === id) later(opened);
    });
    return undefined;
  }

  /**
   * Lets a user who may enter into a room that somebody is in, and tells the others.
   *
   * @param time Unix seconds.
   */
  join(user: User, room: Room, time: number): void {
    if (!room.members.add(user)) return;
    user.rooms.add(room);
    this.#nodes.entered(user, room);
    this.memberships.begin(user, room);
    if (room.members.size > 1) this.#delivery.moved(room, user, "joined", time);
  }

  /**
   * Gets a room ready that nobody is in, or makes it. An account's lasts. Who may not enter does nothing to it.
   *
   * @returns Lets the user in, unless they have gone meanwhile or may not by now; or why not.
   * @throws {StoreError} If the store fails.
   */
  async open(
    user: User,
    name: string,
  ): Promise<Finish<EnteredRoom | EntryRefusal> | EntryRefusal> {
    const folded = foldName(name);
    using held = new DisposableStack();
    held.use(await this.#turns.take(folded));
    const ready = await this.#ready(user, name);
    if (!isReady(ready)) return ready;
    const { room, isNew } = ready;
    const turn = held.move();
    return (time) => {
      using _ = turn;
      const refusal = this.#enter(user, room, time);
      room.expected--;
      this.#dropIfEmpty(room);
      return refusal ?? { room, isNew };
    };
  }

  /**
   * Gets a room ready, as {@linkcode Rooms.open} does, and lets others come in and change it while its user is told
   * what is kept of it.
   *
   * @returns Why the user may not enter, if so: then they have done nothing to the room.
   * @throws {StoreError} If the store fails.
   */
  async expect(user: User, name: string): Promise<ExpectingRoom | EntryRefusal> {
    const folded = foldName(name);
    let ready: EnteredRoom | EntryRefusal;
    const known = this.#rooms.get(folded);
    if (known !== undefined) {
      ready = this.#expectIn(known, user);
    } else {
      using _ = await this.#turns.take(folded);
      ready = await this.#ready(user, name);
    }
    if (!isReady(ready)) return ready;
    const { room } = ready;
    const wasIn = room.members.has(user);
    return {
      ...ready,
      enter: (time) => {
        // Whoever was taken out meanwhile comes back by a further request only.
        const isOut = wasIn && !room.isGone && user.isOnline && !room.members.has(user);
        return isOut ? { why: "not-member" } : this.#enter(user, room, time);
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
    if (!this.#takeOut(user, room, false)) return false;
    if (room.members.size > 0) this.#delivery.moved(room, user, "left", time);
    this.#dropIfEmpty(room);
    return true;
  }

  /**
   * Somebody on another node is in a room: those of this node who are in are told, unless it is nothing new.
   *
   * @param lasts Whether it is a room that lasts, as far as their node knows.
   * @param time Unix seconds.
   */
  admit(user: RemoteUser, name: string, lasts: boolean, time: number): void {
    const folded = foldName(name);
    const known = this.#rooms.get(folded);
    if (known === undefined && lasts) {
      this.#elsewhere.add(user, folded);
      return;
    }
    const room = known ?? this.#addRoom(new Room(name));
    if (room.members.add(user)) {
      user.rooms.add(room);
      room.elsewhere++;
      if (room.members.size > 1) this.#delivery.moved(room, user, "joined", time);
    }
    if (lasts && room.lasting === undefined) this.#findOut(folded);
  }

  /**
   * Somebody on another node is out of a room, if they were in.
   *
   * @param time Unix seconds.
   */
  discharge(user: RemoteUser, folded: string, time: number): void {
    const room = this.#rooms.get(folded);
    if (room === undefined || !this.leave(user, room, time)) this.#leaveAside(user, folded);
  }

  /** The same for all rooms that they are in. */
  dischargeAll(user: RemoteUser, time: number): void {
    this.leaveAll(user, time);
    for (const folded of user.roomsAside) this.#leaveAside(user, folded);
  }

  /**
   * Takes somebody out of a room: all who are in are told, and they are, too, before anything else. Nothing of the room
   * reaches them any more.
   */
  evict(user: User, room: Room, notice: Notice): void {
    this.#delivery.expel(room, [user], notice);
    this.#delivery.notify(room, notice, user);
    this.#takeOut(user, room, true);
    this.#dropIfEmpty(room);
  }

  /** Somebody's session goes on on another node: who stands for it is in their rooms, and nobody is told. */
  moveOut(user: User, to: RemoteUser): void {
    for (const room of user.rooms) {
      this.#swap(room, user, to);
      this.#dropIfEmpty(room);
    }
  }

  /**
   * Somebody's session goes on here that was in a room on another node: nobody is told, unless they did not know. Who was put
   * out meanwhile stays out. Of a room in memory that needs no preparing it is done when this returns.
   *
   * @param named The room; `time` in Unix seconds.
   * @returns Whether they are in.
   * @throws {StoreError} If the store fails.
   */
  async moveIn(
    user: User,
    { name, lasts, time }: { name: string; lasts: boolean; time: number },
    { from, prepare, onIn }: MoveIn,
  ): Promise<boolean> {
    const folded = foldName(name);
    let room = this.#rooms.get(folded) ?? (lasts ? undefined : this.#addRoom(new Room(name)));
    if (room === undefined) room = await this.#reopen(folded);
    else room.expected++;
    if (room === undefined) return false; // it was removed
    try {
      const isKnown = from !== undefined && room.members.has(from);
      const prepared = prepare(room);
      if (prepared !== undefined) await prepared;
      if (this.#rooms.get(folded) !== room || !user.isOnline) return false;
      if (isKnown && !room.members.has(from)) return false;
      this.#delivery.tellGathered(room); // what it says, the user learns by `onIn`
      if (isKnown) {
        this.#swap(room, from, user);
        this.#nodes.entered(user, room);
      } else {
        if (this.#access.refusal("enter", user, room) !== undefined) return false;
        this.join(user, room, time);
      }
      onIn(room);
      return true;
    } finally {
      room.expected--;
      this.#dropIfEmpty(room);
    }
  }

  /** A room has ended: all who are in are told and out. */
  end(room: Room, notice: Notice): void {
    this.#delivery.expel(room, room.members.values(), notice);
    for (const member of room.members.values()) {
      member.rooms.delete(room);
      if (!(member instanceof RemoteUser)) this.#nodes.left(member, room, true);
    }
    this.#drop(room);
  }

  /** Takes a user out of all rooms. */
  leaveAll(user: User, time: number): void {
    for (const room of user.rooms) this.leave(user, room, time);
  }

  /**
   * The room of that name: in memory if it goes with its last member, else as the store has it; `undefined` if there is
   * none.
   */
  async look(name: string): Promise<Room | StoredRoom | undefined> {
    const room = this.find(name);
    return room !== undefined && room.lasting === undefined
      ? room
      : await this.#store.find(foldName(name));
  }

  /** Who of a folded name is in a room, on whichever node. */
  memberOf(name: string, folded: string): User | undefined {
    const room = foldName(name);
    return this.#rooms.get(room)?.members.find(folded) ?? this.#elsewhere.find(room, folded);
  }

  /**
   * Where a guest is in a room that lasts, or was last seen there; `undefined` if that is not known.
   *
   * @param id The room's number.
   * @param name The room's name, however it is typed.
   * @param guest The guest's folded name.
   */
  lastSeen(id: number, name: string, guest: string): string | undefined {
    const member = this.memberOf(name, guest);
    return member !== undefined && !member.isAccount
      ? member.network
      : this.#lastSeen.find(id, guest) ?? this.#lastSeen.find(foldName(name), guest);
  }

  /**
   * The first rooms by folded name, in code unit order, that a user may know of, and how many these are.
   *
   * @param limit How many at most.
   */
  async list(user: User, limit: number): Promise<{ rooms: RoomEntry[]; total: number }> {
    const { folded, isAccount, network } = user;
    const isIn = new Set(lastingRooms(user));
    const viewer = { folded, isAccount, network, rooms: isIn };
    const { rooms: stored, total } = await this.#store.list(viewer, limit, this.#access.now);
    const rooms = [...stored, ...this.#passing.sorted().slice(0, limit)]
      .sort((a, b) => a.folded < b.folded ? -1 : 1)
      .slice(0, limit)
      .map((room) => ({
        room: room.name,
        topic: room.topic,
        users: this.#rooms.get(room.folded)?.members.size ?? this.#elsewhere.count(room.folded),
        lasting: !(room instanceof Room),
      }));
    return { rooms, total: total + this.#passing.size };
  }

  /**
   * Changes a room that lasts, durably.
   *
   * @param gather Gives what is to be done to the room of that number.
   * @param decide See {@linkcode RoomStore.change}.
   * @returns What was done; or why nothing was: `undefined` if there is no such room.
   * @throws {StoreError} If the store fails.
   */
  async change<Refused>(
    name: string,
    gather: (id: number) => RoomDeed,
    decide: DecideDeed<Refused>,
  ): Promise<ChangedRoom | { readonly refused: Refused | WriteRefusal | Refusal } | undefined> {
    const folded = foldName(name);
    using held = new DisposableStack();
    held.use(await this.#turns.take(folded));
    const known = this.#rooms.get(folded);
    if (known !== undefined && known.lasting === undefined) return { refused: { why: "passing" } };
    const id = known?.lasting?.id ?? (await this.#store.find(folded))?.id;
    if (id === undefined) return undefined;
    const deed = gather(id);
    const changed = await this.#store.change(folded, deed, decide);
    if (changed === undefined || "refused" in changed) return changed;
    const turn = held.move();
    const finish = (): DoneDeed => {
      turn[Symbol.dispose]();
      return changed;
    };
    return { deed, finish };
  }

  /**
   * A guest has made their name an account: what held for them, in rooms that they are in or were in from where they are,
   * holds for the account. Durable when it resolves; whoever is an account by now cannot speak before. Never rejects:
   * nobody's account waits for it.
   *
   * @param more Numbers of further rooms.
   */
  async adopt(
    { folded, network, origin, rooms, isAccount }: Asker & Pick<User, "rooms">,
    more: readonly number[] = [],
  ): Promise<void> {
    const guest = { folded, network, origin, isAccount: false };
    const isIn = [...rooms].filter(({ policy }) => this.#access.isSanctioned(policy, guest))
      .flatMap(({ lasting }) => lasting?.id ?? []);
    const ids = new Set([...more, ...isIn, ...this.#lastSeen.roomsOf(folded, network)]);
    if (ids.size === 0) return;
    const known = isAccount
      ? [...this.#rooms.values()].filter(({ lasting }) => lasting && ids.has(lasting.id))
      : [];
    for (const room of known) room.adopt(folded);
    try {
      await this.#store.adopt([...ids], folded);
      await Promise.all(known.map((room) => this.reload(room.folded)));
    } catch (error) {
      this.#log.error("sanctions not adopted", { name: folded, reason: messageOf(error) });
    }
  }

  /** What held for a guest holds for the account that they have made of their name: memory follows. Never rejects. */
  async adopted(ids: readonly number[], folded: string): Promise<void> {
    const all = new Set(ids);
    const adopt = async (room: Room): Promise<void> => {
      if (room.lasting === undefined || !all.has(room.lasting.id)) return;
      room.adopt(folded);
      try {
        await this.reload(room.folded);
      } catch (error) {
        this.#log.error("sanctions not read", { room: room.name, reason: messageOf(error) });
      }
    };
    for (const later of this.#opening.values()) later.push(adopt);
    await Promise.all([...this.#rooms.values()].map(adopt));
  }

  /** A room may have become another in the store, or have ended: memory follows. */
  async reload(folded: string): Promise<void> {
    using _ = await this.#turns.take(folded);
    const room = this.#rooms.get(folded);
    if (room?.lasting === undefined) return;
    let stored: StoredRoom | undefined;
    let before: RoomPolicy;
    do {
      before = room.policy;
      stored = await this.#store.find(folded);
      if (room.isGone) return;
    } while (room.policy !== before); // what was followed meanwhile may be newer
    if (stored?.id === room.lasting.id) room.update(stored);
    else this.end(room, removedNotice(room, ADMINISTRATOR, Math.floor(this.#access.now)));
  }

  /**
   * A room that lasts has been made elsewhere: one of the same name that goes with its last member becomes it. Nobody waits
   * for the store to know that somebody is in.
   */
  becomeLasting(stored: StoredRoom): void {
    const { folded } = stored;
    const become = (room: Room): void => {
      if (room.lasting !== undefined) return;
      this.#makeLasting(room, stored);
      this.#wake(room);
      this.#dropIfEmpty(room);
    };
    const room = this.#rooms.get(folded);
    if (room !== undefined) become(room);
    else this.#opening.get(folded)?.push(become);
  }

  /**
   * Another node says that a room lasts which is in memory as one that would go with its last member: if the store knows
   * it, it is that room from now on. Never rejects.
   */
  async #findOut(folded: string): Promise<void> {
    using _ = await this.#turns.take(folded);
    try {
      const stored = await this.#store.find(folded);
      if (stored !== undefined) this.becomeLasting(stored);
    } catch (error) {
      this.#log.error("room not looked up", { room: folded, reason: messageOf(error) });
    }
  }

  /** An account is no more: who makes one of that name is nothing in any room. */
  forgetAccount(folded: string): void {
    for (const room of this.#rooms.values()) room.forgetAccount(folded);
  }

  /** Tells the store that somebody is in a room that lasts since a moment ago. Never rejects. */
  async #wake(room: Room): Promise<void> {
    const lasting = room.lasting!;
    try {
      const opened = await this.#store.open(room.folded);
      if (typeof opened !== "object" || opened.id !== lasting.id) return;
      lasting.conversation ??= opened.conversation;
      lasting.last = Math.max(lasting.last, opened.last);
      if (!this.#rooms.has(room.folded)) this.#store.close(lasting.id);
    } catch (error) {
      this.#log.error("room not opened", { room: room.name, reason: messageOf(error) });
    }
  }

  /** The room of that name, in memory, for one more who is about to come in. Belongs into a turn. */
  async #ready(user: User, name: string): Promise<EnteredRoom | EntryRefusal> {
    const folded = foldName(name);
    const known = this.#rooms.get(folded); // somebody may have come in meanwhile
    if (known !== undefined) return this.#expectIn(known, user);
    const toBeDone: ((room: Room) => void)[] = [];
    this.#opening.set(folded, toBeDone);
    let stored: OpenedRoom | EntryRefusal | undefined;
    try {
      stored = await this.#openStored(user, name);
    } finally {
      this.#opening.delete(folded);
    }
    if (typeof stored === "string" || (stored !== undefined && "why" in stored)) return stored;
    // Somebody on another node may have made one meanwhile that goes with its last member.
    const theirs = this.#rooms.get(folded);
    const room = theirs ?? this.#addRoom(new Room(name, stored));
    if (theirs !== undefined && stored !== undefined) this.#makeLasting(theirs, stored);
    room.expected++;
    for (const work of toBeDone) work(room);
    return room.isGone ? "removed" : { room, isNew: stored?.isNew ?? room.members.size === 0 };
  }

  #addRoom(room: Room): Room {
    this.#rooms.set(room.folded, room);
    if (room.lasting === undefined) this.#passing.add(room);
    this.#elsewhere.moveInto(room);
    return room;
  }

  #makeLasting(room: Room, stored: StoredRoom | OpenedRoom): void {
    room.becomeLasting(stored);
    this.#passing.remove(room);
    for (const member of room.members.values()) {
      if (member instanceof RemoteUser) continue;
      this.#nodes.entered(member, room);
      this.memberships.begin(member, room);
    }
  }

  /** Lets somebody in who was expected, unless they have gone meanwhile. @returns Why not, if they may not by now. */
  #enter(user: User, room: Room, time: number): EntryRefusal | undefined {
    if (room.isGone) return "removed";
    if (!user.isOnline) return undefined;
    const refusal = this.#access.refusal("enter", user, room);
    if (refusal === undefined) this.join(user, room, time);
    return refusal;
  }

  /** A room that lasts, for somebody who was in it on another node; `undefined` if it does not exist any more. */
  async #reopen(folded: string): Promise<Room | undefined> {
    using _ = await this.#turns.take(folded);
    let room = this.#rooms.get(folded);
    if (room === undefined) {
      const stored = await this.#store.open(folded);
      if (stored === undefined || stored === "too-many") return undefined;
      room = this.#rooms.get(folded);
      if (room === undefined) room = this.#addRoom(new Room(stored.name, stored));
      else this.#makeLasting(room, stored);
    }
    room.expected++;
    return room;
  }

  /** Has somebody stand in a room in another one's place. */
  #swap(room: Room, out: User, user: User): void {
    // Lists name who has moved, and these are the same person.
    if (room.gathering?.names(out)) this.#delivery.tellGathered(room);
    room.members.remove(out);
    out.rooms.delete(room);
    room.members.add(user);
    user.rooms.add(room);
    if (out instanceof RemoteUser) room.elsewhere--;
    if (user instanceof RemoteUser) room.elsewhere++;
  }

  /** One more is about to come in, if they may. */
  #expectIn(room: Room, user: User): EnteredRoom | Refusal {
    const refusal = this.#access.refusal("enter", user, room);
    if (refusal !== undefined) return refusal;
    room.expected++;
    return { room, isNew: false };
  }

  /** Opens a room that lasts. Whoever may not enter wakes nothing and keeps nothing alive. */
  async #openStored(
    user: User,
    roomName: string,
  ): Promise<OpenedRoom | EntryRefusal | undefined> {
    const folded = foldName(roomName);
    const stored = await this.#store.find(folded);
    const refusal = stored && this.#access.refusalIn(new RoomPolicy(stored), "enter", user);
    if (refusal !== undefined) return refusal;
    const maker = { folded: user.folded, roomName, maxRooms: this.#maxRooms };
    const opened = await this.#store.open(folded, user.isAccount ? maker : undefined);
    if (opened === undefined || opened === "too-many") return opened;
    // Another process may have come between.
    const late = this.#access.refusalIn(new RoomPolicy(opened), "enter", user);
    if (late !== undefined) this.#store.close(opened.id);
    return late ?? opened;
  }

  /** @returns `false` if the user was not in. */
  #takeOut(user: User, room: Room, isByDeed: boolean): boolean {
    user.rooms.delete(room);
    if (!room.members.remove(user)) return false;
    if (user instanceof RemoteUser) room.elsewhere--;
    else this.#nodes.left(user, room, isByDeed);
    const { lasting } = room;
    if (lasting !== undefined && !user.isAccount) {
      this.#lastSeen.note(lasting.id, user.folded, user.network);
    }
    return true;
  }

  /** Somebody on another node is out of a room that is not in memory. */
  #leaveAside(user: RemoteUser, folded: string): void {
    if (!user.roomsAside.has(folded)) return;
    this.#elsewhere.remove(user, folded);
    if (!user.isAccount) this.#lastSeen.note(folded, user.folded, user.network);
  }

  #dropIfEmpty(room: Room): void {
    const { lasting, members, elsewhere, expected } = room;
    const others = lasting === undefined ? 0 : elsewhere; // these do not keep it in memory
    if (room.isGone || members.size > others || expected > 0) return;
    this.#drop(room);
    if (lasting === undefined) return;
    this.#elsewhere.takeFrom(room);
    this.#store.close(lasting.id);
  }

  #drop(room: Room): void {
    room.isGone = true;
    room.gathering?.[Symbol.dispose]();
    this.#rooms.delete(room.folded);
    this.#passing.remove(room);
  }
}

function isReady<Ready extends EnteredRoom>(ready: Ready | EntryRefusal): ready is Ready {
  return typeof ready === "object" && "room" in ready;
}
