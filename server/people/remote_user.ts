/**
 * Somebody who is online on another node.
 *
 * @module
 */

import type { Outlet } from "./outlet.ts";
import { User } from "./user.ts";

/** What is known of somebody on another node. */
export interface RemotePerson {
  /** The name as shown. */
  readonly name: string;
  /** Whether it is an account's. */
  readonly isAccount: boolean;
  /** See `User.session`. */
  readonly session: string;
  /** See `User.network`. */
  readonly network: string;
  /** The status. */
  readonly status: string;
  /** See `User.away`; absent if it is empty. */
  readonly away?: string | undefined;
  /** See `User.moves`. */
  readonly moves: number;
  /** See `User.since`; absent if it is not known. */
  readonly since?: number | undefined;
}

/**
 * A user whose connection is another node's: in this node's registry and rooms for their name, lists and rights. Frames
 * that are sent here go nowhere, since that node tells its own people; each counts as taken.
 */
export class RemoteUser extends User {
  /** The rooms, folded, that nobody of this node is in, so that they are not among `rooms`. */
  readonly roomsAside: Set<string> = new Set();
  /** Folded names of addressees whom this user's messages did not find here: the direct calls' own. */
  sentOn: Set<string> | undefined;
  #node: string;
  readonly #session: string;
  #isAccount: boolean;
  #network: string;

  /** Somebody on a node. */
  constructor(node: string, person: RemotePerson) {
    super(person.name, elsewhere(person.network));
    this.#node = node;
    this.#session = person.session;
    this.since = person.since ?? 0;
    this.#isAccount = person.isAccount;
    this.#network = person.network;
    this.update(person);
    this.state = "elsewhere";
  }

  /** The node that has the connection. */
  get node(): string {
    return this.#node;
  }

  /** Whether the name is an account's. */
  override get isAccount(): boolean {
    return this.#isAccount;
  }

  /** See {@linkcode User.session}. */
  override get session(): string {
    return this.#session;
  }

  /** See {@linkcode User.network}. */
  override get network(): string {
    return this.#network;
  }

  /** Their session has gone to another node. */
  moveTo(node: string): void {
    this.#node = node;
  }

  /** Something about them has changed. Whoever calls this lets every list that has them know. */
  update(person: Omit<RemotePerson, "name" | "session">): void {
    const { isAccount, network, status, away = "", moves } = person;
    this.#isAccount = isAccount;
    this.#network = network;
    this.status = status;
    this.away = away;
    this.moves = moves;
  }
}

/** An outlet that takes everything and does nothing. */
function elsewhere(network: string): Outlet {
  const outlet: Outlet = {
    address: "",
    network,
    signal: new AbortController().signal,
    key: "event",
    isConnected: true,
    framesPut: 0,
    framesWritten: 0,
    capacity: Infinity,
    send: () => true,
    fits: () => true,
    sendAgain: () => {},
    probe: () => {},
    isThere: () => Promise.resolve(true),
    setOverdue: () => {},
    hold: () => {},
    roomy: () => Promise.resolve(true),
    close: () => {},
    leave: () => {},
    interruption: () => outlet,
  };
  return outlet;
}
