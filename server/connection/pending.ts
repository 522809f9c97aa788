/**
 * Connections that are not online yet.
 *
 * @module
 */

import type { Network } from "./networks.ts";

/** A connection that is not online yet. */
export interface Newcomer {
  /** Where it comes from. */
  readonly network: Network;
  /** Whether the server is at work on its login. */
  isAtWork(): boolean;
}

/**
 * Counts the connections that are not online yet, and says which is the one too many: one of the network that has
 * the most of them, so that those who do not come online shut out nobody but their own neighbours.
 *
 * @typeParam Member What stands for a connection.
 */
export class Pending<Member extends Newcomer> {
  /** By network, the one first that has had some for longest; in each, the oldest first. */
  readonly #byNetwork = new Map<Network, Set<Member>>();
  #count = 0;

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** There is one more. */
  add(newcomer: Member): void {
    const { network } = newcomer;
    const fellows = this.#byNetwork.get(network);
    if (fellows === undefined) this.#byNetwork.set(network, new Set([newcomer]));
    else fellows.add(newcomer);
    this.#count++;
  }

  /** It is online, or gone. The second time nothing happens. */
  delete(newcomer: Member): void {
    const fellows = this.#byNetwork.get(newcomer.network);
    if (!fellows?.delete(newcomer)) return;
    this.#count--;
    if (fellows.size === 0) this.#byNetwork.delete(newcomer.network);
  }

  /**
   * Picks whom to close so that `network` may add one: in the networks with the most, the oldest that is not being
   * logged in, else the newest.
   *
   * @returns `undefined` if no other network has more than this one: then it has to do without.
   */
  oneTooMany(network: Network): Member | undefined {
    const own = this.#byNetwork.get(network)?.size ?? 0;
    let most = own;
    for (const { size } of this.#byNetwork.values()) most = Math.max(most, size);
    if (most === own) return undefined;
    let latest: Member | undefined;
    for (const fellows of this.#byNetwork.values()) {
      if (fellows.size < most) continue;
      for (const fellow of fellows) {
        if (!fellow.isAtWork()) return fellow;
        latest = fellow;
      }
    }
    return latest;
  }
}
