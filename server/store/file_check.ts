/**
 * Reading a database through in search of damage, while the event loop goes on.
 *
 * @module
 */

import { ArchiveThread } from "./archive/thread.ts";
import { IN_MEMORY } from "./sqlite_file.ts";

/** A smaller file is read sooner than a thread starts, or within half a second where the disk is slow. */
const ASIDE_FROM_BYTES = 16 * 1024 ** 2;

/** What {@linkcode checkAside} may be told. */
export interface CheckAsideOptions {
  /**
   * Bytes of a file from which on it is read in a thread.
   *
   * @default 16 MiB
   */
  fromBytes?: number;
  /** Called if the file is read here, before that begins, with its bytes. */
  onBegin?: (bytes: number) => void;
  /**
   * Starts the thread.
   *
   * @default a worker that runs `file_check_worker.ts`
   */
  start?: (path: string) => Worker;
}

/**
 * Reads a large database through in a thread of its own, which takes a second for each gigabyte that is in memory, and
 * some ten to twenty times as long where it has to come from a disk.
 *
 * @param path The database file; nobody else writes to it but by way of SQLite.
 * @returns Whether it was read and is sound. If not, the opening has to read it, and to say what is wrong: a small file,
 * a damaged one, none, one that cannot be opened; also where this program may start no thread.
 */
export async function checkAside(
  path: string,
  { fromBytes = ASIDE_FROM_BYTES, onBegin, start = startWorker }: CheckAsideOptions = {},
): Promise<boolean> {
  const bytes = path === IN_MEMORY ? 0 : sizeOf(path);
  if (bytes === 0 || bytes < fromBytes || !ArchiveThread.isAllowed()) return false;
  onBegin?.(bytes);
  const worker = start(path);
  try {
    return await new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data === "sound");
      // A module that cannot be loaded: later errors are the thread's own to catch.
      worker.onerror = (event) => {
        event.preventDefault(); // it would end the server
        resolve(false);
      };
    });
  } finally {
    worker.terminate();
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

function startWorker(path: string): Worker {
  return new Worker(new URL("file_check_worker.ts", import.meta.url), {
    type: "module",
    name: path,
  });
}
