import type { Link } from "../../common/link.ts";

/** One end of a connection in memory, in the hands of a fuzzer; the server has the other. */
export class MemoryConn implements Link {
  readonly remoteAddr: Deno.NetAddr;
  /** Called with the bytes of each write. */
  onWrite: (bytes: Uint8Array) => void = () => {};
  /** Called when the server has said its last word. */
  onEnd: () => void = () => {};
  /** Whether the server has closed it. */
  isClosed = false;
  /** While `true`, writes do not come to an end. */
  isStalled = false;
  #input: Uint8Array[] = [];
  #hasEnded = false;
  #isReset = false;
  #reader: (() => void) | undefined;
  #writer: (() => void) | undefined;

  /** @param port Tells this connection from others in the log. */
  constructor(port: number) {
    this.remoteAddr = { transport: "tcp", hostname: "192.0.2.1", port };
  }

  /** The peer says something. */
  feed(bytes: Uint8Array): void {
    this.#input.push(bytes);
    this.#wake();
  }

  /** The peer says no more. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** The peer resets the connection: what it has said and the server has not read is lost. */
  reset(): void {
    this.#isReset = true;
    this.#wake();
  }

  /** The peer takes again what is written. */
  resume(): void {
    this.isStalled = false;
    this.#writer?.();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.isClosed) throw new Deno.errors.Interrupted("closed");
      if (this.#isReset) throw new Deno.errors.ConnectionReset("reset");
      const chunk = this.#input[0];
      if (chunk !== undefined) {
        const part = chunk.subarray(0, buffer.length);
        if (part.length < chunk.length) this.#input[0] = chunk.subarray(part.length);
        else this.#input.shift();
        buffer.set(part);
        return part.length;
      }
      if (this.#hasEnded) return null;
      await new Promise<void>((resolve) => this.#reader = resolve);
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    while (this.isStalled && !this.isClosed && !this.#isReset) {
      await new Promise<void>((resolve) => this.#writer = resolve);
    }
    if (this.isClosed || this.#isReset) throw new Deno.errors.BrokenPipe("gone");
    this.onWrite(bytes);
    return bytes.length;
  }

  closeWrite(): Promise<void> {
    this.onEnd();
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
  }

  #wake(): void {
    this.#reader?.();
    this.#writer?.();
  }
}

/** Where a server accepts connections in memory. */
export class MemoryListener {
  #waiting: Deno.Conn[] = [];
  #accept: PromiseWithResolvers<Deno.Conn> | undefined;

  /** Hands the server a connection. */
  offer(conn: MemoryConn): void {
    const offered = conn as unknown as Deno.Conn; // the server uses no more of it
    if (this.#accept === undefined) this.#waiting.push(offered);
    else this.#accept.resolve(offered);
    this.#accept = undefined;
  }

  accept(): Promise<Deno.Conn> {
    const conn = this.#waiting.shift();
    if (conn !== undefined) return Promise.resolve(conn);
    this.#accept = Promise.withResolvers<Deno.Conn>();
    return this.#accept.promise;
  }

  close(): void {
    this.#accept?.reject(new Deno.errors.BadResource("closed"));
  }
}
