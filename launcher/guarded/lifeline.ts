/**
 * The launcher's hold on processes that are no children of its own: those in tmux panes and in windows.
 *
 * Each of them runs under a guard (`guard.ts`) that keeps a connection to the launcher's loopback port. When that
 * connection ends, however the launcher ended, the guard ends its process.
 *
 * @module
 */

import type { Runtime } from "../chat_plan.ts";
import { denoRun } from "../commands.ts";
import { type Job, LOOPBACK, messagesOf, type Report } from "./messages.ts";
import { Seat } from "./seat.ts";

/**
 * The port to which guards connect. Guarantees: each token opens one seat, once; who knows none learns nothing.
 */
export class Lifeline {
  readonly #runtime: Runtime;
  readonly #newToken: () => string;
  readonly #listener: Deno.TcpListener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  readonly #seats: Seat[] = [];
  /** Seats that no guard has taken yet, by token. */
  readonly #free = new Map<string | undefined, Seat>();
  readonly #conns = new Set<Deno.Conn>();
  #isClosed = false;

  /**
   * Opens the port.
   *
   * @param runtime Where the guard's script is.
   * @param newToken What a guard must know: from a good random source.
   */
  constructor(runtime: Runtime, newToken: () => string = () => crypto.randomUUID()) {
    this.#runtime = runtime;
    this.#newToken = newToken;
    this.#accept();
  }

  /** The loopback port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Prepares for one more guarded process. */
  seat(name: string, job: Job): Seat {
    const token = this.#newToken();
    const programs = [job.command, job.atEnd].flatMap((command) => command?.program ?? []);
    const command = denoRun(this.#runtime, "launcher/guarded/guard.ts", [
      `--allow-net=${LOOPBACK}:${this.port}`,
      `--allow-run=${programs.join(",")}`,
    ], [String(this.port), token]);
    const seat = new Seat(name, job, command);
    this.#seats.push(seat);
    this.#free.set(token, seat);
    return seat;
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
    for (const seat of this.#seats) seat.leave();
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
      const reports = messagesOf<Report>(conn);
      const { value: first } = await reports.next();
      const seat = this.#free.get(first?.token);
      this.#free.delete(first?.token);
      await seat?.serve(conn, reports);
    } catch {
      // A stranger, or a guard that was killed.
    } finally {
      if (this.#conns.delete(conn)) conn.close();
    }
  }
}
