/**
 * Listening with a socket's handle.
 *
 * @module
 */

import { type Clock, systemClock, type Timer } from "../../../common/clock.ts";
import type { Accepted, ConnectionSource } from "../accept.ts";
import { HandleConn } from "./handle_conn.ts";
import type { ServerHandle, TcpInternals } from "./internals.ts";

/** Connections that the system keeps until they are accepted. */
const BACKLOG = 1_024;

/**
 * Between two looks whether there are descriptors for the next connection. An accept that fails is the handle's last
 * (Deno 2.9.6), and nobody is told: `listen` wakes it.
 */
const LOOK_MS = 1_000;

/**
 * Listens, in place of `Deno.listen`, whose errors are better: where this one fails, that one says why.
 *
 * Guarantees:
 * 1. `accept` resolves with the connections in the order in which they came.
 * 2. A shortage of descriptors makes `accept` reject, again and again, until it is over; some two seconds later at most
 *    connections are accepted again.
 */
export class HandleListener implements ConnectionSource {
  /** Where it listens. */
  readonly addr: Deno.NetAddr;
  readonly #internals: TcpInternals;
  readonly #handle: ServerHandle;
  readonly #clock: Pick<Clock, "setTimeout" | "clearTimeout">;
  /** Accepted, and nobody has asked yet. */
  readonly #accepted: Accepted[] = [];
  #waiting: PromiseWithResolvers<Accepted> | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  /**
   * Listens.
   *
   * @param hostname An address, or a name that has one.
   * @param port 0 lets the system choose.
   * @param isShared Whether other processes may listen there, too, and the system deals connections out.
   * @throws {Error} If it cannot; what it says is for nobody.
   */
  constructor(
    internals: TcpInternals,
    { hostname, port, isShared }: { hostname: string; port: number; isShared: boolean },
    clock: Pick<Clock, "setTimeout" | "clearTimeout"> = systemClock,
  ) {
    this.#internals = internals;
    this.#clock = clock;
    const handle = this.#handle = internals.makeServer();
    const flags = isShared ? internals.reusePort : 0;
    const code = hostname.includes(":")
      ? handle.bind6(hostname, port, flags)
      : handle.bindWithFlags(hostname, port, flags);
    handle.onconnection = (status) => this.#onConnection(status);
    if (code !== 0 || handle.listen(BACKLOG) !== 0) {
      handle.close();
      throw new Error("cannot listen");
    }
    this.addr = addressOf((to) => handle.getsockname(to)) ?? { transport: "tcp", hostname, port };
    this.#look();
  }

  /** See `Deno.Listener.accept`. One call at a time. */
  accept(): Promise<Accepted> {
    if (this.#isClosed) return Promise.reject(closed());
    const next = this.#accepted.shift();
    if (next !== undefined) return Promise.resolve(next);
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Listens no more; connections that nobody has asked for are closed. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clock.clearTimeout(this.#timer);
    this.#handle.close();
    for (const conn of this.#accepted.splice(0)) conn.close();
    this.#settle((waiting) => waiting.reject(closed()));
  }

  /** See {@linkcode HandleListener.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #onConnection(status: number): void {
    if (status !== 0 || this.#isClosed) return;
    const socket = this.#internals.makeSocket();
    const remote = this.#handle.accept(socket) === 0
      ? addressOf((to) => socket.getpeername(to))
      : undefined;
    // A peer that has reset the connection has no address any more: nobody could say whose it was.
    if (remote === undefined) return socket.close();
    const conn = new HandleConn(socket, this.#internals, remote);
    if (this.#waiting === undefined) this.#accepted.push(conn);
    else this.#settle((waiting) => waiting.resolve(conn));
  }

  #look(): void {
    this.#timer = this.#clock.setTimeout(() => {
      const shortage = this.#shortage();
      if (shortage === undefined) this.#handle.listen(BACKLOG);
      else this.#settle((waiting) => waiting.reject(shortage));
      this.#look();
    }, LOOK_MS);
  }

  /** Why no connection could be accepted now, if so: a socket is made for that, and closed. */
  #shortage(): Error | undefined {
    const probe = this.#internals.makeServer();
    try {
      const { hostname } = this.addr;
      const code = hostname.includes(":")
        ? probe.bind6(hostname, 0, 0)
        : probe.bindWithFlags(hostname, 0, 0);
      const name = code < 0 ? this.#internals.nameOf(code) : "";
      return name === "EMFILE" || name === "ENFILE"
        ? new Error(`${name}: no file descriptor left`)
        : undefined;
    } catch {
      return undefined; // no permission for another port: then nobody can know
    } finally {
      probe.close();
    }
  }

  #settle(how: (waiting: PromiseWithResolvers<Accepted>) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) how(waiting);
  }
}

/** What is filled in, if that works. */
function addressOf(
  fill: (address: { address?: string; port?: number }) => number,
): Deno.NetAddr | undefined {
  const into: { address?: string; port?: number } = {};
  if (fill(into) !== 0 || into.address === undefined || into.port === undefined) return undefined;
  return { transport: "tcp", hostname: into.address, port: into.port };
}

function closed(): Error {
  return new Deno.errors.BadResource("listener closed");
}
