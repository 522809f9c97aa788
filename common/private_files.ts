/**
 * Files and directories that only their owner may use: databases, logs, keys.
 *
 * @module
 */

import { dirname } from "node:path";

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

/** How {@linkcode openPrivateFile} opens. */
export interface PrivateFileOptions {
  /** Whether to read from it. */
  read?: boolean;
  /** Whether each write goes to its end; else writes begin at its start. */
  append?: boolean;
  /** Whether a file that exists is an error. */
  createNew?: boolean;
}

/**
 * Opens a file for writing and makes it if it is missing. One that it makes has mode 600, whatever the umask; one
 * that exists keeps its mode, which is its administrator's choice. Windows has no modes.
 *
 * @throws {Deno.errors.AlreadyExists} With `createNew`, if there is a file or a link of that name.
 * @throws {Deno.errors.NotFound} If the directory is missing.
 */
export function openPrivateFile(path: string, options: PrivateFileOptions = {}): Deno.FsFile {
  const { read = false, append = false, createNew = false } = options;
  const mode = { read, write: true, append, mode: OWNER_ONLY_FILE };
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { ...mode, createNew: true });
  } catch (error) {
    if (createNew || !(error instanceof Deno.errors.AlreadyExists)) throw error;
    return Deno.openSync(path, { ...mode, create: true });
  }
  restore(path, OWNER_ONLY_FILE);
  return file;
}

/**
 * Makes a directory with those above it, as far as they are missing, each with mode 700, whatever the umask. What
 * exists keeps its mode.
 *
 * @throws {Deno.errors.AlreadyExists} If there is something else of that name.
 */
export function makePrivateDirectory(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: OWNER_ONLY_DIRECTORY });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && dirname(path) !== path) {
      const above = { name: "write", path: dirname(path) } as const;
      if (Deno.permissions.querySync(above).state !== "granted") {
        // Deno lets a program that may write `path` alone make what is missing above it, in one call only. Trying the
        // other way would ask for the permission, where there is a terminal.
        return Deno.mkdirSync(path, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
      }
      makePrivateDirectory(dirname(path));
      return makePrivateDirectory(path);
    }
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    // Does nothing to a directory, fails for all else, and needs no permission to read.
    return Deno.mkdirSync(path, { recursive: true });
  }
  restore(path, OWNER_ONLY_DIRECTORY);
}

/** Gives back to a new file what the umask took from its owner; nobody else ever had anything. */
function restore(path: string, mode: number): void {
  if (Deno.build.os !== "windows") Deno.chmodSync(path, mode);
}
