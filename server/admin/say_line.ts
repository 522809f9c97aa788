import { StartError } from "../../common/errors.ts";
import { printLine } from "../../common/output.ts";
import { describeFault } from "../store/sqlite_errors.ts";

/**
 * Prints a line of a command's answer.
 *
 * @throws {Deno.errors.BrokenPipe} If the reader has gone.
 * @throws {StartError} If it cannot be written.
 */
export function sayLine(line: string): void {
  try {
    printLine(line);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    throw new StartError(`Cannot write to standard output: ${describeFault(error)}`, {
      cause: error,
    });
  }
}
