/**
 * What a script ends with.
 *
 * @module
 */

import { StartError, UsageError } from "./errors.ts";
import { printable } from "./printable.ts";
import { atMost, printLineLater } from "./output.ts";

/** Milliseconds for which the last line waits for a full pipe: a program that has failed must end. */
const LAST_LINE_MS = 500;

/**
 * Runs a script's main function and turns what it throws into an exit status and one line for the user:
 * 2 for a wrong command line, 1 for anything else, never a stack trace.
 *
 * @param main Resolves with the status, or with nothing for 0.
 * @param complain Gets the line, without its end.
 * @default {printLineLater to standard error, at most half a second}
 */
export async function exitStatus(
  main: () => Promise<number | void>,
  complain: (line: string) => unknown = (line) =>
    atMost(LAST_LINE_MS, printLineLater(line, Deno.stderr)),
): Promise<number> {
  try {
    return await main() ?? 0;
  } catch (error) {
    await complain(lineOf(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

function lineOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof StartError) return printable(error.message);
  if (!(error instanceof Error)) return `Unexpected error: ${printable(String(error))}`;
  const place = /(\w+\.ts:\d+):\d+/.exec(error.stack ?? "")?.[1];
  const where = place === undefined ? "" : ` (${place})`;
  return `Unexpected error: ${error.name}: ${printable(error.message)}${where}`;
}
