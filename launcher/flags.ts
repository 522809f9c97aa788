/**
 * What the launcher is asked to do: its command line, checked.
 *
 * @module
 */

import { UsageError } from "../common/errors.ts";
import { type CommandSpec, parseCommand, type ParsedCommand, readValue } from "../common/flags.ts";
import { LIMITS } from "../common/limits.ts";
import { ACCOUNT_NAME_RULE, foldName, hasNameShape } from "../common/names.ts";
import { printable } from "../common/printable.ts";
import type { ChatPlan, ServerChoice } from "./commands.ts";

/** How many clients there may be: more fit neither on a screen nor into a small machine's memory. */
const COUNT = { kind: "integer", value: "N", min: 1, max: 50, default: 2, help: "" } as const;

/** A checked command line of the launcher. */
export type LaunchTask = Readonly<
  { kind: "info"; text: string } | { kind: "stop" } | { kind: "launch"; settings: LaunchSettings }
>;

/** What is to be started, and how. */
export interface LaunchSettings extends Pick<ChatPlan, "server" | "lang"> {
  /** The clients' names, valid and different from one another; `undefined`: those that the script uses. */
  readonly names: readonly string[] | undefined;
  /** Where the clients appear; `auto` is settled when the terminal is known. */
  readonly mode: "auto" | "tmux" | "windows" | "inline";
  /** Start and return. */
  readonly detach: boolean;
  /** A script to play: its path, or `-` for standard input. */
  readonly script: string | undefined;
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
  nodes: {
    kind: "integer",
    value: "N",
    min: 1,
    max: 9,
    default: 1,
    help: "the server has so many nodes, with NATS between them; needs nats-server",
  },
  attach: {
    kind: "switch",
    help: "no own server: connect to the one that runs at ADDR PORT, which follow N",
  },
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
  usage: "[N] [flags] [--attach [ADDR PORT]] [-- flags of the server]   or   deno task launch stop",
  about:
    `Starts a server and N clients (1–${COUNT.max}, default ${COUNT.default}) at once and ends them together. ` +
    "In tmux where it is\ninstalled, else inline: '2 message user1 hi' is typed by client 2, '@all …' by all.",
  flags: LAUNCH_FLAGS,
  maxPositional: 3,
  passesRest: true,
} as const satisfies CommandSpec<typeof LAUNCH_FLAGS>;

type Parsed = ParsedCommand<typeof LAUNCH_FLAGS>;

/**
 * Parses and checks the launcher's command line.
 *
 * @param args As in `Deno.args`.
 * @throws {UsageError} If something is not allowed; says what is.
 */
export function parseLaunch(args: readonly string[]): LaunchTask {
  const command = parseCommand(LAUNCH_COMMAND, joinDash(args));
  const { flags, given, positional, rest } = command;
  if (command.info !== undefined) return { kind: "info", text: command.info };
  if (positional[0] === "stop") {
    if (positional.length > 1 || given.size > 0 || rest.length > 0) {
      throw new UsageError("'stop' takes no other arguments; it ends what was started in tmux");
    }
    return { kind: "stop" };
  }

  const { attach, mode, detach, script } = flags;
  const lang = flags.lang === "auto" ? undefined : flags.lang;
  // Without --attach the only argument is N; with it, N is what does not look like an address.
  const takesCount = positional.length > 0 && (!attach || /^[+-]?\d+$/.test(positional[0]!));
  const count = takesCount
    ? readValue("The number of clients", COUNT, positional.shift()) as number
    : undefined;
  const server = attach ? readAttached(command) : readOwn(command);
  if (detach && mode !== "auto" && mode !== "tmux") {
    throw new UsageError(`--detach needs tmux, it does not go with --mode ${mode}`);
  }
  if (script !== undefined && (detach || (mode !== "auto" && mode !== "inline"))) {
    throw new UsageError("--script plays inline, it does not go with another --mode or --detach");
  }
  const names = flags.names === undefined
    ? script !== undefined && count === undefined ? undefined : defaultNames(count)
    : readNames(flags.names, count);
  return { kind: "launch", settings: { server, names, mode, detach, lang, script } };
}

/** The parser takes a lone `-` for an argument of its own, unless it is joined to its flag. */
function joinDash(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (arg === "--script" && args[index + 1] === "-") return [];
    return arg === "-" && args[index - 1] === "--script" ? ["--script=-"] : [arg];
  });
}

function readOwn({ positional, rest, flags, given }: Parsed): ServerChoice {
  const { addr, port, nodes, tls, ca } = flags;
  if (positional.length > 0) {
    throw new UsageError(
      `Unexpected argument '${printable(positional[0]!)}'; ADDR PORT go with --attach, ` +
        "and flags of the server follow '--'",
    );
  }
  if (tls || ca !== undefined) {
    throw new UsageError(
      "--tls and --ca go with --attach; an own server speaks TLS with -- --tls-cert FILE --tls-key FILE",
    );
  }
  const args: string[] = [];
  if (addr !== undefined) args.push("--addr", addr);
  if (given.has("port")) args.push("--port", String(port));
  return { kind: "own", args: [...args, ...rest], ...(nodes > 1 && { nodes }) };
}

function readAttached({ positional, rest, flags, given }: Parsed): ServerChoice {
  const { addr, tls, ca } = flags;
  if (given.has("nodes")) throw new UsageError("--nodes is for an own server, not with --attach");
  if (rest.length > 0) throw new UsageError("With --attach there is no server to give flags to");
  const [address, port] = positional;
  if (address !== undefined && given.has("addr")) {
    throw new UsageError("The server's address is given twice: as ADDR and as --addr");
  }
  if (port !== undefined && given.has("port")) {
    throw new UsageError("The server's port is given twice: as PORT and as --port");
  }
  if (ca !== undefined && !tls) throw new UsageError("--ca needs --tls");
  const [label, text] = port === undefined ? ["--port", String(flags.port)] : ["PORT", port];
  const checked = readValue(label!, { ...LAUNCH_FLAGS.port, min: 1 }, text) as number;
  return { kind: "attach", address: address ?? addr ?? "localhost", port: checked, tls, ca };
}

function defaultNames(count: number = COUNT.default): readonly string[] {
  return Array.from({ length: count }, (_, index) => `user${index + 1}`);
}

function readNames(list: string, count: number | undefined): readonly string[] {
  const names = list.split(",").map((name) => name.trim().normalize("NFC"));
  const bad = names.find((name) => !hasNameShape(name));
  if (bad !== undefined) {
    throw new UsageError(
      `--names must be names with commas between them, each of ${ACCOUNT_NAME_RULE}; ` +
        `received '${printable(bad.slice(0, 60))}'`,
    );
  }
  const folded = names.map(foldName);
  const twice = names.find((_, index) => folded.indexOf(folded[index]!) !== index);
  if (twice !== undefined) throw new UsageError(`--names has '${twice}' twice`);
  if (names.length > COUNT.max) {
    throw new UsageError(`--names must be 1 to ${COUNT.max} names, received ${names.length}`);
  }
  if (count !== undefined && count !== names.length) {
    throw new UsageError(`N is ${count}, but --names has ${names.length}; leave N out`);
  }
  return names;
}
