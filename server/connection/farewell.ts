/**
 * The careful end of a connection.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import type { Link } from "../../common/link.ts";

/**
 * How long the peer has, after our half was closed, to read what was sent and close its own. A socket that is closed
 * with unread input resets the connection (RFC 1122, 4.2.2.13), and the last word would be lost with it.
 */
const LINGER_MS = 500;

/**
 * Ends a connection so that the peer can read the last word: what is queued is written, our half is closed, and the
 * socket only when the peer had half a second more. Meanwhile the owner goes on reading and drops what it reads.
 *
 * Guarantees: `end` is called at most once, and not after {@linkcode Farewell.cancel}.
 */
export class Farewell {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #end: () => void;
  #timer: Timer | undefined;
  #isCancelled = false;

  /**
   * Prepares the end; nothing happens yet.
   *
   * @param end Closes the socket.
   */
  constructor(link: Link, clock: Clock, end: () => void) {
    this.#link = link;
    this.#clock = clock;
    this.#end = end;
  }

  /**
   * Hangs up. Safe to call again: a connection that is being closed may owe an answer that closes it, too.
   *
   * @param written Settles when all that is queued is written.
   * @param seconds How long to wait for that.
   */
  async hangUp(written: Promise<unknown>, seconds: number): Promise<void> {
    await within(this.#clock, seconds, written);
    if (this.#isCancelled) return;
    try {
      await this.#link.closeWrite();
    } catch {
      // The peer is gone already.
    }
    if (!this.#isCancelled) this.#timer ??= this.#clock.setTimeout(this.#end, LINGER_MS);
  }

  /** The socket is closed: nothing more is to be done. */
  cancel(): void {
    this.#isCancelled = true;
    this.#clock.clearTimeout(this.#timer);
  }
}

/** Waits until a promise settles, at most so many seconds. Never rejects. */
export async function within(
  clock: Clock,
  seconds: number,
  promise: Promise<unknown>,
): Promise<void> {
  let timer: Timer | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = clock.setTimeout(resolve, seconds * 1_000);
  });
  await Promise.race([promise, timeout]).catch(() => {});
  clock.clearTimeout(timer);
}
