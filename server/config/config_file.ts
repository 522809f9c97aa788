/**
 * The file of `--config`: the server's flags as TOML.
 *
 * @module
 */

import { type AST, ParseError, parseTOML } from "toml-eslint-parser";

import { closest } from "../../common/closest.ts";
import { messageOf, UsageError, whyUnreadable } from "../../common/errors.ts";
import { type Flag, type FlagTable, quoted, readValue, shownValue } from "../../common/flags.ts";
import { printable } from "../../common/printable.ts";

/** What a file says of one flag. */
export interface ConfigEntry {
  /** The value, checked as on the command line; of a switch, whether it is given. */
  readonly value: string | number | boolean;
  /** The line with the key, from 1. */
  readonly line: number;
}

/** What a file says: long name of a flag → entry. */
export type ConfigFile = ReadonlyMap<string, ConfigEntry>;

/** Flags that are about one start or about the file itself. */
const ONLY_FLAGS: readonly string[] = ["config", "print-config", "help"];

/** The flags that may stand in a file. */
export function configKeys(table: FlagTable): string[] {
  return Object.keys(table).filter((name) => !ONLY_FLAGS.includes(name));
}

/**
 * Reads a file and checks all that is in it.
 *
 * @param path Where it is; relative to the working directory.
 * @param table The flags whose names are its keys.
 * @throws {UsageError} If it cannot be read, is no TOML, has an unknown key or a value that is not allowed: one line
 * that names the file and the place in it.
 */
export function readConfigFile(path: string, table: FlagTable): ConfigFile {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw new UsageError(
      `--config: cannot read ${printable(path)}: ${printable(whyUnreadable(error))}`,
    );
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`--config: ${printable(path)} must be a text in UTF-8`);
  }
  return parseConfig(text, path, table);
}

/**
 * The same for a text.
 *
 * @param path What to call it in an error.
 * @throws {UsageError} As {@linkcode readConfigFile} does.
 */
export function parseConfig(text: string, path: string, table: FlagTable): ConfigFile {
  const entries = new Map<string, ConfigEntry>();
  for (const node of parse(text, path)) {
    const { line } = node.loc.start;
    const place = `${printable(path)}:${line}`;
    if (node.type === "TOMLTable") {
      throw new UsageError(`${place}: keys must stand at the top level, not in a table`);
    }
    const name = node.key.keys.map((key) => key.type === "TOMLBare" ? key.name : key.value)
      .join(".");
    const flag = Object.hasOwn(table, name) ? table[name] : undefined;
    if (ONLY_FLAGS.includes(name)) {
      throw new UsageError(`${place}: ${name} is for the command line only`);
    }
    // A quoted key may have dots of its own; names of flags have none.
    if (flag === undefined) throw new UsageError(`${place}: ${unknown(name, table)}`);
    const source = text.slice(...node.value.range);
    entries.set(name, { value: valueOf(`${place}: ${name}`, flag, node.value, source), line });
  }
  return entries;
}

function parse(text: string, path: string): AST.TOMLTopLevelTable["body"] {
  try {
    return parseTOML(text, { tomlVersion: "1.0" }).body[0].body;
  } catch (error) {
    if (error instanceof ParseError) {
      const { lineNumber, column, message } = error;
      const what = printable(message[0]!.toLowerCase() + message.slice(1));
      throw new UsageError(`${printable(path)}:${lineNumber}:${column + 1}: ${what}`);
    }
    // Arrays in arrays beyond what the parser's recursion takes; no flag has an array.
    throw new UsageError(`--config: cannot parse ${printable(path)}: ${messageOf(error)}`);
  }
}

/** The value as the table's row wants it; a wrong one is quoted as it stands in the file. */
function valueOf(
  label: string,
  flag: Flag,
  node: AST.TOMLContentNode,
  source: string,
): string | number | boolean {
  const value = node.type === "TOMLValue" ? node.value : undefined;
  if (flag.kind === "switch") {
    if (typeof value === "boolean") return value;
    throw new UsageError(`${label} must be true or false, received ${quoted(source)}`);
  }
  if (flag.kind === "integer" || flag.kind === "number") {
    return readValue(label, flag, typeof value === "number" ? String(value) : source);
  }
  if (typeof value === "string" && !value.includes("\0")) return readValue(label, flag, value);
  if (flag.kind === "choice") return readValue(label, flag, source);
  const received = quoted(shownValue(flag, source));
  throw new UsageError(`${label} must be ${flag.value} in quotes, received ${received}`);
}

function unknown(name: string, table: FlagTable): string {
  const names = configKeys(table);
  // `guests = false` is `no-guests = true`.
  const meant = names.find((known) => known === `no-${name}`) ?? closest(name, names);
  const hint = meant === undefined
    ? "; see deno task server --help"
    : `, did you mean ${quoted(meant)}?`;
  return `unknown key ${quoted(name)}${hint}`;
}
