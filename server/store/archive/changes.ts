import type { Clock } from "../../../common/clock.ts";
import type { ChangedMessage, ChangeRefusal } from "../messages.ts";
import { fullError } from "../size_limit.ts";
import type { ChangeOutcome, ChangeTerms, MessageChange } from "../sqlite/message_changes.ts";
import { isLocked } from "../sqlite_errors.ts";
import { StoreError } from "../store.ts";
import { ChangeQueue, type WaitingChange } from "./change_queue.ts";

type Waiting = WaitingChange<ChangedMessage | ChangeRefusal>;

/** Milliseconds between two attempts while another program holds the file. */
const LOCK_RETRY_MS = 30;

/** What {@linkcode MessageChanges} are made of. */
export interface MessageChangesOptions {
  /**
   * Lets the archive work, when it is its turn.
   *
   * @param prepare Called when the turn has come. What it gives is called when all is written that was given to the store
   * by then, and nothing else is written until it has settled.
   */
  readonly inTurn: <T>(prepare: () => () => Promise<T>) => Promise<T>;
  /** Changes some of these, the first ones and at least one, in one transaction that is on disk when it resolves. */
  readonly apply: (changes: MessageChange[], terms: ChangeTerms) => Promise<ChangeOutcome[]>;
  /** Called with each change just before it is tried, perhaps several times. */
  readonly before: (change: MessageChange) => void;
  /** What changes may need, now. */
  readonly terms: () => ChangeTerms;
  /** Called when a text was refused since the database may not grow. */
  readonly onFull: () => void;
  /** Milliseconds for which changes wait while another program holds the file. */
  readonly lockTimeoutMs: number;
  /** Measures them. */
  readonly clock: Clock;
}

/**
 * Has messages changed by the archive: taking a text out of the search index may take long.
 *
 * Guarantees:
 * 1. A change sees all that was given to the store before it, and the changes of one asker are done in their order.
 * 2. Those that gather meanwhile share a transaction, as far as its time goes; several askers have their turns.
 * 3. If a transaction fails, none of its changes was done and each of their promises rejects.
 */
export class MessageChanges {
  readonly #options: MessageChangesOptions;
  readonly #queue = new ChangeQueue<ChangedMessage | ChangeRefusal>();
  #running: Promise<void> | undefined;
  #isClosed = false;

  /** Begins nothing yet. */
  constructor(options: MessageChangesOptions) {
    this.#options = options;
  }

  /** See `Store.editMessage` and `Store.deleteMessage`. */
  change(change: MessageChange): Promise<ChangedMessage | ChangeRefusal> {
    if (this.#isClosed) return Promise.reject(new StoreError("Database is closed"));
    return new Promise((resolve, reject) => {
      this.#queue.add({ change, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Takes no more; resolves when all that was taken is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const { inTurn, clock, lockTimeoutMs } = this.#options;
    let deadline: number | undefined;
    while (!this.#queue.isEmpty) {
      let batch = this.#queue.next();
      try {
        const outcomes = await inTurn(() => {
          batch = this.#queue.next();
          return () => this.#apply(batch.map(({ change }) => change));
        });
        this.#queue.remove(batch.slice(0, outcomes.length));
        for (const [n, outcome] of outcomes.entries()) this.#settle(batch[n]!, outcome);
        deadline = undefined;
      } catch (error) {
        deadline ??= clock.monotonicMs() + lockTimeoutMs;
        if (isLocked(error) && clock.monotonicMs() < deadline) {
          await new Promise<void>((resolve) => clock.setTimeout(resolve, LOCK_RETRY_MS));
          continue;
        }
        deadline = undefined;
        this.#queue.remove(batch);
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = undefined;
  }

  async #apply(changes: MessageChange[]): Promise<ChangeOutcome[]> {
    const { before, apply, terms } = this.#options;
    for (const change of changes) before(change);
    return await apply(changes, terms());
  }

  #settle({ resolve, reject }: Waiting, outcome: ChangeOutcome): void {
    if (outcome !== "full") return resolve(outcome);
    this.#options.onFull();
    reject(fullError());
  }
}
