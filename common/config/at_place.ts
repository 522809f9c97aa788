/**
 * What is wrong with a value, said of where it is from.
 *
 * @module
 */

import { FlagError } from "../errors.ts";
import { printable } from "../printable.ts";
import type { ConfigFile } from "./config_keys.ts";

/** A file of settings, if there is one. */
export interface ConfigSource {
  /** What to call it. */
  readonly path: string | undefined;
  /** What it says. */
  readonly file: ConfigFile | undefined;
}

/**
 * Checks values of a command line and a file. A {@linkcode FlagError} about a value of the file becomes one that names its
 * line and its key.
 *
 * @param given What the command line says itself.
 * @throws {unknown} What the check throws.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { FlagError } from "../errors.ts";
 *
 * const source = { path: "jim.toml", file: new Map([["rate", { value: 1, line: 2 }]]) };
 * const check = (): never => {
 *   throw new FlagError("rate", (shown) => `${shown("rate")} needs ${shown("grace")}, too`);
 * };
 * assertThrows(() => atPlace(new Set(), source, check), "jim.toml:2: rate needs grace, too");
 * ```
 */
export function atPlace<T>(
  given: ReadonlySet<string>,
  { path = "", file }: ConfigSource,
  check: () => T,
): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof FlagError) || given.has(error.flag)) throw error;
    const line = file?.get(error.flag)?.line;
    throw line === undefined ? error : error.asKey(`${printable(path)}:${line}`);
  }
}
