import type { OperationLog } from "./operation_log.ts";

/**
 * Entries with texts that nobody needs any more: what was refused, or came before. They decide on nothing, so a copy that
 * is made without them is the same.
 *
 * They are taken out behind the next entry that is applied: so the newest entry is always one that is there, and whoever
 * waits for the number of the newest one waits for something that comes.
 */
export class Erasures {
  readonly #log: Pick<OperationLog, "erase">;
  #owed: number[] = [];
  #highest = 0;

  /** There are none yet. */
  constructor(log: Pick<OperationLog, "erase">) {
    this.#log = log;
  }

  /** One more is to go. */
  add(seq: number): void {
    this.#owed.push(seq);
    this.#highest = Math.max(this.#highest, seq);
  }

  /**
   * Takes entries out at once, in front of one that is applied. What fails is done later.
   *
   * @throws {UnavailableError} If it is not known to be done.
   */
  async finish(seqs: readonly number[]): Promise<void> {
    try {
      await this.#log.erase(seqs);
    } catch (error) {
      for (const seq of seqs) this.add(seq);
      throw error;
    }
  }

  /** An entry is applied. Nobody waits for what goes then; what cannot go now does so later. */
  applied(seq: number): void {
    if (this.#owed.length === 0 || seq <= this.#highest) return;
    this.finish(this.#owed.splice(0)).catch(() => {});
  }
}
