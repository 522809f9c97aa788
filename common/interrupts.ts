/**
 * The ways in which somebody asks a program to end.
 *
 * @module
 */

/**
 * One Ctrl-C may come several times: from the terminal and, forwarded, from `npx` and `deno task`. Signals within
 * this time after the first are the same wish.
 */
const SAME_WISH_MS = 500;

/** The signals that ask a program to end. Closing its terminal's window is SIGHUP. */
export const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** A wish to end, and the impatient second one. */
export class Interrupts {
  readonly #first = Promise.withResolvers<void>();
  readonly #second = Promise.withResolvers<void>();
  readonly #now: () => number;
  #firstAt: number | undefined;

  /**
   * Nobody has asked yet.
   *
   * @param now Milliseconds of a clock that never goes back.
   */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Resolves at the first wish: end in order. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  /** Resolves at a second wish, half a second or more after the first: end at once. */
  get second(): Promise<void> {
    return this.#second.promise;
  }

  /** Somebody asks to end. */
  request(): void {
    this.#firstAt ??= this.#now();
    this.#first.resolve();
    if (this.#now() - this.#firstAt >= SAME_WISH_MS) this.#second.resolve();
  }

  /**
   * Takes signals as wishes, from now on.
   *
   * @param signals By default Ctrl-C, termination and hang-up of the terminal.
   */
  listen(signals: readonly Deno.Signal[] = STOP_SIGNALS): this {
    for (const signal of signals) Deno.addSignalListener(signal, () => this.request());
    return this;
  }
}
