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
  /** See `User.moves`. */
  readonly moves: number;
}

/**
 * A user whose connection is another node's: in this node's registry and rooms for their name, lists and rights. Frames
 * that are sent here go nowhere, since that node tells its own people; each counts as taken.
 */
export class RemoteUser extends User {
  /** The rooms, folded, that nobody of this node is in, so that they are not among `rooms`. */
  readonly roomsAside: Set<string> = new Set();
  #node: string;
  readonly #session: string;
  #isAccount: boolean;
  #network: string;

  /** Somebody on a node. */
  constructor(node: string, { name, isAccount, session, network, status, moves }: RemotePerson) {
    super(name, elsewhere(network));
    this.#node = node;
    this.moves = moves;
    this.#session = session;
    this.#isAccount = isAccount;
    this.#network = network;
    this.status = status;
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
  update({ isAccount, network, status, moves }: Omit<RemotePerson, "name" | "session">): void {
    this.#isAccount = isAccount;
    this.#network = network;
    this.status = status;
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
