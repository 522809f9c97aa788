/**
 * While a lost connection is not back.
 *
 * @module
 */

import { type Clock, systemClock, type Timer } from "../../common/clock.ts";
import { CODE } from "../../common/wire/protocol.ts";
import { ConnectError, type ConnectFailure, RefusedError } from "../library/errors.ts";
import { isPassing, isShutdown } from "../library/final_errors.ts";
import type { TextKey } from "../texts/texts.ts";

/** What {@linkcode Comeback} says; `notYetBack` alone is no cause for alarm. */
export type ComebackNews = Extract<TextKey, "lost" | "notLetIn" | "notYetBack">;

/** What {@linkcode Comeback} is made of. */
export interface ComebackOptions {
  /** Whether there is a prompt that says that there is no connection. */
  readonly hasPrompt: boolean;
  /** Says why there is no connection. */
  readonly tell: (key: ComebackNews, error: Error) => void;
  /** Where time comes from. */
  readonly clock?: Clock | undefined;
}

/** A while without a connection; milliseconds since 1970. */
export interface Interruption {
  /** When the connection was lost. */
  readonly fromMs: number;
  /** When it was back. */
  readonly toMs: number;
}

/** Nobody is to be told of what is over so soon. */
const SHORT_MS = 2_000;
/** A server that shuts down is mostly back by then, and if it is not, whoever waits wants to know why. */
const RESTART_MS = 30_000;
/** What a person has to see to. */
const SERIOUS: ReadonlySet<ConnectFailure> = new Set<ConnectFailure>([
  "certificate",
  "certificate-host",
]);

/**
 * Knows why there is no connection, and says each reason once: at once if a person has to see to it. What comes and goes,
 * the prompt tells; without a prompt it is said when it does not go soon. That the server has shut down, or was restarted
 * without a word, is told, where there is a prompt, when it is over: by one line, however soon that is. If that takes half
 * a minute, it is said then. A refusal that most likely passes (see `isPassing`) is a calm word, once; why, is said when it
 * has not passed.
 */
export class Comeback {
  readonly #options: ComebackOptions;
  readonly #clock: Clock;
  /** Why the server, which is back, does not let the person in. */
  #refused: RefusedError | undefined;
  #lost:
    | { readonly epochMs: number; readonly monotonicMs: number; readonly isRestart: boolean }
    | undefined;
  #error: Error | undefined;
  #isSaid = false;
  #isCalmed = false;
  #timer: Timer | undefined;

  /** Nothing is lost yet. */
  constructor(options: ComebackOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** What the prompt begins with. */
  get prompt(): "promptNameTaken" | "promptOffline" {
    return this.#refused?.code === CODE.conflict ? "promptNameTaken" : "promptOffline";
  }

  /**
   * The connection is back.
   *
   * @param isSessionGone Whether the server has not kept the session: mostly it was restarted.
   * @returns How long it was lost; `undefined` if that is not worth a word.
   */
  succeeded(isSessionGone = false): Interruption | undefined {
    const lost = this.#lost;
    this.end();
    this.#lost = this.#refused = undefined;
    this.#isSaid = this.#isCalmed = false;
    if (lost === undefined) return undefined;
    const isShort = this.#clock.monotonicMs() - lost.monotonicMs < SHORT_MS;
    const isRestart = lost.isRestart || (this.#options.hasPrompt && isSessionGone);
    if (isShort && !isRestart) return undefined;
    return { fromMs: lost.epochMs, toMs: this.#clock.epochMs() };
  }

  /** The connection was lost, or an attempt to get it back has failed. */
  failed(error: Error): void {
    const { hasPrompt, tell } = this.#options;
    const sinceMs = this.#lost?.monotonicMs;
    if (sinceMs !== undefined && isPassing(error, this.#clock.monotonicMs() - sinceMs)) {
      if (!this.#isCalmed) tell("notYetBack", error);
      this.#isCalmed = true;
      return;
    }
    const before = this.#refused;
    this.#error = error;
    this.#refused = error instanceof RefusedError ? error : undefined;
    if (this.#lost === undefined) {
      const isRestart = hasPrompt && isShutdown(error);
      const [epochMs, monotonicMs] = [this.#clock.epochMs(), this.#clock.monotonicMs()];
      this.#lost = { epochMs, monotonicMs, isRestart };
      if (isRestart) this.#timer = this.#clock.setTimeout(() => this.#say(error), RESTART_MS);
      if (!hasPrompt) this.#timer = this.#clock.setTimeout(() => this.#say(), SHORT_MS);
    }
    if (this.#refused !== undefined) {
      if (this.#refused.code !== before?.code) tell("notLetIn", error);
    } else if (error instanceof ConnectError && SERIOUS.has(error.failure)) this.#say();
  }

  /** Nobody waits for the connection any more. */
  end(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #say(error = this.#error): void {
    if (this.#isSaid || error === undefined) return;
    this.#isSaid = true;
    this.#options.tell("lost", error);
  }
}
