/**
 * Texts cut into numbered pieces that NATS carries, and put together again.
 *
 * @module
 */

/** A piece that cannot be read, or a text too long to be kept. */
export class PieceError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "PieceError";
}

/** Where in its text a piece stands. */
const WHOLE = "=", FIRST = "<", MIDDLE = "-", LAST = ">";

/** `<number><where>` and then bytes: a number has at most 15 digits. */
const HEAD = /^(\d{1,15})([=<>-])/;
const MAX_HEAD = 16;

/** Bytes of a text of many pieces that are kept while it is not complete. */
const MAX_TEXT = 64 * 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Cuts a text.
 *
 * @param after The number of the last piece on that way; 0: this is the first.
 * @param maxBytes A piece has at most so many: at least 64.
 */
export function* cut(text: string, after: number, maxBytes: number): Generator<Uint8Array> {
  const bytes = encoder.encode(text);
  const share = Math.max(1, maxBytes - MAX_HEAD);
  for (let from = 0; from < Math.max(1, bytes.length); from += share) {
    const isLast = from + share >= bytes.length;
    const where = from === 0 ? (isLast ? WHOLE : FIRST) : isLast ? LAST : MIDDLE;
    const head = encoder.encode(`${++after}${where}`);
    const part = bytes.subarray(from, from + share);
    const piece = new Uint8Array(head.length + part.length);
    piece.set(head);
    piece.set(part, head.length);
    yield piece;
  }
}

/** The receiving end of a way on which pieces keep their order, but some may be lost. */
export class Pieces {
  #number: number | undefined;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /**
   * Nothing has come yet.
   *
   * @param number The number of the last piece that does not matter; without it, the way begins with whichever comes.
   */
  constructor(number?: number) {
    this.#number = number;
  }

  /**
   * Learns from elsewhere how many pieces were sent.
   *
   * @returns Whether some have been lost.
   */
  upTo(number: number): boolean {
    if (this.#number === undefined || number <= this.#number) return false;
    this.#number = number;
    this.#drop();
    return true;
  }

  /**
   * Takes a piece.
   *
   * @returns The text, if this was its last piece, and whether pieces before it have been lost.
   * @throws {PieceError} If it is none, or the text would be longer than 64 MiB.
   */
  take(piece: Uint8Array): { readonly text?: string; readonly isGap: boolean } {
    const head = HEAD.exec(String.fromCharCode(...piece.subarray(0, MAX_HEAD)));
    if (head === null) throw new PieceError("a piece without a number");
    const number = Number(head[1]);
    const where = head[2]!;
    if (this.#number !== undefined && number <= this.#number) return { isGap: false };
    const isGap = this.#number !== undefined && number !== this.#number + 1;
    this.#number = number;
    if (isGap || where === WHOLE || where === FIRST) this.#drop();
    else if (this.#parts.length === 0) return { isGap }; // its beginning is lost
    if (isGap && (where === MIDDLE || where === LAST)) return { isGap };
    const part = piece.subarray(head[0].length);
    if (where === WHOLE) return { text: decode(part), isGap };
    this.#bytes += part.length;
    if (this.#bytes > MAX_TEXT) {
      this.#drop();
      throw new PieceError("a text of more than 64 MiB");
    }
    this.#parts.push(part);
    return where === LAST ? { text: this.#join(), isGap } : { isGap };
  }

  #join(): string {
    const bytes = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#drop();
    return decode(bytes);
  }

  #drop(): void {
    this.#parts = [];
    this.#bytes = 0;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new PieceError("no UTF-8");
  }
}
