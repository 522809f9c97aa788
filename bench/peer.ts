/**
 * A client that costs little, since it shares the machine with the server that it measures.
 *
 * @module
 */

/** Where the server listens. */
export interface Address {
  hostname: string;
  port: number;
}

const encoder = new TextEncoder();

/** One connection: sends requests, reads frames. */
export class Peer implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(16_384);
  #lines: string[] = [];
  #rest = "";

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Connects and goes online with that request. */
  static async connect(address: Address, request: object): Promise<Peer> {
    const peer = new Peer(await Deno.connect(address));
    const code = await peer.ask(request);
    if (code !== 200) throw new Error(`Expected 200, received ${code}`);
    return peer;
  }

  /** Sends a request; its answer is still to be read. */
  async send(request: object): Promise<void> {
    let bytes = encoder.encode(JSON.stringify(request) + "\n");
    while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
  }

  /** The next frame. */
  async next(): Promise<{ response?: number }> {
    while (this.#lines.length === 0) {
      const count = await this.#conn.read(this.#buffer);
      if (count === null) throw new Error("The server closed the connection");
      const bytes = this.#buffer.subarray(0, count);
      this.#lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
      this.#rest = this.#lines.pop()!;
    }
    return JSON.parse(this.#lines.shift()!);
  }

  /** Sends a request and gives the code of the next frame, which must be its answer. */
  async ask(request: object): Promise<number | undefined> {
    await this.send(request);
    return (await this.next()).response;
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}
