/**
 * What is to be started, and the command lines that do it, each with only the permissions that it needs.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

import { parseArgs } from "@std/cli/parse-args";

import {
  LOG_SOURCES,
  NATS_FILES,
  permissionList,
  serverPermissions,
  THREAD_MODULES,
} from "../common/server_permissions.ts";

/**
 * Where a client finds its server: a host name or an address, IPv6 without brackets, and a port from 1 to 65535; of a
 * server of several nodes, the others besides.
 */
export type Place = Readonly<{ address: string; port: number; others?: readonly Place[] }>;

/** The Deno that runs the scripts (`Deno.execPath()`), and the project's folder as a URL that ends with `/`. */
export type Runtime = Readonly<{ deno: string; root: string }>;

/** A program, by its path or by its name on the PATH, and its arguments; no shell reads them. */
export type Command = Readonly<{ program: string; args: readonly string[] }>;

/** Which server the clients talk to: one of the launcher's own, with flags for `server.ts`, or a running one. */
export type ServerChoice = Readonly<
  | { kind: "own"; args: readonly string[]; nodes?: number }
  | Place & { kind: "attach"; tls: boolean; ca: string | undefined }
>;

/** A chat that is to be started. */
export interface ChatPlan {
  /** What runs the scripts. */
  readonly runtime: Runtime;
  /** Own or running. */
  readonly server: ServerChoice;
  /** The clients' names. */
  readonly names: readonly string[];
  /** The clients' language; `undefined`: their own choice. */
  readonly lang: string | undefined;
}

/** What the server reads and writes unless its flags say otherwise. */
const DATABASE = "data/jim.db";
const LOG_DIR = "logs";
/** The same for several nodes: not that of `deno task cluster`, which has other NATS servers. */
const NODES_DATA = "data/launch";

/** Runs `server.ts` with these flags so that it ends when its standard input ends. It may use the files they name. */
export function serverCommand(runtime: Runtime, args: readonly string[]): Command {
  const files = fileFlags(args);
  const { read, write } = serverPermissions({
    db: files.db ?? DATABASE,
    logDir: files["log-dir"] ?? LOG_DIR,
    tlsCert: files["tls-cert"],
    tlsKey: files["tls-key"],
    config: files.config,
    nats: NATS_FILES.map((flag) => files[flag]).filter((path) => path !== undefined),
  });
  const own = (paths: readonly string[]): string[] =>
    paths.map((path) => fileURLToPath(runtime.root + path));
  return denoRun(runtime, "server.ts", [
    "--allow-net",
    `--allow-read=${permissionList([...read, ...own(THREAD_MODULES)])}`,
    `--allow-write=${permissionList(write)}`,
    `--deny-write=${permissionList(own(LOG_SOURCES))}`,
  ], ["--stop-at-eof", ...args]);
}

/** Runs `cluster.ts` with that many nodes and one NATS server, so that it ends when its standard input ends. */
export function clusterCommand(runtime: Runtime, nodes: number, args: readonly string[]): Command {
  const { addr, port, data, others } = splitPlace(args);
  return denoRun(runtime, "cluster.ts", [
    "--allow-net=127.0.0.1",
    "--allow-env=INIT_CWD",
    `--allow-run=${permissionList([runtime.deno])},sh`,
  ], [
    ...[String(nodes), "--nats-servers", "1", "--stop-at-eof"],
    ...(addr === undefined ? [] : ["--addr", addr]),
    ...(port === undefined ? [] : ["--port", port]),
    ...["--data", data ?? NODES_DATA],
    ...(others.length > 0 ? ["--", ...others] : []),
  ]);
}

/**
 * Runs `client.ts` with the network as its only permission, except for a certificate that it has to trust. Of a server
 * of several nodes, the clients begin at one after the other.
 */
export function clientCommand(plan: ChatPlan, name: string, place: Place): Command {
  const { runtime, server, lang } = plan;
  const ca = server.kind === "own" ? fileFlags(server.args)["tls-cert"] : server.ca;
  const tls = server.kind === "own" ? ca !== undefined : server.tls;
  const permissions = ["--allow-net"];
  if (ca !== undefined) permissions.push(`--allow-read=${permissionList([ca])}`);
  const args = [...addressOf(place, plan.names.indexOf(name)), "--name", name];
  if (lang !== undefined) args.push("--lang", lang);
  if (tls) args.push("--tls");
  if (ca !== undefined) args.push("--ca", ca);
  return denoRun(runtime, "client.ts", permissions, args);
}

/** A client's address and port; of several nodes, all with commas between them, and its own one first. */
function addressOf(place: Place, index: number): string[] {
  const { address, port, others = [] } = place;
  if (others.length === 0) return [address, String(port)];
  const nodes = [place, ...others];
  const first = index % nodes.length;
  return [formatPlaces([...nodes.slice(first), ...nodes.slice(0, first)])];
}

/** Places with commas between them, as clients take them. */
export function formatPlaces(places: readonly Place[]): string {
  return places.map(({ address, port }) =>
    address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`
  ).join(",");
}

/** What of a server's flags says where it listens, and where several nodes keep what they know. */
function splitPlace(
  args: readonly string[],
): Record<"addr" | "port" | "data", string | undefined> & { others: string[] } {
  const { addr, port, data } = parseArgs(args, {
    string: ["addr", "port", "data"],
    alias: { addr: "a", port: "p" },
  });
  const isPlace = (arg: string | undefined): boolean =>
    /^(--addr|--port|--data|-a|-p)(=|$)/.test(arg ?? "");
  const others = args.filter((arg, index) => {
    const before = args[index - 1];
    return !isPlace(arg) && !(isPlace(before) && !before!.includes("="));
  });
  return { addr, port, data, others };
}

/** Runs one of the project's scripts, without prompts and without notes about downloads. */
export function denoRun(
  { deno, root }: Runtime,
  script: string,
  permissions: readonly string[],
  args: readonly string[],
): Command {
  const flags = ["run", "--quiet", "--no-prompt", ...permissions];
  return { program: deno, args: [...flags, root + script, ...args] };
}

const FILE_FLAGS = ["db", "log-dir", "tls-cert", "tls-key", "config", ...NATS_FILES] as const;

/** The server's flags that name files. Of a flag that is given twice, the last counts. */
function fileFlags(
  args: readonly string[],
): Partial<Record<typeof FILE_FLAGS[number], string>> {
  const parsed = parseArgs(args, { string: FILE_FLAGS });
  const given = FILE_FLAGS.map((name) => [name, [parsed[name]].flat().at(-1)]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ""));
}

/**
 * Where clients reach a server that prints this line when it accepts connections; `undefined` for other lines. Of several
 * nodes the line has all places, with commas between them, and comes behind lines of the single ones (`node-1  | …`).
 */
export function listeningPlace(line: string): Place | undefined {
  if (/^\S+ +\| /.test(line)) return undefined;
  const list = /listening on (\S+)/.exec(line)?.[1];
  if (list === undefined) return undefined;
  const places = list.split(",").map(readPlace);
  const [first, ...others] = places.filter((place) => place !== undefined);
  if (first === undefined || others.length < places.length - 1) return undefined;
  return others.length === 0 ? first : { ...first, others };
}

function readPlace(text: string): Place | undefined {
  const match = /^(?:\[([^\]\s]+)\]|([^\s:]+)):(\d{1,5})(?!\d)/.exec(text);
  if (match === null) return undefined;
  const address = match[1] ?? match[2]!;
  const reachable = address === "::" ? "localhost" : address === "0.0.0.0" ? "127.0.0.1" : address;
  return { address: reachable, port: Number(match[3]) };
}
