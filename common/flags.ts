/**
 * The command lines of the scripts: a table of flags gives the parsing, the checks and the help text.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";

import { UsageError } from "./errors.ts";
import { shown } from "./printable.ts";
import { VERSION } from "./version.ts";

/** What all flags have. */
export interface FlagBase {
  /** The letter of the short form, as in `-p`. */
  short?: string;
  /** One line for the help text. */
  help: string;
  /**
   * The property of the program's settings that has the flag's value, or its opposite for a switch `no-…`; see
   * `common/settings.ts`. A flag without it is no setting.
   */
  setting?: string;
  /** Whether a program that reads its settings again while it runs goes by the new value from then on. */
  live?: true;
  /** Whether it is about one start, or about the file of settings itself, so that it cannot stand there. */
  onlyFlag?: true;
}

/** A flag with a number. */
export interface NumberFlag extends FlagBase {
  /** What values it takes. */
  kind: "integer" | "number";
  /** What the value is called in the help text. */
  value: string;
  /** The least value allowed. */
  min: number;
  /** The greatest value allowed. */
  max: number;
  /** The value if the flag is not given. */
  default: number;
}

/** A flag with a text; without a default it is `undefined` if it is not given. */
export interface TextFlag extends FlagBase {
  /** What values it takes. */
  kind: "text";
  /** What the value is called in the help text. */
  value: string;
  /** The value if the flag is not given. */
  default?: string;
  /** Whether a text is what {@linkcode TextFlag.value} says. @default All are. */
  isValid?: (text: string) => boolean;
  /** What of a value is for others to see: for a value that may have a password in it. */
  shown?: (value: string) => string;
}

/** A flag with one of several words; without a default it is `undefined` if it is not given. */
export interface ChoiceFlag extends FlagBase {
  /** What values it takes. */
  kind: "choice";
  /** What the value is called in the help text. */
  value: string;
  /** The words allowed; case does not matter. */
  choices: readonly string[];
  /** The value if the flag is not given. */
  default?: string;
}

/** A flag without a value: `true` if it is given. */
export interface SwitchFlag extends FlagBase {
  /** What values it takes. */
  kind: "switch";
}

/** One row of a table of flags. */
export type Flag = NumberFlag | TextFlag | ChoiceFlag | SwitchFlag;

/** A table of flags: long name without dashes → flag. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** What a command line looks like. */
export interface CommandSpec<Table extends FlagTable> {
  /** How the script is called, as in `deno task server`. */
  name: string;
  /** What follows the name in the usage line. */
  usage: string;
  /** One sentence: what the script does. */
  about: string;
  /** The flags. `--help` and `--version` are always there. */
  flags: Table;
  /** How many arguments that are no flags there may be. */
  maxPositional: number;
  /** What follows `--` is handed on. */
  passesRest?: boolean;
}

/** The value that a flag gives. */
export type FlagValue<F extends Flag> = F extends NumberFlag ? number
  : F extends SwitchFlag ? boolean
  : F extends ChoiceFlag
    ? F["choices"][number] | (F extends { default: string } ? never : undefined)
  : F extends { default: string } ? string
  : string | undefined;

/** A parsed command line. */
export interface ParsedCommand<Table extends FlagTable> {
  /** Values by long name. */
  flags: { [Name in keyof Table]: FlagValue<Table[Name]> };
  /** Long names of the flags that were given. */
  given: ReadonlySet<string>;
  /** Arguments that are no flags. */
  positional: string[];
  /** What followed `--`, if the command passes it on. */
  rest: string[];
  /** What `--help` or `--version` asks for: print it and end. */
  info: string | undefined;
}

/**
 * Parses and checks a command line.
 *
 * @param spec The table.
 * @param args As in `Deno.args`.
 * @throws {UsageError} If a flag is unknown, lacks its value or has one that is not allowed.
 */
