/**
 * The server may use what its flags name, or says at once how it can.
 *
 * @module
 */

import { StartError } from "../common/errors.ts";
import type { ParsedCommand } from "../common/flags.ts";
import { printable } from "../common/printable.ts";
import { NATS_FILES, type ServerPaths, serverPermissions } from "../common/server_permissions.ts";
import { serverRun } from "../common/server_run.ts";
import { shellWord } from "../common/shell_word.ts";
import type { SERVER_FLAGS } from "./flags.ts";

/** The files and directories that the flags name. */
export function pathsOf(flags: ParsedCommand<typeof SERVER_FLAGS>["flags"]): ServerPaths {
  return {
    db: flags.db,
    logDir: flags["no-log-file"] ? undefined : flags["log-dir"],
    tlsCert: flags["tls-cert"],
    tlsKey: flags["tls-key"],
    config: flags.config,
    nats: NATS_FILES.map((flag) => flags[flag]).filter((path) => path !== undefined),
  };
}

/**
 * Makes sure that this process may read and write its files, without touching any and without asking anybody.
 *
 * @param args The server's command line.
 * @param paths All that it names, for the command that the error gives.
 * @param needed What has to be allowed by now; a database is none where there is no `db`.
 * @throws {StartError} One line with the first path that is not allowed, and a command that allows all of them.
 */
export function requireFiles(
  args: readonly string[],
  paths: ServerPaths,
  needed: Partial<ServerPaths>,
): void {
  const { read, write } = serverPermissions({ db: ":memory:", ...needed });
  const refused = write.find((path) => !isAllowed("write", path)) ??
    read.find((path) => !isAllowed("read", path));
  if (refused === undefined) return;
  throw refusal(`This server may not use ${printable(refused)}`, args, paths);
}

/**
 * Makes sure that this process may share its port: Deno would end it with a text of its own.
 *
 * @throws {StartError} One line with a command that allows it.
 */
export function requireSharedPort(args: readonly string[], paths: ServerPaths): void {
  // What the flag makes known, and nothing else does.
  if ("listenDatagram" in Deno) return;
  throw refusal("--reuse-port needs --unstable-net", args, paths, "--unstable-net");
}

function refusal(
  why: string,
  args: readonly string[],
  paths: ServerPaths,
  ...denoFlags: string[]
): StartError {
  const flags = args.filter((arg) => !arg.startsWith("--stop-with="));
  const [deno, run, ...others] = serverRun(serverPermissions(paths));
  const command = [deno!, run!, ...denoFlags, ...others, ...flags].map(shellWord).join(" ");
  return new StartError(`${why}; in the project's directory run: ${printable(command)}`);
}

function isAllowed(name: "read" | "write", path: string): boolean {
  return Deno.permissions.querySync({ name, path }).state === "granted";
}
