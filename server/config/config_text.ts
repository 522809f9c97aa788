/**
 * What `--print-config` prints.
 *
 * @module
 */

import type { ConfigSource } from "../../common/config/at_place.ts";
import { configKeys } from "../../common/config/config_keys.ts";
import { tomlValue } from "../../common/config/toml_value.ts";
import { withConfig } from "../../common/config/with_config.ts";
import { type Flag, type FlagTable, shownValue } from "../../common/flags.ts";
import { printable } from "../../common/printable.ts";

/** Beyond this column a comment follows its value without being aligned. */
const MAX_COLUMN = 40;

/**
 * All that holds for a server, one line for each flag in the order of the table: the value, its unit and its origin,
 * which is `default`, a line of the file or the command line. The text, without its last line end, is TOML that
 * gives the same when it is read back, but for passwords, which it has not; flags without a value are comments.
 *
 * @param table The flags.
 * @param command The command line.
 */
export function configText(
  table: FlagTable,
  command: { readonly flags: object; readonly given: ReadonlySet<string> },
  { path = "", file = new Map() }: ConfigSource,
): string {
  const values: Readonly<Record<string, unknown>> = { ...withConfig(command, file) };
  const rows = configKeys(table).map((name): [setting: string, comment: string] => {
    const value = shownValue(table[name]!, values[name]);
    if (value === undefined) return [`# ${name}`, "not set"];
    const line = file.get(name)?.line;
    const origin = command.given.has(name)
      ? "command line"
      : line === undefined
      ? "default"
      : `${printable(path)}:${line}`;
    return [`${name} = ${tomlValue(value)}`, unit(table[name]!) + origin];
  });
  const width = Math.min(MAX_COLUMN, Math.max(...rows.map(([setting]) => setting.length)));
  return rows.map(([setting, comment]) => `${setting.padEnd(width)}  # ${comment}`).join("\n");
}

/** What the help text calls a number: mostly its unit. */
function unit(flag: Flag): string {
  return flag.kind === "integer" || flag.kind === "number" ? `${flag.value}, ` : "";
}
