/**
 * Guessing passwords made slow.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { Brake, type EndAttempt, type Lane, type Pace, type WaitingRoom } from "./brake.ts";
import { siteKey } from "./site_key.ts";
import { Tally } from "./tally.ts";

/** How {@linkcode LoginThrottle} behaves. */
export interface LoginThrottleOptions {
  /**
   * What strangers may fail at one name, all together.
   *
   * @default {{ burst: 60, refillMs: 2_000 }} 43 260 a day.
   */
  namePace?: Pace;
  /**
   * What one trusted network may fail at one name.
   *
   * @default {{ burst: 3, refillMs: 1_000, patienceMs: 2_000 }} 86 403 a day.
   */
  trustedPace?: Pace;
  /**
   * What one network that is not trusted may fail, whatever the names.
   *
   * @default {{ burst: 5, refillMs: 12_000 }} 7205 a day.
   */
  networkPace?: Pace;
  /**
   * Names and networks that are remembered at once; for one more, the one that was quiet for longest is
   * forgotten.
   *
   * @default {10000}
   */
  maxKeys?: number;
  /**
   * Attempts from one network that may wait just for time to pass.
   *
   * @default {5} Those whose turn comes within a minute.
   */
  maxWaiting?: number;
  /**
   * Attempts that may wait just for time to pass, for all networks together.
   *
   * @default {1000}
   */
  maxWaitingInAll?: number;
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  clock?: Clock;
}

/** A login whose password is to be checked. */
export interface Login {
  /** The folded name, known or not. */
  readonly name: string;
  /** Where the peer is: see `networkKey`. */
  readonly network: string;
  /** Whether the owner of the name has logged in from that network. */
  readonly isTrusted: boolean;
}

/** How fast a trusted network learns of its failures. */
const TOLD_PACE: Pace = { burst: 3, refillMs: 2_000 };

/** How often logins from one trusted network go before all others. */
const URGENT_PACE: Pace = { burst: 5, refillMs: 2_000 };

/** How urgent a login's hash is; one of the priorities of `Passwords`. */
export type LoginUrgency = "trusted" | "newcomer" | "login";

/** What an attempt has to pass. */
interface Station {
  readonly key: string;
  readonly pace: Pace;
  readonly lane?: Lane;
}

/**
 * Limits how fast logins may fail. A login that succeeds costs nothing; one that finds its allowance used up waits.
 *
 * - From a network that is trusted with the name: by the allowance of the two alone. It is never refused, and
 *   nothing that happens elsewhere holds it up. Neighbours who guess there cannot be told from the owner, so
 *   attempts are checked faster than failures are told: with any number of connections that wait for their answers,
 *   neighbours bring on fewer than are checked, and the owner's begins within two seconds.
 * - From all others: first by the network's allowance, in the order of arrival; at most `maxWaiting` wait just for
 *   time to pass and later ones are refused, since a waiting peer costs the server a connection. Then by the name's
 *   allowance, and nobody is refused there. Next is who comes from the network that has failed at the name the
 *   least, of equals the latest and the earliest in turn: a guesser falls behind with every guess, so one who is new to the name goes before
 *   all who have guessed already. An IPv6 network is held to what its /48 has done, too.
 *
 * What is remembered is bounded, counts are forgotten with the process, and trust is not kept here.
 */
export class LoginThrottle {
  readonly #namePace: Pace;
  readonly #trustedPace: Pace;
  readonly #networkPace: Pace;
  readonly #maxKeys: number;
  readonly #clock: Clock;
  /** In the order of last use, the oldest first. */
  readonly #brakes = new Map<string, Brake>();
  readonly #failures: Tally;
  /** Attempts that have begun. */
  #underWay = 0;

  /** Makes a throttle without a history; see {@linkcode LoginThrottleOptions}. */
  constructor(options: LoginThrottleOptions = {}) {
    const {
      namePace = { burst: 60, refillMs: 2_000 },
      trustedPace = { burst: 3, refillMs: 1_000, patienceMs: 2_000 },
      networkPace = { burst: 5, refillMs: 12_000 },
      maxKeys = 10_000,
      maxWaiting = 5,
      maxWaitingInAll = 1_000,
      clock = systemClock,
    } = options;
    const room: WaitingRoom = { maxHere: maxWaiting, maxInAll: maxWaitingInAll, inAll: 0 };
    this.#namePace = namePace;
    this.#trustedPace = trustedPace;
    this.#networkPace = { ...networkPace, room };
    this.#maxKeys = maxKeys;
    this.#clock = clock;
    this.#failures = new Tally(clock);
  }

