import { IN_MEMORY } from "./sqlite_file.ts";

/**
 * Names a database file that is there: the same each time, and another one for any other file, also one with the same path
 * on another machine, and a copy.
 *
 * The path alone would not do: nodes on different machines mostly have the same. Inode and time of birth are those of the
 * file itself, and a copy has its own.
 *
 * @returns `undefined` for a database in memory.
 */
export function databaseIdentity(path: string): string | undefined {
  if (path === IN_MEMORY) return undefined;
  const { dev, ino, birthtime } = Deno.statSync(path);
  return [path, dev, ino, birthtime?.getTime()].join(" ");
}
