/**
 * What tmux and windows have in common: processes that are no children of the launcher, each under a guard.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { type ChatPlan, clientOptions } from "../chat_plan.ts";
import { clientCommand, type Command, denoRun, type Place, serverCommand } from "../commands.ts";
import { Lifeline, type Seat } from "./lifeline.ts";
import { type Job, LOOPBACK } from "./messages.ts";
import { firstCause, within } from "../within.ts";
import { endedTooEarly, SERVER_GRACE_MS } from "../server_process.ts";

/** A client that fails within this time after its start has failed to start. */
const START_MS = 3_000;
/** A guard that is not there by then will not come: its window did not open. */
const JOIN_MS = 20_000;

/** A seat and who sits there. */
export interface Guarded {
  /** `server` or a client's name. */
  name: string;
  /** The line to the guard. */
  seat: Seat;
  /** What the pane or window has to run. */
  command: Command;
}

/** How the seats of a chat came to an end. */
export interface GuardedEnd {
  /** Lines that say what happened. */
  words: readonly string[];
  /** The launcher's exit status for this end. */
  status: 0 | 1;
}

/** The guarded processes of one chat. Guarantees: after `end`, none is left. */
export class GuardedChat {
  readonly #plan: ChatPlan;
  readonly #lifeline = new Lifeline(crypto.randomUUID());
  readonly #clients: Guarded[] = [];
  #server: Guarded | undefined;

  /**
   * Prepares a chat; nothing runs yet.
   *
   * @param plan What is to be started.
   */
  constructor(plan: ChatPlan) {
    this.#plan = plan;
  }

  /**
   * Prepares a server's seat.
   *
   * @param args Flags of the server.
   * @param atEnd What its guard runs when it has ended.
   */
  addServer(args: readonly string[], atEnd: Command | undefined): Guarded {
    const command = serverCommand(this.#plan.runtime, args);
    const job: Job = { command, role: "server", ...(atEnd === undefined ? {} : { atEnd }) };
    this.#server = this.#guarded("server", job, atEnd === undefined ? [] : [atEnd.program]);
    return this.#server;
  }

  /** Prepares a client's seat. */
  addClient(name: string, place: Place): Guarded {
    const command = clientCommand(this.#plan.runtime, {
      ...clientOptions(this.#plan, name, place),
      marks: false,
    });
    const client = this.#guarded(name, { command, role: "client" }, []);
    this.#clients.push(client);
    return client;
  }

  #guarded(name: string, job: Job, alsoRuns: readonly string[]): Guarded {
    const seat = this.#lifeline.seat(job);
    const command = denoRun(this.#plan.runtime, "launcher/guarded/guard.ts", [
      `--allow-net=${LOOPBACK}:${this.#lifeline.port}`,
      `--allow-run=${[job.command.program, ...alsoRuns].join(",")}`,
    ], this.#lifeline.guardArgs(seat));
    return { name, seat, command };
  }

  /**
   * Resolves when a process runs under its guard.
   *
   * @throws {StartError} If it does not come.
   */
  async joined({ name, seat }: Guarded): Promise<void> {
    if (await within(JOIN_MS, seat.joined.then(() => true))) return;
    throw new StartError(`${name} did not start within ${JOIN_MS / 1000} s`);
  }

  /**
   * Resolves when the server listens.
   *
   * @throws {StartError} If it ends before that, with its words.
   */
  async listening(server: Guarded): Promise<Place> {
    await this.joined(server);
    const first = await Promise.race([server.seat.listening, server.seat.ended]);
    if ("port" in first) return first;
    throw new StartError([...first.words, endedTooEarly("The server", first.status)].join("\n"));
  }

  /**
   * Resolves when the chat is over without having been asked to end: the server ended, a client failed to start,
   * or all clients have ended.
   */
  async over(): Promise<GuardedEnd> {
    const failures = this.#clients.map((client) => this.#failed(client));
    const clients = Promise.race([this.#allClientsEnded(), ...failures]);
    if (this.#server === undefined) return await clients;
    const server = this.#server.seat.ended.then(({ status, words }): GuardedEnd => ({
      words: status === 0 ? [] : [...words, `The server ended with status ${status ?? "unknown"}`],
      status: status === 0 ? 0 : 1,
    }));
    return await firstCause(server, clients);
  }

  async #failed({ name, seat }: Guarded): Promise<GuardedEnd> {
    const startedAt = performance.now();
    const { status, words } = await seat.ended;
    if (status === 0 || performance.now() - startedAt > START_MS) {
      return await new Promise(() => {});
    }
    return { words: [...words, endedTooEarly(name, status)], status: 1 };
  }

  async #allClientsEnded(): Promise<GuardedEnd> {
    const ends = await Promise.all(this.#clients.map(({ seat }) => seat.ended));
    const isFine = ends.every(({ status }) => status === 0);
    return { words: ["All clients have ended"], status: isFine ? 0 : 1 };
  }

  /** Lets all processes live on without the launcher. */
  async release(): Promise<void> {
    await this.#lifeline.release();
  }

  /** Ends all: the clients, then the server; each gets time to finish. */
  async end(): Promise<void> {
    await endSeats(this.#clients.map(({ seat }) => seat));
    if (this.#server !== undefined) await endSeats([this.#server.seat]);
    this.#lifeline.close();
  }
}

/** Asks these processes to end and waits until they have; not for ever, since the guards see to it. */
async function endSeats(seats: readonly Seat[]): Promise<void> {
  const running = seats.filter((seat) => seat.isRunning);
  await Promise.all(running.map((seat) => seat.end()));
  await within(SERVER_GRACE_MS + 1_000, Promise.all(running.map((seat) => seat.ended)));
}
