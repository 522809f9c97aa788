/**
 * The launcher's own server as a child process.
 *
 * @module
 */

import type { Server } from "./chat.ts";
import { type Command, listeningPlace, type Place } from "./commands.ts";
import { Child, type OutputStream, type Say } from "./child.ts";

/** How long a server may take to end: it drains for up to 5 s (`drainSeconds` in `common/limits.ts`). */
export const SERVER_GRACE_MS = 8_000;

/** A server that ends when its input does. */
export class ServerChild extends Child implements Server {
  readonly #place = Promise.withResolvers<Place>();

  /**
   * Starts it; the line that says where it listens is handed on, too.
   *
   * @param name The speaker of its lines. @default {"server"}
   */
  constructor(command: Command, say: Say, name: string = "server") {
    super(name, command, { say, graceMs: SERVER_GRACE_MS });
  }

  /** Hands a line on. */
  protected override hear(line: string, stream: OutputStream): void {
    super.hear(line, stream);
    const place = stream === "stdout" ? listeningPlace(line) : undefined;
    if (place !== undefined) this.#place.resolve(place);
  }

  /** Resolves when it says that it accepts connections: where clients on this machine reach it. */
  listening(): Promise<Place> {
    return this.#place.promise;
  }
}
