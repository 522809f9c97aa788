/**
 * Up to where the person has read.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import { BoundedMap } from "../library/bounded_map.ts";

/** What {@linkcode ReadMarks} are made of. */
export interface ReadMarksOptions {
  /** Whether a person reads: nobody has read what goes through a pipe. */
  readonly isRead: boolean;
  /** Tells the server. What it refuses stays as it was. */
  readonly mark: (name: string, seq: number) => Promise<void>;
  /** Where time comes from. */
  readonly clock: Clock;
}

interface Mark {
  readonly name: string;
  readonly seq: number;
}

/** A request says all that was read in this time. */
const PAUSE_MS = 2_000;
/** Conversations whose marks are remembered; as many as a server lists. */
const MAX_MARKS = 500;

/**
 * Tells the server up to where the person has read: not with each message, but after two seconds, or as soon as they
 * turn to something else. Nothing is told before it is known that the server keeps such marks for this name.
 */
export class ReadMarks {
  readonly #options: ReadMarksOptions;
  /** What the server was told, or has said itself. */
  readonly #told = new BoundedMap<number>({ entries: MAX_MARKS });
  readonly #waiting = new Map<string, Mark>();
  #timer: Timer | undefined;
  /** Whether the server keeps marks for this name, as far as is known. */
  areKept = false;

  /** Has told nothing yet. */
  constructor(options: ReadMarksOptions) {
    this.#options = options;
  }

  /** The server has said up to where the person has read. */
  learned(name: string, seq: number): void {
    const folded = foldName(name);
    this.#told.set(folded, Math.max(seq, this.#told.get(folded) ?? 0));
  }

  /** A message was shown where the person reads. */
  read(name: string, seq: number): void {
    const folded = foldName(name);
    const before = this.#waiting.get(folded)?.seq ?? this.#told.get(folded) ?? 0;
    if (!this.#options.isRead || !this.areKept || seq <= before) return;
    this.#waiting.set(folded, { name, seq });
    this.#timer ??= this.#options.clock.setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** Tells the server now what it was not told yet. */
  flush(): void {
    this.stop();
    const marks = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { name, seq } of marks) {
      this.learned(name, seq);
      this.#options.mark(name, seq).catch(() => {
        // The room is gone, or so is the connection: then the messages stay unread.
      });
    }
  }

  /** The conversation is over: under its name there may be another one, which counts anew. */
  forget(name: string): void {
    this.#told.delete(foldName(name));
    this.#waiting.delete(foldName(name));
  }

  /** Waits no longer for more. */
  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
