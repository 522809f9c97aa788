/**
 * A file with a program's flags as TOML.
 *
 * @module
 */

import { type AST, ParseError, parseTOML } from "toml-eslint-parser";

import { messageOf, UsageError } from "../errors.ts";
import { type Flag, quoted, readValue, shownValue } from "../flags.ts";
import { readNamedFile } from "../named_file.ts";
import { printable } from "../printable.ts";
import {
  type ConfigEntry,
  type ConfigFile,
  configFlag,
  type ConfigSpec,
  tableFault,
  unknownKey,
} from "./config_keys.ts";

/**
 * Reads a file and checks all that is in it.
 *
 * @param path Where it is; relative to the working directory.
 * @throws {UsageError} If it cannot be read, is no regular file, is longer than 1 MiB, is no TOML, has an unknown key or a value that is
 * not allowed: one line that names the file and the place in it.
 */
export function readConfigFile(path: string, spec: ConfigSpec): ConfigFile {
  return parseConfig(readConfigText(path, spec), path, spec);
}

/**
 * Reads a file as it is.
 *
 * @throws {UsageError} If it cannot be read, is no regular file, is longer than 1 MiB or no text.
 */
export function readConfigText(path: string, { flag }: Pick<ConfigSpec, "flag">): string {
  const bytes = readNamedFile(flag, path, UsageError);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${flag}: ${printable(path)} must be a text in UTF-8`);
  }
}

/**
 * The same for a text.
 *
 * @param path What to call it in an error.
 * @throws {UsageError} As {@linkcode readConfigFile} does.
 */
export function parseConfig(text: string, path: string, spec: ConfigSpec): ConfigFile {
  const entries = new Map<string, ConfigEntry>();
  const read = (node: AST.TOMLKeyValue, table: readonly string[]): void => {
    const { line } = node.loc.start;
    const place = `${printable(path)}:${line}`;
    // A quoted key may have dots of its own; names of flags have none, and in a table of anybody's keys they are its.
    const key = [...table, ...keyParts(node.key)].join(".");
    const flag = configFlag(spec, key);
    if (flag === undefined) throw new UsageError(`${place}: ${unknownKey(key, spec)}`);
    const source = text.slice(...node.value.range);
    entries.set(key, { value: valueOf(`${place}: ${key}`, flag, node.value, source), line });
  };
  for (const node of parse(text, path, spec)) {
    if (node.type === "TOMLKeyValue") {
      read(node, []);
      continue;
    }
    const table = keyParts(node.key);
    const name = table.join(".");
    const fault = tableFault(name, node.kind === "array", spec);
    if (fault !== undefined) {
      throw new UsageError(`${printable(path)}:${node.loc.start.line}: ${fault}`);
    }
    for (const entry of node.body) read(entry, table);
  }
  return entries;
}

/** A text as the parser gets it right: where a value is 0 and nothing follows, it takes that for a text of no length. */
export function parsable(text: string): string {
  return /=[ \t]*0$/.test(text) ? `${text}\n` : text;
}

/** The parts of a key, without quotes. */
export function keyParts({ keys }: WrittenKey): string[] {
  return keys.map((key) => key.type === "TOMLBare" ? key.name : key.value);
}

/** A key as the parser gives it. */
export interface WrittenKey {
  /** Its parts. */
  readonly keys: readonly (
    | { readonly type: "TOMLBare"; readonly name: string }
    | { readonly type: "TOMLQuoted"; readonly value: string }
  )[];
}

function parse(
  text: string,
  path: string,
  { flag }: ConfigSpec,
): AST.TOMLTopLevelTable["body"] {
  try {
    return parseTOML(parsable(text), { tomlVersion: "1.0" }).body[0].body;
  } catch (error) {
    if (error instanceof ParseError) {
      const { lineNumber, column, message } = error;
      const what = printable(message[0]!.toLowerCase() + message.slice(1));
      throw new UsageError(`${printable(path)}:${lineNumber}:${column + 1}: ${what}`);
    }
    // Arrays in arrays beyond what the parser's recursion takes; no flag has an array.
    throw new UsageError(`${flag}: cannot parse ${printable(path)}: ${messageOf(error)}`);
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
    return readValue(label, flag, typeof value === "number" ? String(value) : source, source);
  }
  if (typeof value === "string" && !value.includes("\0")) return readValue(label, flag, value);
  if (flag.kind === "choice") return readValue(label, flag, source);
  const received = quoted(shownValue(flag, source));
  throw new UsageError(`${label} must be ${flag.value} in quotes, received ${received}`);
}
