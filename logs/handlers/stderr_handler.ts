/**
 * The handler for the console of the three programs.
 *
 * @module
 */
import { ConsoleHandler, type ConsoleHandlerOptions } from "@std/log/console-handler";
import { LogLevels } from "@std/log/levels";
import { LogRecord } from "@std/log/logger";

import type { AsyncSink } from "../../common/output.ts";
import { BackgroundWriter } from "./background_writer.ts";

export type { AsyncSink, ConsoleHandlerOptions };

/**
 * A console handler that writes to standard error: standard output belongs to the program's results.
 * Colours are for terminals: by default they are used only where standard error is one.
 *
 * It never waits, neither for a pipe that nobody empties nor for a stopped terminal: up to 1 MiB is kept, the rest
 * is dropped, and a record says how many lines that were once there is room again. A console that is gone is no
 * reason to fail.
 */
export class StderrHandler extends ConsoleHandler {
  readonly #writer: BackgroundWriter;

  /**
   * Makes a handler for records of that level and above.
   *
   * @param sink Where the lines go.
   * @default {Deno.stderr}
   */
  constructor(
    levelName: ConstructorParameters<typeof ConsoleHandler>[0],
    options: ConsoleHandlerOptions = {},
    sink: AsyncSink = Deno.stderr,
  ) {
    super(levelName, { useColors: Deno.stderr.isTerminal(), ...options });
    this.#writer = new BackgroundWriter(sink, {
      notice: (lines) =>
        this.format(
          new LogRecord({
            msg: "lines dropped, the console did not take them",
            args: [{ lines }],
            level: LogLevels.WARN,
            loggerName: "console",
          }),
        ),
    });
  }

  /** Writes one line. */
  override log(msg: string): void {
    this.#writer.add(msg);
  }

  /**
   * Waits until all records are written or cannot be: what waits when a process ends is lost.
   *
   * @param ms How long at most.
   */
  drained(ms: number): Promise<void> {
    return this.#writer.drained(ms);
  }
}
