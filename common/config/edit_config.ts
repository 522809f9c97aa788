/**
 * One key of a TOML file, changed; all else stays as somebody wrote it.
 *
 * @module
 */

import { type AST, parseTOML } from "toml-eslint-parser";

import { keyParts, parsable } from "./config_file.ts";
import type { ConfigEntry, ConfigSpec } from "./config_keys.ts";
import { tomlValue } from "./toml_value.ts";

/** A key with its value, as it stands in a text. */
interface Written {
  readonly node: AST.TOMLKeyValue;
  /** The name of the `[table]` it stands below; empty at the top level. */
  readonly header: string;
  /** All of its name. */
  readonly key: string;
}

/**
 * The text with another value for a key. Comments, order and line ends stay; a new key stands behind those of its table,
 * with a table of its own if there is none.
 *
 * @param text TOML that fits `spec`.
 * @param key One of its keys; in a table, `TABLE.KEY`.
 * @param value Nothing takes the key out, with a comment in the same line.
 */
export function editConfig(
  text: string,
  key: string,
  value: ConfigEntry["value"] | undefined,
  spec: ConfigSpec,
): string {
  const nodes = parseTOML(parsable(text), { tomlVersion: "1.0" }).body[0].body;
  const entries = nodes.flatMap((node) =>
    node.type === "TOMLTable" ? node.body.map((entry) => written(entry, node)) : [written(node)]
  );
  const old = entries.find((entry) => entry.key === key)?.node;
  if (old !== undefined) {
    const [from, to] = value === undefined ? wholeLines(text, old.range) : old.value.range;
    return text.slice(0, from) + (value === undefined ? "" : tomlValue(value)) + text.slice(to);
  }
  if (value === undefined) return text;
  const table = tableOf(key, spec);
  const name = quotedKey(key.slice(table === "" ? 0 : table.length + 1));
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  // A table that was begun by keys with dots cannot have a header.
  const sibling = entries.findLast((entry) => tableOf(entry.key, spec) === table) ??
    entries.findLast((entry) => entry.header === "" && entry.key.startsWith(`${table}.`));
  if (sibling !== undefined) {
    const { header, node } = sibling;
    const below = header === "" ? table : table.slice(header.length + 1);
    const path = header === table ? "" : `${below}.`;
    const at = lineEnd(text, node.range[1]);
    return `${text.slice(0, at)}${end}${path}${name} = ${tomlValue(value)}${text.slice(at)}`;
  }
  const line = `${name} = ${tomlValue(value)}`;
  const tables = nodes.filter((node) => node.type === "TOMLTable");
  const own = tables.find((node) => keyParts(node.key).join(".") === table);
  if (own !== undefined) {
    const at = lineEnd(text, own.key.range[1]);
    return `${text.slice(0, at)}${end}${line}${text.slice(at)}`;
  }
  const [first] = tables;
  if (table === "" && first !== undefined) {
    const at = withComments(text, first.range[0]);
    return `${text.slice(0, at)}${line}${end}${end}${text.slice(at)}`;
  }
  const gap = text === "" || text.endsWith("\n") ? "" : end;
  const head = table === "" ? "" : `${text === "" ? "" : end}[${table}]${end}`;
  return `${text}${gap}${head}${line}${end}`;
}

function written(node: AST.TOMLKeyValue, table?: AST.TOMLTable): Written {
  const header = table === undefined ? [] : keyParts(table.key);
  return { node, header: header.join("."), key: [...header, ...keyParts(node.key)].join(".") };
}

/** The table that a key is in; empty at the top level. */
function tableOf(key: string, { tables = {} }: ConfigSpec): string {
  const open = Object.keys(tables).find((name) => key.startsWith(`${name}.`));
  return open ?? key.slice(0, Math.max(0, key.lastIndexOf(".")));
}

/** Where the line ends in which a position is, before its line break. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  if (end === -1) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function wholeLines(text: string, [from, to]: AST.Range): [number, number] {
  const end = text.indexOf("\n", to);
  return [text.lastIndexOf("\n", from - 1) + 1, end === -1 ? text.length : end + 1];
}

/** Where the line at a position begins, or the first of the lines of comments right above it. */
function withComments(text: string, at: number): number {
  let start = text.lastIndexOf("\n", at - 1) + 1;
  while (start > 0) {
    const before = text.lastIndexOf("\n", start - 2) + 1;
    if (!text.slice(before, start).trimStart().startsWith("#")) break;
    start = before;
  }
  return start;
}

function quotedKey(name: string): string {
  return /^[\w-]+$/.test(name) ? name : tomlValue(name);
}
