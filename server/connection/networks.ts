/**
 * Where connections come from.
 *
 * @module
 */

import { networkKey } from "./network_key.ts";
import { WorkBudget, type WorkTerms } from "./work_budget.ts";

/** Networks without connections that are remembered for what they have used of their budget. */
const MAX_ABSENT = 10_000;

/** One customer's network: what its connections share. */
export class Network {
  /** Names it: see {@linkcode networkKey}. */
  readonly key: string;
  /** What its connections may have the server do. */
  readonly work: WorkBudget;
  /** How many connections it has. {@linkcode Networks} counts. */
  connections = 0;

  /** A network without connections. */
  constructor(key: string, work: WorkBudget) {
    this.key = key;
    this.work = work;
  }
}

/**
 * The networks that have connections.
 *
 * Guarantees: one {@linkcode Network} for all connections of a network, also for those that come back before its
 * budget would have filled up anyway. At most {@linkcode MAX_ABSENT} without connections are kept.
 */
export class Networks {
  readonly #terms: WorkTerms;
  readonly #networks = new Map<string, Network>();
  /** Those without connections, the longest gone first. */
  readonly #absent = new Set<Network>();

  /** Knows no network yet. */
  constructor(terms: WorkTerms) {
    this.#terms = terms;
  }

  /** How many are known. */
  get size(): number {
    return this.#networks.size;
  }

  /**
   * The network of an address.
   *
   * @param address As in `Deno.NetAddr.hostname`.
   */
  of(address: string): Network {
    const key = networkKey(address);
    return this.#networks.get(key) ?? new Network(key, new WorkBudget(this.#terms));
  }

  /** It has one connection more. */
  enter(network: Network): void {
    network.connections++;
    this.#absent.delete(network);
    this.#networks.set(network.key, network);
  }

  /** It has one connection less. */
  leave(network: Network): void {
    if (--network.connections > 0) return;
    this.#absent.add(network);
    for (const gone of this.#absent) {
      if (!gone.work.isFull && this.#absent.size <= MAX_ABSENT) break;
      this.#absent.delete(gone);
      this.#networks.delete(gone.key);
    }
  }
}
