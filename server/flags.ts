/**
 * The server's command line.
 *
 * @module
 */

import type { ConfigSpec } from "../common/config/config_keys.ts";
import type { CommandSpec, FlagTable, ParsedCommand } from "../common/flags.ts";
import { FlagError } from "../common/errors.ts";
import { LIMITS } from "../common/limits.ts";
import { defaultSettings, readSettings, type Settings } from "../common/settings.ts";
import { LOG_FLAGS } from "../logs/handlers/flags.ts";
import { maskUrls } from "./cluster/nats/nats_settings.ts";

/** Up to a week; fractions are allowed. */
const SECONDS = { kind: "number", value: "SECONDS", min: 0.001, max: 604_800 } as const;
const DAYS = { kind: "integer", value: "DAYS", min: 1, max: 36_500 } as const;
/** 0 is no limit. */
const COUNT = { kind: "integer", value: "N", min: 0, max: 1_000_000 } as const;

/**
 * The server's own flags, the one list of them: a row with `setting` is a setting of {@linkcode ServerSettings},
 * with its type and its default.
 */
export const SERVER_OWN_FLAGS = {
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
  config: {
    kind: "text",
    onlyFlag: true,
    value: "FILE",
    help:
      "take flags from FILE (TOML, their names are its keys); those given here win; SIGHUP reads it again",
  },
  "print-config": {
    kind: "switch",
    onlyFlag: true,
    help: "print what holds and where it is from, and end",
  },
  db: {
    kind: "text",
    value: "PATH",
    default: "data/jim.db",
    help: "the database; :memory: keeps nothing",
  },
  wait: {
    kind: "number",
    value: "SECONDS",
    min: 0,
    max: 3_600,
    default: 0,
    help: "wait for the database while another server has it open",
  },
  "known-days": {
    ...DAYS,
    default: LIMITS.knownDays,
    help: "forget the name of a guest who was not online for DAYS",
  },
  "mail-days": {
    ...DAYS,
    default: LIMITS.mailDays,
    help: "delete a stored message that nobody fetched for DAYS",
  },
  "room-days": {
    ...DAYS,
    default: LIMITS.roomDays,
    help: "delete a room of an account that nobody was in for DAYS",
  },
  "max-rooms": {
    ...COUNT,
    setting: "maxRooms",
    default: LIMITS.maxRoomsPerAccount,
    help: "rooms that one account may own; 0 is no limit",
  },
  "history-days": {
    ...DAYS,
    min: 0,
    default: LIMITS.historyDays,
    help: "keep messages of accounts and rooms for DAYS; 0 keeps none",
  },
  "resume-hours": {
    kind: "integer",
    value: "HOURS",
    min: 1,
    max: 8_760,
    default: LIMITS.resumeHours,
    help: "an account's client comes back without its password for HOURS",
  },
  "tls-cert": {
    kind: "text",
    value: "PATH",
    help: "serve TLS with this certificate (PEM); SIGHUP reads it again",
  },
  "tls-key": { kind: "text", value: "PATH", help: "its private key (PEM)" },
  "proxy-protocol": {
    kind: "text",
    value: "CIDR,…",
    help: "from proxies in these networks, demand a PROXY header with the client's address",
  },
  "no-guests": { kind: "switch", setting: "guests", live: true, help: "admit accounts only" },
  "no-register": {
    kind: "switch",
    setting: "registration",
    live: true,
    help: "nobody can make an account over the wire",
  },
  "invite-only": {
    kind: "switch",
    setting: "inviteOnly",
    live: true,
    help: "make an account only with a code of deno task users invite",
  },
  "no-classic": {
    kind: "switch",
    setting: "classic",
    help: "serve no clients that send bare JSON objects without newlines",
  },
  "login-timeout": {
    ...SECONDS,
    setting: "loginTimeout",
    live: true,
    default: LIMITS.loginTimeoutSeconds,
    help: "close a connection that is not online by then",
  },
  "probe-interval": {
    ...SECONDS,
    setting: "probeInterval",
    live: true,
    default: LIMITS.probeIntervalSeconds,
    help: "probe a client that has been silent for SECONDS",
  },
  "probe-timeout": {
    ...SECONDS,
    setting: "probeTimeout",
    live: true,
    default: LIMITS.probeTimeoutSeconds,
    help: "close it if it stays silent for SECONDS more",
  },
  "write-timeout": {
    ...SECONDS,
    setting: "writeTimeout",
    live: true,
    default: LIMITS.writeTimeoutSeconds,
    help: "close a connection whose queue stays full for SECONDS",
  },
  grace: {
    ...SECONDS,
    min: 0,
    setting: "grace",
    live: true,
    default: LIMITS.graceSeconds,
    help: "hold the session of a client that comes back for SECONDS; 0: not at all",
  },
  takeover: {
    ...SECONDS,
    setting: "takeover",
    live: true,
    default: LIMITS.takeoverSeconds,
    help: "at a login, close the account's other connection if it is silent for SECONDS",
  },
  rate: {
    kind: "number",
    value: "N",
    min: 0,
    max: 1_000_000,
    setting: "rate",
    live: true,
    default: LIMITS.requestsPerSecond,
    help: "read at most N requests a second from a connection; 0 is no limit",
  },
  "max-line": {
    kind: "integer",
    value: "BYTES",
    min: 64,
    max: 16_777_216,
    setting: "maxLine",
    default: LIMITS.maxLine,
    help: "length of a line",
  },
  "max-message": {
    kind: "integer",
    value: "CHARS",
    min: 1,
    max: 1_048_576,
    setting: "maxMessage",
    default: LIMITS.maxMessage,
    help: "length of a message",
  },
  "max-queue": {
    kind: "integer",
    value: "BYTES",
    min: 1,
    max: 1_073_741_824,
    setting: "maxQueue",
    default: LIMITS.maxQueueBytes,
    help: "what may wait for a connection that reads slowly",
  },
  "max-connections": {
    ...COUNT,
    setting: "maxConnections",
    live: true,
    default: LIMITS.maxConnections,
    help: "connections at once; 0 is no limit",
  },
  "max-per-ip": {
    ...COUNT,
    setting: "maxPerIp",
    live: true,
    default: LIMITS.maxConnectionsPerAddress,
    help: "connections at once from one address (IPv6: one /64); 0 is no limit",
  },
  "max-pending": {
    ...COUNT,
    setting: "maxPending",
    live: true,
    default: LIMITS.maxPendingConnections,
    help: "connections at once that are not online yet; 0 is no limit",
  },
  work: {
    kind: "integer",
    value: "KIB",
    min: 0,
    max: 1_048_576,
    setting: "work",
    default: LIMITS.workKibPerSecond,
    help: "KiB of who, rooms, join and the like that one address gets a second; 0 is no limit",
  },
  "max-memory": {
    kind: "integer",
    value: "MIB",
    min: 0,
    max: 1_048_576,
    setting: "maxMemory",
    default: LIMITS.maxMemoryMib,
    help: "MiB that all queues may hold together; 0 is no limit",
  },
  "max-accounts-per-ip": {
    ...COUNT,
    setting: "maxAccountsPerIp",
    live: true,
    default: LIMITS.maxAccountsPerNetwork,
    help: "accounts that one address makes a day; 0 is no limit",
  },
  "max-names-per-ip": {
    ...COUNT,
    setting: "maxNamesPerIp",
    live: true,
    default: LIMITS.maxNamesPerNetwork,
    help: "new guests' names from one address a day; 0 is no limit",
  },
  "max-db": {
    kind: "integer",
    value: "MIB",
    min: 0,
    max: 1_048_576,
    default: 0,
    help: "store nothing more in a database of that size; 0 is no limit",
  },
  metrics: {
    kind: "text",
    value: "[ADDR:]PORT",
    help: "serve /metrics, /healthz and /readyz over HTTP there (default address 127.0.0.1)",
  },
  nats: {
    kind: "text",
    value: "URL[,URL]",
    shown: maskUrls,
    help: "be a node of the server that all on this NATS are together (nats:// or tls://)",
  },
  "nats-prefix": {
    kind: "text",
    value: "WORD",
    help: "what its streams and subjects begin with (default jim)",
  },
  "nats-creds": { kind: "text", value: "FILE", help: "log in to NATS with these credentials" },
  "nats-nkey": { kind: "text", value: "FILE", help: "log in to NATS with the seed of this NKey" },
  "nats-ca": {
    kind: "text",
    value: "FILE",
    help: "trust these authorities of NATS's certificate (PEM)",
  },
  "nats-cert": {
    kind: "text",
    value: "FILE",
    help: "show NATS this certificate (PEM)",
  },
  "nats-key": { kind: "text", value: "FILE", help: "its private key (PEM)" },
  node: {
    kind: "text",
    value: "NAME",
    help: "what the other nodes call this one (default where it listens)",
  },
  workers: {
    kind: "integer",
    value: "N",
    min: 1,
    max: 64,
    default: 1,
    help: "more than one are started by deno task workers N",
  },
  "reuse-port": {
    kind: "switch",
    help: "share the port with other nodes on this machine (Linux); needs --unstable-net",
  },
  "stop-at-eof": { kind: "switch", help: "also stop when standard input ends" },
  "stop-with": {
    kind: "text",
    onlyFlag: true,
    value: "PID,…",
    help:
      "also stop when one of these processes ends: 'parent', or others with --allow-sys=getPriority",
  },
} as const satisfies FlagTable;