  /** How many names, networks and pairs of them are remembered. */
  get size(): number {
    return this.#brakes.size + this.#failures.size;
  }

  /** How many attempts wait. */
  get waiting(): number {
    return this.#brakes.values().reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /**
   * Whether attempts like this one wait just for time to pass: no password is being checked that, if it is right,
   * would let one in earlier.
   */
  isHeldUp(login: Login): boolean {
    return this.#stations(login).some(({ key }) => this.#brakes.get(key)?.isHeldUp === true);
  }

  /**
   * Checks a password when it is this attempt's turn.
   *
   * @param check Resolves with whether the password is right; counts as no failure if it rejects. It is told how
   * urgent its hash is: `trusted` for a trusted network, but only five at once and then one in two seconds, since
   * right logins cost whoever has an account nothing; `newcomer` if no other login from there (for IPv6 from its /48)
   * is under way, or was wrong in the last hour.
   * @param signal Gives up waiting.
   * @returns What `check` gives.
   * @throws {DOMException} "AbortError" (or the signal's reason) if aborted while waiting.
   * @throws {TooManyLoginsError} If too many wait already; `check` was not called.
   */
  async attempt(
    login: Login,
    check: (urgency: LoginUrgency) => Promise<boolean>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const stations = this.#stations(login);
    const site = this.#failures.lane(siteKey(login.network));
    const ends: EndAttempt[] = [];
    let isFailure = false;
    this.#underWay++;
    try {
      for (const { key, pace, lane } of stations) {
        ends.push(await this.#brake(key, pace).take(signal, lane));
      }
      const urgency = this.#urgencyOf(login, site);
      site.begin();
      ends.push((isFailure) => isFailure || site.forgive());
      isFailure = !await check(urgency);
      if (isFailure && login.isTrusted) await this.#holdBack(login, signal);
      return !isFailure;
    } finally {
      for (const end of ends) end(isFailure);
      for (const { key } of stations) if (this.#brakes.get(key)?.isBlank) this.#brakes.delete(key);
      this.#underWay--;
      this.#forget();
    }
  }

  #urgencyOf({ network, isTrusted }: Login, site: Lane): LoginUrgency {
    if (!isTrusted) return site.rank() === 0 ? "newcomer" : "login";
    const brake = this.#brake(`urgent ${network}`, URGENT_PACE);
    if (!brake.isOpen) return "login";
    brake.spend();
    return "trusted";
  }

  /** Waits until a failure may be told to a trusted network. */
  async #holdBack({ name, network }: Login, signal: AbortSignal | undefined): Promise<void> {
    const tell = await this.#brake(`told ${network} ${name}`, TOLD_PACE).take(signal);
    tell(true);
  }

  #stations({ name, network, isTrusted }: Login): readonly Station[] {
    if (isTrusted) return [{ key: `trusted ${network} ${name}`, pace: this.#trustedPace }];
    return [
      // First: an attempt that waits for its network must not use up the name's allowance.
      { key: `network ${network}`, pace: this.#networkPace },
      {
        key: `name ${name}`,
        pace: this.#namePace,
        lane: this.#failures.lane(`${network} ${name}`, `${siteKey(network)} ${name}`),
      },
    ];
  }

  #brake(key: string, pace: Pace): Brake {
    const brake = this.#brakes.get(key) ?? new Brake(pace, this.#clock);
    this.#brakes.delete(key);
    this.#brakes.set(key, brake); // the latest is the last
    return brake;
  }

  /** Forgets what was quiet for longest. Attempts that have begun need room of their own: giving one up flushes nothing. */
  #forget(): void {
    const room = this.#maxKeys + 3 * this.#underWay;
    this.#failures.keepLatest(room);
    for (const [key, brake] of this.#brakes) {
      if (this.#brakes.size <= room) return;
      if (brake.isIdle) this.#brakes.delete(key);
    }
  }
}
