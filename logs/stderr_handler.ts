/**
 * The handler for the console of the three programs.
 *
 * @module
 */
import { ConsoleHandler, type ConsoleHandlerOptions } from "@std/log/console-handler";

export type { ConsoleHandlerOptions };

/**
 * A console handler that writes to standard error: standard output belongs to the program's results.
 * Colours are for terminals: by default they are used only where standard error is one.
 */
export class StderrHandler extends ConsoleHandler {
  /** Makes a handler for records of that level and above. */
  constructor(
    levelName: ConstructorParameters<typeof ConsoleHandler>[0],
    options: ConsoleHandlerOptions = {},
  ) {
    super(levelName, { useColors: Deno.stderr.isTerminal(), ...options });
  }

  /** Writes one line; a console that is gone is no reason to fail. */
  override log(msg: string): void {
    try {
      // deno-lint-ignore no-console -- the console is what this handler is for
      console.error(msg);
    } catch {
      // Nobody reads standard error any more.
    }
  }
}
