/**
 * Files, only where the permission for them is granted already: the client never raises a prompt.
 *
 * @module
 */

import { StartError } from "../common/errors.ts";
import { printable } from "../common/printable.ts";

/** Whether the permission is granted already. */
export async function isGranted(name: "read" | "write", path: string): Promise<boolean> {
  return (await Deno.permissions.query({ name, path })).state === "granted";
}

/**
 * Makes sure that a file that a flag names may be read.
 *
 * @throws {StartError} If it must not: one line with a command that allows it.
 */
export async function requireGranted(flag: string, path: string): Promise<void> {
  const shown = printable(path);
  if (await isGranted("read", path)) return;
  throw new StartError(
    `Cannot read ${flag} '${shown}': the task may not read files; use 'deno run --allow-net ` +
      `--allow-read=${shown} client.ts …' instead`,
  );
}

/**
 * Reads a file that a flag names.
 *
 * @param flag The flag, for the error.
 * @param path The file; `undefined` if the flag was not given.
 * @throws {StartError} If it must not or cannot be read.
 */
export async function readGranted(
  flag: string,
  path: string | undefined,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  await requireGranted(flag, path);
  try {
    // Some editors begin a file with a byte order mark, which belongs to no password and no certificate.
    return (await Deno.readTextFile(path)).replace(/^\ufeff/, "");
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "no such file" : String(error);
    throw new StartError(`Cannot read ${flag} '${printable(path)}': ${printable(reason)}`);
  }
}
