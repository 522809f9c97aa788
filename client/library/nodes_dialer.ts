/**
 * Connections to whichever node of a server can be reached.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import type { Link } from "../../common/link.ts";
import { ConnectError, type NodeFailure } from "./errors.ts";
import { addressText, type NodeAddress } from "./node_address.ts";

/** A node whose link is gone this soon after it was made is one to turn away from. Milliseconds. */
const SHORT_MS = 5_000;
/** See {@linkcode NodesDialer.lifeMs}: a node that works answers a probe within milliseconds, and waiting people notice 5 s. */
const LIFE_MS = 5_000;

/**
 * Opens links to a server of several nodes.
 *
 * Begins with the node that the last link led to, since the session lives there; with the next one if that link was
 * made less than 5 s ago, for then the node accepts connections and serves nobody. A node that cannot be reached, or from
 * which the caller turns away, is passed over: of one attempt, each is tried once.
 */
export class NodesDialer {
  /** How long a node may take for a sign of life before another is tried. Milliseconds. */
  readonly lifeMs: number = LIFE_MS;
  readonly #nodes: readonly NodeAddress[];
  readonly #open: (node: NodeAddress, signal: AbortSignal) => Promise<Link>;
  readonly #clock: Clock;
  /** Those that this attempt has tried in vain, by their place in the list. */
  readonly #failed = new Map<number, NodeFailure>();
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

  /** The one that the last link led to. */
  get node(): NodeAddress {
    return this.#nodes[this.#current]!;
  }

  /** A new attempt begins: each node may be tried again. */
  begin(): void {
    this.#failed.clear();
  }

  /**
   * Opens a link.
   *
   * @throws {ConnectError} If no node is left that can be reached, which ends the attempt: what was wrong with the first that was tried, and, if
   *   there are several, with each.
   */
  async dial(signal: AbortSignal): Promise<Link> {
    const count = this.#nodes.length;
    if (this.#clock.monotonicMs() - this.#madeAt < SHORT_MS) this.#goOn();
    while (this.#failed.size < count) {
      if (this.#failed.has(this.#current)) {
        this.#goOn();
        continue;
      }
      try {
        const link = await this.#open(this.node, signal);
        this.#madeAt = this.#clock.monotonicMs();
        return link;
      } catch (error) {
        signal.throwIfAborted();
        this.turnAway(error as Error);
      }
    }
    const failures = [...this.#failed.values()];
    this.begin();
    const { error } = failures[0]!;
    if (count === 1) throw error;
    const asConnect = failures.map((one) => one.error).find((one) => one instanceof ConnectError);
    throw new ConnectError(asConnect?.failure ?? "timeout", error.message, {
      cause: error,
      hosts: asConnect?.hosts ?? [],
      nodes: failures,
    });
  }

  /**
   * The node of the last link serves nobody: the next link of this attempt leads to another.
   *
   * @param error What was wrong with it.
   */
  turnAway(error: Error): void {
    this.#failed.set(this.#current, { address: addressText(this.node), error });
    this.#madeAt = -Infinity;
    this.#goOn();
  }

  #goOn(): void {
    this.#current = (this.#current + 1) % this.#nodes.length;
  }
}
