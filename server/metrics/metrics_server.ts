/**
 * What monitoring asks a server, over HTTP.
 *
 * @module
 */

import { messageOf, StartError } from "../../common/errors.ts";
import type { Log } from "../../common/log.ts";
import { formatAddress } from "../connection/listen.ts";
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

/**
 * Serves `/healthz` (the process answers), `/readyz` (it can do its work now) and `/metrics`.
 *
 * Guarantees:
 * 1. `/healthz` is 200 from the start to the end. `/readyz` is 503 with the reason in words before
 *    {@linkcode MetricsServer.open}, after {@linkcode MetricsServer.drain}, while there is an obstacle, and while the
 *    check fails.
 * 2. However often `/readyz` is asked for, there is one check a second.
 * 3. Nothing of an error's text is sent; it is logged.
 */
export class MetricsServer implements AsyncDisposable {
  /** Where it listens. */
  readonly address: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closing = new AbortController();
  readonly #monotonicMs: () => number;
  #log: Log | undefined;
  #subject: Subject | undefined;
  #isDraining = false;
  #checked: { readonly atMs: number; readonly fault: Promise<string | undefined> } | undefined;

  /**
   * Listens; all but `/healthz` is 503 for now.
   *
   * @param monotonicMs See `Clock.monotonicMs`.
   * @throws {StartError} If it cannot.
   */
  constructor(address: MetricsAddress, monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
    const { signal } = this.#closing;
    try {
      const options = { ...address, signal, onListen: () => {} };
      this.#server = Deno.serve(options, (request) => this.#answer(request));
    } catch (cause) {
      const where = formatAddress({ ...address, transport: "tcp" });
      const reason = cause instanceof Deno.errors.AddrInUse
        ? "the port is in use"
        : messageOf(cause);
      throw new StartError(`Cannot serve metrics on ${where}: ${reason}; see --metrics`, { cause });
    }
    this.address = formatAddress(this.#server.addr);
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
    this.#closing.abort();
    await this.#server.finished;
  }

  #answer(request: Request): Response | Promise<Response> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return say(405, "only GET and HEAD", { allow: "GET, HEAD" });
    }
    switch (new URL(request.url).pathname) {
      case "/healthz":
        return say(200, "alive");
      case "/readyz":
        return this.#answerReady();
      case "/metrics":
        return this.#answerMetrics();
      default:
        return say(404, "there are /metrics, /healthz and /readyz");
    }
  }

  async #answerReady(): Promise<Response> {
    const subject = this.#subject;
    if (this.#isDraining) return say(503, "stopping");
    if (subject === undefined) return say(503, "starting");
    const obstacle = subject.obstacle?.();
    if (obstacle !== undefined) return say(503, obstacle);
    const now = this.#monotonicMs();
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
      return "the store fails";
    }
  }

  async #answerMetrics(): Promise<Response> {
    const exposition = this.#subject?.exposition;
    if (exposition === undefined) return say(503, "starting");
    try {
      const text = await exposition.text();
      return new Response(text, { headers: { "content-type": exposition.contentType } });
    } catch (error) {
      if (this.#isDraining) return say(503, "stopping"); // the store is closed, or about to be
      this.#log?.error("metrics not read", { reason: messageOf(error) });
      return say(500, "the metrics could not be read; the log says why");
    }
  }
}

function say(status: number, words: string, headers: Record<string, string> = {}): Response {
  return new Response(`${words}\n`, { status, headers });
}
