/**
 * A console client as a child process that is typed into.
 *
 * @module
 */

import { READY_MARK } from "../common/ready_mark.ts";
import type { Client, Stage } from "./chat.ts";
import { Child, type OutputStream, type Say } from "./child.ts";
import type { Command } from "./commands.ts";
import { ServerChild } from "./server_child.ts";

/** How long a client may take to finish what it was told after the end of its input. */
const CLIENT_GRACE_MS = 10_000;

/**
 * A client that is started with `--marks`: it prints {@linkcode READY_MARK} alone on a line each time that it waits
 * for input. Guarantees: lines are typed one after the other, each when the one before has been carried out and its
 * answer was handed over; marks are not handed over.
 */
export class TypedClient extends Child implements Client {
  #mark = Promise.withResolvers<void>();
  #lastTurn: Promise<unknown> = Promise.resolve();

  /** Starts it; `command` is that of `clientCommand`. */
  constructor(name: string, { program, args }: Command, say: Say) {
    super(name, { program, args: [...args, "--marks"] }, { say, graceMs: CLIENT_GRACE_MS });
  }

  /** Hands a line on, unless it is a mark. */
  protected override hear(line: string, stream: OutputStream): void {
    if (line === READY_MARK) this.#mark.resolve();
    else super.hear(line, stream);
  }

  /** Resolves when it waits for a line. */
  ready(): Promise<void> {
    return this.#mark.promise;
  }

  /**
   * Types a line when all lines before are done, and calls `onTyped` just before. Resolves when the client has
   * carried it out or has ended, with whether it could be typed.
   */
  type(line: string, onTyped: () => void = () => {}): Promise<boolean> {
    const turn = this.#lastTurn.then(async () => {
      if (!await this.#waits()) return false;
      this.#mark = Promise.withResolvers();
      onTyped();
      await this.writeLine(line);
      await this.#waits();
      return true;
    });
    this.#lastTurn = turn;
    return turn;
  }

  /** Whether it waits for a line at last, or has ended; a client that has ended waits no more, so that goes first. */
  #waits(): Promise<boolean> {
    return Promise.race([this.ended.then(() => false), this.#mark.promise.then(() => true)]);
  }
}

/** A chat at the far ends of pipes: its clients are typed into, and all that is printed is handed over. */
export function pipes(say: Say): Stage<TypedClient> {
  return {
    startMs: 0,
    server: (command) => new ServerChild(command, say),
    client: (name, command) => new TypedClient(name, command, say),
  };
}
