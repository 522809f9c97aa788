/**
 * A server and clients as children at the far ends of pipes: what the inline mode and the script player drive.
 *
 * @module
 */

import { StartError } from "../common/errors.ts";
import { type ChatPlan, clientOptions } from "./chat_plan.ts";
import type { Child, ExitStatus, OutputStream } from "./child.ts";
import { ClientProcess } from "./client_process.ts";
import { clientCommand, type Place, serverCommand } from "./commands.ts";
import { endedTooEarly, SERVER_GRACE_MS, startServer } from "./server_process.ts";
import { firstCause } from "./within.ts";

/** What is to be started. */
export interface PipedChatOptions extends ChatPlan {
  /** Called for each line of a child; the server's name is `server`. */
  onLine: (speaker: string, line: string, stream: OutputStream) => void;
  /** Called when a child has ended and all its lines were handed over. */
  onEnd?: (speaker: string) => void;
}

/** How a chat came to its end by itself. */
export interface ChatEnd {
  /** One line that says what happened. */
  words: string;
  /** The launcher's exit status for this end. */
  status: 0 | 1;
}

/**
 * One chat.
 *
 * Guarantees: clients are started only when the server accepts connections; `start` leaves nothing running if it
 * fails; after `end` or `kill` nothing of the chat runs.
 */
export class PipedChat {
  readonly #options: PipedChatOptions;
  #server: Child | undefined;
  #clients: ClientProcess[] = [];
  #ending: Promise<void> | undefined;

  /** Prepares a chat; nothing runs yet. */
  constructor(options: PipedChatOptions) {
    this.#options = options;
  }

  /** The clients, in the order of their names. */
  get clients(): readonly ClientProcess[] {
    return this.#clients;
  }

  /**
   * Starts the server, then the clients, and waits until all are online.
   *
   * @throws {StartError} If a child ends before that, or the chat is ended meanwhile; its own words were handed to
   * `onLine`.
   */
  async start(): Promise<void> {
    try {
      await this.#startClients(await this.#startServer());
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  async #startServer(): Promise<Place> {
    const { runtime, server, onLine, onEnd } = this.#options;
    if (server.kind === "attach") return server;
    const { place } = await startServer(
      serverCommand(runtime, server.args),
      { onLine: (line, stream) => onLine("server", line, stream) },
      (child) => {
        this.#server = child;
        child.ended.then(() => onEnd?.("server"));
      },
    );
    return place;
  }

  async #startClients(place: Place): Promise<void> {
    const { runtime, names, onLine, onEnd } = this.#options;
    for (const name of names) {
      if (this.#ending !== undefined) {
        throw new StartError("The chat was ended while it was starting");
      }
      const command = clientCommand(runtime, {
        ...clientOptions(this.#options, name, place),
        marks: true,
      });
      const client = new ClientProcess(name, command, {
        onLine: (line, stream) => onLine(name, line, stream),
      });
      client.child.ended.then(() => onEnd?.(name));
      this.#clients.push(client);
    }
    await Promise.all(this.#clients.map(async (client) => {
      if (await client.whenReady()) return;
      throw new StartError(endedTooEarly(client.name, await client.child.ended));
    }));
  }

  /**
   * Resolves when the chat is over without having been asked to end: the server ended, or all clients have.
   * May be called once the chat has started.
   */
  async over(): Promise<ChatEnd> {
    const clients = this.#allClientsEnded();
    if (this.#server === undefined) return await clients;
    const server = this.#server.ended.then((status): ChatEnd => ({
      words: `The server ended with status ${status}`,
      status: status === 0 ? 0 : 1,
    }));
    return await firstCause(server, clients);
  }

  async #allClientsEnded(): Promise<ChatEnd> {
    const statuses: ExitStatus[] = await Promise.all(this.#clients.map(({ child }) => child.ended));
    return {
      words: "All clients have ended",
      status: statuses.every((status) => status === 0) ? 0 : 1,
    };
  }

  /**
   * Ends all: each client when it has done what it was told, then the server. Idempotent.
   *
   * @param order `in turn`: one client after the other, so that the last lines of a chat come in the same order
   * each time; `together`: as fast as possible.
   */
  end(order: "in turn" | "together" = "together"): Promise<void> {
    this.#ending ??= this.#endAll(order);
    return this.#ending;
  }

  async #endAll(order: "in turn" | "together"): Promise<void> {
    if (order === "in turn") {
      for (const client of this.#clients) await client.stop();
    } else {
      await Promise.all(this.#clients.map((client) => client.stop()));
    }
    await this.#server?.stop(SERVER_GRACE_MS);
  }

  /** Kills all at once. */
  kill(): void {
    for (const { child } of this.#clients) child.kill();
    this.#server?.kill();
  }
}
