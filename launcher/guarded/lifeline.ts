/**
 * The launcher's hold on processes that are no children of its own: those in tmux panes and in windows.
 *
 * Each of them runs under a guard (`guard.ts`) that keeps a connection to the launcher's loopback port. When that
 * connection ends, however the launcher ended, the guard ends its process.
 *
 * @module
 */

import type { ByteSource } from "../../common/link.ts";
import { LineReader } from "../../common/wire/lines.ts";
import { isEnd, isHello, isListening, type Job, LOOPBACK, readMessage } from "./messages.ts";
import type { Place } from "../commands.ts";

/** How a guarded process ended. */
export interface SeatEnd {
  /** Its exit status; `undefined` if the guard itself was killed. */
  status: number | undefined;
  /** Its last lines, safe to print: all of a server's, those on standard error of a client. */
  words: readonly string[];
}

/** The launcher's end of the line to one guard. */
export class Seat {
  /** Counted from 0; the guard names it when it connects. */
  readonly number: number;
  /** Resolves when the guard is there. */
  readonly joined: Promise<void>;
  /** Resolves when the process listens; for servers. */
  readonly listening: Promise<Place>;
  /** Resolves when the process has ended or its guard is gone. */
  readonly ended: Promise<SeatEnd>;
  readonly #job: Job;
  readonly #joined = Promise.withResolvers<void>();
  readonly #listening = Promise.withResolvers<Place>();
  readonly #ended = Promise.withResolvers<SeatEnd>();
  #conn: Deno.Conn | undefined;
  #hasEnded = false;

  /** Made by {@linkcode Lifeline.seat}. */
  constructor(number: number, job: Job) {
    this.number = number;
    this.#job = job;
    this.joined = this.#joined.promise;
    this.listening = this.#listening.promise;
    this.ended = this.#ended.promise;
  }

  /** Whether the guard has come, is not gone, and its process has not ended. */
  get isRunning(): boolean {
    return this.#conn !== undefined && !this.#hasEnded;
  }

  /** Takes a guard's connection; resolves when it is over. A second guard for the same seat is turned away. */
  async serve(conn: Deno.Conn, messages: AsyncIterable<unknown>): Promise<void> {
    if (this.#conn !== undefined) return;
    this.#conn = conn;
    await this.#send({ job: this.#job });
    this.#joined.resolve();
    try {
      for await (const message of messages) {
        if (isListening(message)) this.#listening.resolve(message.listening);
        if (isEnd(message)) this.#end(message.ended);
      }
    } catch {
      // A line that broke has ended.
    } finally {
      this.#end({ status: undefined, words: [] });
    }
  }

  /** Asks the guard to end its process in order. */
  async end(): Promise<void> {
    await this.#send({ end: true });
  }

  /** From now on the process lives for itself. */
  async release(): Promise<void> {
    await this.#send({ release: true });
  }

  #end(end: SeatEnd): void {
    this.#hasEnded = true;
    this.#ended.resolve(end);
  }

  async #send(message: unknown): Promise<void> {
    try {
      await writeLine(this.#conn, message);
    } catch {
      // Its guard is gone: `ended` tells.
    }
  }
}

/**
 * The port to which guards connect. Guarantees: who does not know the token takes no seat and learns nothing.
 */
export class Lifeline {
  readonly #listener: Deno.TcpListener;
  readonly #token: string;
  readonly #seats: Seat[] = [];
  readonly #conns = new Set<Deno.Conn>();
  #isClosed = false;

  /**
   * Opens the port.
   *
   * @param token What guards must know: from a good random source.
   */
  constructor(token: string) {
    this.#token = token;
    this.#listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
    this.#accept();
  }

  /** Prepares for one more guarded process. */
  seat(job: Job): Seat {
    const seat = new Seat(this.#seats.length, job);
    this.#seats.push(seat);
    return seat;
  }

  /** Arguments that tell a guard where it belongs. */
  guardArgs(seat: Seat): string[] {
    return [String(this.port), this.#token, String(seat.number)];
  }

  /** The loopback port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Lets all processes live for themselves. */
  async release(): Promise<void> {
    await Promise.all(this.#seats.map((seat) => seat.release()));
    this.close();
  }

  /** Cuts all lines: what is not released ends. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    for (const conn of this.#conns) conn.close();
    this.#conns.clear();
  }

  async #accept(): Promise<void> {
    try {
      for await (const conn of this.#listener) this.#greet(conn);
    } catch {
      // Closed.
    }
  }

  async #greet(conn: Deno.Conn): Promise<void> {
    this.#conns.add(conn);
    try {
      const messages = readMessages(conn);
      const { value: hello } = await messages.next();
      if (!isHello(hello) || hello.hello !== this.#token) return;
      await this.#seats[hello.seat]?.serve(conn, messages);
    } catch {
      // A stranger, or a guard that was killed.
    } finally {
      if (this.#conns.delete(conn)) conn.close();
    }
  }
}

/** The messages that come over a line; what is none is passed over. */
export async function* readMessages(source: ByteSource): AsyncGenerator<unknown, undefined> {
  for await (const batch of new LineReader(source)) {
    for (const line of batch) {
      const message = readMessage(line);
      if (message !== undefined) yield message;
    }
  }
  return undefined;
}

/** Sends one message. */
export async function writeLine(conn: Deno.Conn | undefined, message: unknown): Promise<void> {
  if (conn === undefined) return;
  const bytes = new TextEncoder().encode(JSON.stringify(message) + "\n");
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
