/**
 * A lean client for load: lines in, lines out, answers matched to requests by their order.
 *
 * @module
 */

import type { Link } from "../common/link.ts";

/** A frame from the server. */
export interface Frame {
  readonly [field: string]: unknown;
  readonly response?: number;
  readonly id?: string | number;
}

/** Where a server listens. */
export interface Address {
  /** The host name or address. */
  hostname: string;
  /** The port. */
  port: number;
  /** Speak TLS, and trust this certificate (PEM). */
  ca?: string | undefined;
}

const encoder = new TextEncoder();

/** One connection. Reads all the time. */
export class LineClient implements Disposable {
  readonly #conn: Link;
  readonly #waiting: PromiseWithResolvers<Frame>[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #hasEnded = false;
  #queue: Promise<unknown> = Promise.resolve();
  /** How often the server asked whether anybody is there; it was answered. */
  probes = 0;
  /** Called with each frame that is no answer and no probe. */
  onFrame: (frame: Frame) => void = () => {};

  /** Speaks over a connection; closes it. */
  constructor(conn: Link) {
    this.#conn = conn;
    this.#read();
  }

  /** Connects. */
  static async connect({ hostname, port, ca }: Address): Promise<LineClient> {
    if (ca !== undefined) {
      return new LineClient(await Deno.connectTls({ hostname, port, caCerts: [ca] }));
    }
    const conn = await Deno.connect({ hostname, port });
    conn.setNoDelay();
    return new LineClient(conn);
  }

  /** Connects and goes online as a guest. */
  static async online(address: Address, name: string): Promise<LineClient> {
    const client = await LineClient.connect(address);
    await client.enter(name);
    return client;
  }

  /**
   * Goes online as a guest.
   *
   * @throws {Error} If the server does not let it in.
   */
  async enter(name: string, status?: string): Promise<void> {
    const user = { account_name: name, status };
    const { response } = await this.ask({ event: "presence", user });
    if (response !== 200) throw new Error(`${name} is not let in: ${response}`);
  }

  /** Whether the server has hung up. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves when the server has hung up. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Sends a request; resolves with its answer. Requests may be sent before earlier ones are answered. */
  ask(frame: object): Promise<Frame> {
    const answer = this.expect();
    this.send(JSON.stringify(frame) + "\n");
    return answer;
  }

  /** An answer is due for something that is sent as text. */
  expect(): Promise<Frame> {
    const waiting = Promise.withResolvers<Frame>();
    waiting.promise.catch(() => {});
    if (this.#hasEnded) waiting.reject(new Error("the server has hung up"));
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  /** Sends text as it is. */
  send(text: string): void {
    this.#queue = this.#queue.then(async () => {
      for (let rest = encoder.encode(text); rest.length > 0;) {
        rest = rest.subarray(await this.#conn.write(rest));
      }
    });
    this.#queue.catch(() => {});
  }

  /** Sends no more. */
  async finish(): Promise<void> {
    await this.#queue;
    await this.#conn.closeWrite();
  }

  /** Hangs up. */
  close(): void {
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(16_384);
    let rest = "";
    try {
      for (let count = await this.#conn.read(buffer); count !== null;) {
        const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split(
          "\n",
        );
        rest = lines.pop()!;
        for (const line of lines) this.#hear(JSON.parse(line));
        count = await this.#conn.read(buffer);
      }
    } catch {
      // It was reset, or closed from this side.
    }
    this.#hasEnded = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error("no answer came"));
    this.#ended.resolve();
  }

  #hear(frame: Frame): void {
    if (frame.event === "probe") {
      this.probes++;
      this.ask({ event: "probe" });
    } else if (frame.response === undefined || frame.response < 200) this.onFrame(frame);
    else this.#waiting.shift()?.resolve(frame);
  }
}
