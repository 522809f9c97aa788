/**
 * Putting a log file away when its time has come, or when there is too much of it.
 *
 * @module
 */
import type { Backups } from "./backups.ts";
import { type LogFile, statOf } from "./log_file.ts";
import type { Rollover } from "./rollover.ts";

export type { Backups, LogFile, Rollover };

/** The least limit for the bytes of all files. */
export const MIN_MAX_BYTES = 65_536;

const DAY_SECONDS = 86_400;

/**
 * Rotates one log file by the clock, and keeps it and its old files together below a limit: the oldest file goes
 * first, and a file that has a quarter of the limit is rotated early, so that what goes is never much and what stays is
 * never little.
 */
export class Rotation {
  readonly #file: LogFile;
  readonly #plan: Rollover;
  readonly #backups: Backups;
  readonly #maxBytes: number;
  /** Unix seconds. */
  #rolloverAt: number | undefined;
  #lastLook = -Infinity;
  /** The file is rotated early at this size. */
  readonly #maxFileBytes: number;
  /** Old files are deleted when the file has reached this size. */
  #deleteAtBytes = Infinity;

  /**
   * Looks at no file yet.
   *
   * @param maxBytes For all files together, 0 for no limit.
   */
  constructor(file: LogFile, plan: Rollover, backups: Backups, maxBytes: number) {
    this.#file = file;
    this.#plan = plan;
    this.#backups = backups;
    this.#maxBytes = maxBytes;
    this.#maxFileBytes = maxBytes === 0 ? Infinity : Math.floor(maxBytes / 4);
  }

  /**
   * Plans the first rollover.
   *
   * @param now Unix seconds, as everywhere in this class.
   */
  begin(now: number): void {
    this.#rolloverAt = this.#plan.next(this.#startOfInterval(now));
    // At the first record it is known how much there is.
    if (this.#maxBytes > 0) this.#deleteAtBytes = 0;
  }

  /** Forgets the plan: the next record makes a new one. */
  end(): void {
    this.#rolloverAt = undefined;
  }

  /** Whether {@linkcode Rotation.rotate} has something to do; a late record plans first. */
  isDue(now: number): boolean {
    if (this.#rolloverAt === undefined) this.begin(now);
    else if (now < this.#lastLook) this.#clockWentBack(now);
    this.#lastLook = now;
    const { size } = this.#file;
    return now >= this.#rolloverAt! || size >= this.#maxFileBytes || size >= this.#deleteAtBytes;
  }

  /**
   * Rotates or deletes what has to go.
   *
   * @throws If the file cannot be rotated, then all is as it was; or if an old file cannot be deleted.
   */
  rotate(now: number): void {
    const isTime = now >= this.#rolloverAt!;
    if (this.#file.pathState() === "special") {
      // A device or a pipe has no old content to put away.
      this.#rolloverAt = this.#plan.next(now);
      this.#deleteAtBytes = Infinity;
      return;
    }
    if (isTime || this.#file.size >= this.#maxFileBytes) {
      if (!this.#putAway(now)) return;
      if (isTime) this.#rolloverAt = this.#plan.next(now);
    }
    this.#deleteOld(now);
  }

  /**
   * Plans anew if two rollovers come before the planned one: the clock was wrong when that was planned. A smaller
   * step back waits for the plan, so that the same hour or day does not begin twice.
   */
  #clockWentBack(now: number): void {
    const next = this.#plan.next(now);
    if (this.#plan.next(next) < this.#rolloverAt!) this.#rolloverAt = next;
  }

  /** Returns false if that has to be tried again. */
  #putAway(now: number): boolean {
    if (this.#file.pathState() === "missing") {
      // Never made (delay), or removed: there is nothing to rename.
      this.#file.close();
      return true;
    }
    this.#file.open();
    const rolloverAt = this.#rolloverAt!;
    // One that is rotated early gets the name that it would have got in time.
    const label = this.#plan.label(rolloverAt, Math.max(now, rolloverAt));
    if (this.#file.moveTo(() => this.#backups.freeName(label))) return true;
    // Another process has the lock. Once it is done, the path names a new file: follow it.
    if (this.#file.isCurrent()) return false;
    this.#file.reopen();
    return true;
  }

  #deleteOld(now: number): void {
    // Labels from further ahead than any clock is merely inexact are from one that was wrong.
    const newest = this.#plan.labelOf(now + Math.max(this.#plan.intervalSeconds, DAY_SECONDS));
    if (this.#maxBytes === 0) return void this.#backups.deleteOld({ newest });
    // What is gathered is written in one piece, after which it is too late.
    const room = this.#maxBytes - Math.floor(this.#maxBytes / 16);
    const { size } = this.#file;
    this.#deleteAtBytes = Infinity;
    try {
      const left = this.#backups.deleteOld({ newest, maxBytes: room - size });
      this.#deleteAtBytes = Math.max(room - left, size + 1);
    } catch (error) {
      // Not at each record.
      this.#deleteAtBytes = size + Math.floor(this.#maxBytes / 16);
      throw error;
    }
  }

  /**
   * When the file's current interval began, in Unix seconds: its birth, or its last change where the
   * system does not keep the birth or where the two contradict each other (a copy, a restored file).
   * A file from further ahead than the next rollover is from a clock that was wrong: it must not keep
   * the log from rotating until then.
   */
  #startOfInterval(now: number): number {
    let info: Deno.FileInfo | undefined;
    try {
      info = statOf(this.#file.path);
    } catch {
      // What cannot be looked at cannot be opened, either: that tells what is wrong.
    }
    const changed = info?.mtime?.getTime();
    if (changed === undefined) return now;
    const born = info?.birthtime?.getTime();
    const start = Math.floor((born !== undefined && born <= changed ? born : changed) / 1000);
    return start < this.#plan.next(now) ? start : now;
  }
}
