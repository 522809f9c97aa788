/**
 * A console client as a child process that is typed into.
 *
 * @module
 */

import { READY_MARK } from "../common/ready_mark.ts";
import { Child, type ChildOptions, type ExitStatus } from "./child.ts";
import type { Command } from "./commands.ts";

/** After the end of its input a client has so long to finish what it was told. */
const CLIENT_GRACE_MS = 10_000;

/**
 * A client that tells when it is ready for a line: it was started with `--marks` and prints
 * {@linkcode READY_MARK} alone on a line each time that it waits for input. A peer's text cannot look like that,
 * since clients print control characters as escapes.
 *
 * Guarantees: lines are typed one after the other, each when the one before has been carried out and its answer
 * was handed to `onLine`; marks are not handed on.
 */
export class ClientProcess {
  /** Its name in the chat. */
  readonly name: string;
  /** Its process. */
  readonly child: Child;
  #ready = Promise.withResolvers<boolean>();
  #lastTurn: Promise<unknown> = Promise.resolve();

  /**
   * Starts it.
   *
   * @param name Its name in the chat.
   * @param command See `clientCommand`; with `--marks`.
   * @throws {StartError} If there is no such program.
   */
  constructor(name: string, command: Command, options: ChildOptions) {
    this.name = name;
    this.child = new Child(command, {
      onLine: (line, stream) => {
        if (line === READY_MARK) this.#ready.resolve(true);
        else options.onLine(line, stream);
      },
    });
    this.child.ended.then(() => this.#ready.resolve(false));
  }

  /** Resolves when it waits for a line (`true`) or has ended (`false`). */
  whenReady(): Promise<boolean> {
    return this.#ready.promise;
  }

  /**
   * Types a line, when all lines before are done.
   *
   * @param line Without a line end.
   * @param onTyped Called just before it is typed.
   * @returns Whether it could be typed; resolves when the client has carried it out or has ended.
   */
  type(line: string, onTyped: () => void = () => {}): Promise<boolean> {
    const turn = this.#lastTurn.then(async () => {
      if (!await this.#ready.promise || this.child.hasEnded) return false;
      this.#ready = Promise.withResolvers();
      onTyped();
      await this.child.writeLine(line);
      await this.#ready.promise;
      return true;
    });
    this.#lastTurn = turn;
    return turn;
  }

  /** Ends its input, and it after a while. Resolves with its status. */
  stop(): Promise<ExitStatus> {
    return this.child.stop(CLIENT_GRACE_MS);
  }
}
