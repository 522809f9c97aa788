/**
 * What is typed into the launcher: for which clients, and what they are to type.
 *
 * @module
 */

import { foldName } from "../common/names.ts";
import { printable } from "../common/printable.ts";

/** A line for clients, told by their indexes into the list of names. */
export type TypedLine = Readonly<{ targets: readonly number[]; line: string }>;

/**
 * Reads `2 message user1 hi` (client 2, counted from 1), `@bob …` (the client of that name) or `@all …`.
 *
 * @param names The clients' names.
 * @returns The clients and their line, or one sentence that says why there are none.
 */
export function readTypedLine(text: string, names: readonly string[]): TypedLine | string {
  const [, target = "", line = ""] = /^\s*(\S*)(?: (.*))?$/su.exec(text) ?? [];
  if (target.toLowerCase() === "@all") return { targets: [...names.keys()], line };
  if (/^\d+$/.test(target) && Number(target) >= 1 && Number(target) <= names.length) {
    return { targets: [Number(target) - 1], line };
  }
  if (target.startsWith("@")) {
    const index = names.findIndex((name) => foldName(name) === foldName(target.slice(1)));
    if (index !== -1) return { targets: [index], line };
  }
  const numbers = names.length === 1 ? "1" : `1–${names.length}`;
  const received = [...target].length > 30 ? `${[...target].slice(0, 30).join("")}…` : target;
  return `Cannot type: a line begins with ${numbers}, @all or @${names[0]}, ` +
    `received '${printable(received)}'`;
}
