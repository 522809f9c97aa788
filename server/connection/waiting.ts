/**
 * Waiting for something, and for a peer, while nothing else is read.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { within } from "./farewell.ts";

/** Whose connection waits. */
export interface WaitingHost {
  /** Aborted when no further request will be served. */
  readonly signal: AbortSignal;
  /** Begins the next read, unless it is under way: see `LineReader.ahead`. */
  ahead(): Promise<number | null>;
  /** Asks the peer whether it is there. */
  probe(): void;
  /** Closes the socket at once. */
  abort(): void;
}

/** What a connection waits for while it is not read, and how it notices meanwhile that its peer goes, or is there. */
export class Waiting {
  readonly #host: WaitingHost;
  readonly #clock: Clock;
  /** Says whether others keep the peer waiting; set while it stands in a line. */
  #isHeldUp: (() => boolean) | undefined;
  /** Whether the client is there; while that is being asked. */
  #presence: Promise<boolean> | undefined;

  /** Nothing is waited for. */
  constructor(host: WaitingHost, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
  }

  /** Whether others keep the peer waiting. */
  get isHeldUp(): boolean {
    return this.#isHeldUp?.() ?? false;
  }

  /** The peer waits in a line until the result is disposed of. */
  inLine(isOthersDoing: () => boolean): Disposable {
    this.#isHeldUp = isOthersDoing;
    // Nothing else is read while a login waits: whoever resets the connection gives up the place.
    this.#host.ahead().catch(() => this.#host.abort());
    return { [Symbol.dispose]: () => void (this.#isHeldUp = undefined) };
  }

  /** Waits for something, unless the client hangs up or the connection ends meanwhile. */
  async unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
    const { signal } = this.#host;
    const { promise: gone, resolve } = Promise.withResolvers<undefined>();
    const leave = (): void => resolve(undefined);
    this.#host.ahead().then((count) => count ?? leave(), leave);
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([work, gone]);
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  /**
   * Probes the client and waits for any byte of it. While nothing is read, because of the rate or a full queue, what
   * lies unread in the socket is a sign of life, too. Calls while one is under way share its outcome.
   */
  isThere(seconds: number): Promise<boolean> {
    return this.#presence ??= this.#seekPresence(seconds);
  }

  async #seekPresence(seconds: number): Promise<boolean> {
    this.#host.probe();
    const byte = this.unlessGone(this.#host.ahead()).then((count) => {
      if (!count) throw new Error("the connection ends");
    });
    const isThere = await within(this.#clock, seconds, byte);
    this.#presence = undefined;
    return isThere;
  }
}
