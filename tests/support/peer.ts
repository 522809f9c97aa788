/**
 * The other end of a real connection to a server under test.
 *
 * @module
 */

/** A frame as a test looks at it. */
export type AnyFrame = Record<string, unknown>;

/** A peer that speaks JIM line by line and never waits longer than it is told to by the test. */
export class Peer implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #decoder = new TextDecoder();
  #lines: string[] = [];
  #rest = "";

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Connects to a listener, or to a port of this machine. */
  static async connect(to: Deno.Addr | number): Promise<Peer> {
    const { hostname, port } = typeof to === "number"
      ? { hostname: "127.0.0.1", port: to }
      : to as Deno.NetAddr;
    return new Peer(await Deno.connect({ hostname, port }));
  }

  /** Sends frames, each as one line, all at once. */
  async send(...frames: unknown[]): Promise<void> {
    let bytes = new TextEncoder().encode(
      frames.map((frame) => JSON.stringify(frame) + "\n").join(""),
    );
    while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
  }

  /** The next frame; `undefined` when the server has closed. */
  async next(): Promise<AnyFrame | undefined> {
    const buffer = new Uint8Array(65_536);
    while (this.#lines.length === 0) {
      const count = await this.#conn.read(buffer);
      if (count === null) return undefined;
      const text = this.#rest + this.#decoder.decode(buffer.subarray(0, count), { stream: true });
      this.#lines = text.split("\n");
      this.#rest = this.#lines.pop()!;
    }
    return JSON.parse(this.#lines.shift()!);
  }

  /** So many frames. */
  async take(count: number): Promise<AnyFrame[]> {
    const frames: AnyFrame[] = [];
    while (frames.length < count) {
      const frame = await this.next();
      if (frame === undefined) throw new Error(`Connection ended after ${frames.length} frames`);
      frames.push(frame);
    }
    return frames;
  }

  /** Sends a request and gives the code of the next frame, which must be its response. */
  async ask(request: unknown): Promise<number> {
    await this.send(request);
    return (await this.next())?.response as number;
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
  }
}
