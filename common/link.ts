/**
 * A connection as its readers and writers see it, under one name on both sides.
 *
 * @module
 */

/** Where bytes come from: the reading half of a {@linkcode Link}. */
export interface ByteSource {
  /** Fills the buffer from its start; resolves with the number of bytes, or `null` at the end. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
}

/** Where bytes go: the writing half of a {@linkcode Link}. */
export interface ByteSink {
  /** Writes some bytes from the start of the buffer; resolves with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Both halves of a connection; a `Deno.Conn` is one. */
export interface Link extends ByteSource, ByteSink {
  /** What must happen before the first byte can be read or written, if anything must (TLS). */
  handshake?(): Promise<unknown>;
  /** Ends the writing half: the peer reads what was written and then the end. */
  closeWrite(): Promise<void>;
  /** Ends both halves at once. */
  close(): void;
}
