/**
 * The people of other nodes, put into this one's registry and rooms.
 *
 * @module
 */

import { type Clock, type Timer, unixSeconds } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import type { ServerContext } from "../context.ts";
import { Envelope, Message } from "../delivery/message.ts";
import { type RemotePerson, RemoteUser } from "../people/remote_user.ts";
import type { Incarnation } from "./bus.ts";
import type { PersonThere, PresenceWord, RoomThere } from "./presence_words.ts";

/** What {@linkcode RemotePeople} work with. */
export interface RemotePeopleOptions {
  /** Where they are put. */
  readonly context: Pick<ServerContext, "registry" | "rooms" | "delivery" | "lastOnline">;
  /** Time stamps and timers. */
  readonly clock: Clock;
  /** Whether a name is held by this node: then whoever else is told to have it has it no more. */
  readonly isHeldHere: (folded: string) => boolean;
  /** Whether a node is there: what it tells is heard of. */
  readonly isThere: (node: Incarnation) => boolean;
  /** This node. */
  readonly self: () => Incarnation;
}

/** Somebody, as their node tells it. */
interface Known {
  person: RemotePerson;
  /** By folded name. */
  readonly rooms: Map<string, RoomThere>;
  /** `undefined` while the name is somebody else's here. */
  user: RemoteUser | undefined;
}

/** Whoever was put out of a room by a deed of moderation is out by then at the latest, also if the deed was not heard of. */
const DEED_MS = 5_000;

/** Whose session was given to another node has gone if that has not told within this time that they are there. */
const EXPECTED_MS = 20_000;

/**
 * Keeps what each node tells of its people, and has of each name one user in the registry.
 *
 * What nodes tell comes at different speeds: two may be told to have one name, when it has just gone from one to the other.
 * Then this node's own user has it, else who was told of last; the other one is known and not shown, until that node says
 * that they have gone, or the first one goes.
 */
export class RemotePeople implements Disposable {
  readonly #options: RemotePeopleOptions;
  readonly #nodes = new Map<Incarnation, Map<string, Known>>();
  readonly #timers = new Set<Timer>();

  /** Knows nobody. */
  constructor(options: RemotePeopleOptions) {
    this.#options = options;
  }

  /** These are all people of a node. */
  replace(node: Incarnation, people: readonly PersonThere[]): void {
    const known = this.#of(node);
    const there = new Set(people.map(({ person }) => foldName(person.name)));
    for (const folded of [...known.keys()]) if (!there.has(folded)) this.#went(node, folded);
    for (const { person, rooms } of people) {
      const folded = foldName(person.name);
      const earlier = known.get(folded);
      const isSame = earlier?.person.session === person.session &&
        earlier.person.moves === person.moves;
      if (earlier === undefined || !isSame) {
        this.#came(node, person, rooms);
        continue;
      }
      this.#update(earlier, person);
      const isIn = new Map(rooms.map((room) => [foldName(room.name), room]));
      for (const room of [...earlier.rooms.keys()]) {
        if (!isIn.has(room)) this.#left(earlier, room);
      }
      for (const [room, it] of isIn) this.#entered(earlier, room, it);
    }
  }

  /** A node has told something. */
  apply(node: Incarnation, word: PresenceWord): void {
    if (word.is === "came") return this.#came(node, word.person, word.rooms ?? []);
    const known = this.#of(node).get(word.who);
    if (known === undefined) return;
    switch (word.is) {
      case "went":
        return this.#went(node, word.who);
      case "moved":
        return this.#moved(node, known, word);
      case "changed":
        return this.#update(known, { ...word, moves: known.person.moves });
      case "entered":
        return this.#entered(known, foldName(word.room.name), word.room);
      case "left":
        return word.isByDeed ? this.#putOut(known, word.room) : this.#left(known, word.room);
      case "said":
        return this.#said(known, word);
    }
  }

