/**
 * The command lines of the server and the clients, each with the permissions that it needs and no more.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";

/** A program and its arguments, run without a shell. */
export interface Command {
  /** A path, or a name to be found on the PATH. */
  readonly program: string;
  /** As the program gets them; nothing needs quoting. */
  readonly args: readonly string[];
}

/** Where a client finds its server. */
export interface Place {
  /** A host name or an address, IPv6 without brackets. */
  readonly address: string;
  /** 1–65535. */
  readonly port: number;
}

/** Where the scripts and the Deno that runs them are. */
export interface Runtime {
  /** The Deno to run: `Deno.execPath()`. */
  readonly deno: string;
  /** The project's folder as a URL with a `/` at its end. */
  readonly root: string;
}

/** How a client is started. */
export interface ClientOptions {
  /** Its name in the chat. */
  name: string;
  /** Its server. */
  place: Place;
  /** `en` or `ru`; `undefined`: its own choice. */
  lang: string | undefined;
  /** Whether the server speaks TLS. */
  tls: boolean;
  /** A file with a certificate to trust, besides those that the system trusts. */
  certificate: string | undefined;
  /** Whether it tells when it is ready for a line, see `READY_MARK`. */
  marks: boolean;
}

/** What the server reads and writes unless its flags say otherwise. */
const DATABASE = "data/jim.db";
const LOG_DIR = "logs";

/**
 * Runs `server.ts` so that it ends when its standard input ends: with the pipe held by the launcher, the
 * server cannot outlive it.
 *
 * @param args Flags of the server. The files that they name are what it may read and write.
 */
export function serverCommand(runtime: Runtime, args: readonly string[]): Command {
  const files = serverFiles(args);
  return denoRun(runtime, "server.ts", [
    "--allow-net",
    `--allow-read=${files.read.map(listItem).join(",")}`,
    `--allow-write=${files.write.map(listItem).join(",")}`,
  ], ["--stop-at-eof", ...args]);
}

/** Runs `client.ts` with the network as its only permission, but for the certificate that it has to trust. */
export function clientCommand(runtime: Runtime, options: ClientOptions): Command {
  const { name, place, lang, tls, certificate, marks } = options;
  const permissions = ["--allow-net"];
  if (certificate !== undefined) permissions.push(`--allow-read=${listItem(certificate)}`);
  return denoRun(runtime, "client.ts", permissions, [
    place.address,
    String(place.port),
    "--name",
    name,
    ...(lang === undefined ? [] : ["--lang", lang]),
    ...(tls ? ["--tls"] : []),
    ...(certificate === undefined ? [] : ["--ca", certificate]),
    ...(marks ? ["--marks"] : []),
  ]);
}

/** One of the project's scripts, without prompts and without notes about downloads. */
export function denoRun(
  runtime: Runtime,
  script: string,
  permissions: readonly string[],
  args: readonly string[],
): Command {
  return {
    program: runtime.deno,
    args: ["run", "--quiet", "--no-prompt", ...permissions, runtime.root + script, ...args],
  };
}

/** The file of the certificate that a server with these flags shows; `undefined` if it does not speak TLS. */
export function certificateOf(args: readonly string[]): string | undefined {
  return fileFlags(args)["tls-cert"];
}

function serverFiles(args: readonly string[]): { read: string[]; write: string[] } {
  const flags = fileFlags(args);
  const written = [...databaseFiles(flags.db ?? DATABASE), flags["log-dir"] ?? LOG_DIR];
  const tls = [flags["tls-cert"], flags["tls-key"]].filter((path) => path !== undefined);
  return { read: [...written, ...tls], write: written };
}

type FileFlag = "db" | "log-dir" | "tls-cert" | "tls-key";

/** The server's flags that name files. Of a flag that is given twice, the last counts. */
function fileFlags(args: readonly string[]): Partial<Record<FileFlag, string>> {
  const names: readonly FileFlag[] = ["db", "log-dir", "tls-cert", "tls-key"];
  const parsed = parseArgs(args, { string: names });
  const files: Partial<Record<FileFlag, string>> = {};
  for (const name of names) {
    const value = [parsed[name]].flat().at(-1);
    if (typeof value === "string" && value !== "") files[name] = value;
  }
  return files;
}

/** What SQLite touches: the database's folder, which the server makes if it is missing; else the files in it. */
function databaseFiles(path: string): string[] {
  if (path === ":memory:") return [];
  const folder = /^(.+)[/\\]/.exec(path)?.[1];
  return folder === undefined
    ? ["", "-wal", "-shm", "-journal"].map((end) => path + end)
    : [folder];
}

/** A value in one of Deno's comma-separated lists; a comma of its own is doubled. */
function listItem(path: string): string {
  return path.replaceAll(",", ",,");
}

/**
 * Where clients reach a server that prints this line once it accepts; `undefined` if the line is another.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(listeningPlace("listening on [::]:7777"), { address: "localhost", port: 7777 });
 * ```
 */
export function listeningPlace(line: string): Place | undefined {
  const match = /listening on (?:\[([^\]\s]+)\]|([^\s:]+)):(\d{1,5})(?!\d)/.exec(line);
  if (match === null) return undefined;
  const address = match[1] ?? match[2]!;
  const reachable = address === "::" ? "localhost" : address === "0.0.0.0" ? "127.0.0.1" : address;
  return { address: reachable, port: Number(match[3]) };
}
