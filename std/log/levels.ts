/**
 * The levels of a record and how to go from a name to a number and back.
 *
 * @module
 */

/** Every level by name: the higher the number, the more urgent the record. */
export const LogLevels = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  ERROR: 40,
  CRITICAL: 50,
} as const;

/** A level's number. */
export type LogLevel = typeof LogLevels[LevelName];

/** A level's name. */
export type LevelName = keyof typeof LogLevels;

/** The names of all levels, least urgent first. */
export const LogLevelNames: LevelName[] = Object.keys(LogLevels) as LevelName[];

const NAMES = new Map<number, LevelName>(
  LogLevelNames.map((name) => [LogLevels[name], name]),
);

/**
 * Turns a level's name into its number.
 *
 * @throws {Error} If no level has this name.
 *
 * @example
 * ```ts
 * import { getLevelByName } from "@std/log/levels";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(getLevelByName("WARN"), 30);
 * ```
 */
export function getLevelByName(name: LevelName): LogLevel {
  if (!Object.hasOwn(LogLevels, name)) {
    throw new Error(`Cannot get log level: no level named ${name}`);
  }
  return LogLevels[name];
}

/**
 * Turns a level's number into its name.
 *
 * @throws {Error} If no level has this number.
 *
 * @example
 * ```ts
 * import { getLevelName } from "@std/log/levels";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(getLevelName(30), "WARN");
 * ```
 */
export function getLevelName(level: LogLevel): LevelName {
  const name = NAMES.get(level);
  if (name === undefined) {
    throw new Error(`Cannot get log level: no name for level: ${level}`);
  }
  return name;
}
