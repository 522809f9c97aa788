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
 * 2. An operation of which the answer came too late is this node's all the same for a minute.
 */
export class OwnOperations {
  readonly #prefix: string;
  readonly #clock: Clock;
  /** In the order in which they were given. */
  readonly #pending = new Map<string, Pending>();
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
