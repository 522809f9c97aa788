/**
 * The deadlines of a connection that says nothing.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { ServerSettings } from "../flags.ts";
import { type Deadlines, type Due, NOWHERE } from "./deadlines.ts";

/** What a {@linkcode Silence} goes by. */
export interface SilenceTerms {
  /** Where time comes from. */
  readonly clock: Clock;
  /** Where connections wait for their deadlines. */
  readonly deadlines: Deadlines;
  /** How long they are. */
  readonly settings: Pick<ServerSettings, "loginTimeout" | "probeInterval" | "probeTimeout">;
}

/** What a {@linkcode Silence} asks and tells its connection. */
export interface SilenceHost {
  /** Whether the server is at work on a login of this peer: then it is not late yet. */
  isLoggingIn(): boolean;
  /** Asks the peer whether it is there. */
  probe(): void;
  /** A deadline has passed; the connection is watched no more. */
  onDeadline(which: "login" | "probe"): void;
}

/** A peer whose login was being worked on at its deadline is looked at again after this time. */
const LOGIN_GRACE_MS = 1_000;

/**
 * Watches over a connection with one deadline, which is not moved with every byte: when it has passed, this looks at
 * what has happened and waits for the rest.
 *
 * Guarantees:
 * 1. A connection that is not online within `loginTimeout` is reported, whatever it says.
 * 2. A peer that is silent for `probeInterval` is probed, if peers like it are, and reported if it stays silent for `probeTimeout` more.
 * 3. After `stop` nothing is called.
 */
export class Silence implements Due {
  /** Whether the connection has a user: then there is no deadline for the login. Set by the connection. */
  isOnline = false;
  /** Whether the server is at work for this peer and reads nothing: then silence means nothing. Set by the connection. */
  isServing = false;
  /** Whether a silent peer is probed; else it may be silent for as long as it likes. Set by the connection. */
  isProbing = true;
  /** See {@linkcode Due.place}. */
  place: number = NOWHERE;
  readonly #terms: SilenceTerms;
  readonly #host: SilenceHost;
  readonly #connectedAt: number;
  #lastByteAt: number;
  #probedAt: number | undefined;

  /** Takes the time of the connection; {@linkcode Silence.watch} begins to watch. */
  constructor(terms: SilenceTerms, host: SilenceHost) {
    this.#terms = terms;
    this.#host = host;
    this.#connectedAt = this.#lastByteAt = terms.clock.monotonicMs();
  }

  /** Begins to watch, or looks anew. */
  watch(): void {
    const now = this.#terms.clock.monotonicMs();
    if (this.isServing) this.heard(now);
    const login = this.#nextForLogin(now);
    if (login <= now) return this.#host.onDeadline("login");
    const probe = this.#nextForProbe(now);
    if (probe <= now) return this.#host.onDeadline("probe");
    this.#terms.deadlines.set(this, Math.min(login, probe));
  }

  /** Looks at what has happened. For {@linkcode Deadlines}. */
  onDue(): void {
    this.watch();
  }

  /**
   * The peer has said something; whatever it was, it also answers a probe.
   *
   * @param nowMs By the monotonic clock.
   */
  heard(nowMs: number): void {
    this.#lastByteAt = nowMs;
    this.#probedAt = undefined;
  }

  /** Watches no more. */
  stop(): void {
    this.#terms.deadlines.delete(this);
  }

  /** When the login has to be looked at next; not after `now` if its time is over. */
  #nextForLogin(now: number): number {
    if (this.isOnline) return Infinity;
    const deadline = this.#connectedAt + this.#terms.settings.loginTimeout * 1_000;
    return now >= deadline && this.#host.isLoggingIn() ? now + LOGIN_GRACE_MS : deadline;
  }

  /** When the silence has to be looked at next; not after `now` if its time is over. Sends the probe. */
  #nextForProbe(now: number): number {
    const { settings } = this.#terms;
    const deadline = this.#lastByteAt + settings.probeInterval * 1_000;
    if (this.#probedAt === undefined) {
      if (now < deadline) return deadline;
      if (!this.isProbing) return now + settings.probeInterval * 1_000;
      this.#probedAt = now;
      this.#host.probe();
    }
    return this.#probedAt + settings.probeTimeout * 1_000;
  }
}
