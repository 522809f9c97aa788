/**
 * Plays a script: types for the clients and waits for what they print.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import { printable } from "../../common/printable.ts";
import type { TypedClient } from "../typed_client.ts";
import { within } from "../within.ts";
import { HeardLines } from "./heard_lines.ts";
import { type ScriptLine, type ScriptStep, WAIT_SECONDS } from "./script.ts";

/** A client as the player sees it. */
export type TypingClient = Pick<TypedClient, "name" | "type">;

/** Called with each line just before it is typed. */
export type OnTyped = (name: string, line: string) => void;

/** A step that did not work out, and why, in one sentence that is safe to print. */
export type ScriptFailure = Readonly<{ at: ScriptLine; words: string }>;

/** How many lines of the client a failure shows. */
const SHOWN_LINES = 3;

/** One performance of a script. Guarantees: steps are taken in order, each when the one before is done. */
export class ScriptPlayer {
  readonly #lines: readonly ScriptLine[];
  readonly #clock: Clock;
  readonly #heard: ReadonlyMap<string, HeardLines>;

  /** Prepares a performance of a script that speaks of nobody but these clients and `server`. */
  constructor(lines: readonly ScriptLine[], names: readonly string[], clock: Clock) {
    this.#lines = lines;
    this.#clock = clock;
    this.#heard = new Map(
      ["server", ...names].map((name) => [foldName(name), new HeardLines(clock)]),
    );
  }

  /** A client or the server has printed a line. */
  hear(speaker: string, line: string): void {
    this.#heard.get(foldName(speaker))?.say(line);
  }

  /** A client or the server has ended. */
  silence(speaker: string): void {
    this.#heard.get(foldName(speaker))?.end();
  }

  /** Plays the script, for clients who are online, to its end or to the first step that fails. */
  async play(
    clients: readonly TypingClient[],
    onTyped: OnTyped,
  ): Promise<ScriptFailure | undefined> {
    for (const at of this.#lines) {
      const words = await this.#take(at.step, clients, onTyped);
      if (words !== undefined) return { at, words };
    }
    return undefined;
  }

  async #take(
    step: ScriptStep,
    clients: readonly TypingClient[],
    onTyped: OnTyped,
  ): Promise<string | undefined> {
    if (step.kind === "pause") {
      await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, step.seconds * 1000));
      return undefined;
    }
    const key = foldName(step.name);
    if (step.kind === "wait") {
      const heard = this.#heard.get(key)!;
      if (await heard.wait(step.pattern, step.seconds)) return undefined;
      const last = heard.last(SHOWN_LINES).map((line) => `'${printable(line)}'`).join(", ");
      return `${step.name} printed no such line within ${step.seconds} s` +
        (last === "" ? "" : `, but last ${last}`);
    }
    const client = clients.find(({ name }) => foldName(name) === key)!;
    const typed = client.type(step.line, () => onTyped(client.name, step.line));
    const isDone = await within(WAIT_SECONDS * 1000, typed, this.#clock);
    if (isDone === undefined) {
      return `${step.name} did not carry it out within ${WAIT_SECONDS} s`;
    }
    return isDone ? undefined : `${step.name} has ended`;
  }
}
