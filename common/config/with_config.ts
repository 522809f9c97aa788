/**
 * The command line and the file together.
 *
 * @module
 */

import type { ConfigFile } from "./config_keys.ts";

/**
 * The values of a command line, and for flags that were not given those of the file. A switch that the file turns on
 * cannot be turned off on the command line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseCommand } from "../flags.ts";
 *  * import { parseConfig } from "./config_file.ts";
 *
 * const N = { kind: "integer", value: "N", min: 0, max: 9, default: 0, help: "" } as const;
 * const command = { name: "", usage: "", about: "", flags: { port: N, rate: N }, maxPositional: 0 };
 * const spec = { flag: "--config", keys: command.flags, hint: "" };
 * const file = parseConfig("port = 1\nrate = 2", "jim.toml", spec);
 * const { port, rate } = withConfig(parseCommand(command, ["--rate", "3"]), file);
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
