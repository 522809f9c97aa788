/**
 * A classic client of the fuzzer: what it has said, what it must hear, when, and what it must not.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { FakeClock } from "../support/fake_clock.ts";
import { Violation } from "./fuzz_peer.ts";
import type { Chooser } from "./grammar.ts";
import type { MemoryConn } from "./memory_conn.ts";

/** Texts that were said to somebody, were not refused, and have not arrived; shared by all peers. */
export type Open = Map<string, string>;

/** What must become of an object that was said. */
interface Sent {
  readonly text: string;
  readonly id: unknown;
  /** Must be refused. */
  readonly isWrong: boolean;
  /** Must be the end. */
  readonly isLast: boolean;
  readonly name?: string;
  readonly message?: string;
  readonly to?: string;
}

const TEXT_KEYS = ["mess_text", "message_text", "msg_text", "text", "message"];
const TO_KEYS = ["to", "destination", "receiver"];
const FROM_KEYS = ["from", "sender"];
const encoder = new TextEncoder();

/** One connection, watched. */
export class ClassicPeer {
  readonly conn: MemoryConn;
  readonly #clock: FakeClock;
  readonly #open: Open;
  readonly #arrived: Set<string>;
  readonly #choose: Chooser;
  readonly #names: readonly string[];
  readonly #awaited: Sent[] = [];
  #serial: number;
  #objects = 0;
  #hasStrayed = false;
  /** When it may hear something again. */
  #quietUntil = 0;
  /** As it spelt it; empty while not online. */
  name = "";
  #hasEnded = false;
  /** Objects that must be answered. */
  requests = 0;
  /** The first thing that must not have happened. */
  violation: unknown;

  constructor(
    terms: {
      conn: MemoryConn;
      clock: FakeClock;
      open: Open;
      arrived: Set<string>;
      choose: Chooser;
      serial: number;
    },
    names: readonly string[],
  ) {
    this.conn = terms.conn;
    this.#clock = terms.clock;
    this.#open = terms.open;
    this.#arrived = terms.arrived;
    this.#choose = terms.choose;
    this.#serial = terms.serial;
    this.#names = names;
    this.conn.onWrite = (bytes) => {
      try {
        this.#hear(bytes);
      } catch (error) {
        this.violation ??= error; // thrown here, it would be the server's to handle
      }
    };
    this.conn.onEnd = () => this.#end();
  }

  /** Whether everything that must be answered has been. */
  get isAnswered(): boolean {
    return this.#awaited.length === 0 || this.isOver;
  }

  /** The server has hung up, or the peer has. Without a last word it may only for want of a name, after its time. */
  get isOver(): boolean {
    return this.#hasEnded || (this.name === "" && this.conn.isClosed);
  }

  /** What it waits for. */
  describe(): string {
    const [next] = this.#awaited;
    return `${this.name}: ${this.#awaited.length} not answered, first ${
      next?.text.slice(0, 2_000)
    }`;
  }

  /** Whether the server has hung up, or has to. */
  get isLeaving(): boolean {
    return this.isOver || this.#hasStrayed;
  }

