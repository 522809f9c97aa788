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
  #reading: Promise<Frame | undefined> | undefined;
  #hasCome = false;
  #isClosed = false;

  private constructor(conn: Deno.Conn, time: PassingTime) {
    this.#conn = conn;
    this.#time = time;
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
    const reading = this.#begin();
    await withDeadline(this.#passTime(), () => "an object, or the end");
    this.#reading = undefined;
    return await reading;
  }

  /** Sends an object and takes what comes next. */
  async ask(object: object): Promise<Frame> {
    await this.send(object);
    return (await this.recv())!;
  }

  /** Whether something has come that was not taken. Time stands still. */
  get hasNews(): boolean {
    this.#begin();
    return this.#hasCome;
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

  #begin(): Promise<Frame | undefined> {
    if (this.#reading === undefined) {
      this.#hasCome = false;
      this.#reading = this.#read().finally(() => this.#hasCome = true);
      this.#reading.catch(() => {});
    }
    return this.#reading;
  }

  async #read(): Promise<Frame | undefined> {
    const buffer = new Uint8Array(1_024);
    const count = await this.#conn.read(buffer);
    return count === null
      ? undefined
      : JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(buffer.subarray(0, count)));
  }

  async #passTime(): Promise<void> {
    while (!this.#hasCome) await this.#time.pass();
  }
}
