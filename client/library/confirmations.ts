/**
 * Telling the server which frames of a numbered session it need not keep any more.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import type { Clock, Timer } from "../../common/clock.ts";
import type { Connection } from "./connection.ts";

/** How {@linkcode Confirmations} behave. */
export interface ConfirmationsOptions {
  /** Where time comes from. */
  clock: Clock;
  /** The number of the first frame that was not dealt with, of those that are confirmed only then; if there is one. */
  firstOpen: () => number | undefined;
  /** So much stands behind such a frame that the server will soon take nothing more for this client. */
  onStuck: () => void;
}

/** A client confirms at the latest after so many frames, so many bytes, or so long after the first of them (section 5). */
const MAX_FRAMES = 64;
const MAX_BYTES = 65_536;
const MAX_DELAY_MS = 1_000;
/** Probes that confirm and are not answered: a server that numbers its frames as it likes must not make any number. */
const MAX_PROBES = 16;
/** A part of what a server keeps for a client, by default (1 MiB): beyond that it closes the connection. */
const STUCK_BYTES = 262_144;

/** A frame that is confirmed only when it was dealt with. */
interface Mark {
  readonly n: number;
  /** Bytes of all frames before it. */
  readonly bytesBefore: number;
  /** Bytes of all frames before it that may be confirmed as soon as they arrive. */
  readonly otherBytesBefore: number;
}

/**
 * The numbers of one session, which may have any number of connections.
 *
 * Guarantees:
 * 1. A frame whose number has come before is not new.
 * 2. A frame is confirmed soon after it has arrived; one from the mailbox, and what stands behind it, only when it was
 *    dealt with, since the server keeps it no longer then.
 * 3. What is confirmed goes with the next request, whatever it is; if there is none, with a probe, in time.
 */
export class Confirmations {
  readonly #options: ConfirmationsOptions;
  #connection: Connection | undefined;
  #isNumbered = false;
  /** The number of the last frame, and the one that the server was told. */
  #arrived = 0;
  #told = 0;
  /** Bytes of all frames, of those from no mailbox, and of those that are confirmed. */
  #bytes = 0;
  #otherBytes = 0;
  #toldBytes = 0;
  #marks: Mark[] = [];
  /** Probes without an answer. */
  #probes = 0;
  #timer: Timer | undefined;

  /**
   * Numbers nothing yet.
   *
   * @param options See {@linkcode ConfirmationsOptions}.
   */
  constructor(options: ConfirmationsOptions) {
    this.#options = options;
  }

  /** All frames up to this number may be confirmed. */
  get seen(): number {
    return (this.#options.firstOpen() ?? this.#arrived + 1) - 1;
  }

  /** A session begins on a connection. */
  begin(connection: Connection, isNumbered: boolean): void {
    this.lost();
    this.#isNumbered = isNumbered;
    [this.#arrived, this.#told] = [0, 0];
    [this.#bytes, this.#otherBytes, this.#toldBytes] = [0, 0, 0];
    this.#marks = [];
    if (isNumbered) this.#attach(connection);
  }

  /** The session goes on, on another connection: the server was told {@linkcode Confirmations.tell} there. */
  goOn(connection: Connection): void {
    this.lost();
    this.#attach(connection);
  }

  /** What the server is to be told now. */
  tell(): number {
    this.#told = this.seen;
    this.#toldBytes = this.#confirmable();
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#told;
  }

  /** The connection is lost, or the client has ended. */
  lost(): void {
    this.#connection = undefined;
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Whether a frame has not come before; one without a number, or in a session without, never has. */
  isNew(n: number | undefined): boolean {
    return n === undefined || !this.#isNumbered || n > this.#arrived;
  }

  /**
   * A new frame was taken.
   *
   * @param line As it stood on the wire, without its end.
   * @param isHeld Whether it is confirmed only when it was dealt with, as a message from the mailbox.
   */
  took(n: number, line: string, isHeld: boolean): void {
    if (!this.#isNumbered) return;
    this.#arrived = n;
    if (isHeld) {
      const [bytesBefore, otherBytesBefore] = [this.#bytes, this.#otherBytes];
      this.#marks.push({ n, bytesBefore, otherBytesBefore });
    }
    const bytes = Buffer.byteLength(line) + 1;
    this.#bytes += bytes;
    if (!isHeld) this.#otherBytes += bytes;
    this.moved();
    this.#confirmable();
    const [open] = this.#marks;
    if (open !== undefined && this.#otherBytes - open.otherBytesBefore > STUCK_BYTES) {
      this.#options.onStuck();
    }
  }

  /** More may be confirmed than before, perhaps. */
  moved(): void {
    const connection = this.#connection;
    const { seen } = this;
    if (connection === undefined || seen <= this.#told) return;
    const isMuch = seen - this.#told >= MAX_FRAMES ||
      this.#confirmable() - this.#toldBytes >= MAX_BYTES;
    if (isMuch) this.#probe(connection);
    else {
      this.#timer ??= this.#options.clock.setTimeout(() => {
        this.#timer = undefined;
        this.#probe(connection);
      }, MAX_DELAY_MS);
    }
  }

  #probe(connection: Connection): void {
    if (this.#probes === MAX_PROBES) return;
    this.#probes++;
    // Not awaited, else each message that a slow consumer has handled would make a paused connection read many more.
    connection.send({ event: "probe" }, () => {
      if (connection !== this.#connection) return;
      this.#probes--;
      this.moved();
    }, false);
  }

  #attach(connection: Connection): void {
    this.#connection = connection;
    this.#probes = 0;
    connection.seen = () => {
      if (connection !== this.#connection || this.seen <= this.#told) return undefined;
      return this.tell();
    };
    this.moved();
  }

  /** Bytes of all frames up to `seen`. Marks of what was dealt with go. */
  #confirmable(): number {
    const open = this.#options.firstOpen() ?? Infinity;
    const dealtWith = this.#marks.findIndex(({ n }) => n >= open);
    this.#marks.splice(0, dealtWith === -1 ? this.#marks.length : dealtWith);
    return this.#marks[0]?.bytesBefore ?? this.#bytes;
  }
}
