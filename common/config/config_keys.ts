/**
 * What may stand in a file with a program's flags.
 *
 * @module
 */

import { closest } from "../closest.ts";
import { type Flag, type FlagTable, quoted } from "../flags.ts";

/** What a file says of one key. */
export interface ConfigEntry {
  /** The value, checked as on the command line; of a switch, whether it is given. */
  readonly value: string | number | boolean;
  /** The line with the key, from 1. */
  readonly line: number;
}

/** What a file says: key → entry. The key of a value in a table is `TABLE.KEY`. */
export type ConfigFile = ReadonlyMap<string, ConfigEntry>;

/** What may stand in a file. */
export interface ConfigSpec {
  /** The flag that names the file, for an error about the whole of it: `--config`. */
  readonly flag: string;
  /** The flags whose names are its keys, but for those with `onlyFlag`. A name with a dot is a key in a table. */
  readonly keys: FlagTable;
  /** Tables whose keys are anybody's choice, by name, and what their values are. @default {{}} */
  readonly tables?: FlagTable;
  /** Keys that people may try, and what to do instead. @default {{}} */
  readonly refused?: Readonly<Record<string, string>>;
  /** Where all keys are told, for an error about an unknown one: `see deno task server --help`. */
  readonly hint: string;
}

/** The flags that may stand in a file. */
export function configKeys(table: FlagTable): string[] {
  return Object.keys(table).filter((name) => !table[name]!.onlyFlag);
}

/**
 * What is known of a key: its flag, or the row of its table.
 *
 * @returns Nothing if there is no such key.
 */
export function configFlag({ keys, tables = {} }: ConfigSpec, key: string): Flag | undefined {
  if (Object.hasOwn(keys, key)) return keys[key]!.onlyFlag ? undefined : keys[key];
  const table = Object.keys(tables).find((name) => key.startsWith(`${name}.`));
  return table === undefined || key.length === table.length + 1 ? undefined : tables[table];
}

/** The tables that there may be: those of anybody's keys, and those that keys with a dot are in. */
function tableNames({ keys, tables = {} }: ConfigSpec): string[] {
  const parents = [...configKeys(keys), ...Object.keys(tables)].filter((name) => name.includes("."))
    .map((name) => name.replace(/\.[^.]*$/, ""));
  return [...new Set([...parents, ...Object.keys(tables)])];
}

/** What is wrong with a table, if anything is. */
export function tableFault(name: string, isArray: boolean, spec: ConfigSpec): string | undefined {
  const names = tableNames(spec);
  if (names.length === 0) return "keys must stand at the top level, not in a table";
  if (!names.includes(name)) {
    const meant = closest(name, names);
    const hint = meant === undefined ? `; there are ${names.join(", ")}` : didYouMean(meant);
    return `unknown table ${quoted(name)}${hint}`;
  }
  return isArray ? `${name} must be a table, [${name}], received a list of tables` : undefined;
}

/** What is wrong with a key that there is not. */
export function unknownKey(key: string, spec: ConfigSpec): string {
  const { keys, refused = {}, hint } = spec;
  const lower = key.toLowerCase();
  if (Object.hasOwn(refused, lower)) return refused[lower]!;
  if (Object.hasOwn(keys, key)) return `${key} is for the command line only`;
  if (tableNames(spec).includes(key)) return `${key} must be a table, [${key}]`;
  const names = configKeys(keys);
  // `guests = false` is `no-guests = true`; `how` at the top level is `notify.how`.
  const meant = names.find((known) => known === `no-${lower}` || known.endsWith(`.${lower}`)) ??
    closest(lower, names);
  return `unknown key ${quoted(key)}${meant === undefined ? `; ${hint}` : didYouMean(meant)}`;
}

function didYouMean(meant: string): string {
  return `, did you mean ${quoted(meant)}?`;
}
