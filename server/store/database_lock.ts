/**
 * One server at a time on one database.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { StartError } from "../../common/errors.ts";
import { printable } from "../../common/printable.ts";
import { openPrivateFile } from "../../common/private_files.ts";
import { unlock } from "../../common/unlock.ts";
import { toStartError } from "./sqlite_errors.ts";
import { findReadOnly, IN_MEMORY, prepareFile } from "./sqlite_file.ts";

/** Milliseconds between two tries while another server holds the lock. */
const RETRY_MS = 50;

/** What {@linkcode DatabaseLock.take} may be told. */
export interface DatabaseLockOptions {
  /**
   * Seconds to wait for another server to let go.
   *
   * @default {0}
   */
  waitSeconds?: number;
  /**
   * Told once, if there is something to wait for.
   *
   * @param holder The process that has the lock, in words.
   */
  onWait?: (holder: string) => void;
  /**
   * Measures the wait.
   *
   * @default {systemClock}
   */
  clock?: Clock;
}

/**
 * The right to serve a database. The system takes it back when the process ends, however that ends.
 *
 * It is an exclusive lock (flock) on `FILE.lock` beside the database's real file, so symbolic links and relative
 * paths lead to the same one. On Linux the database file is locked as well, which also holds when that is reached by
 * a hard link or a bind mount of the file alone. Not elsewhere: there, such a lock would keep SQLite out.
 *
 * SQLite has locks of its own on the database file (fcntl), and the system drops them when a process closes *any*
 * descriptor of that file. So the descriptor here is opened before SQLite opens the file, and must be closed after:
 * dispose of the store first.
 *
 * `deno task users` works beside a server and does not ask for this lock.
 */
export class DatabaseLock implements Disposable {
  readonly #files: readonly Deno.FsFile[];

  private constructor(files: readonly Deno.FsFile[]) {
    this.#files = files;
  }

  /**
   * Takes the lock of a database. Makes an empty file, and its directory, if there is none, and changes no other.
   *
   * @param path The file, or `:memory:`, which needs no lock.
   * @throws {StartError} If another server has it until the end of the wait, or the file cannot be reached.
   */
  static async take(path: string, options: DatabaseLockOptions = {}): Promise<DatabaseLock> {
    const { waitSeconds = 0, onWait, clock = systemClock } = options;
    if (path === IN_MEMORY) return new DatabaseLock([]);
    const giveUpAt = clock.monotonicMs() + waitSeconds * 1000;
    for (let isFirst = true;; isFirst = false) {
      const files = attempt(path);
      if (Array.isArray(files)) return new DatabaseLock(files);
      const left = giveUpAt - clock.monotonicMs();
      if (left <= 0) throw heldError(path, files.holder, waitSeconds);
      if (isFirst) onWait?.(holderWords(files.holder));
      await new Promise<void>((resolve) => clock.setTimeout(resolve, Math.min(left, RETRY_MS)));
    }
  }

  /** Gives the lock back. `FILE.lock` stays: deleting it would let two servers lock two files of that name. */
  [Symbol.dispose](): void {
    closeAll(this.#files);
  }
}

/** Another process has the lock. */
interface Held {
  /** Its id, where it can be read. */
  readonly holder: string | undefined;
}

/** Locks all there is to lock, or nothing if another process has any of it. */
function attempt(path: string): Deno.FsFile[] | Held {
  const files: Deno.FsFile[] = [];
  try {
    prepareFile(path, true);
    const lockFile = openLockFile(path);
    if (lockFile !== undefined) files.push(lockFile);
    if (Deno.build.os === "linux") files.push(Deno.openSync(path, { read: true }));
    const taken = files.find((file) => !tryLock(file));
    if (taken === undefined) {
      if (lockFile !== undefined) writeProcessId(lockFile);
      return files;
    }
    // If only the database itself is taken, by way of another name, what stands in this lock file is old.
    const held = { holder: taken === lockFile ? readProcessId(lockFile) : undefined };
    closeAll(files);
    return held;
  } catch (error) {
    closeAll(files);
    throw toStartError(path, error);
  }
}

function closeAll(files: readonly Deno.FsFile[]): void {
  for (const file of files) {
    unlock(file);
    file.close();
  }
}

/**
 * Opens `FILE.lock`; nothing where the database is a link to a place in which this program may not write, and locking
 * the database itself is enough.
 */
function openLockFile(path: string): Deno.FsFile | undefined {
  const lockPath = `${Deno.realPathSync(path)}.lock`;
  try {
    return openPrivateFile(lockPath, { read: true });
  } catch (error) {
    if (Deno.build.os === "linux" && error instanceof Deno.errors.NotCapable) return undefined;
    const readOnly = findReadOnly(path);
    throw readOnly === undefined ? toStartError(lockPath, error) : toStartError(path, readOnly);
  }
}

function tryLock(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch {
    throw new Error("its file system has no locks; choose a local disk");
  }
}

/** For the message of whoever finds the database locked. */
function writeProcessId(file: Deno.FsFile): void {
  file.truncateSync();
  file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
}

/** The id that the holder wrote; on Windows its lock also keeps readers out. */
function readProcessId(file: Deno.FsFile): string | undefined {
  try {
    const bytes = new Uint8Array(32);
    const count = file.readSync(bytes) ?? 0;
    return /^\d+(?=\n)/.exec(new TextDecoder().decode(bytes.subarray(0, count)))?.[0];
  } catch {
    return undefined;
  }
}

function holderWords(holder: string | undefined): string {
  return holder === undefined ? "another server" : `another server (process ${holder})`;
}

function heldError(path: string, holder: string | undefined, waitSeconds: number): StartError {
  const who = holderWords(holder);
  const still = waitSeconds > 0 ? ` still after ${waitSeconds} s` : "";
  return new StartError(
    `Cannot open database '${printable(path)}': ${who} has it open${still}; ` +
      "stop that one or choose another file with --db",
  );
}
