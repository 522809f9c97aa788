/**
 * What is to be started, and the command lines that do it, each with only the permissions that it needs.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

import { parseArgs } from "@std/cli/parse-args";

import { permissionList, serverPermissions, THREAD_MODULES } from "../common/server_permissions.ts";

/** Where a client finds its server: a host name or an address, IPv6 without brackets, and a port from 1 to 65535. */
export type Place = Readonly<{ address: string; port: number }>;

/** The Deno that runs the scripts (`Deno.execPath()`), and the project's folder as a URL that ends with `/`. */
export type Runtime = Readonly<{ deno: string; root: string }>;

/** A program, by its path or by its name on the PATH, and its arguments; no shell reads them. */
export type Command = Readonly<{ program: string; args: readonly string[] }>;

/** Which server the clients talk to: one of the launcher's own, with flags for `server.ts`, or a running one. */
export type ServerChoice = Readonly<
  | { kind: "own"; args: readonly string[] }
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

/** Runs `server.ts` with these flags so that it ends when its standard input ends. It may use the files they name. */
export function serverCommand(runtime: Runtime, args: readonly string[]): Command {
  const files = fileFlags(args);
  const { read, write } = serverPermissions({
    db: files.db ?? DATABASE,
    logDir: files["log-dir"] ?? LOG_DIR,
    tlsCert: files["tls-cert"],
    tlsKey: files["tls-key"],
    config: files.config,
  });
  const modules = THREAD_MODULES.map((folder) => fileURLToPath(runtime.root + folder));
  return denoRun(runtime, "server.ts", [
    "--allow-net",
    `--allow-read=${permissionList([...read, ...modules])}`,
    `--allow-write=${permissionList(write)}`,
  ], ["--stop-at-eof", ...args]);
}

/** Runs `client.ts` with the network as its only permission, except for a certificate that it has to trust. */
export function clientCommand(plan: ChatPlan, name: string, place: Place): Command {
  const { runtime, server, lang } = plan;
  const ca = server.kind === "own" ? fileFlags(server.args)["tls-cert"] : server.ca;
  const tls = server.kind === "own" ? ca !== undefined : server.tls;
  const permissions = ["--allow-net"];
  if (ca !== undefined) permissions.push(`--allow-read=${permissionList([ca])}`);
  const args = [place.address, String(place.port), "--name", name];
  if (lang !== undefined) args.push("--lang", lang);
  if (tls) args.push("--tls");
  if (ca !== undefined) args.push("--ca", ca);
  return denoRun(runtime, "client.ts", permissions, args);
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

const FILE_FLAGS = ["db", "log-dir", "tls-cert", "tls-key", "config"] as const;

/** The server's flags that name files. Of a flag that is given twice, the last counts. */
function fileFlags(
  args: readonly string[],
): Partial<Record<typeof FILE_FLAGS[number], string>> {
  const parsed = parseArgs(args, { string: FILE_FLAGS });
  const given = FILE_FLAGS.map((name) => [name, [parsed[name]].flat().at(-1)]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ""));
}

/** Where clients reach a server that prints this line when it accepts connections; `undefined` for other lines. */
export function listeningPlace(line: string): Place | undefined {
  const match = /listening on (?:\[([^\]\s]+)\]|([^\s:]+)):(\d{1,5})(?!\d)/.exec(line);
  if (match === null) return undefined;
  const address = match[1] ?? match[2]!;
  const reachable = address === "::" ? "localhost" : address === "0.0.0.0" ? "127.0.0.1" : address;
  return { address: reachable, port: Number(match[3]) };
}
