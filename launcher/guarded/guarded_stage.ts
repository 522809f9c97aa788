/**
 * Where processes run that are no children of the launcher: in tmux panes and in windows.
 *
 * Each of them runs under a guard (`guard.ts`) that keeps a connection to the launcher's loopback port. When that
 * connection ends, however the launcher ended, the guard ends its process.
 *
 * @module
 */

import { type Command, denoRun, type Runtime } from "../commands.ts";
import { type Job, LOOPBACK, messagesOf, type Report } from "./messages.ts";
import { Seat } from "./seat.ts";

/** The port that guards connect to. Guarantees: each token opens one seat, once; without one there is no answer. */
export class GuardedStage {
  /** Guards do not tell when a client is online: one that fails in this time has failed to start. */
  readonly startMs: number = 3_000;
  readonly #runtime: Runtime;
  readonly #newToken: () => string;
  readonly #listener: Deno.TcpListener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  readonly #seats: Seat[] = [];
  /** Seats that no guard has taken yet, by token. */
  readonly #free = new Map<string | undefined, Seat>();
  readonly #conns = new Set<Deno.Conn>();
  #isClosed = false;

  /** Opens the port; `newToken` must be a good random source. */
  constructor(runtime: Runtime, newToken: () => string = () => crypto.randomUUID()) {
    this.#runtime = runtime;
    this.#newToken = newToken;
    this.#accept().catch(() => {}); // no guard can come any more
  }

  /** The loopback port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Prepares for one more guarded process. */
  seat(name: string, job: Job): Seat {
    const token = this.#newToken();
    const programs = [job.command, job.atEnd].flatMap((command) => command?.program ?? []);
    const mayUse = [`--allow-net=${LOOPBACK}:${this.port}`, `--allow-run=${programs.join(",")}`];
    const args = [String(this.port), token];
    const command = denoRun(this.#runtime, "launcher/guarded/guard.ts", mayUse, args);
    const seat = new Seat(name, job, command);
    this.#seats.push(seat);
    this.#free.set(token, seat);
    return seat;
  }

  /** Prepares for a client. */
  client(name: string, command: Command): Seat {
    return this.seat(name, { command, role: "client" });
  }

  /** Lets all processes live on without the launcher. */
  async release(): Promise<void> {
    await Promise.all(this.#seats.map((seat) => seat.release()));
    await this.close();
  }

  /** Cuts all lines: what is not released ends. Idempotent. */
  close(): void | Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    for (const conn of this.#conns) conn.close();
    this.#conns.clear();
    for (const seat of this.#seats) seat.leave();
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) this.#greet(conn);
  }

  async #greet(conn: Deno.Conn): Promise<void> {
    this.#conns.add(conn);
    try {
      const reports = messagesOf<Report>(conn);
      const token = (await reports.next()).value?.token;
      const seat = this.#free.get(token);
      this.#free.delete(token);
      await seat?.serve(conn, reports);
    } catch {
      // A stranger, or a guard that was killed.
    } finally {
      if (this.#conns.delete(conn)) conn.close();
    }
  }
}
