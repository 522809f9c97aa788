import type { Clock, Timer } from "../../common/clock.ts";
import { UnavailableError } from "./operation_log.ts";

/** Milliseconds after which nobody waits any more. */
const PATIENCE_MS = 10_000;
/** Milliseconds after which it is not expected any more that an entry comes: what nobody knows of comes as another node's. */
const MEMORY_MS = 60_000;
/** Milliseconds between two looks. */
const LOOK_MS = 1_000;

/** An operation of this node that was not applied yet. */
interface Pending {
  readonly since: number;
  readonly onApplied: (result: unknown, seq: number) => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The operations that this node has given and not applied yet, by the ids of their entries.
 *
 * Guarantees:
 * 1. Who waits hears within 11 s: what came of it, or that it is not known.
 * 2. Who waits for an entry that was taken out of the log before it came here hears of it when the next one is applied.
 * 3. An operation of which the answer came too late is this node's all the same for a minute.
 */
export class OwnOperations {
  readonly #prefix: string;
  readonly #clock: Clock;
  /** In the order in which they were given. */
  readonly #pending = new Map<string, Pending>();
  /** Of those that are in the log: their ids by the numbers of their entries, which rise. */
  readonly #numbered = new Map<number, string>();
  /** All entries up to that number are applied, or were taken out of the log before. */
  #passed = 0;
  #count = 0;
  #failures = 0;
  #timer: Timer | undefined;

  /**
   * There are none yet.
   *
   * @param prefix What no other life of any node has; at most 48 characters.
   */
  constructor(prefix: string, clock: Clock) {
    this.#prefix = prefix;
    this.#clock = clock;
  }

  /** How many there are. */
  get size(): number {
    return this.#pending.size;
  }

  /** How many {@linkcode OwnOperations.failed} was called for. */
  get failures(): number {
    return this.#failures;
  }

  /** An id for the next one. */
  nextId(): string {
    return `${this.#prefix}-${++this.#count}`;
  }

  /**
   * Waits for what comes of an operation.
   *
   * @param onApplied Called with that when it is applied, whether or not somebody still waits. What it throws rejects.
   */
  wait<T>(id: string, onApplied: (result: T, seq: number) => unknown = () => {}): Promise<T> {
    this.#timer ??= this.#clock.setTimeout(() => this.#look(), LOOK_MS);
    const since = this.#clock.monotonicMs();
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, {
        since,
        onApplied: onApplied as Pending["onApplied"],
        resolve: resolve as Pending["resolve"],
        reject,
      });
    });
  }

  /** Whether an entry is one of these. */
  has(id: string): boolean {
    return this.#pending.has(id);
  }

  /** One was applied. */
  applied(id: string, result: unknown, seq: number): void {
    const pending = this.#pending.get(id)!;
    this.#pending.delete(id);
    try {
      pending.onApplied(result, seq);
      pending.resolve(result);
    } catch (error) {
      pending.reject(error);
    }
  }

  /** One is in the log. */
  appended(id: string, seq: number): void {
    if (!this.#pending.has(id)) return;
    if (seq <= this.#passed) this.#gone(id);
    else this.#numbered.set(seq, id);
  }

  /** An entry is applied, and with it all before it: what did not come was taken out of the log. */
  passed(seq: number): void {
    this.#passed = seq;
    for (const [number, id] of this.#numbered) {
      if (number > seq) break;
      this.#numbered.delete(number);
      this.#gone(id);
    }
  }

  /** It is not known whether one is in the log: nobody waits for it any more. */
  failed(id: string, error: unknown): void {
    this.#failures++;
    this.#pending.get(id)?.reject(error);
  }

  /** Nothing is applied any more. */
  end(error: unknown): void {
    this.#clock.clearTimeout(this.#timer);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  /** Somebody has deleted a message with all its texts, before this node saw one. */
  #gone(id: string): void {
    this.#pending.get(id)?.reject(
      new UnavailableError("The message was deleted in this very moment"),
    );
    this.#pending.delete(id);
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonicMs();
    for (const [id, { since, reject }] of this.#pending) {
      if (now - since < PATIENCE_MS) break;
      reject(
        new UnavailableError(
          "It is not known whether this was done; other nodes cannot be reached",
        ),
      );
      if (now - since >= MEMORY_MS) this.#pending.delete(id);
    }
    if (this.#pending.size > 0) {
      this.#timer = this.#clock.setTimeout(() => this.#look(), LOOK_MS);
    }
  }
}
