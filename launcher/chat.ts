/**
 * One server and its clients from start to end: what all modes have in common.
 *
 * @module
 */

import { type Clock, systemClock } from "../common/clock.ts";
import { StartError } from "../common/errors.ts";
import type { Interrupts } from "../common/interrupts.ts";
import {
  type ChatPlan,
  clientCommand,
  clusterCommand,
  type Command,
  type Place,
  type ServerChoice,
  serverCommand,
} from "./commands.ts";
import { within } from "./within.ts";

/**
 * How a process ended: its exit status, or 128 + the signal's number, or `undefined` if nobody is left who could
 * tell; and its last lines, safe to print, unless they have been printed.
 */
export type End = Readonly<{ status: number | undefined; words: readonly string[] }>;

/** A process of a chat, wherever it runs. */
export interface Member {
  /** `server`, or the client's name. */
  readonly name: string;
  /** Resolves when it has ended; never rejects. */
  readonly ended: Promise<End>;
  /** Asks it to end, kills it if that takes too long, and resolves when it has ended. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

/** A server; `listening` resolves when it accepts connections. */
export type Server = Member & { listening(): Promise<Place> };

/** A client; `ready` resolves when it is of use. */
export type Client = Member & { ready(): Promise<void> };

/** Where the processes of a chat run: in pipes, in tmux, in windows. */
export interface Stage<C extends Client> {
  /** A client that fails within this many milliseconds has failed to start; 0 where `ready` tells. */
  readonly startMs: number;
  /** Makes the server. */
  server(command: Command): Server;
  /** Makes a client. */
  client(name: string, command: Command): C;
  /** Gives a process its place on the screen. */
  show?(member: Server | C): Promise<void>;
  /** Takes away what is left when all processes have been asked to end. */
  close?(): void | Promise<void>;
}

/** How a chat ended by itself: who ended it, lines that say so, and the launcher's exit status. */
export type ChatEnd = Readonly<
  { cause: "server" | "clients"; words: readonly string[]; status: 0 | 1 }
>;

/** When all clients have ended, the server has this long to turn out to be the cause. */
const CAUSE_MS = 1_000;

/**
 * One chat. Guarantees: clients are started when the server accepts connections; after `end`, and when the chat is
 * disposed of, none of its processes is left.
 */
export class Chat<C extends Client> implements AsyncDisposable {
  readonly #plan: ChatPlan;
  readonly #stage: Stage<C>;
  readonly #clock: Clock;
  readonly #clients: C[] = [];
  #server: Server | undefined;
  #ending: Promise<void> | undefined;

  /** Prepares a chat; nothing runs yet. */
  constructor(plan: ChatPlan, stage: Stage<C>, clock: Clock = systemClock) {
    this.#plan = plan;
    this.#stage = stage;
    this.#clock = clock;
  }

  /** The clients, in the order of their names. */
  get clients(): readonly C[] {
    return this.#clients;
  }

  /** The clients and the server, if it is the chat's own. */
  get members(): readonly Member[] {
    return this.#server === undefined ? this.#clients : [...this.#clients, this.#server];
  }

  /**
   * Starts the server and the clients, then acts. A second wish to end kills all.
   *
   * @returns What the act came to, or `interrupted` if a wish to end came first; the chat is not ended yet.
   * @throws {StartError} If a process does not start, with its last words.
   */
  async run<R>(interrupts: Interrupts, act: () => Promise<R>): Promise<R | "interrupted"> {
    interrupts.second.then(() => {
      for (const member of this.members) member.kill();
    });
    const acting = this.#start().then(act);
    acting.catch(() => {}); // thrown below, or cut off by a wish to end
    return await Promise.race([acting, interrupts.first.then(() => "interrupted" as const)]);
  }

  async #start(): Promise<void> {
    const { server, names } = this.#plan;
    const place = server.kind === "attach" ? server : await this.#startServer(server);
    for (const name of names) {
      if (this.#ending !== undefined) throw new StartError("The chat has ended");
      const client = this.#stage.client(name, clientCommand(this.#plan, name, place));
      this.#clients.push(client);
      await this.#stage.show?.(client);
    }
    await Promise.all(this.#clients.map((client) => firstOf(client.ready(), client, client.name)));
  }

  async #startServer({ args, nodes = 1 }: Extract<ServerChoice, { kind: "own" }>): Promise<Place> {
    const { runtime } = this.#plan;
    const command = nodes > 1 ? clusterCommand(runtime, nodes, args) : serverCommand(runtime, args);
    const server = this.#server = this.#stage.server(command);
    await this.#stage.show?.(server);
    return await firstOf(server.listening(), server, "The server");
  }

  /**
   * Resolves when the chat ends without having been asked to: the server has ended, all clients have, or one has
   * failed to start. Clients end with their server: what its end says is the reason, even if they were faster.
   */
  async over(): Promise<ChatEnd> {
    const clients = this.#clientsOver();
    if (this.#server === undefined) return await clients;
    const server = this.#server.ended.then(({ status, words }): ChatEnd => ({
      cause: "server",
      words: [...words, `The server ended with status ${status ?? "unknown"}`],
      status: status === 0 ? 0 : 1,
    }));
    const first = await Promise.race([server, clients]);
    return await within(CAUSE_MS, server, this.#clock) ?? first;
  }

  async #clientsOver(): Promise<ChatEnd> {
    const { startMs } = this.#stage;
    const failed = Promise.withResolvers<ChatEnd>();
    const ends = this.#clients.map(async ({ name, ended }) => {
      const early = startMs === 0 ? undefined : await within(startMs, ended, this.#clock);
      if (early !== undefined && early.status !== 0) {
        failed.resolve({ cause: "clients", words: wordsOfEarly(early, name), status: 1 });
      }
      return await ended;
    });
    const all = Promise.all(ends).then((ends): ChatEnd => {
      const isFine = ends.every(({ status }) => status === 0);
      return { cause: "clients", words: ["All clients have ended"], status: isFine ? 0 : 1 };
    });
    return await Promise.race([failed.promise, all]);
  }

  /**
   * Ends all: the clients, then the server; each gets time to finish. Idempotent.
   *
   * @param order `in turn`: one client after the other, so that the last lines of a chat come in the same order
   * each time.
   */
  end(order: "in turn" | "together" = "together"): Promise<void> {
    return this.#ending ??= this.#end(order);
  }

  async #end(order: "in turn" | "together"): Promise<void> {
    if (order === "in turn") {
      for (const client of this.#clients) await client.stop();
    } else {
      await Promise.all(this.#clients.map((client) => client.stop()));
    }
    await this.#server?.stop();
    await this.#stage.close?.();
  }

  /** Ends all. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

/** What is awaited of a process, unless the process ends before. */
async function firstOf<T>(awaited: Promise<T>, { ended }: Member, who: string): Promise<T> {
  const early = ended.then((end): never => {
    throw new StartError(wordsOfEarly(end, who).join("\n"));
  });
  return await Promise.race([awaited, early]);
}

function wordsOfEarly({ status, words }: End, who: string): string[] {
  return [...words, `${who} ended with status ${status ?? "unknown"} while the chat was starting`];
}
