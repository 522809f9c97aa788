/**
 * An append-only file that loses nothing while it cannot be written.
 *
 * @module
 */
import { openPrivateFile } from "../../common/private_files.ts";
import { unlock } from "../../common/unlock.ts";
import type { Encode } from "./encoding.ts";

/** Options of {@linkcode LogFile}. */
export interface LogFileOptions {
  /** Turns text into bytes. */
  encode: Encode;
  /** How many UTF-16 code units are gathered before they are written. */
  bufferSize: number;
  /**
   * How many bytes may wait while the file cannot be written, before {@linkcode LogFile.isFull}.
   *
   * @default {8 MiB}
   */
  maxBacklog?: number;
}

/** What the file system says of a path. */
export type PathState = "missing" | "regular" | "special";

/**
 * The open log file and what has not reached it yet.
 *
 * Text is gathered and written in one piece. What a failed write left over is kept, to the byte, and
 * written first by the next {@linkcode LogFile.flush}: no line is lost, doubled or torn.
 */
export class LogFile {
  /** Where the file is. */
  readonly path: string;
  readonly #encode: Encode;
  readonly #bufferSize: number;
  readonly #maxBacklog: number;
  #file: Deno.FsFile | undefined;
  /** Whether the file that was opened last was a regular one: then only such a one takes its place. */
  #isRegular = false;
  /** Not encoded yet: joining strings costs less than encoding each line. */
  #text = "";
  /** Encoded, but refused by the last write. */
  readonly #backlog: Uint8Array[] = [];
  #backlogBytes = 0;
  #size = 0;

  /** Opens nothing yet. */
  constructor(path: string, options: LogFileOptions) {
    this.path = path;
    this.#encode = options.encode;
    this.#bufferSize = options.bufferSize;
    this.#maxBacklog = options.maxBacklog ?? 8 * 1024 * 1024;
  }

  /** Whether the file is open. */
  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** Whether there is text that the file does not have yet. */
  get hasPending(): boolean {
    return this.#text.length > 0 || this.#backlog.length > 0;
  }

  /** Whether the last write failed. */
  get isStuck(): boolean {
    return this.#backlog.length > 0;
  }

  /** How many bytes the file had when something was written last, by whomever; 0 if it is not open. */
  get size(): number {
    return this.#size;
  }

