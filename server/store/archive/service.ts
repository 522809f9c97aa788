import type { Clock } from "../../../common/clock.ts";
import { FairQueue, QueueFullError, type QueuePlace } from "../../fair_queue.ts";
import type {
  Asking,
  ChangedMessage,
  ChangeRefusal,
  ConversationSummary,
  Found,
  MessageSearch,
  Page,
  PageOptions,
} from "../messages.ts";
import type { ConversationListOptions } from "../sqlite/conversations.ts";
import type { GroupCommit } from "../sqlite/group_commit.ts";
import type { MessageChange } from "../sqlite/message_changes.ts";
import { toStoreError } from "../sqlite_errors.ts";
import { StoreBusyError, type StoreError } from "../store.ts";
import { MessageChanges, type MessageChangesOptions } from "./changes.ts";
import type { ArchiveRunner, CallArguments, CallResult, Done } from "./runner.ts";
import { type Ask, findMessages } from "./search.ts";
import { StepSize, type StepSizeOptions } from "./step_size.ts";

/** Questions that may wait: one of each connection. */
const MAX_WAITING = 10_000;
/** Milliseconds that one question may take, without waiting for others. */
const MAX_QUESTION_MS = 2_000;
/** Messages that are not indexed yet from which on they are indexed in the background; a search does it first. */
const INDEX_FROM = 1_000;
/** With more, indexing is as urgent as the writes of others, and a search does not wait for it: half a second. */
const INDEX_AT_ONCE = 20_000;
/** Transactions that go before a step that is not urgent. */
const PATIENCE = 20;
/** Milliseconds without an attempt to index after one has failed. */
const RETRY_MS = 60_000;
/** What a step that writes may take: writes of others wait for it. */
const GOAL_MS = 5;
const ADDITIONS: StepSizeOptions = { goalMs: GOAL_MS, first: 8_192, min: 256, max: 524_288 };
const REMOVALS: StepSizeOptions = { goalMs: GOAL_MS, first: 512, min: 64, max: 65_536 };
const ERASURES: StepSizeOptions = { goalMs: GOAL_MS, first: 512, min: 64, max: 65_536 };
const PAGES: StepSizeOptions = { goalMs: GOAL_MS, first: 16, min: 4, max: 256 };

/**
 * Keys and ranks of the queue. Changes go first, so that none waits for more than the step of a search that is under way;
 * then questions; then what is done in the background. Seven others at most go before one that waits.
 */
const CHANGES: QueuePlace = { key: "", rank: 0 };
const QUESTIONS = 1;
const URGENT: QueuePlace = { key: "", rank: QUESTIONS };
const BACKGROUND: QueuePlace = { key: "", rank: 2 };

const TOO_MANY = "Too many are searching and reading at this moment; try again soon";
const TOO_LONG = `This takes longer than the ${MAX_QUESTION_MS / 1000} s that are allowed; ` +
  "name more words, or one conversation";
const NOT_INDEXED = "Messages are still being prepared for searches; try again in a minute";

/** What an {@linkcode ArchiveService} is made of. */
export interface ArchiveServiceOptions {
  /** Where the archive works. */
  readonly runner: ArchiveRunner;
  /** All other writes. */
  readonly commit: Pick<GroupCommit, "aside" | "lull" | "isClosed">;
  /** What changes of messages have to do with the store. */
  readonly changes: Pick<MessageChangesOptions, "before" | "terms" | "onFull" | "lockTimeoutMs">;
  /** Measures the pause after a failure. */
  readonly clock: Clock;
  /** The highest id of messages that are on the disk. */
  readonly last: () => number;
  /** The highest id up to which they are indexed. */
  readonly indexed: number;
  /** Whether the database may grow. What a search has to index is bounded, and indexed in any case. */
  readonly mayGrow: () => boolean;
  /** Called when work that no caller waits for has failed. */
  readonly onFault: (error: StoreError) => void;
}

/**
 * Decides when the archive does what.
 *
 * Guarantees:
 * 1. One thing at a time. Of those who ask, whoever was served the longest ago is next, and a search gives way to others
 *    between its steps. A question that takes too long is refused; none hangs; one that nobody waits for any more is
 *    given up. Changes of messages go before questions.
 * 2. What the archive writes, it writes in small steps and aside of the store's own transactions: when nothing waits to
 *    be written, or, if there is much to do, between two of them.
 * 3. A search finds all that was on the disk when it was asked for.
 */
