/**
 * The command line and the file together.
 *
 * @module
 */

import type { ConfigFile } from "./config_file.ts";

/**
 * The values of a command line, and for flags that were not given those of the file. A switch that the file turns on
 * cannot be turned off on the command line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseCommand } from "../../common/flags.ts";
 * import { SERVER_COMMAND } from "../flags.ts";
 * import { parseConfig } from "./config_file.ts";
 *
 * const file = parseConfig("port = 1\nrate = 2", "jim.toml", SERVER_COMMAND.flags);
 * const { port, rate } = withConfig(parseCommand(SERVER_COMMAND, ["--rate", "3"]), file);
 * assertEquals([port, rate], [1, 3]);
 * ```
 */
export function withConfig<Values extends object>(
  { flags, given }: { readonly flags: Values; readonly given: ReadonlySet<string> },
  file: ConfigFile,
): Values {
  const values = [...file].filter(([name]) => !given.has(name))
    .map(([name, { value }]) => [name, value]);
  // The file was checked against the same table.
  return { ...flags, ...Object.fromEntries(values) };
}
