/**
 * Records that come by the thousand: counted instead of repeated.
 *
 * @module
 */
import { BaseHandler } from "@std/log/base-handler";
import { LogLevels } from "@std/log/levels";
import { LogRecord } from "@std/log/logger";

import { type Clock, systemClock, type Timer } from "../../common/clock.ts";

export type { BaseHandler, Clock, LogRecord };

/** Records of one kind let through per second; the rest are only counted. */
export const REPEATS_A_SECOND = 100;
/** Milliseconds between two records that say how many were counted. */
const TELL_EVERY_MS = 10_000;
/** Messages are constants of the code, so there are some dozen kinds; this bounds what a mistake could cost. */
const MAX_KINDS = 1_000;

/** Records of one level, logger and message. */
interface Kind {
  /** When the present second began, by the records' own time, in milliseconds since 1970. */
  from: number;
  /** How many records passed in it. */
  passed: number;
  counting: Counting | undefined;
}

/** What was not passed on. */
interface Counting {
  readonly since: number;
  readonly timer: Timer;
  more: number;
  last: LogRecord;
}

/**
 * Passes records on to other handlers, but no flood of one kind: same level, logger and message, whatever the fields.
 * Beyond {@linkcode REPEATS_A_SECOND} within a second they are counted. Every ten seconds, and at the end, a record
 * with the fields of the last one says "… and 4321 more like it in 10 s". Records pass again after ten seconds with
 * fewer than that many.
 *
 * It is about INFO and WARN, which peers can cause. DEBUG is asked for in order to see each record, and each from
 * ERROR on stands for a fault of its own.
 */
export class Repeats extends BaseHandler {
  readonly #handlers: readonly BaseHandler[];
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();

  /**
   * Counts nothing yet.
   *
   * @param handlers Where records go; may change at any time.
   * @param clock Says when the last count is due, and what time it is then. By default its timer keeps no program
   * running.
   */
  constructor(handlers: readonly BaseHandler[], clock: Clock = patientClock) {
    super("NOTSET");
    this.#handlers = handlers;
    this.#clock = clock;
  }

  /** Passes a record on, or counts it. */
  override handle(record: LogRecord): void {
    const { level } = record;
    if (level >= LogLevels.INFO && level < LogLevels.ERROR && this.#counts(record)) return;
    this.#pass(record);
  }

  /** Does nothing: texts are made by the handlers behind this one. */
  override log(): void {}

  /** Says what was counted; records pass again. */
  override destroy(): void {
    for (const kind of this.#kinds.values()) {
      this.#tell(kind, this.#clock.epochMs());
      this.#clock.clearTimeout(kind.counting?.timer);
    }
    this.#kinds.clear();
  }

  /** Whether a record is one too many, and was counted. */
  #counts(record: LogRecord): boolean {
    const time = record.datetime.getTime();
    const kind = this.#kindOf(record, time);
    if (kind.counting !== undefined) {
      const { since } = kind.counting;
      if (time < since || time >= since + TELL_EVERY_MS) this.#tell(kind, time);
    }
    if (kind.counting === undefined) {
      if (time < kind.from || time >= kind.from + 1_000) {
        kind.from = time;
        kind.passed = 0;
      }
      if (++kind.passed <= REPEATS_A_SECOND) return false;
      this.#count(kind, record, time);
    }
    kind.counting!.more++;
    kind.counting!.last = record;
    return true;
  }

  #kindOf({ level, loggerName, msg }: LogRecord, time: number): Kind {
    const key = `${level} ${loggerName} ${msg}`;
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      if (this.#kinds.size >= MAX_KINDS) this.#forget();
      this.#kinds.set(key, kind = { from: time, passed: 0, counting: undefined });
    }
    return kind;
  }

  #count(kind: Kind, last: LogRecord, since: number): void {
    const tell = (): void => this.#tell(kind, this.#clock.epochMs());
    const timer = this.#clock.setTimeout(tell, TELL_EVERY_MS);
    kind.counting = { since, timer, more: 0, last };
  }

  /** Says how many records were counted; counting goes on if they still come fast. */
  #tell(kind: Kind, now: number): void {
    const { counting } = kind;
    if (counting === undefined) return;
    this.#clock.clearTimeout(counting.timer);
    kind.counting = undefined;
    const { more, last, since } = counting;
    if (more === 0) return;
    const { msg, args, level, loggerName } = last;
    const seconds = Math.max(1, Math.round((now - since) / 1000));
    const words = `${msg} … and ${more} more like it in ${seconds} s`;
    this.#pass(
      new LogRecord({ msg: words, args, level: level as LogRecordLevel, loggerName }),
    );
    if (more >= REPEATS_A_SECOND) this.#count(kind, last, now);
  }

  #pass(record: LogRecord): void {
    for (const handler of this.#handlers) handler.handle(record);
  }

  #forget(): void {
    for (const [key, { counting }] of this.#kinds) {
      if (counting === undefined) this.#kinds.delete(key);
    }
  }
}

type LogRecordLevel = ConstructorParameters<typeof LogRecord>[0]["level"];

const patientClock: Clock = {
  ...systemClock,
  setTimeout(callback, ms) {
    const timer = setTimeout(callback, ms);
    Deno.unrefTimer(timer);
    return timer;
  },
};
