/**
 * Files that flags name and that are read whole: settings, certificates, keys, credentials.
 *
 * @module
 */

import { type StartError, type UsageError, whyUnreadable } from "./errors.ts";
import { shown } from "./printable.ts";

/** No such file is that long; what is named by mistake may be a disk. */
const MAX_BYTES = 1_048_576;

/** Characters of a path that an error repeats. */
const MAX_SHOWN = 300;

/**
 * Reads a file, without ever waiting for one: a server does so while it serves.
 *
 * @param flag What names it, for the error: `--tls-cert`.
 * @param path Where it is; relative to the working directory.
 * @param Refusal What is thrown.
 * @throws {UsageError | StartError} If it cannot be read, is no regular file or is longer than 1 MiB: one line.
 */
export function readNamedFile(
  flag: string,
  path: string,
  Refusal: typeof UsageError | typeof StartError,
): Uint8Array {
  const name = shown(path, MAX_SHOWN);
  let bytes: Uint8Array | undefined;
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    // To open a pipe or a device may take for ever, and so may reading it.
    if (!isFile) throw new Error(isDirectory ? "it is a directory" : "it is no regular file");
    using file = Deno.openSync(path);
    bytes = readAtMost(file, MAX_BYTES);
  } catch (cause) {
    throw new Refusal(`${flag}: cannot read ${name}: ${whyUnreadable(cause)}`, { cause });
  }
  if (bytes === undefined) throw new Refusal(`${flag}: ${name} must be a text of at most 1 MiB`);
  return bytes;
}

/** All of a file; nothing if it is longer. */
function readAtMost(file: Deno.FsFile, max: number): Uint8Array | undefined {
  const bytes = new Uint8Array(max + 1);
  let length = 0;
  for (let count; (count = file.readSync(bytes.subarray(length))) !== null && count > 0;) {
    length += count;
  }
  return length > max ? undefined : bytes.subarray(0, length);
}
