/**
 * Ready-made formatters.
 *
 * @module
 */
import type { FormatterFunction } from "./base_handler.ts";
import type { LogRecord } from "./logger.ts";

export type { FormatterFunction, LogRecord };

/**
 * Formats a record as one line of JSON with `level`, `datetime` (milliseconds since 1970), `message`
 * and `args`: left out if there are none, the value itself if there is one, else an array.
 *
 * @example
 * ```ts
 * import { jsonFormatter } from "@std/log/formatters";
 * import { LogRecord } from "@std/log/logger";
 * import { assertEquals } from "@std/assert";
 *
 * const record = new LogRecord({ msg: "hi", args: [{ id: 1 }], level: 20, loggerName: "example" });
 * assertEquals(JSON.parse(jsonFormatter(record)).args, { id: 1 });
 * ```
 */
export function jsonFormatter(logRecord: LogRecord): string {
  const { args } = logRecord;
  return JSON.stringify({
    level: logRecord.levelName,
    datetime: logRecord.datetime.getTime(),
    message: logRecord.msg,
    args: args.length > 1 ? args : args[0],
  });
}

/** All ready-made formatters by name. */
export const formatters: { readonly jsonFormatter: FormatterFunction } = {
  jsonFormatter,
};
