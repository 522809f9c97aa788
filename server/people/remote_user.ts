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
}

/**
 * A user whose connection is another node's: in this node's registry and rooms for their name, lists and rights. Frames
 * that are sent here go nowhere, since that node sends its own; each counts as taken.
 */
export class RemoteUser extends User {
  /** The node that has the connection. */
  readonly node: string;
  /** Whether it is an account's; may change. */
  isRemoteAccount: boolean;
  readonly #session: string;

  /** Somebody on a node. */
  constructor(node: string, { name, isAccount, session, network, status }: RemotePerson) {
    super(name, elsewhere(network));
    this.node = node;
    this.isRemoteAccount = isAccount;
    this.#session = session;
    this.status = status;
    this.state = "elsewhere";
  }

  /** Whether the name is an account's. */
  override get isAccount(): boolean {
    return this.isRemoteAccount;
  }

  /** See {@linkcode User.session}. */
  override get session(): string {
    return this.#session;
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
