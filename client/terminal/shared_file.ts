/**
 * Small files that several clients of one person share.
 *
 * @module
 */

import { openPrivateFile } from "../../common/private_files.ts";

/**
 * Changes a text file, which only its owner may read, while no other client reads or changes it.
 *
 * @param change Gets the text and gives the new one.
 * @param options Whether to make the file if it is missing.
 * @returns The new text.
 * @throws {Deno.errors.NotFound} If it is missing and not to be made.
 */
export async function updateSharedFile(
  path: string,
  change: (text: string) => string,
  { create }: { create: boolean },
): Promise<string> {
  using file = create
    ? openPrivateFile(path, { read: true })
    : await Deno.open(path, { read: true, write: true });
  await file.lock(true);
  // Not its stream, which would close the file, and with it give up the lock.
  const bytes = new Uint8Array((await file.stat()).size);
  let length = 0;
  for (let count; (count = await file.read(bytes.subarray(length))) !== null && count > 0;) {
    length += count;
  }
  const before = new TextDecoder().decode(bytes.subarray(0, length));
  const after = change(before);
  if (after !== before) {
    const rest = new TextEncoder().encode(after);
    await file.seek(0, Deno.SeekMode.Start);
    for (let written = 0; written < rest.length;) {
      written += await file.write(rest.subarray(written));
    }
    await file.truncate(rest.length);
  }
  return after;
}
