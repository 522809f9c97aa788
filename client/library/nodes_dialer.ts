/**
 * Connections to whichever node of a server can be reached.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import type { Link } from "../../common/link.ts";

/** Where a node of a server listens. */
export interface NodeAddress {
  /** Host name or address, without brackets. */
  readonly hostname: string;
  /** 1–65535. */
  readonly port: number;
}

/** A node whose link is gone this soon after it was made is one to turn away from. Milliseconds. */
const SHORT_MS = 5_000;

/**
 * Opens links to a server of several nodes.
 *
 * Begins with the node that the last link led to, since the session lives there; with the next one if that link was
 * made less than 5 s ago, for then the node accepts connections and serves nobody. A node that cannot be reached is
 * passed over: of one attempt, each is tried once.
 */
export class NodesDialer {
  readonly #nodes: readonly NodeAddress[];
  readonly #open: (node: NodeAddress, signal: AbortSignal) => Promise<Link>;
  readonly #clock: Clock;
  #current = 0;
  #madeAt = -Infinity;

  /**
   * Opens nothing yet.
   *
   * @param nodes At least one; the first is tried first.
   * @param open Opens a link to one.
   * @param clock Where time comes from.
   */
  constructor(
    nodes: readonly NodeAddress[],
    open: (node: NodeAddress, signal: AbortSignal) => Promise<Link>,
    clock: Clock = systemClock,
  ) {
    this.#nodes = nodes;
    this.#open = open;
    this.#clock = clock;
  }

  /**
   * Opens a link.
   *
   * @throws {ConnectError} If no node can be reached: what was wrong with the first that was tried.
   */
  async dial(signal: AbortSignal): Promise<Link> {
    const count = this.#nodes.length;
    if (this.#clock.monotonicMs() - this.#madeAt < SHORT_MS) this.#current++;
    let first: unknown;
    for (let tried = 0; tried < count; tried++, this.#current++) {
      try {
        const link = await this.#open(this.#nodes[this.#current % count]!, signal);
        this.#madeAt = this.#clock.monotonicMs();
        return link;
      } catch (error) {
        signal.throwIfAborted();
        first ??= error;
      }
    }
    throw first;
  }
}
