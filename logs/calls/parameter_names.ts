/**
 * The names of a function's parameters, read from its source text.
 *
 * @module
 */

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/u;
const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** One parameter as the source declares it. */
export interface Parameter {
  /** Undefined for a destructured one. */
  readonly name: string | undefined;
  /** Whether it takes all arguments that are left. */
  readonly isRest: boolean;
}

/**
 * Reads the parameters of a function, method, arrow function or generator.
 *
 * @returns Undefined where the source does not tell, as for built-in and bound functions.
 *
 * @example
 * ```ts
 * import { parameterNames } from "./parameter_names.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const names = parameterNames((name: string, ...rooms: string[]) => [name, ...rooms]);
 * assertEquals(names?.map(({ name }) => name), ["name", "rooms"]);
 * ```
 */
export function parameterNames(fn: CallableFunction): Parameter[] | undefined {
  const source = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) return undefined;
  const single = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source);
  if (single !== null) return [{ name: single[1]!, isRest: false }];
  const list = parameterList(source);
  return list === undefined ? undefined : split(list).map(parameterOf);
}

function parameterOf(text: string): Parameter {
  const isRest = text.startsWith("...");
  const name = NAME.exec(isRest ? text.slice(3).trimStart() : text)?.[0];
  return { name, isRest };
}

/** The text between the parentheses that declare the parameters. */
function parameterList(source: string): string | undefined {
  for (let at = 0; at < source.length; at = skip(source, at)) {
    if (source[at] !== "(") continue;
    const end = skip(source, at);
    return source[end - 1] === ")" ? source.slice(at + 1, end - 1) : undefined;
  }
  return undefined;
}

/** Splits at the commas that are in no bracket, string or comment, and leaves comments out. */
function split(list: string): string[] {
  const parts = [""];
  for (let at = 0; at < list.length;) {
    const end = skip(list, at);
    const piece = list.slice(at, end);
    if (piece === ",") parts.push("");
    else if (!/^\/[/*]/.test(piece)) parts[parts.length - 1] += piece;
    at = end;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** Where the token, string, comment or bracketed text that begins at a place ends. */
function skip(text: string, at: number): number {
  const char = text[at]!;
  if (char === '"' || char === "'" || char === "`") {
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === "\\") i++;
      else if (text[i] === char) return i + 1;
    }
    return text.length;
  }
  if (text.startsWith("//", at)) return endOf(text, "\n", at + 2);
  if (text.startsWith("/*", at)) return endOf(text, "*/", at + 2);
  const closer = CLOSERS[char];
  if (closer === undefined) return at + 1;
  for (let i = at + 1; i < text.length;) {
    if (text[i] === closer) return i + 1;
    i = skip(text, i);
  }
  return text.length;
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + mark.length;
}
