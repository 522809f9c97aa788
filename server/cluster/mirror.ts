/**
 * This node among others: names, and who is online and in which room.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { messageOf } from "../../common/errors.ts";
import type { Log } from "../../common/log.ts";
import type { ServerContext } from "../context.ts";
import type { Message } from "../delivery/message.ts";
import { depart } from "../people/attendance.ts";
import type { User } from "../people/user.ts";
import type { Room } from "../rooms/room.ts";
import type { Bus, Incarnation } from "./bus.ts";
import type { Cluster } from "./cluster.ts";
import { personOf } from "./direct_batch.ts";
import { DirectCalls } from "./direct_calls.ts";
import { isDirectQuestion } from "./direct_words.ts";
import { isHandoverQuestion } from "./handover_words.ts";
import { Handovers } from "./handovers.ts";
import { HeldNames } from "./held_names.ts";
import type { NameTable } from "./name_table.ts";
import { NodeFeed } from "./node_feed.ts";
import type { Nodes, Now } from "./nodes.ts";
import {
  isPeopleQuestion,
  type PeoplePage,
  type PeopleQuestion,
  type PersonThere,
  type PresenceWord,
  type RoomThere,
} from "./presence_words.ts";
import { RemoteCalls, type RemoteQuestion } from "./remote_calls.ts";
import { RemotePeople } from "./remote_people.ts";

/** What a {@linkcode Mirror} works with. */
export interface MirrorOptions {
  /** The way to the other nodes. The mirror starts it, and does not close it. */
  readonly bus: Bus;
  /** Who holds which name. */
  readonly names: NameTable;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Where to say what happens. */
  readonly log: Log;
}

/** UTF-16 units of JSON of one part of all people, but for the last one: at most 200 KB. */
const MAX_PAGE_UNITS = 65_536;

/**
 * Tells the other nodes of this one's people, and has theirs in this one's registry and rooms.
 *
 * Guarantees:
 * 1. Whoever is online here holds the name: on no other node anybody is online with it at that moment, but for one that
 *    is cut off and closes its connections.
 * 2. Once nothing is under way any more, all nodes list the same people in the same rooms; and of each coming and going the
 *    members of a room on each node are told once.
 */
export class Mirror implements Nodes, Disposable {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #names: HeldNames;
  readonly #calls: RemoteCalls;
  readonly #direct: DirectCalls;
  #handovers: Handovers | undefined;
  /** Who is online here, and what gives their names back. */
  readonly #own = new Map<User, Disposable>();
  readonly #feeds = new Map<Incarnation, NodeFeed>();
  #context: ServerContext | undefined;
  #people: RemotePeople | undefined;
  /** How many words were told. */
  #told = 0;
  #isCutOff = false;

