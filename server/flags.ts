/**
 * The server's command line.
 *
 * @module
 */

import type { CommandSpec, FlagTable, NumberFlag, ParsedCommand } from "../common/flags.ts";
import { UsageError } from "../common/errors.ts";
import { LIMITS } from "../common/limits.ts";
import { LOG_FLAGS } from "../logs/flags.ts";
import type { ServerSettings } from "./settings.ts";
import type { TlsFiles } from "./connection/tls_keeper.ts";

/** A week: longer waits are no timeouts. */
const MAX_SECONDS = 604_800;

/** The flags of `server.ts`. */
export const SERVER_FLAGS = {
  addr: {
    kind: "text",
    short: "a",
    value: "ADDRESS",
    help: "listen on this address only (default all, IPv4 and IPv6)",
  },
  port: {
    kind: "integer",
    short: "p",
    value: "PORT",
    min: 0,
    max: 65_535,
    default: LIMITS.port,
    help: "listen on this port; 0 lets the system choose",
  },
  db: {
    kind: "text",
    value: "PATH",
    default: "data/jim.db",
    help: "the database; :memory: keeps nothing",
  },
  "known-days": {
    kind: "integer",
    value: "DAYS",
    min: 1,
    max: 36_500,
    default: LIMITS.knownDays,
    help: "forget the name of a guest who was not online for so long",
  },
  "mail-days": {
    kind: "integer",
    value: "DAYS",
    min: 1,
    max: 36_500,
    default: LIMITS.mailDays,
    help: "delete a stored message that nobody fetched for so long",
  },
  "tls-cert": {
    kind: "text",
    value: "PATH",
    help: "serve TLS with this certificate (PEM); SIGHUP reads it again",
  },
  "tls-key": { kind: "text", value: "PATH", help: "its private key (PEM)" },
  "no-guests": { kind: "switch", help: "admit accounts only" },
  "no-register": { kind: "switch", help: "nobody can make an account over the wire" },
  "login-timeout": seconds(
    LIMITS.loginTimeoutSeconds,
    "close a connection that is not online by then",
  ),
  "probe-interval": seconds(
    LIMITS.probeIntervalSeconds,
    "ask a client that has been silent for so long",
  ),
  "probe-timeout": seconds(LIMITS.probeTimeoutSeconds, "close it if it stays silent for so long"),
  "write-timeout": seconds(
    LIMITS.writeTimeoutSeconds,
    "close a connection whose queue stays full for so long",
  ),
  rate: {
    kind: "number",
    value: "N",
    min: 0,
    max: 1_000_000,
    default: LIMITS.requestsPerSecond,
    help: "read at most N requests a second from a connection; 0 is no limit",
  },
  "max-line": {
    kind: "integer",
    value: "BYTES",
    min: 64,
    max: 16_777_216,
    default: LIMITS.maxLine,
    help: "length of a line",
  },
  "max-message": {
    kind: "integer",
    value: "CHARS",
    min: 1,
    max: 1_048_576,
    default: LIMITS.maxMessage,
    help: "length of a message",
  },
  "max-queue": {
    kind: "integer",
    value: "BYTES",
    min: 1,
    max: 1_073_741_824,
    default: LIMITS.maxQueueBytes,
    help: "what may wait for a connection that reads slowly",
  },
  "max-connections": {
    kind: "integer",
    value: "N",
    min: 0,
    max: 1_000_000,
    default: LIMITS.maxConnections,
    help: "connections at once; 0 is no limit",
  },
  "max-per-ip": {
    kind: "integer",
    value: "N",
    min: 0,
    max: 1_000_000,
    default: LIMITS.maxConnectionsPerAddress,
    help: "connections at once from one address; 0 is no limit",
  },
  "stop-at-eof": { kind: "switch", help: "also stop when standard input ends" },
  ...LOG_FLAGS,
} as const satisfies FlagTable;

/** The command line of `server.ts`. */
export const SERVER_COMMAND: CommandSpec<typeof SERVER_FLAGS> = {
  name: "deno task server",
  usage: "[flags]",
  about: "Serves JIM, JSON instant messaging, until SIGINT or SIGTERM.",
  flags: SERVER_FLAGS,
  maxPositional: 0,
};

/** The settings that the flags ask for. */
export function settingsOf(flags: ParsedCommand<typeof SERVER_FLAGS>["flags"]): ServerSettings {
  return {
    guests: !flags["no-guests"],
    registration: !flags["no-register"],
    loginTimeout: flags["login-timeout"],
    probeInterval: flags["probe-interval"],
    probeTimeout: flags["probe-timeout"],
    writeTimeout: flags["write-timeout"],
    rate: flags.rate,
    maxLine: flags["max-line"],
    maxMessage: flags["max-message"],
    maxQueue: flags["max-queue"],
    maxConnections: flags["max-connections"],
    maxPerIp: flags["max-per-ip"],
  };
}

/**
 * The TLS files that the flags name; `undefined` for plain connections.
 *
 * @throws {UsageError} If one is given without the other.
 */
export function tlsFilesOf(
  flags: ParsedCommand<typeof SERVER_FLAGS>["flags"],
): TlsFiles | undefined {
  const { "tls-cert": cert, "tls-key": key } = flags;
  if (cert === undefined && key === undefined) return undefined;
  if (cert !== undefined && key !== undefined) return { cert, key };
  const [given, missing] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
  throw new UsageError(`--tls-${given} needs --tls-${missing}, too`);
}

function seconds(value: number, help: string): NumberFlag {
  return { kind: "number", value: "SECONDS", min: 0.001, max: MAX_SECONDS, default: value, help };
}
