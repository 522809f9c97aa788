/**
 * A peer as public JIM clients are: it sends bare objects, and takes what one `recv(1024)` brings for one object.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";

import type { FakeClock } from "./fake_clock.ts";
import { type Frame, RawClient, withDeadline } from "./raw_client.ts";

/** The time of a server, which moves while a classic client waits for something. */
export class PassingTime implements Disposable {
  readonly clock: FakeClock;
  readonly #address: Address;
  #witness: RawClient | undefined;

  /** Stands still. */
  constructor(address: Address, clock: FakeClock) {
    this.#address = address;
    this.clock = clock;
  }

  /** A hundredth of a second passes. What the server has said before has come by then: somebody else has asked it. */
  async pass(): Promise<void> {
    try {
      this.#witness ??= await RawClient.connect(this.#address);
      await this.#witness.ask({ event: "probe" });
    } catch {
      this.#witness?.close(); // it was not online in time, or the server ends
      this.#witness = undefined;
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.clock.advance(10);
  }

  [Symbol.dispose](): void {
    this.#witness?.close();
  }
}

type Address = { readonly hostname: string; readonly port: number };

/** One connection. */
export class ClassicClient implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #time: PassingTime;
  /** What came and was not taken, as a system keeps it for the next `recv`. */
  #bytes: number[] = [];
  #hasEnded = false;
  #failure: unknown;
  #isClosed = false;

  private constructor(conn: Deno.Conn, time: PassingTime) {
    this.#conn = conn;
    this.#time = time;
    this.#gather();
  }

  /** Connects. */
  static async connect(address: Address, time: PassingTime): Promise<ClassicClient> {
    return new ClassicClient(await Deno.connect({ ...address }), time);
  }

  /** Connects and goes online as the course's template does. */
  static async online(
    address: Address,
    time: PassingTime,
    name: string,
    user: object = {},
    fields: object = {},
  ): Promise<ClassicClient> {
    const client = await ClassicClient.connect(address, time);
    const presence = { action: "presence", time: 1.5, user: { account_name: name, ...user } };
    const { response } = await client.ask({ ...presence, ...fields });
    assertEquals(response, 200, `${name} goes online`);
    return client;
  }

  /** Sends objects with nothing between them. */
  send(...objects: readonly object[]): Promise<void> {
    return this.sendText(objects.map((object) => JSON.stringify(object)).join(""));
  }

  /** Sends text as it is. */
  async sendText(text: string): Promise<void> {
    let rest = new TextEncoder().encode(text);
    while (rest.length > 0) rest = rest.subarray(await this.#conn.write(rest));
  }

  /** What one `recv(1024)` brings; `undefined` at the end. Time passes until it comes. */
  async recv(): Promise<Frame | undefined> {
    const come = async (): Promise<void> => {
      while (!this.hasNews) await this.#time.pass();
    };
    await withDeadline(come(), () => "an object, or the end");
    const bytes = Uint8Array.from(this.#bytes.splice(0, 1_024));
    if (bytes.length > 0) {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    }
    if (this.#failure !== undefined) throw this.#failure;
    return undefined;
  }

  /** Sends an object and takes what comes next. */
  async ask(object: object): Promise<Frame> {
    await this.send(object);
    return (await this.recv())!;
  }

  /** Whether something has come that was not taken. Time stands still. */
  get hasNews(): boolean {
    return this.#bytes.length > 0 || this.#hasEnded;
  }

  /** Sends no more, reads on. */
  finish(): Promise<void> {
    return this.#conn.closeWrite();
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  async #gather(): Promise<void> {
    const buffer = new Uint8Array(1_024);
    try {
      for (let count; (count = await this.#conn.read(buffer)) !== null;) {
        this.#bytes.push(...buffer.subarray(0, count));
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#hasEnded = true;
  }
}
