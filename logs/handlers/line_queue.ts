/**
 * Lines that wait to be sent.
 *
 * @module
 */

/** A bounded queue of lines that knows which of them a connection has taken, to the byte. */
export class LineQueue {
  readonly #maxBytes: number;
  readonly #encoder = new TextEncoder();
  #lines: Uint8Array[] = [];
  #bytes = 0;
  /** How much of the first line the connection has taken. */
  #taken = 0;

  /** Makes an empty queue for at most that many bytes. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many lines wait, the one that is only sent in part included. */
  get length(): number {
    return this.#lines.length;
  }

  /** How many bytes wait, those of a line that is only sent in part included. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a line.
   *
   * @param text The line without its end.
   * @returns False, and nothing is added, if there is no room.
   */
  add(text: string): boolean {
    const line = this.#encoder.encode(`${text}\n`);
    if (this.#bytes + line.length > this.#maxBytes) return false;
    this.#lines.push(line);
    this.#bytes += line.length;
    return true;
  }

  /** The bytes to send next: one line or more, up to about `maxBytes`; empty if nothing waits. */
  next(maxBytes: number): Uint8Array {
    let end = 0;
    let length = 0;
    while (end < this.#lines.length && (end === 0 || length < maxBytes)) {
      length += this.#lines[end]!.length;
      end++;
    }
    const batch = new Uint8Array(length);
    let at = 0;
    for (const line of this.#lines.slice(0, end)) {
      batch.set(line, at);
      at += line.length;
    }
    return batch.subarray(this.#taken);
  }

  /** Says how many of the next bytes the connection took; lines that it took whole are forgotten. */
  take(bytes: number): void {
    this.#taken += bytes;
    let whole = 0;
    while (whole < this.#lines.length && this.#taken >= this.#lines[whole]!.length) {
      this.#taken -= this.#lines[whole]!.length;
      this.#bytes -= this.#lines[whole]!.length;
      whole++;
    }
    if (whole > 0) this.#lines.splice(0, whole);
  }

  /** Says that there will be another connection: it gets the line that was cut off, from its beginning. */
  rewind(): void {
    this.#taken = 0;
  }

  /** Forgets all lines and says how many there were. */
  clear(): number {
    const count = this.#lines.length;
    this.#lines = [];
    this.#bytes = 0;
    this.#taken = 0;
    return count;
  }
}