  /** A node has gone, and all its people with it. */
  forget(node: Incarnation): void {
    for (const folded of [...this.#of(node).keys()]) this.#went(node, folded);
    this.#nodes.delete(node);
  }

  /** All nodes have gone. */
  forgetAll(): void {
    for (const node of [...this.#nodes.keys()]) this.forget(node);
  }

  /** See {@linkcode RemotePeopleOptions.isThere}. */
  isThere(node: Incarnation): boolean {
    return this.#options.isThere(node);
  }

  /**
   * A session of this node was given to another, which will tell that they are there.
   *
   * @returns Who is to stand for it in the registry and in those rooms.
   */
  expect(node: Incarnation, person: RemotePerson, rooms: readonly RoomThere[]): RemoteUser {
    const user = new RemoteUser(node, person);
    const known: Known = { person, rooms: byName(rooms), user };
    this.#of(node).set(user.folded, known);
    this.#expect(node, known);
    return user;
  }

  /**
   * A session is this node's from now on: no other has it.
   *
   * @returns Who stands for it in the registry and in rooms, if anybody does, and has to be let go by `end`.
   */
  takeUp(folded: string, session: string): RemoteUser | undefined {
    this.#takeOut(folded, session);
    const user = this.#options.context.registry.find(folded);
    if (user instanceof RemoteUser && user.session === session) return user;
    this.hide(folded);
    return undefined;
  }

  /** Who stood for somebody has been replaced: in rooms where that is not so they are not any more. */
  end(user: RemoteUser): void {
    this.#options.context.rooms.dischargeAll(user, this.#now);
    user.state = "ended";
  }

  /** A name is this node's: whoever had it elsewhere has gone. */
  hide(folded: string): void {
    const user = this.#options.context.registry.find(folded);
    if (user instanceof RemoteUser) this.#hide(user);
  }

  /** A name is free here: somebody may be known to have it elsewhere. */
  show(folded: string): void {
    for (const [node, people] of this.#nodes) {
      const known = people.get(folded);
      if (known !== undefined && known.user === undefined) return this.#show(node, known);
    }
  }

  /** Forgets what it waits for. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers) this.#options.clock.clearTimeout(timer);
    this.#timers.clear();
  }

  get #now(): number {
    return unixSeconds(this.#options.clock);
  }

  #of(node: Incarnation): Map<string, Known> {
    let people = this.#nodes.get(node);
    if (people === undefined) this.#nodes.set(node, people = new Map());
    return people;
  }

  #came(node: Incarnation, person: RemotePerson, rooms: readonly RoomThere[]): void {
    const folded = foldName(person.name);
    const known: Known = { person, rooms: byName(rooms), user: undefined };
    const elsewhere = [...this.#nodes.values()].map((people) => people.get(folded));
    const isOver = elsewhere.some((other) =>
      other?.person.session === person.session && other.person.moves > person.moves
    );
    if (isOver) return; // it has gone on from there, which was heard of before
    const user = this.#takeOut(folded, person.session);
    this.#went(node, folded); // an earlier session of theirs, whose end was not told
    this.#of(node).set(folded, known);
    if (user === undefined) this.#show(node, known);
    else this.#goOn(node, known, user);
  }

  /** A session goes on on another node: nobody is told but of rooms where that is news. */
  #goOn(node: Incarnation, known: Known, user: RemoteUser): void {
    const { registry, rooms } = this.#options.context;
    known.user = user;
    user.moveTo(node);
    user.update(known.person);
    registry.changed();
    const before = [...[...user.rooms].map(({ folded }) => folded), ...user.roomsAside];
    for (const room of before) {
      if (!known.rooms.has(room)) rooms.discharge(user, room, this.#now);
    }
    for (const { name, lasts } of known.rooms.values()) rooms.admit(user, name, lasts, this.#now);
    for (const room of user.rooms) room.members.changed();
  }

  /**
   * Forgets on which node a session is.
   *
   * @returns Who stands for it, if anybody does.
   */
  #takeOut(folded: string, session: string): RemoteUser | undefined {
    let user: RemoteUser | undefined;
    for (const people of this.#nodes.values()) {
      const known = people.get(folded);
      if (known?.person.session !== session) continue;
      people.delete(folded);
      user ??= known.user;
      known.user = undefined;
    }
    return user;
  }

  /** A session was given to another node: it is taken for that one's, unless it is known better. */
  #moved(node: Incarnation, known: Known, { who, to }: { who: string; to: Incarnation }): void {
    const isHere = to === this.#options.self();
    if (known.user === undefined || !(isHere || this.isThere(to))) return this.#went(node, who);
    // This node has still to take it, and asks that one for it.
    if (isHere) return this.#expect(node, known);
    this.#of(node).delete(who);
    this.#of(to).set(who, known);
    known.user.moveTo(to);
    this.#expect(to, known);
  }

  /** Whoever is not told to be there in time has gone. */
  #expect(node: Incarnation, known: Known): void {
    const folded = foldName(known.person.name);
    const timer = this.#options.clock.setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#nodes.get(node)?.get(folded) === known) this.#went(node, folded);
    }, EXPECTED_MS);
    this.#timers.add(timer);
  }

