/**
 * What the launcher is asked to do: its command line, checked.
 *
 * @module
 */

import { UsageError } from "../common/errors.ts";
import { type CommandSpec, parseCommand, readValue } from "../common/flags.ts";
import { LIMITS } from "../common/limits.ts";
import { ACCOUNT_NAME_RULE, foldName, isAccountName } from "../common/names.ts";
import { printable } from "../common/printable.ts";

/** More clients than this fit neither a screen nor a small machine's memory. */
export const MAX_CLIENTS = 50;

/** Where the clients appear. `auto` is settled when the terminal is known. */
export type LaunchMode = "auto" | "tmux" | "windows" | "inline";

/** Which server the clients talk to. */
export type ServerChoice =
  /** One of the launcher's own, with these arguments for `server.ts`. */
  | { kind: "own"; args: readonly string[] }
  /** One that runs already. */
  | {
    kind: "attach";
    address: string;
    port: number;
    /** Whether it speaks TLS. */
    tls: boolean;
    /** A file with a certificate to trust. */
    ca: string | undefined;
  };

/** A checked command line of the launcher. */
export type LaunchTask =
  | { kind: "help" }
  | { kind: "stop" }
  | { kind: "launch"; settings: LaunchSettings };

/** What is to be started, and how. */
export interface LaunchSettings {
  /** Whether and where there is a server. */
  server: ServerChoice;
  /** The clients' names, valid and different from one another; `undefined`: those that the script uses. */
  names: readonly string[] | undefined;
  /** Where the clients appear. */
  mode: LaunchMode;
  /** Start and return. */
  detach: boolean;
  /** The clients' language; `undefined`: their own choice. */
  lang: string | undefined;
  /** A script to play: its path, or `-` for standard input. */
  script: string | undefined;
}

const LAUNCH_FLAGS = {
  names: {
    kind: "text",
    value: "NAME,NAME…",
    help: "the clients' names, instead of user1, user2 …",
  },
  addr: {
    kind: "text",
    short: "a",
    value: "ADDR",
    help: "where the server listens (default all addresses), or is, with --attach",
  },
  port: {
    kind: "integer",
    short: "p",
    value: "PORT",
    min: 0,
    max: 65_535,
    default: LIMITS.port,
    help: "the server's port; 0: a free one",
  },
  attach: { kind: "switch", help: "no own server: connect to the one that runs at ADDR PORT" },
  tls: { kind: "switch", help: "with --attach: that server speaks TLS" },
  ca: { kind: "text", value: "FILE", help: "with --tls: trust the certificates in FILE (PEM) too" },
  mode: {
    kind: "choice",
    value: "MODE",
    choices: ["auto", "tmux", "windows", "inline"],
    default: "auto",
    help: "where the clients appear",
  },
  detach: { kind: "switch", help: "start in tmux and return; 'launch stop' ends it" },
  lang: {
    kind: "choice",
    value: "LANG",
    choices: ["auto", "en", "ru"],
    default: "auto",
    help: "the clients' language",
  },
  script: { kind: "text", value: "FILE", help: "play a chat from a file ('-': standard input)" },
} as const;

/** The launcher's command line. */
export const LAUNCH_COMMAND = {
  name: "deno task launch",
  usage: "[N] [ADDR PORT] [flags] [-- flags of the server]   or   deno task launch stop",
  about:
    `Starts a server and N clients (1–${MAX_CLIENTS}, default 2) at once and ends them together. ` +
    "In tmux where it is\ninstalled, else inline: '2 message user1 hi' is typed by client 2, '@all …' by all.",
  flags: LAUNCH_FLAGS,
  maxPositional: 3,
  passesRest: true,
} as const satisfies CommandSpec<typeof LAUNCH_FLAGS>;

/**
 * Reads the launcher's command line.
 *
 * @param args As in `Deno.args`.
 * @throws {UsageError} If something is not allowed; says what is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const task = parseLaunch(["--names", "eve,bob", "-p", "0"]);
 *
 * assertEquals(task.kind === "launch" && task.settings.names, ["eve", "bob"]);
 * ```
 */
