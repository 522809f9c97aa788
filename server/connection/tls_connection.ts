/**
 * TLS on top of an accepted connection.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { type SecureContext, TLSSocket } from "node:tls";

import type { Link } from "../../common/link.ts";

/** A quiet connection holds this much for reading. */
const MIN_BUFFER_BYTES = 1_024;
/** One read takes no more: a TLS record (RFC 8446, 5.1). */
const MAX_BUFFER_BYTES = 16_384;
/** One write takes no more, so that progress shows while a large queue goes out. */
const MAX_WRITE_BYTES = 65_536;

/**
 * The server's side of a TLS connection over an accepted one.
 *
 * Guarantees:
 * 1. `close` closes the socket at once, whatever the peer does or does not do. This is why the connection
 *    is not one of `Deno.listenTls`: closing such a one leaves the descriptor open until the peer hangs up,
 *    as long as a handshake or unsent data is pending (measured with Deno 2.9.6), so that silent peers could
 *    use up all descriptors of the server.
 * 2. After the handshake nothing is read from the socket unless a `read` waits for it: a slow consumer slows
 *    the peer down, and what is held of a flood is one read.
 * 3. The ends of the two directions are independent: after the peer's `close_notify` it can be written to.
 * 4. After the first failure all methods reject; nothing is thrown outside of them.
 */
export class TlsConnection implements Link {
  readonly #raw: RawStream;
  readonly #socket: TLSSocket;
  readonly #handshake: Promise<void>;
  /** What the socket gave and `read` has not handed out yet. */
  #rest: Uint8Array | undefined;
  #hasEnded = false;
  #failure: Error | undefined;
  #wakeReader: (() => void) | undefined;
  #isSecure = false;

  /**
   * Starts the handshake; {@linkcode TlsConnection.handshake} says how it went.
   *
   * @param raw The accepted connection, which from now on belongs to this one.
   * @param context Certificate and key.
   */
  constructor(raw: Link, context: SecureContext) {
    // `TLSSocket` reads on and on, whether anybody takes what it decrypts or not (Deno 2.9.6).
    this.#raw = new RawStream(raw, () => !this.#isSecure || this.#wakeReader !== undefined);
    const options = { isServer: true, secureContext: context, allowHalfOpen: true };
    // The type of the first parameter is a socket; any duplex stream is allowed (nodejs.org/api/tls.html).
    const socket = this.#socket = new TLSSocket(this.#raw.stream as never, options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#handshake = promise;
    promise.catch(() => {}); // also where nobody waits for it
    const fail = (error: Error): void => {
      this.#failure ??= error;
      reject(this.#failure);
      this.#wake();
    };
    socket.once("secure", () => {
      this.#isSecure = true;
      resolve();
    });
    socket.on("error", fail);
    socket.on("close", () => fail(new Deno.errors.ConnectionReset("connection closed")));
    socket.on("end", () => {
      this.#hasEnded = true;
      reject(new Deno.errors.UnexpectedEof("the peer hung up")); // nothing happens if it is secure
      this.#wake();
    });
    socket.on("readable", () => this.#wake());
  }

  /** Resolves when the handshake is done; rejects with what went wrong. */
  handshake(): Promise<void> {
    return this.#handshake;
  }

  /** See `Deno.Conn.read`. One call at a time. */
  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      const chunk: Uint8Array | null = this.#rest ?? this.#socket.read();
      if (chunk !== null) {
        const part = chunk.subarray(0, buffer.length);
        buffer.set(part);
        this.#rest = part.length < chunk.length ? chunk.subarray(part.length) : undefined;
        return part.length;
      }
      if (this.#hasEnded) return null;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
        this.#raw.readOn();
      });
    }
  }

  /** See `Deno.Conn.write`: resolves with the number of bytes that it took from the start, when they are out. */
  write(bytes: Uint8Array): Promise<number> {
    const part = bytes.subarray(0, MAX_WRITE_BYTES);
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#socket.write(part, (error) => error ? reject(error) : resolve(part.length));
    });
  }

  /** Says that nothing more will be written (`close_notify`), then ends the output of the socket. */
  closeWrite(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#socket.once("close", resolve);
      this.#socket.end(resolve);
    });
  }

  /** Closes the socket, now. What is pending rejects. */
  close(): void {
    this.#socket.destroy();
    this.#raw.close();
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeReader = undefined;
  }
}

/** A connection as the kind of stream that `node:tls` works on, which reads only while it may. */
class RawStream {
  readonly stream: Duplex;
  readonly #conn: Link;
  readonly #mayRead: () => boolean;
  #buffer = new Uint8Array(MIN_BUFFER_BYTES);
  /** The stream wants more. */
  #isWanted = false;
  #isReading = false;

  constructor(conn: Link, mayRead: () => boolean) {
    this.#conn = conn;
    this.#mayRead = mayRead;
    this.stream = new Duplex({
      allowHalfOpen: true,
      read: () => {
        this.#isWanted = true;
        this.readOn();
      },
      write: (chunk: Uint8Array, _encoding, done) => {
        this.#write(chunk).then(() => done(), done);
      },
      writev: (chunks, done) => {
        this.#write(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
      },
      final: (done) => {
        conn.closeWrite().then(() => done(), done);
      },
      destroy: (error, done) => {
        this.close();
        done(error);
      },
    });
  }

  /** Reads what the stream wants, if it may now. */
  readOn(): void {
    if (this.#isReading || !this.#isWanted || !this.#mayRead()) return;
    this.#isReading = true;
    this.#isWanted = false;
    this.#read().then((chunk) => {
      this.#isReading = false;
      this.stream.push(chunk);
    }, (error) => this.stream.destroy(error));
  }

  close(): void {
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
  }

  async #read(): Promise<Uint8Array | null> {
    const count = await this.#conn.read(this.#buffer);
    if (count === null) return null;
    const chunk = this.#buffer.slice(0, count);
    const size = this.#buffer.length;
    if (count === size && size < MAX_BUFFER_BYTES) this.#buffer = new Uint8Array(size * 4);
    else if (count < size / 16 && size > MIN_BUFFER_BYTES) this.#buffer = new Uint8Array(size / 4);
    return chunk;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#conn.write(rest));
  }
}
