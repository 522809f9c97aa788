/**
 * The client's command line.
 *
 * @module
 */

import type { ConfigFile } from "../common/config/config_keys.ts";
import { withConfig } from "../common/config/with_config.ts";
import { UsageError } from "../common/errors.ts";
import {
  type CommandSpec,
  type FlagTable,
  parseCommand,
  type ParsedCommand,
  readValue,
} from "../common/flags.ts";
import { LIMITS } from "../common/limits.ts";
import { ACCOUNT_NAME_RULE, hasChars, hasNameShape, hasRoomShape } from "../common/names.ts";
import { LOG_FLAGS } from "../logs/handlers/flags.ts";
import { MAX_GUTTER } from "./chat/message_head.ts";
import type { NodeAddress } from "./library/node_address.ts";
import { readQuery } from "./chat/search.ts";
import { THEMES } from "./chat/theme.ts";
import { LANGUAGES } from "./texts/texts.ts";

/** The flags of `client.ts`. */
export const CLIENT_FLAGS = {
  profile: {
    kind: "text",
    onlyFlag: true,
    value: "FILE",
    default: "data/client/settings.toml",
    help: "take settings from FILE (TOML, these flags' names are its keys); flags win",
  },
  addr: {
    kind: "text",
    short: "a",
    value: "ADDRESS",
    default: "localhost",
    help:
      "the server: a host name or an address, also as HOST:PORT; nodes of one with commas between them",
  },
  port: {
    kind: "integer",
    short: "p",
    value: "PORT",
    min: 1,
    max: 65_535,
    default: LIMITS.port,
    help: "its port",
  },
  name: { kind: "text", short: "n", value: "NAME", help: "your name; asked for if not given" },
  "password-file": {
    kind: "text",
    value: "FILE",
    help: "read your password from the first line of FILE; needs --allow-read=FILE",
  },
  takeover: {
    kind: "switch",
    help: "with a password: take the place of your other connection without asking",
  },
  register: {
    kind: "switch",
    onlyFlag: true,
    help: "make an account of your name; the password is asked for, or read from --password-file",
  },
  invite: {
    kind: "text",
    onlyFlag: true,
    value: "CODE",
    help: "with --register: the invitation code, where the server asks for one",
  },
  join: {
    kind: "text",
    value: "ROOMS",
    help: "enter these rooms, with commas between them, as in '#a,#b'; for a chat or --listen",
  },
  to: {
    kind: "text",
    onlyFlag: true,
    value: "WHO",
    help:
      "send one message to a name or a #room, and end: with status 3 if a room had nobody else in it",
  },
  message: {
    kind: "text",
    onlyFlag: true,
    short: "m",
    value: "TEXT",
    help: "the text for --to; '-' reads it from standard input",
  },
  listen: {
    kind: "switch",
    onlyFlag: true,
    help: "print messages until Ctrl-C; reads no commands",
  },
  history: {
    kind: "text",
    onlyFlag: true,
    value: "WHO",
    help: "print the last messages with a name or in a #room, oldest first, and end",
  },
  search: {
    kind: "text",
    onlyFlag: true,
    value: "WORDS",
    help: "print the messages with these words, newest first, and end; in:#room, from:name",
  },
  limit: {
    kind: "integer",
    onlyFlag: true,
    value: "N",
    min: 1,
    max: 10_000,
    default: 50,
    help: "with --history, --search: so many messages at most",
  },
  json: {
    kind: "switch",
    onlyFlag: true,
    help: "with --listen, --history, --search: one JSON value a line, as it came",
  },
  tls: { kind: "switch", help: "encrypt the connection and check the server's certificate" },
  ca: {
    kind: "text",
    value: "FILE",
    help: "with --tls: trust the certificates in FILE (PEM) too; needs --allow-read=FILE",
  },
  lang: {
    kind: "choice",
    value: "LANG",
    choices: LANGUAGES,
    live: true,
    help: "language (default that of the system)",
  },
  bell: {
    kind: "switch",
    onlyFlag: true,
    help: "ring for direct messages and for your name, while you look elsewhere",
  },
  "no-color": {
    kind: "switch",
    live: true,
    help: "no colours; the variable NO_COLOR does the same",
  },
  theme: {
    kind: "choice",
    value: "NAME",
    choices: THEMES,
    default: "auto",
    live: true,
    help: "colours for a dark or a light background, the terminal's own 16, or none",
  },
  gutter: {
    kind: "integer",
    value: "N",
    min: 0,
    max: MAX_GUTTER,
    default: 0,
    live: true,
    help: "names in a column that is N wide, texts beside it; 0: names right before the text",
  },
  plain: {
    kind: "switch",
    help: "write line by line: nothing moves on the screen, as with TERM=dumb",
  },
  "no-reconnect": { kind: "switch", help: "end when the connection is lost" },
  "no-suspend": {
    kind: "switch",
    help: "Ctrl-Z does nothing: for a parent that does not stop with the client, as deno task",
  },
  "history-dir": {
    kind: "text",
    value: "DIR",
    default: "data/history",
    help: "keep what you typed there, if reading and writing it is permitted",
  },
  transcript: {
    kind: "text",
    value: "DIR",
    live: true,
    help: "keep what is said there, as plain text; needs --allow-write=DIR",
  },
  ...LOG_FLAGS,
  marks: {
    kind: "switch",
    onlyFlag: true,
    help: "in a pipe: print U+0006 on a line when a line is awaited",
  },
} as const satisfies FlagTable;

