/**
 * Plays a script: types for the clients and waits for what they print.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import { printable } from "../../common/printable.ts";
import type { TypedClient } from "../typed_client.ts";
import { HeardLines } from "./heard_lines.ts";
import { type ScriptLine, WAIT_SECONDS } from "./script.ts";

/** A client as the player sees it. */
export type TypingClient = Pick<TypedClient, "name" | "type">;

/** A step that did not work out. */
export interface ScriptFailure {
  /** The step. */
  at: ScriptLine;
  /** What was wrong, in one sentence that is safe to print. */
  words: string;
}

/** How many lines of the client a failure shows. */
const SHOWN_LINES = 3;

/**
 * One performance of a script. Feed it all that the children say, then {@linkcode ScriptPlayer.play}.
 *
 * Guarantees: steps are taken in order, each when the one before is done.
 */
export class ScriptPlayer {
  readonly #lines: readonly ScriptLine[];
  readonly #clock: Clock;
  readonly #heard = new Map<string, HeardLines>();

  /**
   * Prepares a performance.
   *
   * @param lines The script; it speaks of no others than `names` and `server`.
   * @param names The clients' names.
   * @param clock Measures waits and pauses.
   */
  constructor(lines: readonly ScriptLine[], names: readonly string[], clock: Clock) {
    this.#lines = lines;
    this.#clock = clock;
    for (const name of ["server", ...names]) this.#heard.set(foldName(name), new HeardLines(clock));
  }

  /** A client or the server has printed a line. */
  hear(speaker: string, line: string): void {
    this.#heard.get(foldName(speaker))?.say(line);
  }

  /** A client or the server has ended. */
  silence(speaker: string): void {
    this.#heard.get(foldName(speaker))?.end();
  }

  /**
   * Plays the script to its end or to the first step that fails.
   *
   * @param clients The clients, online.
   * @param onTyped Called for each line just before it is typed.
   */
  async play(
    clients: readonly TypingClient[],
    onTyped: (name: string, line: string) => void,
  ): Promise<ScriptFailure | undefined> {
    for (const at of this.#lines) {
      const words = await this.#take(at, clients, onTyped);
      if (words !== undefined) return { at, words };
    }
    return undefined;
  }

  async #take(
    { step }: ScriptLine,
    clients: readonly TypingClient[],
    onTyped: (name: string, line: string) => void,
  ): Promise<string | undefined> {
    if (step.kind === "pause") {
      await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, step.seconds * 1000));
      return undefined;
    }
    if (step.kind === "wait") {
      const heard = this.#heard.get(foldName(step.name))!;
      if (await heard.wait(step.pattern, step.seconds)) return undefined;
      const last = heard.last(SHOWN_LINES).map((line) => `'${printable(line)}'`).join(", ");
      return `${step.name} printed no such line within ${step.seconds} s` +
        (last === "" ? "" : `, but last ${last}`);
    }
    const client = clients.find(({ name }) => foldName(name) === foldName(step.name))!;
    const tooLate = Promise.withResolvers<undefined>();
    const timer = this.#clock.setTimeout(() => tooLate.resolve(undefined), WAIT_SECONDS * 1000);
    const typed = client.type(step.line, () => onTyped(client.name, step.line));
    const done = await Promise.race([typed, tooLate.promise]);
    this.#clock.clearTimeout(timer);
    if (done === true) return undefined;
    return done === false
      ? `${step.name} has ended`
      : `${step.name} did not carry it out within ${WAIT_SECONDS} s`;
  }
}