export function parseLaunch(args: readonly string[]): LaunchTask {
  const { flags, given, positional, rest, help } = parseCommand(
    LAUNCH_COMMAND,
    joinDash(args),
  );
  if (help) return { kind: "help" };
  if (positional[0] === "stop") {
    const extra = positional[1] ?? [...given][0] ?? rest[0];
    if (extra !== undefined) {
      throw new UsageError("'stop' takes no other arguments; it ends what was started in tmux");
    }
    return { kind: "stop" };
  }

  const place = [...positional];
  const count = takesCount(place, flags.attach) ? readCount(place.shift()!) : undefined;
  const server = flags.attach
    ? readAttached(place, rest, flags, given)
    : readOwn(place, rest, flags, given);
  if (flags.detach && flags.mode !== "auto" && flags.mode !== "tmux") {
    throw new UsageError(`--detach needs tmux, it does not go with --mode ${flags.mode}`);
  }
  if (flags.script !== undefined && (flags.detach || !["auto", "inline"].includes(flags.mode))) {
    throw new UsageError("--script plays inline, it does not go with another --mode or --detach");
  }
  return {
    kind: "launch",
    settings: {
      server,
      names: readNames(flags.names, count, flags.script !== undefined),
      mode: flags.mode as LaunchMode,
      detach: flags.detach,
      lang: flags.lang === "auto" ? undefined : flags.lang,
      script: flags.script,
    },
  };
}

/** The parser takes a lone `-` for an argument of its own, unless it is joined to its flag. */
function joinDash(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (arg === "--script" && args[index + 1] === "-") return [];
    return arg === "-" && args[index - 1] === "--script" ? ["--script=-"] : [arg];
  });
}

/** Without `--attach` the only argument is N; with it, N is what does not look like an address. */
function takesCount(place: readonly string[], attach: boolean): boolean {
  return place.length > 0 && (!attach || /^[+-]?\d+$/.test(place[0]!));
}

function readCount(text: string): number {
  const range = {
    kind: "integer",
    value: "N",
    min: 1,
    max: MAX_CLIENTS,
    default: 2,
    help: "",
  } as const;
  return readValue("The number of clients", range, text) as number;
}

interface PlaceFlags {
  addr: string | undefined;
  port: number;
  tls: boolean;
  ca: string | undefined;
}

function readOwn(
  place: readonly string[],
  rest: readonly string[],
  flags: PlaceFlags,
  given: ReadonlySet<string>,
): ServerChoice {
  if (place.length > 0) {
    throw new UsageError(
      `Unexpected argument '${printable(place[0]!)}'; ADDR PORT go with --attach, ` +
        "and flags of the server follow '--'",
    );
  }
  if (flags.tls || flags.ca !== undefined) {
    throw new UsageError(
      "--tls and --ca go with --attach; an own server speaks TLS with -- --tls-cert FILE --tls-key FILE",
    );
  }
  const args: string[] = [];
  if (flags.addr !== undefined) args.push("--addr", flags.addr);
  if (given.has("port")) args.push("--port", String(flags.port));
  return { kind: "own", args: [...args, ...rest] };
}

function readAttached(
  place: readonly string[],
  rest: readonly string[],
  flags: PlaceFlags,
  given: ReadonlySet<string>,
): ServerChoice {
  if (rest.length > 0) throw new UsageError("With --attach there is no server to give flags to");
  const [address, port] = place;
  if (address !== undefined && given.has("addr")) {
    throw new UsageError("The server's address is given twice: as ADDR and as --addr");
  }
  if (port !== undefined && given.has("port")) {
    throw new UsageError("The server's port is given twice: as PORT and as --port");
  }
  if (flags.ca !== undefined && !flags.tls) throw new UsageError("--ca needs --tls");
  const range = { ...LAUNCH_FLAGS.port, min: 1 };
  return {
    kind: "attach",
    address: address ?? flags.addr ?? "localhost",
    tls: flags.tls,
    ca: flags.ca,
    port: readValue(
      port === undefined ? "--port" : "PORT",
      range,
      port ?? `${flags.port}`,
    ) as number,
  };
}

function readNames(
  list: string | undefined,
  count: number | undefined,
  hasScript: boolean,
): readonly string[] | undefined {
  if (list === undefined) {
    if (hasScript && count === undefined) return undefined;
    return Array.from({ length: count ?? 2 }, (_, index) => `user${index + 1}`);
  }
  const names = list.split(",").map((name) => name.trim().normalize("NFC"));
  const bad = names.find((name) => !isAccountName(name));
  if (bad !== undefined) {
    throw new UsageError(
      `--names must be names with commas between them, each of ${ACCOUNT_NAME_RULE}; ` +
        `received '${printable(bad.slice(0, 60))}'`,
    );
  }
  const twice = names.find((name, index) =>
    names.findIndex((other) => foldName(other) === foldName(name)) !== index
  );
  if (twice !== undefined) throw new UsageError(`--names has '${twice}' twice`);
  if (names.length > MAX_CLIENTS) {
    throw new UsageError(`--names must be 1 to ${MAX_CLIENTS} names, received ${names.length}`);
  }
  if (count !== undefined && count !== names.length) {
    throw new UsageError(`N is ${count}, but --names has ${names.length}; leave N out`);
  }
  return names;
}
