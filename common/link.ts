/**
 * A connection as its readers and writers see it, under one name on both sides.
 *
 * @module
 */

/** Who is given bytes: see {@linkcode ByteSource.receive}. Neither method may throw. */
export interface ByteReceiver {
  /** Takes what has come, at least one byte; they are valid during the call only. */
  onBytes(bytes: Uint8Array): void;
  /** Nothing more will come: the peer has said all, or reading has failed. */
  onEnd(error?: Error): void;
}

/** Where bytes come from: the reading half of a {@linkcode Link}. */
export interface ByteSource {
  /** Fills the buffer from its start; resolves with the number of bytes, or `null` at the end. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /**
   * Calls one method of the receiver, once, as soon as there is something, where that takes less work and memory than a
   * promise and a buffer for each wait. No other read may be under way.
   */
  receive?(receiver: ByteReceiver): void;
}

/** Where bytes go: the writing half of a {@linkcode Link}. */
export interface ByteSink {
  /**
   * Writes some bytes from the start of the buffer, and says how many: at once, if they were taken at once. One call at a
   * time. What fails rejects.
   */
  write(bytes: Uint8Array): number | Promise<number>;
  /**
   * Writes all of a text as UTF-8, where that takes less work than to make bytes of it first; says how many bytes that are
   * when all are taken: see {@linkcode ByteSink.write}.
   */
  writeText?(text: string): number | Promise<number>;
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
