/**
 * A person's settings while the client runs.
 *
 * @module
 */

import {
  type ConfigEntry,
  type ConfigFile,
  configFlag,
  configKeys,
  unknownKey,
} from "../../common/config/config_keys.ts";
import { messageOf, UsageError } from "../../common/errors.ts";
import { type ParsedCommand, readValue } from "../../common/flags.ts";
import { PROFILE, PROFILE_KEYS, PROFILE_TABLES } from "./profile_keys.ts";
import type { ProfileFile } from "./profile_file.ts";

/** The values by key. */
export type ProfileValues = ParsedCommand<typeof PROFILE_KEYS>["flags"];

/** The name of a table. */
export type ProfileTable = keyof typeof PROFILE_TABLES;

/** Where a value is from: the table of flags, the command line, this run, or a line of the file. */
export type Origin =
  | { readonly kind: "default" | "command" | "run" }
  | { readonly kind: "file"; readonly path: string; readonly line: number };

/** What became of a change. */
export type Kept =
  /** It is in the file. */
  | { readonly kind: "kept"; readonly path: string }
  /** It holds for this run only: the file must not be written, or there is none. */
  | { readonly kind: "run"; readonly path: string | undefined }
  /** The same, since writing failed. */
  | { readonly kind: "failed"; readonly path: string; readonly reason: string };

/** What a {@linkcode Profile} is made of. */
export interface ProfileOptions {
  /** The values that the command line gives, by key. */
  readonly command?: Readonly<Record<string, ConfigEntry["value"]>>;
  /** The file that changes go to. */
  readonly file?: ProfileFile;
  /** What it says. */
  readonly entries?: ConfigFile;
  /** Keys of the file that do not count in this run. */
  readonly ignored?: ReadonlySet<string>;
}

/** A value; nothing where there is none. */
export type ProfileValue = ConfigEntry["value"] | undefined;

/**
 * The settings: what was changed in this run, else the command line, else the file, else the default.
 *
 * Guarantee: all values are such as the tables allow.
 */
export class Profile {
  readonly #options: ProfileOptions;
  #entries: ConfigFile;
  /** What was changed and is not in the file, or was given on the command line. */
  readonly #changed = new Map<string, ProfileValue>();

  /** Begins with what the command line and the file say. */
  constructor(options: ProfileOptions = {}) {
    this.#options = options;
    this.#entries = withoutKeys(options.entries ?? new Map(), options.ignored);
  }

  /** What the file says, as far as it counts. */
  get entries(): ConfigFile {
    return this.#entries;
  }

  /** A value. */
  value<Key extends keyof ProfileValues>(key: Key): ProfileValues[Key] {
    // Whatever is in one of the maps was checked against the same table.
    return this.find(key) as ProfileValues[Key];
  }

  /** A value by any key; nothing if there is none. */
  find(key: string): ProfileValue {
    if (this.#changed.has(key)) return this.#changed.get(key) ?? this.#default(key);
    return this.#options.command?.[key] ?? this.#entries.get(key)?.value ?? this.#default(key);
  }

  /** What is in a table: the person's own words → values. */
  table(name: ProfileTable): Map<string, string> {
    const start = `${name}.`;
    const keys = [...this.#entries.keys(), ...this.#changed.keys()];
    const values = keys.filter((key) => key.startsWith(start)).map((key) =>
      [key.slice(start.length), this.find(key)] as const
    );
    return new Map(values.filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  /** Where a value is from. */
  originOf(key: string): Origin {
    const { command, file } = this.#options;
    if (this.#changed.has(key)) return { kind: "run" };
    if (command !== undefined && Object.hasOwn(command, key)) return { kind: "command" };
    const line = this.#entries.get(key)?.line;
    if (line === undefined) return { kind: "default" };
    return { kind: "file", path: file?.path ?? "", line };
  }

  /** All keys that have or may have a value: those of the tables of flags, then the person's own. */
  get keys(): string[] {
    const tables = Object.keys(PROFILE_TABLES) as ProfileTable[];
    const own = tables.flatMap((name) =>
      [...this.table(name).keys()].map((key) => `${name}.${key}`)
    );
    return [...configKeys(PROFILE_KEYS), ...own];
  }

  /**
   * Reads a value as a person types it.
   *
   * @throws {UsageError} If there is no such key, or the value is not allowed.
   */
  static read(key: string, text: string): ConfigEntry["value"] {
    const flag = configFlag(PROFILE, key);
    if (flag === undefined) throw new UsageError(unknownKey(key, PROFILE));
    if (flag.kind !== "switch") return readValue(key, flag, text);
    if (text === "true" || text === "false") return text === "true";
    throw new UsageError(`${key} must be true or false`);
  }

  /**
   * Changes a value at once, if it is one of those that can, and in the file if that may be written.
   *
   * @param value Of a kind that {@linkcode Profile.read} gives; nothing means the default.
   */
  async set(key: string, value: ProfileValue): Promise<Kept> {
    const { command, file, ignored } = this.#options;
    if (configFlag(PROFILE, key)?.live) this.#changed.set(key, value);
    if (file === undefined || !await file.mayChange()) return { kind: "run", path: file?.path };
    const { path } = file;
    try {
      this.#entries = withoutKeys(await file.change(key, value), ignored);
    } catch (error) {
      return { kind: "failed", path, reason: messageOf(error) };
    }
    // Else the file says the same from now on.
    if (command === undefined || !Object.hasOwn(command, key)) this.#changed.delete(key);
    return { kind: "kept", path };
  }

  #default(key: string): ProfileValue {
    const flag = Object.hasOwn(PROFILE_KEYS, key) ? configFlag(PROFILE, key) : undefined;
    return flag === undefined ? undefined : flag.kind === "switch" ? false : flag.default;
  }
}

function withoutKeys(entries: ConfigFile, ignored: ReadonlySet<string> = new Set()): ConfigFile {
  return new Map([...entries].filter(([key]) => !ignored.has(key)));
}
