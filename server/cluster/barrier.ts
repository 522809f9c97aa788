import type { OperationLog } from "./operation_log.ts";

/**
 * Has reads see all that was in the log when they came.
 *
 * One question to the log is under way at a time; who comes meanwhile shares the next one, for the one under way may not
 * know of what they know of.
 */
export class Barrier {
  readonly #log: Pick<OperationLog, "last">;
  readonly #reached: (seq: number) => Promise<void>;
  #asking: Promise<number> | undefined;
  /** The question that has not begun. */
  #next: Promise<number> | undefined;

  /**
   * Asks nothing yet.
   *
   * @param reached Resolves when all up to an entry is applied.
   */
  constructor(log: Pick<OperationLog, "last">, reached: (seq: number) => Promise<void>) {
    this.#log = log;
    this.#reached = reached;
  }

  /**
   * Resolves when all is applied that was in the log at the call.
   *
   * @throws {UnavailableError} If it is not known within 10 s what is in the log, or it is not applied within 10 s.
   */
  async pass(): Promise<void> {
    await this.#reached(await (this.#next ??= this.#ask(this.#asking)));
  }

  async #ask(before: Promise<number> | undefined): Promise<number> {
    await before?.catch(() => {}); // whoever asked it hears of it
    const asking = this.#asking = this.#log.last();
    this.#next = undefined;
    return await asking;
  }
}
