/**
 * What `--stop-with` says.
 *
 * @module
 */

import { UsageError } from "../common/errors.ts";
import { type ParsedCommand, quoted } from "../common/flags.ts";
import type { SERVER_FLAGS } from "./flags.ts";

/**
 * The processes that the server ends with. `parent` is its own: whoever starts it need not know which that is.
 *
 * @throws {UsageError} If one of them is no process's id.
 */
export function stopsWith(flags: ParsedCommand<typeof SERVER_FLAGS>["flags"]): number[] {
  const text = flags["stop-with"];
  if (text === undefined) return [];
  if (text === "parent") return [Deno.ppid];
  if (/^[1-9]\d{0,9}(,[1-9]\d{0,9})*$/.test(text)) return text.split(",").map(Number);
  throw new UsageError(
    `--stop-with must be 'parent' or ids of processes, parted by commas, received ${quoted(text)}`,
  );
}
