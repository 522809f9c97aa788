/**
 * When people were last online.
 *
 * @module
 */

import { type Clock, type Timer, unixSeconds } from "../../common/clock.ts";
import { messageOf } from "../../common/errors.ts";
import type { Log } from "../../common/log.ts";
import { RecentMap } from "../rooms/recent_map.ts";
import type { Store } from "../store/store.ts";

/** What {@linkcode LastOnline} works with. */
export interface LastOnlineOptions {
  /** Where it is written down. */
  readonly store: Pick<Store, "noteLeft">;
  /** Time stamps and timers. */
  readonly clock: Clock;
  /** Where to say what is not written down. */
  readonly log: Log;
}

/** People who are remembered before or beside what is written down; about 1 MB. */
const MAX_REMEMBERED = 10_000;
/** What one call writes at most, so that requests wait for it only briefly. */
const MAX_BATCH = 500;
/** Milliseconds from the first that is to be written to the writing: however many leave meanwhile, it is done once. */
const WRITE_AFTER_MS = 10_000;
const SECONDS_A_MINUTE = 60;

/**
 * Knows to the minute when somebody was last online, and has it written down for many at once: nobody waits for it, and who
 * leaves costs no commit. If the process is killed, the last ten seconds of it are lost: then it is known when they came.
 */
export class LastOnline {
  readonly #options: LastOnlineOptions;
  readonly #minutes = new RecentMap<number>(MAX_REMEMBERED);
  #unwritten = new Map<string, number>();
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** Knows of nobody. */
  constructor(options: LastOnlineOptions) {
    this.#options = options;
  }

  /** Somebody who was online here is not any more. */
  left(folded: string): void {
    this.leftElsewhere(folded);
    this.#unwritten.set(folded, this.#minutes.get(folded)!);
    if (this.#unwritten.size >= MAX_REMEMBERED) this.#write();
    else this.#timer ??= this.#options.clock.setTimeout(() => this.#write(), WRITE_AFTER_MS);
  }

  /** Somebody who was online on another node is not any more: that one writes it down. */
  leftElsewhere(folded: string): void {
    const minute = Math.floor(unixSeconds(this.#options.clock) / SECONDS_A_MINUTE);
    this.#minutes.set(folded, minute);
  }

  /**
   * The last minute in which somebody was online, who is not.
   *
   * @param written What is written down: minutes since 1970.
   * @returns Its Unix seconds; `undefined` if it is not known.
   */
  secondsOf(folded: string, written: number | undefined): number | undefined {
    const minute = Math.max(this.#minutes.get(folded) ?? -1, written ?? -1);
    return minute < 0 ? undefined : minute * SECONDS_A_MINUTE;
  }

  /** Writes down what is left, and resolves when it is on disk. Never rejects. */
  close(): Promise<void> {
    this.#write();
    return this.#writing;
  }

  #write(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = [...this.#unwritten];
    this.#unwritten = new Map();
    this.#writing = this.#writing.then(() => this.#writeAll(entries));
  }

  async #writeAll(entries: (readonly [string, number])[]): Promise<void> {
    const { store, log } = this.#options;
    try {
      while (entries.length > 0) await store.noteLeft(entries.splice(0, MAX_BATCH));
    } catch (error) {
      // It is known as long as the process lives; what was written before is true, too, and only older.
      log.error("not noted who has left", { reason: messageOf(error) });
    }
  }
}