  #went(node: Incarnation, folded: string): void {
    const people = this.#of(node);
    const known = people.get(folded);
    if (known === undefined) return;
    people.delete(folded);
    if (known.user === undefined) return;
    this.#options.context.lastOnline.leftElsewhere(folded);
    this.#hide(known.user);
    known.user = undefined;
    this.show(folded);
  }

  #update(
    known: Known,
    { status, away, isAccount, network, moves }: Omit<RemotePerson, "name" | "session">,
  ): void {
    known.person = { ...known.person, status, away, isAccount, network, moves };
    const { user } = known;
    if (user === undefined) return;
    user.update(known.person);
    this.#options.context.registry.changed();
    for (const room of user.rooms) room.members.changed();
  }

  #entered(known: Known, folded: string, room: RoomThere): void {
    const { user, rooms } = known;
    const wasIn = rooms.has(folded);
    rooms.set(folded, room);
    if (user === undefined) return;
    // Who was put out and is back before the deed was heard of has left all the same.
    if (!wasIn) this.#options.context.rooms.discharge(user, folded, this.#now);
    this.#options.context.rooms.admit(user, room.name, room.lasts, this.#now);
  }

  #left(known: Known, folded: string): void {
    known.rooms.delete(folded);
    if (known.user !== undefined) {
      this.#options.context.rooms.discharge(known.user, folded, this.#now);
    }
  }

  /** The deed, once this node has heard of it, tells why they are out; then nothing is left to be done. */
  #putOut(known: Known, folded: string): void {
    const { context: { rooms }, clock } = this.#options;
    const { user } = known;
    known.rooms.delete(folded);
    if (user === undefined) return;
    if (rooms.find(folded) === undefined) return rooms.discharge(user, folded, this.#now);
    const timer = clock.setTimeout(() => {
      this.#timers.delete(timer);
      const isOut = known.user === user && !known.rooms.has(folded);
      if (isOut) rooms.discharge(user, folded, this.#now);
    }, DEED_MS);
    this.#timers.add(timer);
  }

  #said({ user }: Known, word: Extract<PresenceWord, { is: "said" }>): void {
    const { rooms, delivery } = this.#options.context;
    const room = rooms.find(word.room);
    if (user === undefined || room === undefined || !room.members.has(user)) return;
    const { time, textJson, id } = word;
    const envelope = new Envelope(user, room, time);
    const message = new Message(envelope, textJson, id, undefined, undefined, word);
    delivery.toMembersHere(room, message, user);
  }

  #show(node: Incarnation, known: Known): void {
    const { context: { registry, rooms }, isHeldHere } = this.#options;
    const folded = foldName(known.person.name);
    if (isHeldHere(folded)) return;
    this.hide(folded);
    const user = new RemoteUser(node, known.person);
    if (!registry.add(user)) return; // a user of this node, who is about to be put out
    known.user = user;
    for (const { name, lasts } of known.rooms.values()) rooms.admit(user, name, lasts, this.#now);
  }

  #hide(user: RemoteUser): void {
    const { registry, rooms } = this.#options.context;
    rooms.dischargeAll(user, this.#now);
    registry.remove(user);
    user.state = "ended";
    const known = this.#nodes.get(user.node)?.get(user.folded);
    if (known?.user === user) known.user = undefined;
  }
}

function byName(rooms: readonly RoomThere[]): Map<string, RoomThere> {
  return new Map(rooms.map(({ name, lasts }) => [foldName(name), { name, lasts }]));
}
