/**
 * Finding out that a database file has lost its end.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

import { isReadOnly } from "./sqlite_errors.ts";

const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The page in which this byte is holds nothing and is never written (sqlite.org/fileformat2.html#the_lock_byte_page). */
const LOCK_BYTE = 2 ** 30;

/**
 * Refuses a file in which a page is missing, or the end of one: SQLite takes the bytes that a last page lacks for zeros,
 * and with a write-ahead log does not compare the file's size at all. The first copying of the log would make the file
 * as long as it should be, and hide the loss. So this looks through a connection that can only read, and copies nothing
 * when it is closed.
 *
 * A page that is in the log may be missing, since the copying of the log can be cut off anywhere. The file may be longer
 * than its database.
 *
 * @param path A file that exists.
 * @param busyTimeoutMs Milliseconds to wait for a lock that another connection holds.
 * @throws {Error} If it lost its end, or SQLite cannot read it.
 */
export function refuseCutFile(path: string, busyTimeoutMs: number): void {
  using db = new DatabaseSync(path, { readOnly: true });
  const pragma = (name: string): number => db.prepare(`PRAGMA ${name}`).get()![name] as number;
  let pages: number;
  try {
    // As long as this reads, nobody else shortens the file or begins the log anew.
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; BEGIN`);
    pages = pragma("page_count");
  } catch (error) {
    // A crash of another program, without a write-ahead log, left a journal: who opens the file to write rolls back first.
    if (isReadOnly(error)) return;
    throw error;
  }
  const pageSize = pragma("page_size");
  // Not opened: to close it would take this process's locks from it, those of other connections, too.
  const whole = Math.floor(Deno.statSync(path).size / pageSize);
  if (whole >= pages) return;
  const logged = loggedPages(`${Deno.realPathSync(path)}-wal`, pageSize);
  if (logged === undefined) return;
  const lockPage = LOCK_BYTE / pageSize + 1;
  for (let page = whole + 1; page <= pages; page++) {
    if (page !== lockPage && !logged.has(page)) throw new Error("database disk image is malformed");
  }
}

/**
 * The numbers of the pages that a write-ahead log holds (sqlite.org/fileformat2.html#the_write_ahead_log); `undefined`
 * if this program may not read it.
 */
function loggedPages(path: string, pageSize: number): ReadonlySet<number> | undefined {
  const pages = new Set<number>();
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return pages;
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
  using _ = file;
  const read = (at: number, count: number): DataView | undefined => {
    file.seekSync(at, Deno.SeekMode.Start);
    const bytes = new Uint8Array(count);
    return file.readSync(bytes) === count ? new DataView(bytes.buffer) : undefined;
  };
  // The salt tells the frames of this log from those of earlier ones, which stay behind them.
  const salt = read(16, 8)?.getBigUint64(0);
  for (let at = LOG_HEADER_BYTES;; at += FRAME_HEADER_BYTES + pageSize) {
    const frame = read(at, FRAME_HEADER_BYTES);
    if (frame === undefined || frame.getBigUint64(8) !== salt) return pages;
    pages.add(frame.getUint32(0));
  }
}