export function parseCommand<const Table extends FlagTable>(
  spec: CommandSpec<Table>,
  args: readonly string[],
): ParsedCommand<Table> {
  const names = Object.keys(spec.flags);
  const isSwitch = (name: string): boolean => spec.flags[name]!.kind === "switch";
  const aliases: Record<string, string> = { help: "h" };
  for (const name of names) {
    const short = spec.flags[name]!.short;
    if (short !== undefined) aliases[name] = short;
  }
  const parsed = parseArgs(joinNegative(spec.flags, args), {
    boolean: ["help", "version", ...names.filter(isSwitch)],
    string: ["_", ...names.filter((name) => !isSwitch(name))],
    alias: aliases,
    "--": spec.passesRest ?? false,
    unknown: (arg, key): boolean => {
      if (key === undefined) return true;
      const [, name = "", value = ""] = /^--([^=]+)=(.*)$/s.exec(arg) ?? [];
      if (Object.hasOwn(spec.flags, name) && isSwitch(name)) {
        throw new UsageError(`--${name} takes no value, received ${quoted(value)}`);
      }
      throw new UsageError(`Unknown flag ${quoted(arg)}; see ${spec.name} --help`);
    },
  });

  const flags: Record<string, unknown> = {};
  const given = new Set<string>();
  for (const name of names) {
    const flag = spec.flags[name]!;
    const value: unknown = parsed[name];
    if (flag.kind === "switch") {
      flags[name] = value === true;
      if (value === true) given.add(name);
    } else if (value === undefined) {
      flags[name] = flag.default;
    } else {
      flags[name] = readValue(`--${name}`, flag, Array.isArray(value) ? value.at(-1) : value);
      given.add(name);
    }
  }
  const positional = parsed._.map(String);
  if (positional.length > spec.maxPositional) {
    const extra = quoted(positional[spec.maxPositional]!);
    throw new UsageError(`Unexpected argument ${extra}; see ${spec.name} --help`);
  }
  return {
    flags: flags as ParsedCommand<Table>["flags"],
    given,
    positional,
    rest: parsed["--"] ?? [],
    info: infoOf(spec, parsed),
  };
}

/** `--port -1` as `--port=-1`: the parser takes every argument that begins with `-` for a flag. */
function joinNegative(table: FlagTable, args: readonly string[]): string[] {
  const ofNumbers = Object.entries(table)
    .filter(([, { kind }]) => kind === "integer" || kind === "number")
    .flatMap(([name, { short }]) =>
      short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]
    );
  const joined = [...args];
  for (let index = 0; index < joined.length && joined[index] !== "--"; index++) {
    const next = joined[index + 1] ?? "";
    if (!ofNumbers.includes(joined[index]!) || !/^-\d/.test(next)) continue;
    joined.splice(index, 2, `${joined[index]}=${next}`);
  }
  return joined;
}

/**
 * Checks the text of a value.
 *
 * @param label How to call it in the error: `--port`.
 * @param written The value as somebody wrote it, for the error. @default {text}
 * @throws {UsageError} If it is not allowed; says what is.
 */
export function readValue(
  label: string,
  flag: NumberFlag | TextFlag | ChoiceFlag,
  text: unknown,
  written?: string,
): string | number {
  if (typeof text !== "string" || text === "") {
    throw new UsageError(`${label} needs a value: ${allowed(flag)}`);
  }
  if (flag.kind === "text") {
    if (flag.isValid?.(text) !== false) return text;
  } else if (flag.kind === "choice") {
    const word = flag.choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
    if (word !== undefined) return word;
  } else {
    const number = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
    const isWhole = flag.kind === "number" || Number.isSafeInteger(number);
    if (isWhole && number >= flag.min && number <= flag.max) return number;
  }
  throw new UsageError(`${label} must be ${allowed(flag)}, received ${quoted(written ?? text)}`);
}

function infoOf(
  spec: CommandSpec<FlagTable>,
  { help, version }: Readonly<Record<string, unknown>>,
): string | undefined {
  if (help === true) return helpText(spec);
  return version === true ? `JIM messenger ${VERSION}` : undefined;
}

/** The help text: usage, what it does, one line per flag with its default. */
export function helpText(spec: CommandSpec<FlagTable>): string {
  const rows = Object.entries(spec.flags).map(([name, flag]): [string, string] => {
    const short = flag.short === undefined ? "    " : `-${flag.short}, `;
    const value = flag.kind === "switch" ? "" : ` ${flag.value}`;
    const choices = flag.kind === "choice" ? `: ${flag.choices.join(", ")}` : "";
    const fallback = flag.kind === "switch" || flag.default === undefined
      ? ""
      : ` (default ${flag.default})`;
    return [`  ${short}--${name}${value}`, flag.help + choices + fallback];
  });
  rows.push(["      --version", "show the version and end"]);
  rows.push(["  -h, --help", "show this and end"]);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    `Usage: ${spec.name} ${spec.usage}`,
    "",
    spec.about,
    "",
    "Flags:",
    ...rows.map(([left, right]) => left.padEnd(width) + right),
  ].join("\n");
}

function allowed(flag: NumberFlag | TextFlag | ChoiceFlag): string {
  if (flag.kind === "choice") return `one of ${flag.choices.join(", ")}`;
  if (flag.kind === "text") return flag.value;
  const noun = flag.kind === "integer" ? "a whole number" : "a number";
  return `${noun} from ${flag.min} to ${flag.max}`;
}

/** The user's own words in an error: quoted, harmless, short. */
export function quoted(text: string): string {
  return `'${shown(text)}'`;
}

/** A flag's value as a log or a list of settings may have it: see {@linkcode TextFlag.shown}. */
export function shownValue<T>(flag: Flag, value: T): T | string {
  if (flag.kind !== "text" || typeof value !== "string") return value;
  return flag.shown?.(value) ?? value;
}
