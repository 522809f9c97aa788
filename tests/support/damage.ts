/**
 * A database that is damaged inside.
 *
 * @module
 */

import { openDatabase } from "../../server/store/sqlite_file.ts";

/** Makes a database of some pages. */
export function fill(path: string): void {
  using db = openDatabase(path);
  const insert = db.prepare("INSERT INTO blocks VALUES (?, '', ?, 0)");
  for (let n = 0; n < 100; n++) insert.run(`name${n}`, "x".repeat(4_000));
}

/** Writes over pages in the middle of a file. */
export function damage(path: string): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(Math.floor(Deno.statSync(path).size / 4096 / 2) * 4096, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(16_384).fill(0xa5));
}
