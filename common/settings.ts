/**
 * A program's settings, derived from its table of flags: the type, the defaults and the values of a command line.
 *
 * @module
 */

import type { Flag, FlagTable, FlagValue, ParsedCommand } from "./flags.ts";

/** The settings that a table of flags has: one for each row with `setting`, of the type of the row's value. */
export type Settings<Table extends FlagTable> = {
  readonly [
    Name in keyof Table as Table[Name] extends { setting: infer Setting extends string } ? Setting
      : never
  ]: FlagValue<Table[Name]>;
};

/**
 * The settings that a command line asks for. A switch `no-…` gives the opposite of its value: `no-guests` sets
 * `guests` to `false`.
 *
 * @param flags Values by long name, as `parseCommand` gives them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const flags = {
 *   "no-guests": { kind: "switch", setting: "guests", help: "admit accounts only" },
 * } as const;
 * assertEquals(readSettings(flags, { "no-guests": true }), { guests: false });
 * ```
 */
export function readSettings<Table extends FlagTable>(
  table: Table,
  flags: ParsedCommand<Table>["flags"],
): Settings<Table> {
  const values: Readonly<Record<string, unknown>> = flags;
  return collect(table, (name) => values[name]);
}

/** The settings of a command line without flags. */
export function defaultSettings<Table extends FlagTable>(table: Table): Settings<Table> {
  return collect(table, (_, flag) => flag.kind === "switch" ? false : flag.default);
}

function collect<Table extends FlagTable>(
  table: Table,
  valueOf: (name: string, flag: Flag) => unknown,
): Settings<Table> {
  const settings: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries<Flag>(table)) {
    if (flag.setting === undefined) continue;
    const value = valueOf(name, flag);
    settings[flag.setting] = name.startsWith("no-") ? !value : value;
  }
  // Row by row this is what the type says; the compiler cannot follow a loop over keys.
  return settings as Settings<Table>;
}
