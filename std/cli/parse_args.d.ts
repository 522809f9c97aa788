/** How {@linkcode parseArgs} reads the arguments. */
export interface ParseOptions {
  /** Flags that are always text, `undefined` if absent. */
  string?: readonly string[];
  /** Flags that are always true or false. */
  boolean?: readonly string[];
  /** Text flags that may be given several times and come as an array. */
  collect?: readonly string[];
  /** Boolean flags that `--no-NAME` turns off. */
  negatable?: readonly string[];
  /** Other names of a flag: both names are set in the result. */
  alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Values of flags that are absent. */
  default?: Readonly<Record<string, unknown>>;
  /** Stop at the first argument that is no flag. */
  stopEarly?: boolean;
  /** Put what follows `--` into a field of that name instead of `_`. */
  "--"?: boolean;
  /** Called for each flag that is not declared; `false` leaves it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The flags by name; `_` holds what is no flag. */
export interface Args {
  /** The arguments that are no flags, in order; numbers where they look like numbers. */
  _: (string | number)[];
  /** With the option `--`: what followed it. */
  "--"?: string[];
  /** The value of a flag. */
  [flag: string]: unknown;
}

/** Parses command-line arguments. */
export function parseArgs(args: readonly string[], options?: ParseOptions): Args;