/** The flags of `server.ts`. */
export const SERVER_FLAGS: typeof SERVER_OWN_FLAGS & typeof LOG_FLAGS = {
  ...SERVER_OWN_FLAGS,
  ...LOG_FLAGS,
};

/** What the server goes by while it runs. Times are in seconds and may have fractions. */
export type ServerSettings = Settings<typeof SERVER_OWN_FLAGS>;

/** The settings of a server that is started without flags. */
export const DEFAULT_SETTINGS: ServerSettings = defaultSettings(SERVER_OWN_FLAGS);

/** The command line of `server.ts`. */
export const SERVER_COMMAND: CommandSpec<typeof SERVER_FLAGS> = {
  name: "deno task server",
  usage: "[flags]",
  about: "Serves JIM, JSON instant messaging, until SIGINT or SIGTERM.",
  flags: SERVER_FLAGS,
  maxPositional: 0,
};

/** The file of `--config`. */
export const SERVER_CONFIG: ConfigSpec = {
  flag: "--config",
  keys: SERVER_FLAGS,
  hint: "see deno task server --help",
};

/** The settings that the flags ask for. */
export function settingsOf(flags: ParsedCommand<typeof SERVER_FLAGS>["flags"]): ServerSettings {
  return readSettings(SERVER_OWN_FLAGS, flags);
}

/** Where certificate and key are. */
export interface TlsFiles {
  /** Path of the certificate, followed by those that lead to the authority (PEM). */
  cert: string;
  /** Path of its private key (PEM, without a passphrase). */
  key: string;
}

/**
 * The TLS files that the flags name; `undefined` for plain connections.
 *
 * @throws {FlagError} If one is given without the other.
 */
export function tlsFilesOf(
  flags: ParsedCommand<typeof SERVER_FLAGS>["flags"],
): TlsFiles | undefined {
  const { "tls-cert": cert, "tls-key": key } = flags;
  if (cert === undefined && key === undefined) return undefined;
  if (cert !== undefined && key !== undefined) return { cert, key };
  const [given, missing] = cert === undefined
    ? ["tls-key", "tls-cert"] as const
    : ["tls-cert", "tls-key"] as const;
  throw new FlagError(given, (shown) => `${shown(given)} needs ${shown(missing)}, too`);
}