  /** See {@linkcode MirrorOptions}. */
  constructor({ bus, names, clock, log }: MirrorOptions) {
    this.#bus = bus;
    this.#calls = new RemoteCalls(bus, () => this.#context!);
    this.#direct = new DirectCalls(bus, names, () => this.#context!);
    this.#clock = clock;
    this.#log = log;
    this.#names = new HeldNames({
      table: names,
      onTaken: (folded) => this.#people?.hide(folded),
      onFreed: (folded) => this.#people?.show(folded),
    });
  }

  /** How many names this node holds. */
  get namesHeld(): number {
    return this.#names.size;
  }

  /** See `Cluster.start`. */
  async start(
    context: ServerContext,
    { onFence, onRestored }: Parameters<Cluster["start"]>[1],
  ): Promise<void> {
    this.#context = context;
    this.#people = new RemotePeople({
      context,
      clock: this.#clock,
      isHeldHere: (folded) => this.#names.has(folded),
      isThere: (node) => this.#feeds.has(node),
      self: () => this.#bus.self,
    });
    this.#handovers = new Handovers(this.#bus, this.#names, this.#clock, {
      context,
      people: this.#people,
      isOwn: (user) => this.#own.has(user),
      letGo: (user) => this.#own.delete(user),
      cameWith: (user, rooms) => this.#came(user, rooms),
      tell: (word) => this.#tell(word),
    });
    await this.#bus.start({
      nodeCame: (node) => this.#follow(node),
      nodeGone: (node) => {
        this.#forget(node);
        this.#handovers!.nodeGone(node);
      },
      told: (node, word) => this.#feeds.get(node)?.take(word),
      missed: (node) => this.#feeds.get(node)?.missed(),
      asked: (node, question, more) =>
        isDirectQuestion(question)
          ? this.#direct.asked(node, question, more)
          : isPeopleQuestion(question)
          ? this.#page(question)
          : isHandoverQuestion(question)
          ? this.#handovers!.asked(node, question)
          : this.#calls.asked(question as RemoteQuestion),
      fenced: (reason) => {
        this.#cutOff();
        onFence(reason);
        this.#dropAll();
      },
      restored: () => {
        this.#isCutOff = false;
        onRestored();
      },
    });
  }

  /** See {@linkcode Nodes.isAlone}. */
  get isAlone(): boolean {
    return this.#feeds.size === 0;
  }

  /** See {@linkcode Nodes.hold}. */
  hold(folded: string): Now<Disposable | undefined> {
    const returned = this.#handovers?.returned(folded);
    if (returned === undefined) return this.#names.hold(folded);
    return returned.then(() => this.#names.hold(folded));
  }

  /** See {@linkcode Nodes.came}. */
  came(user: User): void {
    this.#came(user);
  }

  /** See {@linkcode Nodes.went}. */
  went(user: User): void {
    const name = this.#own.get(user);
    if (name === undefined) return;
    this.#own.delete(user);
    this.#tell({ is: "went", who: user.folded });
    name[Symbol.dispose]();
  }

  /** See {@linkcode Nodes.changed}. */
  changed(user: User): void {
    const { folded: who, status, away, isAccount, network } = user;
    if (this.#own.has(user)) this.#tell({ is: "changed", who, status, away, isAccount, network });
  }

  /** See {@linkcode Nodes.entered}. */
  entered(user: User, { name, lasting }: Room): void {
    this.#tell({ is: "entered", who: user.folded, room: { name, lasts: lasting !== undefined } });
  }

  /** See {@linkcode Nodes.left}. */
  left(user: User, { folded: room }: Pick<Room, "folded">, isByDeed: boolean): void {
    this.#tell({ is: "left", who: user.folded, room, isByDeed });
  }

  /** See {@linkcode Nodes.said}. */
  said(from: User, room: Room, { envelope: { time }, textJson, id, kind }: Message): void {
    this.#tell({ is: "said", who: from.folded, room: room.folded, time, textJson, id, kind });
  }

  /** See {@linkcode Nodes.toUser}. */
  toUser(...args: Parameters<Nodes["toUser"]>): ReturnType<Nodes["toUser"]> {
    return this.#direct.toUser(...args);
  }

  /** See {@linkcode Nodes.isThere}. */
  isThere(...args: Parameters<Nodes["isThere"]>): ReturnType<Nodes["isThere"]> {
    return this.#calls.isThere(...args);
  }

  /** See {@linkcode Nodes.dismiss}. */
  dismiss(...args: Parameters<Nodes["dismiss"]>): ReturnType<Nodes["dismiss"]> {
    return this.#calls.dismiss(...args);
  }

  /** See {@linkcode Nodes.takeOver}. */
  takeOver(...args: Parameters<Nodes["takeOver"]>): ReturnType<Nodes["takeOver"]> {
    return this.#handovers!.takeOver(...args);
  }

  /** Follows nobody any more. */
  [Symbol.dispose](): void {
    for (const feed of this.#feeds.values()) feed[Symbol.dispose]();
    this.#feeds.clear();
    this.#handovers?.[Symbol.dispose]();
    this.#people?.[Symbol.dispose]();
  }

  /** @param rooms Where they are already, if their session has come from another node. */
  #came(user: User, rooms?: readonly RoomThere[]): void {
    this.#own.set(user, this.#names.keep(user.folded));
    this.#tell({ is: "came", who: user.folded, person: personOf(user), rooms });
  }

  #tell(word: PresenceWord): void {
    if (!this.#isCutOff) this.#bus.tell({ n: ++this.#told, word });
  }

  /** A node is there: from here on its people are known. */
  #follow(node: Incarnation): void {
    this.#forget(node);
    const feed = new NodeFeed({
      ask: (behind) => this.#bus.ask(node, { ask: "people", behind } satisfies PeopleQuestion),
      clock: this.#clock,
      onPeople: (people) => this.#people!.replace(node, people),
      onWord: (word) => this.#people!.apply(node, word),
      onFault: (error) => {
        this.#log.warn("people of a node not known yet", { node, reason: messageOf(error) });
      },
    });
    this.#feeds.set(node, feed);
  }

  #forget(node: Incarnation): void {
    this.#feeds.get(node)?.[Symbol.dispose]();
    this.#feeds.delete(node);
    this.#people!.forget(node);
  }

  /** From now on nobody here has a name. */
  #cutOff(): void {
    this.#isCutOff = true;
    this.#names.drop();
    this.#handovers!.drop();
    for (const feed of this.#feeds.values()) feed[Symbol.dispose]();
    this.#feeds.clear();
  }

  /** Sessions that live on without a connection are closed by nobody else. */
  #dropAll(): void {
    for (const user of [...this.#own.keys()]) depart(this.#context!, user);
    this.#people!.forgetAll();
  }

  /** Those of this node whose names come behind one, as many as one answer takes. */
  #page({ behind }: PeopleQuestion): PeoplePage {
    const people: PersonThere[] = [];
    let units = 0;
    for (const user of this.#context!.registry.sorted()) {
      if (user.folded <= behind || !this.#own.has(user)) continue;
      const rooms = [...user.rooms].map(({ name, lasting }) => ({ name, lasts: !!lasting }));
      const it = { person: personOf(user), rooms };
      people.push(it);
      units += JSON.stringify(it).length;
      if (units > MAX_PAGE_UNITS) return { n: this.#told, people, upTo: user.folded };
    }
    return { n: this.#told, people };
  }
}