export class ArchiveService {
  readonly #options: ArchiveServiceOptions;
  readonly #queue = new FairQueue(1, [{}, { maxWaiting: MAX_WAITING }, {}]);
  readonly #changes: MessageChanges;
  readonly #additions = new StepSize(ADDITIONS);
  readonly #removals = new StepSize(REMOVALS);
  readonly #erasures = new StepSize(ERASURES);
  readonly #pages = new StepSize(PAGES);
  #indexed: number;
  /** Additions leave segments behind that can be merged. */
  #isUnmerged = false;
  #background: Promise<void> | undefined;
  #retryAt = -Infinity;

  /** Begins nothing yet. */
  constructor(options: ArchiveServiceOptions) {
    this.#options = options;
    this.#indexed = options.indexed;
    this.#changes = new MessageChanges({
      ...options.changes,
      clock: options.clock,
      inTurn: (prepare) => this.#aside(CHANGES, prepare),
      apply: async (changes, terms) =>
        (await options.runner.ask("changeSome", changes, terms)).value,
    });
  }

  /** See `Store.editMessage` and `Store.deleteMessage`. */
  change(change: MessageChange): Promise<ChangedMessage | ChangeRefusal> {
    return this.#changes.change(change);
  }

  /** See `Store.listMessages`. */
  async listMessages(
    conversation: number,
    options: PageOptions,
  ): Promise<Page> {
    const { before, after, limit } = options;
    return (await this.#question(options)("listMessages", conversation, { before, after, limit }))
      .value;
  }

  /** See `Store.listConversations`. */
  async listConversations(
    folded: string,
    list: ConversationListOptions,
    asking: Asking = {},
  ): Promise<ConversationSummary[]> {
    return (await this.#question(asking)("listConversations", folded, list)).value;
  }

  /** See `Store.search`. */
  async search(search: MessageSearch): Promise<Found | undefined> {
    await this.#catchUp();
    this.#begin(); // each time that something was indexed there may be something to merge
    return await findMessages(this.#question(search), search);
  }

  /** Messages have come: perhaps it is time to index them. Costs nothing if not. */
  noteAdded(): void {
    if (this.#missing >= INDEX_FROM) this.#begin();
  }

  #begin(): void {
    if (this.#background !== undefined) return;
    if (this.#options.clock.monotonicMs() < this.#retryAt) return;
    this.#background = this.#work().finally(() => this.#background = undefined);
  }

  /**
   * Retention: lets go of all messages from before a time (Unix seconds), and of those of ended conversations.
   *
   * @throws {StoreError} If the engine fails.
   */
  forget(before: number): Promise<void> {
    return this.#inSteps(() => this.#write(BACKGROUND, this.#removals, "forgetSome", before));
  }

  /**
   * Retention: erases what accounts that are gone have left.
   *
   * @param now Unix seconds.
   * @param onErased Called for each step. Of a copy: with the numbers of the entries of the log that had texts of it.
   * @throws {StoreError} If the engine fails.
   */
  remove(now: number, onErased: (entries: readonly number[]) => void): Promise<void> {
    return this.#inSteps(async () => {
      const { more, entries } = await this.#write(BACKGROUND, this.#erasures, "removeSome", now);
      onErased(entries);
      return more;
    });
  }

  /**
   * Empties the write-ahead log while nobody writes: see `tryTruncateLog`.
   *
   * @throws {StoreError} If the engine fails.
   */
  async emptyLog(): Promise<boolean> {
    const { runner } = this.#options;
    return (await this.#aside(CHANGES, () => () => runner.ask("emptyLog"))).value;
  }

  /** Takes no more changes; resolves when all that were taken are done. */
  closeChanges(): Promise<void> {
    return this.#changes.close();
  }

  /** Ends the archive, when what was begun is done. */
  close(): Promise<void> {
    return this.#options.runner.close();
  }

  /** About how many messages are not indexed. */
  get #missing(): number {
    return this.#options.last() - this.#indexed;
  }

  /** Calls that belong to one question: each waits for its turn, and together they take only so long. */
  #question({ asker: key = "", signal }: Asking): Ask {
    let left = MAX_QUESTION_MS;
    return async (call, ...args) => {
      if (left <= 0) throw new StoreBusyError(TOO_LONG, MAX_QUESTION_MS - left);
      const done = await this.#inTurn(
        { key, rank: QUESTIONS, signal },
        () => this.#options.runner.ask(call, ...args),
      );
      left -= done.ms;
      return done;
    };
  }

  async #inTurn<T>(place: QueuePlace, job: () => Promise<T>): Promise<T> {
    const { runner } = this.#options;
    try {
      return await this.#queue.run(place, () => runner.isOpen ? job() : this.#open().then(job));
    } catch (error) {
      throw error instanceof QueueFullError ? new StoreBusyError(TOO_MANY) : error;
    }
  }

  /**
   * Opens the archive. That writes into the file, as a test: while the store writes, too, one of the two would find it
   * locked. Nobody's writes wait for the start, which takes far longer.
   */
  async #open(): Promise<void> {
    const { commit, runner } = this.#options;
    await runner.start();
    await commit.aside(() => runner.open());
  }

  /**
   * Lets the archive write. Its turn and its thread come first: nobody's writes wait for somebody's question, or for a
   * start.
   *
   * @param prepare See `MessageChangesOptions.inTurn`.
   */
  #aside<T>(place: QueuePlace, prepare: () => () => Promise<T>): Promise<T> {
    return this.#inTurn(place, () => this.#options.commit.aside(prepare()));
  }

  /** Goes on as long as there is more to do, and gives way to others. */
  async #inSteps(step: () => Promise<boolean>): Promise<void> {
    const { commit } = this.#options;
    for (let more = true; more && !commit.isClosed;) {
      await commit.lull(PATIENCE);
      more = await step();
    }
  }

  /** Lets the archive write a step of the right size. */
  async #write<Call extends "indexSome" | "mergeSome" | "forgetSome" | "removeSome">(
    place: QueuePlace,
    size: StepSize,
    call: Call,
    ...more: CallArguments<Call> extends [number, ...infer More] ? More : never
  ): Promise<CallResult<Call>> {
    const step = (): Promise<Done<Call>> =>
      this.#options.runner.ask(call, ...[size.units, ...more] as unknown as CallArguments<Call>);
    const { value, ms } = await this.#aside(place, () => step);
    size.took(ms);
    return value;
  }

  /** Indexes what is missing now. */
  async #catchUp(): Promise<void> {
    const target = this.#options.last();
    if (target - this.#indexed > INDEX_AT_ONCE) {
      this.noteAdded();
      throw new StoreBusyError(NOT_INDEXED);
    }
    while (this.#indexed < target) await this.#index(URGENT);
  }

  async #index(place: QueuePlace): Promise<void> {
    const target = this.#options.last();
    const { indexed, isDone } = await this.#write(place, this.#additions, "indexSome");
    // Rows that are gone by now were the last ones, perhaps: then nothing is missing all the same.
    this.#indexed = Math.max(this.#indexed, isDone ? target : indexed);
    this.#isUnmerged = true;
  }

  /** Merges, and indexes if much is missing, until there is nothing to do. */
  async #work(): Promise<void> {
    const { commit, mayGrow, clock, onFault } = this.#options;
    let isFilling = false;
    try {
      while (!commit.isClosed && mayGrow()) {
        isFilling = this.#missing >= (isFilling ? 1 : INDEX_FROM);
        if (!isFilling && !this.#isUnmerged) break;
        await commit.lull(this.#missing > INDEX_AT_ONCE ? 1 : PATIENCE);
        if (commit.isClosed) break;
        if (!this.#isUnmerged) await this.#index(BACKGROUND);
        else this.#isUnmerged = await this.#write(BACKGROUND, this.#pages, "mergeSome");
      }
    } catch (error) {
      this.#retryAt = clock.monotonicMs() + RETRY_MS;
      if (!commit.isClosed) onFault(toStoreError(error));
    }
  }
}