  /** Says some objects, cut anywhere. */
  speak(): void {
    if (this.isOver || this.#hasStrayed) return;
    const choose = this.#choose;
    let text = "";
    for (let count = 1 + choose.below(choose.chance(0.1) ? 60 : 8); count > 0; count--) {
      const isFirst = this.#objects++ === 0;
      const sent = isFirst ? this.#presence() : this.#object();
      this.requests++;
      this.#awaited.push(sent);
      // The addressee may have it before the answer comes.
      if (sent.message !== undefined) this.#open.set(sent.message, foldName(sent.to!));
      text += sent.text;
      if (sent.isLast) {
        this.#hasStrayed = true;
        break;
      }
      // A newline anywhere behind the first object would make it a line.
      if (!isFirst) text += choose.of(["", "", "", "", " ", "\t", "\r\t", " \n", "  \r\n"]);
    }
    const bytes = encoder.encode(text);
    for (let start = 0; start < bytes.length;) {
      const end = choose.chance(0.3)
        ? bytes.length
        : start + 1 + choose.below(bytes.length - start);
      this.conn.feed(bytes.subarray(start, end));
      start = end;
    }
  }

  /** Hangs up, unless its only object would be a line by that. */
  finish(): void {
    if (this.#objects > 1 || this.isAnswered) this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.conn.end();
  }

  #id(): unknown {
    return this.#choose.of([undefined, `id${this.#serial++}`, this.#serial++, "\x1b[31m"]);
  }

  #presence(): Sent {
    const choose = this.#choose;
    const [name, id] = [choose.of(this.#names), this.#id()];
    const user = { account_name: name, ...(choose.chance(0.5) && { pubkey: "K".repeat(400) }) };
    const time = choose.of([1.5, "Thu Jan  1", null]);
    const text = JSON.stringify({ action: "presence", id, time, user });
    return { text, id, name, isWrong: false, isLast: false };
  }

  #object(): Sent {
    const choose = this.#choose;
    const kind = choose.below(100);
    const id = this.#id();
    if (kind < 45) return this.#message(id);
    if (kind < 60) return this.#presence();
    // Directly behind the first object it would be a line, wrong as it is.
    if (kind === 60 && this.#objects > 2) return { ...this.#wrong("x"), isLast: true };
    if (kind === 61) return { ...this.#wrong(`{"a":"${"x".repeat(2_100)}"}`), isLast: true };
    if (kind < 75) {
      return this.#wrong(choose.of(["{}", "{,}", '{"}":"\\"{"}', "{{}}", '{"action":"join"}']));
    }
    const action = choose.of(["get_users", "get_contacts", "add", "del_contact", "pubkey_need"]);
    const object = { action, id, account_name: choose.of(this.#names), time: [], user: this.name };
    return { text: JSON.stringify(object), id, isWrong: false, isLast: false };
  }

  #message(id: unknown): Sent {
    const choose = this.#choose;
    const to = choose.of(this.#names);
    const pad = choose.of(["", "}{", '"\\', "ж", "\u{1F600}"]).repeat(choose.below(250));
    const message = `${this.#serial++}|${pad}`;
    const object = {
      ...{ action: choose.of(["msg", "message"]), id, [choose.of(TO_KEYS)]: to },
      [choose.of(TEXT_KEYS)]: message,
      ...(choose.chance(0.2) && { [choose.of(FROM_KEYS)]: choose.of(this.#names) }),
    };
    return { text: JSON.stringify(object), id, message, to, isWrong: false, isLast: false };
  }

  #wrong(text: string): Sent {
    return { text, id: undefined, isWrong: true, isLast: false };
  }

  #hear(bytes: Uint8Array): void {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const now = this.#clock.monotonicMs();
    if (bytes.length > 1_024) throw new Violation(`${bytes.length} bytes: ${text}`);
    if (text.includes("\n")) throw new Violation(`a newline: ${text}`);
    if (now < this.#quietUntil) throw new Violation(`${this.#quietUntil - now} ms early: ${text}`);
    const frame = JSON.parse(text); // throws if it is not one
    this.#quietUntil = now + (frame.response === undefined ? 1_200 : 50);
    if (frame.response === undefined) this.#hearMessage(frame, text);
    else this.#hearAnswer(frame, text);
  }

  #hearMessage(frame: Record<string, unknown>, text: string): void {
    const [message, to] = [TEXT_KEYS, TO_KEYS].map((keys) =>
      frame[keys.find((key) => key in frame)!] as string
    );
    // It may have said another spelling of its name since it was written to.
    if (foldName(to!) !== foldName(this.name)) throw new Violation(`${this.name} got ${text}`);
    if (this.#arrived.has(message!)) throw new Violation(`twice: ${text}`);
    this.#arrived.add(message!);
    this.#open.delete(message!);
  }

  #hearAnswer(frame: Record<string, unknown>, text: string): void {
    const sent = this.#awaited.shift();
    if (sent === undefined) throw new Violation(`an answer to nothing: ${text}`);
    const complain = (what: string): never => {
      throw new Violation(`${what}: ${sent.text.slice(0, 2_000)} got ${text}`);
    };
    const { response, id, alert, error, data_list: names, quantity, bin } = frame;
    if (id !== sent.id) complain("another id, so the answer to another request");
    if (response === 400) {
      if (typeof error !== "string" || error === "") complain("no sentence");
      if (sent.message === undefined) return;
      if (this.#arrived.has(sent.message)) complain("it arrived");
      this.#open.delete(sent.message);
      return;
    }
    if (sent.isWrong) complain("not refused");
    if (response === 202) {
      if ((names as string[]).length !== quantity) complain("another quantity");
    } else if (response === 511) {
      if (bin !== "K".repeat(400)) complain("another key");
    } else if (response !== 200 || typeof alert !== "string") complain("no answer");
    if (sent.name !== undefined) {
      if (this.name !== "" && foldName(this.name) !== foldName(sent.name)) complain("another name");
      this.name = sent.name;
    }
  }
}
