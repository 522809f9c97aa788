/**
 * Sends `ack` for stored messages.
 *
 * @module
 */

import type { Connection } from "./connection.ts";

/**
 * Acknowledges on the connection that is open now, in a session that is not numbered: one request at a time, for all that was handled meanwhile.
 * An `ack` that is lost with its connection is not repeated, since the messages come again.
 */
export class Acknowledger {
  #connection: Connection | undefined;
  /** The highest number that may be acknowledged, and the highest that the server was told. */
  #wanted = 0;
  #told = 0;
  #isBusy = false;

  /** There is nothing to be acknowledged, or nowhere. */
  detach(): void {
    this.#connection = undefined;
  }

  /** A new connection takes the place of the old one. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#wanted = 0;
    this.#told = 0;
    this.#isBusy = false;
  }

  /**
   * Acknowledges soon.
   *
   * @param stored All messages up to this number were handled.
   */
  acknowledge(stored: number): void {
    this.#wanted = Math.max(this.#wanted, stored);
    const connection = this.#connection;
    if (this.#isBusy || connection === undefined) return;
    this.#isBusy = true;
    queueMicrotask(() => this.#tell(connection));
  }

  #tell(connection: Connection): void {
    if (connection !== this.#connection) return;
    const stored = this.#wanted;
    if (stored <= this.#told) {
      this.#isBusy = false;
      return;
    }
    this.#told = stored;
    // Else each message that a slow consumer has handled would make a paused connection read many more.
    connection.send({ event: "ack", stored }, () => this.#tell(connection), false);
  }
}
