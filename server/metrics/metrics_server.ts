/**
 * What monitoring asks a server, over HTTP.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { messageOf, StartError } from "../../common/errors.ts";
import type { Log } from "../../common/log.ts";
import { acceptAll, type Accepted } from "../connection/accept.ts";
import { formatAddress } from "../connection/listen.ts";
import { StoreLostError } from "../store/store.ts";
import { exchange, type HttpAnswer, type HttpRequest } from "./http_exchange.ts";
import type { MetricsAddress } from "./metrics_address.ts";

/** What a {@linkcode MetricsServer} tells of. */
export interface Subject {
  /** The metrics, in a text format. */
  readonly exposition: { readonly contentType: string; text(): Promise<string> };
  /** Rejects if the server cannot do its work. */
  check(): Promise<void>;
  /** What is known to stand in the way, without a check: some words that anybody may read. */
  obstacle?(): string | undefined;
}

/** So many milliseconds a check's result holds: asking is free for whoever asks, and checking is not. */
const CHECK_HOLDS_MS = 1_000;
/** Connections at once; for one more the oldest is closed, which is the one that is least likely to come to something. */
const MAX_CONNECTIONS = 64;
/** Milliseconds from accepting a connection to its end: Prometheus waits no longer for an answer, either. */
const CONNECTION_MS = 10_000;

/**
 * Serves `/healthz` (the process answers), `/readyz` (it can do its work now) and `/metrics`.
 *
 * Guarantees:
 * 1. `/healthz` is 200 from the start to the end, whenever the event loop has a turn: not while the database is brought to
 *    a new schema, for instance. `/readyz` is 503 with the reason in words before
 *    {@linkcode MetricsServer.open}, after {@linkcode MetricsServer.drain}, while there is an obstacle, and while the
 *    check fails.
 * 2. However often `/readyz` is asked for, there is one check a second.
 * 3. Nothing of an error's text is sent; it is logged.
 * 4. It goes on when there were no descriptors left for a while. It has 64 connections at most, each for ten seconds.
 */
export class MetricsServer implements AsyncDisposable {
  /** Where it listens. */
  readonly address: string;
  readonly #listener: Deno.TcpListener;
  readonly #clock: Clock;
  /** Those that are open, in the order in which they came, and what becomes of them. */
  readonly #conns = new Map<Accepted, Promise<void>>();
  readonly #accepting: Promise<void>;
  #isClosing = false;
  #log: Log | undefined;
  #subject: Subject | undefined;
  #isDraining = false;
  #checked: { readonly atMs: number; readonly fault: Promise<string | undefined> } | undefined;

  /**
   * Listens; all but `/healthz` is 503 for now.
   *
   * @throws {StartError} If it cannot.
   */
  constructor(address: MetricsAddress, clock: Clock) {
    this.#clock = clock;
    try {
      this.#listener = Deno.listen({ ...address });
    } catch (cause) {
      const where = formatAddress({ ...address, transport: "tcp" });
      const reason = cause instanceof Deno.errors.AddrInUse
        ? "the port is in use"
        : messageOf(cause);
      throw new StartError(`Cannot serve metrics on ${where}: ${reason}; see --metrics`, { cause });
    }
    this.address = formatAddress(this.#listener.addr as Deno.NetAddr);
    this.#accepting = acceptAll(this.#listener, {
      clock,
      admit: (conn) => this.#admit(conn),
      isStopping: () => this.#isClosing,
      onFault: (reason) => this.#log?.warn("cannot accept connections of monitoring", { reason }),
      onRecovered: () => this.#log?.info("accepting connections of monitoring again"),
    });
  }

  /** The server is up. */
  open(subject: Subject, log: Log): void {
    this.#subject = subject;
    this.#log = log;
  }

  /** The server is about to end: nobody should be sent there any more. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Closes at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#listener.close();
    }
    const ends = [...this.#conns.values()];
    for (const conn of this.#conns.keys()) this.#close(conn);
    await Promise.all([this.#accepting, ...ends]);
  }

  #admit(conn: Accepted): void {
    if (this.#conns.size >= MAX_CONNECTIONS) this.#close(this.#conns.keys().next().value!);
    this.#conns.set(conn, this.#serve(conn));
  }

  async #serve(conn: Accepted): Promise<void> {
    const timer = this.#clock.setTimeout(() => this.#close(conn), CONNECTION_MS);
    try {
      await exchange(conn, (request) => this.#answer(request), () => this.#clock.epochMs());
    } catch {
      // The peer has gone, or was closed: it gets no answer, and nobody else misses one.
    }
    this.#clock.clearTimeout(timer);
    this.#close(conn);
  }

  #close(conn: Accepted): void {
    if (this.#conns.delete(conn)) conn.close();
  }

  async #answer({ method, path }: HttpRequest): Promise<HttpAnswer> {
    if (method !== "GET" && method !== "HEAD") {
      return say(405, "only GET and HEAD", { allow: "GET, HEAD" });
    }
    switch (path) {
      case "/healthz":
        return say(200, "alive");
      case "/readyz":
        return await this.#answerReady();
      case "/metrics":
        return await this.#answerMetrics();
      default:
        return say(404, "there are /metrics, /healthz and /readyz");
    }
  }

  async #answerReady(): Promise<HttpAnswer> {
    const subject = this.#subject;
    if (this.#isDraining) return say(503, "stopping");
    if (subject === undefined) return say(503, "starting");
    const obstacle = subject.obstacle?.();
    if (obstacle !== undefined) return say(503, obstacle);
    const now = this.#clock.monotonicMs();
    if (this.#checked === undefined || now - this.#checked.atMs >= CHECK_HOLDS_MS) {
      this.#checked = { atMs: now, fault: this.#check(subject) };
    }
    const fault = await this.#checked.fault;
    if (this.#isDraining) return say(503, "stopping");
    return fault === undefined ? say(200, "ready") : say(503, fault);
  }

  async #check(subject: Subject): Promise<string | undefined> {
    try {
      await subject.check();
      return undefined;
    } catch (error) {
      if (this.#isDraining) return undefined;
      this.#log?.warn("not ready, the store fails", { reason: messageOf(error) });
      return error instanceof StoreLostError
        ? "the database file is gone or another one"
        : "the store fails";
    }
  }

  async #answerMetrics(): Promise<HttpAnswer> {
    const exposition = this.#subject?.exposition;
    if (exposition === undefined) return say(503, "starting");
    try {
      const body = await exposition.text();
      return { status: 200, body, headers: { "content-type": exposition.contentType } };
    } catch (error) {
      if (this.#isDraining) return say(503, "stopping"); // the store is closed, or about to be
      this.#log?.error("metrics not read", { reason: messageOf(error) });
      return say(500, "the metrics could not be read; the log says why");
    }
  }
}

function say(status: number, words: string, headers?: Record<string, string>): HttpAnswer {
  return { status, body: `${words}\n`, ...(headers && { headers }) };
}