/** The command line of `client.ts`. */
export const CLIENT_COMMAND: CommandSpec<typeof CLIENT_FLAGS> = {
  name: "deno task client",
  usage: "[ADDRESS] [PORT] [flags]",
  about:
    "Chats over JIM, JSON instant messaging. Without a terminal it reads commands line by line.",
  flags: CLIENT_FLAGS,
  maxPositional: 2,
};

/** What the client is asked to do. */
export type ClientTask =
  /** Show the help text, or the version. */
  | { readonly kind: "info"; readonly text: string }
  /** Chat: on a terminal, or in a pipe. */
  | { readonly kind: "chat" }
  /** Send one message; `text` is `-` for standard input. */
  | { readonly kind: "send"; readonly to: string; readonly text: string; readonly name: string }
  /** Print what comes. */
  | { readonly kind: "listen"; readonly asJson: boolean; readonly name: string }
  /** Print what is kept: of a conversation, or what a search finds. */
  | {
    readonly kind: "history" | "search";
    readonly what: string;
    readonly limit: number;
    readonly asJson: boolean;
    readonly name: string;
  };

/** The command line with what the file of settings says, checked. */
export interface ClientSettings {
  /** What to do. */
  readonly task: ClientTask;
  /** The server's host name or address, IPv6 without brackets. */
  readonly addr: string;
  /** The server's port. */
  readonly port: number;
  /** Further nodes of the same server. */
  readonly others: readonly NodeAddress[];
  /** The rooms of `--join`. */
  readonly join: readonly string[];
  /** All other values by flag. */
  readonly flags: ClientCommand["flags"];
}

/** The command line, parsed. */
export type ClientCommand = ParsedCommand<typeof CLIENT_FLAGS>;

/** Parses the client's command line. @throws {UsageError} If it is wrong. */
export function parseClientCommand(args: readonly string[]): ClientCommand {
  return parseCommand(CLIENT_COMMAND, args);
}

/** Whether a command line names the server. */
export function namesServer({ given, positional }: ClientCommand): boolean {
  return positional.length > 0 || given.has("addr");
}

/**
 * Checks a command line together with what the file of settings says.
 *
 * @param file Nothing about the server, if the command line names one.
 * @throws {UsageError} If something does not go together.
 */
