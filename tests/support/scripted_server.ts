/**
 * A server that does as it is told: for tests of what a client makes of slow, wrong and missing answers.
 *
 * @module
 */

import { parseRequest } from "../../common/wire/requests.ts";
import { LineReader } from "../../common/wire/lines.ts";
import type { EventName, Request, Response } from "../../common/wire/protocol.ts";

/** What the server says to a request; nothing if it keeps silent. */
export type Answer = Partial<Response> | undefined;

/** One client's connection. */
export class Peer {
  readonly #conn: Deno.Conn;
  /** What it asked for so far. */
  readonly requests: Request[] = [];

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Says something, whatever it is. */
  async write(...frames: (object | string)[]): Promise<void> {
    const text = frames.map((frame) =>
      typeof frame === "string" ? frame : JSON.stringify(frame) + "\n"
    ).join("");
    let bytes = new TextEncoder().encode(text);
    try {
      while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
    } catch {
      // The client has gone; the test sees that elsewhere.
    }
  }

  /** Hangs up. */
  close(): void {
    try {
      this.#conn.close();
    } catch {
      // Closed already.
    }
  }
}

/** Listens on a port of the loopback interface that the system chose, and answers 200 to all. */
export class ScriptedServer implements AsyncDisposable {
  #listener: Deno.TcpListener;
  readonly port: number;
  /** All connections so far. */
  readonly peers: Peer[] = [];
  /** What the server answers: replace it to have it say something else. */
  answer: (request: Request, peer: Peer) => Answer | Promise<Answer> = () => ({ response: 200 });
  readonly #serving = new Set<Promise<void>>();
  #waiting: { test: () => boolean; resolve: () => void }[] = [];

  constructor(port = 0) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.port = this.#listener.addr.port;
    this.#accept(this.#listener);
  }

  /** The connection that was made last. */
  get peer(): Peer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error("Nobody has connected");
    return peer;
  }

  /** All requests of a kind, over all connections. */
  requests(event: EventName): Request[] {
    return this.peers.flatMap((peer) => peer.requests).filter((one) => one.event === event);
  }

  /** Resolves as soon as the condition holds; it is looked at after each request and each new connection. */
  until(test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ test, resolve }));
  }

  /** Takes no more connections; those there are stay. */
  stopListening(): void {
    this.#listener.close();
  }

  /** Takes connections again, on the same port. */
  listenAgain(): void {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: this.port });
    this.#accept(this.#listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#listener.close();
    } catch {
      // Closed by the test.
    }
    for (const peer of this.peers) peer.close();
    await Promise.all(this.#serving);
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    try {
      for await (const conn of listener) {
        const peer = new Peer(conn);
        this.peers.push(peer);
        const serving = this.#serve(conn, peer);
        this.#serving.add(serving);
        serving.then(() => this.#serving.delete(serving));
        this.#look();
      }
    } catch {
      // The listener was closed.
    }
  }

  async #serve(conn: Deno.Conn, peer: Peer): Promise<void> {
    try {
      for await (const lines of new LineReader(conn)) {
        for (const line of lines) {
          const { request } = parseRequest(line);
          peer.requests.push(request);
          const answer = await this.answer(request, peer);
          if (answer !== undefined) {
            await peer.write({ response: 200, time: 1, ...idOf(request), ...answer });
          }
          if (request.event === "quit") peer.close();
          this.#look();
        }
      }
    } catch {
      // The client has gone.
    }
    peer.close();
  }

  #look(): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ test, resolve }) => {
      const isMet = test();
      if (isMet) resolve();
      return !isMet;
    });
  }
}

function idOf(request: Request): { id?: string | number } {
  return request.id === undefined ? {} : { id: request.id };
}
