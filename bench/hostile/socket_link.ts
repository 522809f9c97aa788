/**
 * A connection from an address of one's own choice, which `Deno.connect` does not offer.
 *
 * @module
 */

import { connect, type Socket } from "node:net";

import type { Link } from "../../common/link.ts";

/** A `node:net` socket as a {@linkcode Link}. */
export class SocketLink implements Link {
  readonly #socket: Socket;
  #wake: () => void = () => {};
  #hasEnded = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    for (const event of ["readable", "end", "close"] as const) {
      socket.on(event, () => {
        if (event !== "readable") this.#hasEnded = true;
        this.#wake();
      });
    }
  }

  /**
   * Connects to a port of 127.0.0.1.
   *
   * @param from An address of 127.0.0.0/8; to a server each of them is a network.
   * @throws {Error} If nobody accepts the connection.
   */
  static connect(port: number, from: string): Promise<SocketLink> {
    const socket = connect({ host: "127.0.0.1", port, localAddress: from, noDelay: true });
    return new Promise((resolve, reject) => {
      socket.once("connect", () => resolve(new SocketLink(socket)));
      // It stays: an error later is followed by "close".
      socket.on("error", reject);
    });
  }

  /** Whether the server has hung up, or this side has. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      const size = Math.min(buffer.length, this.#socket.readableLength);
      const bytes: Uint8Array | null = size > 0 ? this.#socket.read(size) : null;
      if (bytes !== null) {
        buffer.set(bytes);
        return bytes.length;
      }
      if (this.#hasEnded) return null;
      this.#socket.read(0); // asks the system for more
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(resolve));
  }

  close(): void {
    this.#socket.destroy();
  }
}
