/**
 * The ways in which somebody asks a program to end.
 *
 * @module
 */

/**
 * One Ctrl-C may come several times: from the terminal and, forwarded, from `npx` and `deno task`. Signals within
 * this time after the first are the same wish.
 */
export const SAME_WISH_MS = 500;

/**
 * The signals that ask a program to end; closing its terminal's window is SIGHUP. `nohup` has SIGHUP ignored before
 * the program starts, and so it stays ignored, where Linux shows that: reading `/proc` takes `--allow-all`.
 *
 * Call it once, before listening to any signal.
 */
export function stopSignals(): Deno.Signal[] {
  if (Deno.build.os === "windows") return ["SIGINT", "SIGBREAK"];
  if (!isHangUpIgnored()) return ["SIGINT", "SIGTERM", "SIGHUP"];
  // With the first listener, whichever signal it is for, Deno itself takes SIGHUP over and ends.
  Deno.addSignalListener("SIGHUP", () => {});
  return ["SIGINT", "SIGTERM"];
}

function isHangUpIgnored(): boolean {
  const path = "/proc/self/status";
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return false;
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync(path))?.[1];
    return mask !== undefined && (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

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
   * @param isHeeded Whether a signal counts at the moment: Ctrl-C may be for another program.
   */
  listen(
    signals: readonly Deno.Signal[] = stopSignals(),
    isHeeded: (signal: Deno.Signal) => boolean = () => true,
  ): this {
    for (const signal of signals) {
      Deno.addSignalListener(signal, () => {
        if (isHeeded(signal)) this.request();
      });
    }
    return this;
  }
}