  /**
   * Opens the file to append to it, and makes it, for its owner alone, if it is missing; does nothing if it is open.
   *
   * @throws If it cannot be opened or looked at, or if there is a device, a pipe or a directory in the place of the
   * regular file that was open before.
   */
  open(): void {
    if (this.#file !== undefined) return;
    // A pipe may wait for its reader, and what a device takes is in no file.
    if (this.#isRegular && this.pathState() === "special") throw new Error(NOT_REGULAR);
    const file = openPrivateFile(this.path, { append: true });
    try {
      const { size, isFile } = this.#stat(file);
      this.#size = size;
      this.#isRegular = isFile;
    } catch (error) {
      file.close();
      throw error;
    }
    this.#file = file;
  }

  /** Whether the file has refused `maxBacklog` bytes or more: no more text should be appended. */
  get isFull(): boolean {
    return this.#backlogBytes >= this.#maxBacklog;
  }

  /**
   * Adds text to what is pending, and writes it all once it is enough.
   *
   * @throws If the file cannot be opened or written; the text stays pending.
   */
  append(text: string): void {
    this.#text += text;
    if (this.#text.length >= this.#bufferSize || this.isStuck) this.flush();
  }

  /**
   * Writes all that is pending.
   *
   * @throws If the file cannot be opened or written; what is left stays pending.
   */
  flush(): void {
    if (!this.hasPending) return;
    if (this.#text !== "") {
      const bytes = this.#encode(this.#text);
      this.#text = "";
      this.#backlog.push(bytes);
      this.#backlogBytes += bytes.length;
    }
    let hasFollowed = false;
    while (this.#backlog.length > 0) {
      this.open();
      const first = this.#backlog[0]!;
      let written: number;
      try {
        written = this.#file!.writeSync(first);
      } catch (error) {
        // It may be a device that never recovers. Another file may be no better: the caller is not kept for a third one.
        if (hasFollowed || !this.follow()) throw error;
        hasFollowed = true;
        continue;
      }
      this.#size += written;
      this.#backlogBytes -= written;
      if (written < first.length) this.#backlog[0] = first.subarray(written);
      else this.#backlog.shift();
    }
    try {
      this.#size = this.#stat(this.#file!).size;
    } catch {
      // All is written, so nothing has failed; the next look at the path finds out what is wrong.
    }
  }

  /** Closes the file; what is pending stays so. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#size = 0;
  }

  /** Drops what is pending and says how many bytes that was. */
  discard(): number {
    const bytes = this.#backlogBytes + this.#encode(this.#text).length;
    this.#text = "";
    this.#backlog.length = 0;
    this.#backlogBytes = 0;
    return bytes;
  }

  /** What the path names at this moment. */
  pathState(): PathState {
    const info = statOf(this.path);
    if (info === undefined) return "missing";
    return info.isFile ? "regular" : "special";
  }

  /**
   * Whether the path still names the file that is open. It does not once another process has rotated
   * it. True where the system has no inode numbers.
   */
  isCurrent(): boolean {
    const here = this.#file === undefined ? undefined : this.#stat(this.#file);
    const there = statOf(this.path);
    if (here === undefined || there === undefined) return false;
    return here.ino === null || (here.ino === there.ino && here.dev === there.dev);
  }

  /**
   * Gives the file another name and begins a new one under its path, with the mode and, where the system lets this
   * process, the owner of the old one. The lock on the open file keeps two processes from renaming it both. If any step fails, the file stays what it was.
   *
   * @param chooseName Says the new path; called with the lock held.
   * @returns False if another process is renaming it: look again later.
   * @throws If the file cannot be renamed or the new one cannot be made.
   */
  moveTo(chooseName: () => string): boolean {
    const old = this.#file!;
    if (!tryLock(old)) return false;
    try {
      if (!this.isCurrent()) return false;
      const path = chooseName();
      Deno.renameSync(this.path, path);
      try {
        this.#file = undefined;
        this.open();
        copyOwnership(old, this.path);
      } catch (error) {
        this.#file?.close();
        this.#file = old;
        Deno.renameSync(path, this.path);
        throw error;
      }
      old.close();
      return true;
    } finally {
      // Closing also gives the lock back.
      if (this.#file === old) unlock(old);
    }
  }

  /**
   * Goes over to the file that the path names now, if the open one was renamed or deleted, and makes it if there is none,
   * as {@linkcode LogFile.moveTo} does. If that fails, or no regular file is in its place, a renamed file stays open; one
   * that is deleted, or cannot be looked at, is closed, so that what is written waits for another one and is not lost
   * with it. Never throws.
   *
   * @returns Whether the file is another one now, or closed.
   */
  follow(): boolean {
    const old = this.#file;
    try {
      if (old === undefined || this.isCurrent()) return false;
      const state = this.pathState();
      // Also if the open one is a device.
      if (state === "special") throw new Error(NOT_REGULAR);
      const isMissing = state === "missing";
      // Whoever has the lock is renaming it, and makes the new one.
      if (isMissing && !tryLock(old)) return false;
      this.#file = undefined;
      this.open();
      if (isMissing) copyOwnership(old, this.path);
    } catch {
      if (old === undefined) return false;
      if (this.#file !== old) this.#file?.close();
      this.#file = old;
      if (!this.#isLost(old)) {
        unlock(old);
        return false;
      }
      this.#file = undefined;
      this.#size = 0;
    }
    old.close();
    return true;
  }

  /** Begins a new file under the path and leaves the open one to whoever renamed it. */
  reopen(): void {
    const old = this.#file;
    this.#file = undefined;
    try {
      this.open();
    } catch (error) {
      this.#file = old;
      throw error;
    }
    old?.close();
  }

  /** Whether an open file has no name left, where the system can tell, or cannot even be looked at. */
  #isLost(file: Deno.FsFile): boolean {
    try {
      return this.#stat(file).nlink === 0;
    } catch {
      return true;
    }
  }

  /**
   * Looks at an open file. For that Deno wants the permission to read what the path leads to by now, and would ask for
   * it, where there is a terminal.
   */
  #stat(file: Deno.FsFile): Deno.FileInfo {
    if (!mayReadTarget(this.path)) {
      throw new Deno.errors.NotCapable("no permission to read what it leads to");
    }
    return file.statSync();
  }
}

const NOT_REGULAR = "in its place is no regular file";

/** Whether the program may read what a path leads to, if that is a link. */
function mayReadTarget(path: string): boolean {
  let target: string;
  try {
    target = Deno.realPathSync(path);
  } catch {
    return true; // it leads nowhere
  }
  return Deno.permissions.querySync({ name: "read", path: target }).state === "granted";
}

/** What a path names, or undefined if nothing. */
export function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Gives a file the owner, group and mode of another one, as far as the system lets this process. */
function copyOwnership(from: Deno.FsFile, path: string): void {
  if (Deno.build.os === "windows") return;
  const { mode, uid, gid, isFile } = from.statSync();
  if (!isFile) return; // a device is for everybody
  const made = Deno.statSync(path);
  const attempt = (change: () => void): void => {
    try {
      change();
    } catch {
      // Only root may give files away; not every file system has modes.
    }
  };
  if (uid !== made.uid || gid !== made.gid) attempt(() => Deno.chownSync(path, uid, gid));
  if (mode !== made.mode) attempt(() => Deno.chmodSync(path, mode! & 0o7777));
}

/** Locks the file against other processes; file systems without locks count as locked. */
function tryLock(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch {
    return true;
  }
}
