/**
 * Daily limits on new accounts and guests' names per network: each occupies the disk for months.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";

/** What is counted. */
export type NewcomerKind = "accounts" | "names";

/** What {@linkcode Newcomers} are told. */
export interface NewcomersOptions {
  /** Where time comes from. */
  readonly clock: Clock;
  /** How many of each kind a network may bring a day; 0 is no limit. */
  readonly limits: Readonly<Record<NewcomerKind, number>>;
  /**
   * Networks that are counted at once.
   *
   * @default {LIMITS.maxCountedNetworks}
   */
  readonly maxNetworks?: number;
}

/** A newcomer that is counted. Disposing of it takes it out of the count again, unless it was kept. */
export interface Claim extends Disposable {
  /** It has come to be: it stays counted. */
  keep(): void;
}

/** What a network has brought since its day began. */
interface Day {
  readonly begunAtMs: number;
  accounts: number;
  names: number;
}

const DAY_MS = 86_400_000;

/**
 * Counts new accounts and new guests' names by network. A network's day begins with the first of them and has 24
 * hours.
 *
 * In memory, and bounded. If one network more than `maxNetworks` brings something within a day, the one whose day
 * began first is forgotten: whoever has so many networks to make another forgotten may bring that much with each of
 * them anyway. A restart forgets all.
 */
export class Newcomers {
  readonly #clock: Clock;
  readonly #limits: Readonly<Record<NewcomerKind, number>>;
  readonly #maxNetworks: number;
  /** By network; a day that begins later stands behind. */
  readonly #days = new Map<string, Day>();

  /** Nobody has brought anything. */
  constructor({ clock, limits, maxNetworks = LIMITS.maxCountedNetworks }: NewcomersOptions) {
    this.#clock = clock;
    this.#limits = limits;
    this.#maxNetworks = maxNetworks;
  }

  /**
   * Counts one more, before it is made: of many at the same moment no more come through than may.
   *
   * @param network See `networkKey`.
   * @returns `undefined` if the network has brought as many as it may.
   */
  claim(kind: NewcomerKind, network: string): Claim | undefined {
    const limit = this.#limits[kind];
    if (limit === 0) return UNCOUNTED;
    const day = this.#dayOf(network);
    if (day[kind] >= limit) return undefined;
    day[kind]++;
    let isOpen = true;
    const close = (counts: boolean): void => {
      if (isOpen && !counts) this.#takeBack(kind, network, day);
      if (isOpen && counts) this.#forget();
      isOpen = false;
    };
    return { keep: () => close(true), [Symbol.dispose]: () => close(false) };
  }

  /** Forgets the network that has begun first, if there are too many. */
  #forget(): void {
    if (this.#days.size > this.#maxNetworks) this.#days.delete(this.#days.keys().next().value!);
  }

  /** A network that has brought nothing takes nobody's place. */
  #takeBack(kind: NewcomerKind, network: string, day: Day): void {
    day[kind]--;
    if (day.accounts + day.names === 0 && this.#days.get(network) === day) {
      this.#days.delete(network);
    }
  }

  #dayOf(network: string): Day {
    const now = this.#clock.monotonicMs();
    let day = this.#days.get(network);
    if (day !== undefined && now - day.begunAtMs < DAY_MS) return day;
    this.#days.delete(network);
    day = { begunAtMs: now, accounts: 0, names: 0 };
    this.#days.set(network, day); // the latest is the last
    return day;
  }
}

const UNCOUNTED: Claim = { keep: () => {}, [Symbol.dispose]: () => {} };