export function checkClient(command: ClientCommand, file: ConfigFile = new Map()): ClientSettings {
  const { info, given, positional } = command;
  const flags = withConfig(command, file);
  const [address, port] = positional;
  if (address !== undefined && given.has("addr")) {
    throw new UsageError("Give the address once: as an argument or as --addr");
  }
  const [place, ...others] = (address ?? flags.addr).split(",").map(
    splitAddress,
  ) as [Place, ...Place[]];
  if (others.some(({ host }) => host === "")) {
    throw new UsageError(
      "ADDRESS must be HOST, HOST:PORT or several of these with commas between them",
    );
  }
  // A port that is given alone goes with the address in the file, in the place of the one there.
  const isPortGiven = given.has("port") && !namesServer(command);
  const hasPort = given.has("port") || file.has("port");
  const ports = [
    port,
    isPortGiven ? undefined : place.port,
    hasPort ? String(flags.port) : undefined,
  ]
    .filter((one) => one !== undefined);
  if (ports.length > 1) {
    throw new UsageError("Give the port once: as an argument, behind the address or as --port");
  }
  const readPort = (text: string | undefined): number =>
    text === undefined ? flags.port : readValue("PORT", CLIENT_FLAGS.port, text) as number;
  const prints = flags.history !== undefined || flags.search !== undefined;
  if (flags.json && !flags.listen && !prints) {
    throw new UsageError("--json needs --listen, --history or --search");
  }
  if (given.has("limit") && !prints) throw new UsageError("--limit needs --history or --search");
  if (flags.invite !== undefined && !flags.register) {
    throw new UsageError("--invite needs --register");
  }
  if (flags.invite !== undefined && !hasChars(flags.invite, 1, LIMITS.maxInviteChars)) {
    throw new UsageError(`--invite must be a code of at most ${LIMITS.maxInviteChars} characters`);
  }
  if (flags.join !== undefined && (prints || flags.to !== undefined)) {
    throw new UsageError("--join goes with a chat or --listen");
  }
  if (flags.ca !== undefined && !flags.tls) throw new UsageError("--ca needs --tls");
  return {
    task: info === undefined ? readTask(flags) : { kind: "info", text: info },
    addr: place.host,
    port: readPort(ports[0]),
    others: others.map((other) => ({
      hostname: other.host,
      port: readPort(other.port ?? ports[0]),
    })),
    join: readRooms(flags.join),
    flags,
  };
}

function readRooms(text: string | undefined): string[] {
  const rooms = text?.split(",").map((room) => room.trim()) ?? [];
  for (const room of rooms) {
    if (hasRoomShape(room)) continue;
    throw new UsageError(`--join must be rooms such as '#a,#b'; received '${room}'`);
  }
  return rooms;
}

/** Where a node is; the port as it was typed. */
interface Place {
  readonly host: string;
  readonly port: string | undefined;
}

/** `host`, `host:port`, `[::1]`, `[::1]:port`; an IPv6 address without brackets has no port. */
function splitAddress(address: string): Place {
  const [, bracketed, plain, port] = /^(?:\[(.*)\]|([^:]*))(?::([^:]*))?$/.exec(address) ?? [];
  return { host: bracketed ?? plain ?? address, port };
}

/** What may be asked of the client instead of a chat; one of it. */
const TASKS = ["to", "listen", "history", "search"] as const;

function checkPlace(flag: string, place: string): void {
  if (hasNameShape(place) || hasRoomShape(place)) return;
  throw new UsageError(`${flag} must be a name or a #room: ${ACCOUNT_NAME_RULE}`);
}

function readTask(flags: ClientSettings["flags"]): ClientTask {
  const { to, message: text, listen, json: asJson, name } = flags;
  const tasks = TASKS.filter((flag) => flags[flag] !== undefined && flags[flag] !== false);
  const [task, another] = tasks;
  if ((to === undefined) !== (text === undefined)) {
    throw new UsageError("--to and --message go together, received only one of them");
  }
  if (another !== undefined) {
    throw new UsageError(`--${task} and --${another} exclude each other, received both`);
  }
  if (task === undefined) return { kind: "chat" };
  if (name === undefined) throw new UsageError(`--${task} needs --name`);
  if (to !== undefined && text !== undefined) {
    checkPlace("--to", to);
    return { kind: "send", to, text, name };
  }
  const { history, search, limit } = flags;
  if (listen) return { kind: "listen", asJson, name };
  if (history !== undefined) {
    checkPlace("--history", history);
    return { kind: "history", what: history, limit, asJson, name };
  }
  const query = readQuery(search ?? "");
  if (query.text === "") throw new UsageError("--search needs a word to look for");
  if (query.with !== undefined) checkPlace("in:", query.with);
  return { kind: "search", what: search ?? "", limit, asJson, name };
}
