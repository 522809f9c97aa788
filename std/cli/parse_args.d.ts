/**
 * A flag, a union of flags, or nothing.
 *
 * @internal
 */
type Names = string | undefined;
/**
 * Flags and what else they are called.
 *
 * @internal
 */
type AliasTable<Flag = string, Other extends string = string> = Partial<
  Record<Extract<Flag, string>, Other | readonly Other[]>
>;

/** One flag: its name with dots, the value that it has, and whether it is there only if it is given. */
type Entry<Path extends string, Value, Optional extends boolean> = Optional extends true
  ? Path extends `${infer Head}.${infer Rest}` ? { [K in Head]?: Entry<Rest, Value, true> }
  : { [K in Path]?: Value }
  : Path extends `${infer Head}.${infer Rest}` ? { [K in Head]: Entry<Rest, Value, false> }
  : { [K in Path]: Value };

/** All members of a union at once. */
type All<Union> = (Union extends unknown ? (each: Union) => void : never) extends
  ((all: infer Every) => void) ? Every
  : never;

/**
 * One object for several that are joined by `&`.
 *
 * @internal
 */
type Merged<T> = T extends readonly unknown[] ? T
  : T extends Record<string, unknown> ? { [K in keyof T]: Merged<T[K]> }
  : T;

/** The fields of several flags; `{}` if there is none. */
type Fields<Path extends string, Value, Optional extends boolean> = [Path] extends [never]
  ? Record<never, never>
  : All<Path extends string ? Entry<Path, Value, Optional> : never>;

/** Flags of one type: several values where they are collected, `false` where they are negated. */
type Typed<
  Path extends string,
  Value,
  Optional extends boolean,
  Collected extends Names,
  Negated extends Names,
> =
  & Fields<Exclude<Path, Collected | Negated>, Value, Optional>
  & Fields<Exclude<Extract<Path, Negated>, Collected>, Value | false, Optional>
  & Fields<Exclude<Extract<Path, Collected>, Negated>, Value[], false>
  & Fields<Extract<Extract<Path, Collected>, Negated>, Value[] | false, false>;

/** Flags that are declared by name. */
type Declared<B, S extends Names, C extends Names, N extends Names> =
  & Typed<Extract<S, string>, string, true, C, N>
  & Typed<Extract<B, string>, boolean, false, C, undefined>
  & Typed<Exclude<Extract<C, string>, B | S>, unknown, false, C, N>;

/** Declared flags with defaults: a flag that has one is always there. */
type WithDefaults<Given, D> = D extends Record<string, unknown> ?
    & Omit<Given, Extract<keyof D, keyof Given>>
    & {
      [K in keyof D]: K extends keyof Given
        ? NonNullable<Given[K]> extends Record<string, unknown>
          ? WithDefaults<NonNullable<Given[K]>, D[K]>
        : NonNullable<Given[K]> | D[K]
        : unknown;
    }
  : Given;

/** Defaults by path instead of by a name with dots. */
type ByPath<D> = D extends Record<string, unknown> ? string extends keyof D ? D
  : All<{ [K in keyof D]: K extends string ? Entry<K, D[K], false> : never }[keyof D]>
  : undefined;

/** What else a field is called; only literal names can be known. */
type NamesOf<Field, A> = Field extends keyof A
  ? A[Field] extends infer Other
    ? Other extends readonly (infer Each)[] ? Field | (string extends Each ? never : Each)
    : Field | (string extends Other ? never : Other)
  : Field
  : Field;

/** Every field under its other names, too. */
type Renamed<Given, A> = {
  [Field in keyof Given as Extract<NamesOf<Field, A>, PropertyKey>]: Given[Field];
};

/** Whether any flag is declared by name, so that the others are unknown. */
type IsTyped<B, S extends Names, C extends Names> = [Extract<B | S | C, string>] extends [never]
  ? B extends true ? true : false
  : true;

/**
 * The flags of a result.
 *
 * @internal
 */
type Values<B, S extends Names, C extends Names, N extends Names, D, A> = IsTyped<B, S, C> extends
  true ?
    & Record<string, unknown>
    & Renamed<WithDefaults<Declared<B, S, C, N>, ByPath<D>>, A>
  // deno-lint-ignore no-explicit-any -- upstream's own: without declarations anything may be there
  : Record<string, any>;

/** How {@linkcode parseArgs} reads the arguments. */
export interface ParseOptions<
  TBooleans extends boolean | Names = boolean | Names,
  TStrings extends Names = Names,
  TCollectable extends Names = Names,
  TNegatable extends Names = Names,
  TDefault extends Record<string, unknown> | undefined = Record<string, unknown> | undefined,
  TAliases extends AliasTable | undefined = AliasTable | undefined,
  TDoubleDash extends boolean | undefined = boolean | undefined,
> {
  /** Flags that are always text, `undefined` if absent. */
  string?: TStrings | readonly Extract<TStrings, string>[];
  /** Flags that are always true or false; `true`: all flags with two dashes and without `=`. */
  boolean?: TBooleans | readonly Extract<TBooleans, string>[];
  /** Flags that may be given several times and come as an array. */
  collect?: TCollectable | readonly Extract<TCollectable, string>[];
  /** Flags that `--no-NAME` turns off. */
  negatable?: TNegatable | readonly Extract<TNegatable, string>[];
  /** Other names of a flag: both names are set in the result. */
  alias?: TAliases;
  /** Values of flags that are absent. */
  default?: TDefault & Record<string, unknown>;
  /** Stop at the first argument that is no flag. */
  stopEarly?: boolean;
  /** Put what follows `--` into a field of that name instead of `_`. */
  "--"?: TDoubleDash;
  /** Called for each flag that is not declared; `false` leaves it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The flags by name; `_` holds what is no flag, numbers where they look like numbers. */
export type Args<
  // deno-lint-ignore no-explicit-any -- upstream's own
  TArgs extends Record<string, unknown> = Record<string, any>,
  TDoubleDash extends boolean | undefined = undefined,
> = Merged<
  & TArgs
  & { _: (string | number)[] }
  & (boolean extends TDoubleDash ? { "--"?: string[] }
    : true extends TDoubleDash ? { "--": string[] }
    : Record<never, never>)
>;

/**
 * Parses command-line arguments. Flags that the options declare have their types in the result, all others are
 * `unknown`; without any declaration all are `any`.
 */
export function parseArgs<
  TDoubleDash extends boolean | undefined = undefined,
  TBooleans extends boolean | Names = undefined,
  TStrings extends Names = undefined,
  TCollectable extends Names = undefined,
  TNegatable extends Names = undefined,
  TDefaults extends Record<string, unknown> | undefined = undefined,
  TAliases extends AliasTable<TAliasFlags, TAliasNames> | undefined = undefined,
  TAliasFlags extends string = string,
  TAliasNames extends string = string,
>(
  args: readonly string[],
  options?: ParseOptions<
    TBooleans,
    TStrings,
    TCollectable,
    TNegatable,
    TDefaults,
    TAliases,
    TDoubleDash
  >,
): Args<
  Values<TBooleans, TStrings, TCollectable, TNegatable, TDefaults, TAliases>,
  TDoubleDash
>;
