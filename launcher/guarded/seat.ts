/**
 * A process under a guard, as the launcher sees it.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import type { Client, End, Server } from "../chat.ts";
import type { Command, Place } from "../commands.ts";
import { LineWriter } from "../output.ts";
import { SERVER_GRACE_MS } from "../server_child.ts";
import { within } from "../within.ts";
import type { Job, Order, Report } from "./messages.ts";

/** A guard that is not there by then will not come: its window did not open. */
const JOIN_MS = 20_000;
/** A process that has been asked to end is waited for no longer: its guard sees to it. */
const STOP_MS = SERVER_GRACE_MS + 1_000;

/** The launcher's end of the line to one guard. */
export class Seat implements Server, Client {
  /** `server`, or the client's name. */
  readonly name: string;
  /** What the guard runs. */
  readonly job: Job;
  /** The guard: what a pane or a window has to run. */
  readonly command: Command;
  readonly #joined = Promise.withResolvers<true>();
  readonly #place = Promise.withResolvers<Place>();
  readonly #end = Promise.withResolvers<End>();
  #line: LineWriter | undefined;
  #isOver = false;

  /** Made by `GuardedStage.seat`. */
  constructor(name: string, job: Job, command: Command) {
    this.name = name;
    this.job = job;
    this.command = command;
  }

  /** Whether the guard has come, is not gone, and its process has not ended. */
  get isRunning(): boolean {
    return this.#line !== undefined && !this.#isOver;
  }

  /** Resolves when the process has ended, its guard is gone, or nobody waits for the guard any more. */
  get ended(): Promise<End> {
    return this.#end.promise;
  }

  /** Takes the guard's connection; resolves when it is over. */
  async serve(conn: Deno.Conn, reports: AsyncIterable<Report>): Promise<void> {
    this.#line = new LineWriter(conn);
    this.#order({ job: this.job });
    this.#joined.resolve(true);
    try {
      for await (const { listening, ended } of reports) {
        if (listening !== undefined) this.#place.resolve(listening);
        if (ended !== undefined) this.leave(ended);
      }
    } catch {
      // A line that broke has ended.
    }
    this.leave();
  }

  /** Resolves when the guard is there; throws a `StartError` if it does not come. */
  async ready(): Promise<void> {
    if (await within(JOIN_MS, this.#joined.promise)) return;
    throw new StartError(`${this.name} did not start within ${JOIN_MS / 1000} s`);
  }

  /** Resolves when the process, a server, accepts connections. Throws as `ready` does. */
  async listening(): Promise<Place> {
    await this.ready();
    return await this.#place.promise;
  }

  /** Asks the guard to end its process in order, and waits until it has. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.#order({ ask: "stop" });
    await within(STOP_MS, this.ended);
  }

  /** Asks the guard to kill its process. */
  kill(): void {
    this.#order({ ask: "kill" });
  }

  /** From now on the process lives for itself. */
  async release(): Promise<void> {
    this.#order({ ask: "release" });
    await this.#line?.flush();
  }

  /** Nobody waits for the guard any more: its process has ended like that, or nobody can tell. */
  leave(end: End = { status: undefined, words: [] }): void {
    this.#isOver = true;
    this.#end.resolve(end);
  }

  #order(order: Order): void {
    this.#line?.writeLine(JSON.stringify(order));
  }
}
