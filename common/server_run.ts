/**
 * How the server is started by hand.
 *
 * @module
 */

import ownConfig from "../deno.json" with { type: "json" };
import { type FilePermissions, permissionList, THREAD_MODULES } from "./server_permissions.ts";

/** What {@linkcode serverRun} needs of `deno.json`. */
export interface ServerTask {
  /** The tasks by their names. */
  readonly tasks: {
    /** Starts the server. */
    readonly server: string;
  };
}

/**
 * The words of the task `server` up to its script, to be run in the project's directory, with other files allowed and
 * without what only a task needs. Flags of the server may follow.
 *
 * @param files What it may read, besides its own modules, and write; `"all"` is every file.
 * @param config Whose task it is. @default {this project's `deno.json`}
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const words = serverRun({ read: ["/srv/jim"], write: ["/srv/jim"] });
 * assertEquals(words.slice(0, 2), ["deno", "run"]);
 * assertEquals(words.slice(-4), [
 *   "--allow-read=/srv/jim,common,server",
 *   "--allow-write=/srv/jim",
 *   "--deny-write=logs/calls,logs/handlers,logs/mod.ts",
 *   "server.ts",
 * ]);
 * ```
 */
export function serverRun(
  files: FilePermissions | "all",
  config: ServerTask = ownConfig,
): string[] {
  const task = config.tasks.server.split(" ");
  return task.slice(0, task.indexOf("server.ts") + 1).flatMap((word) => {
    const [flag] = word.split("=");
    if (flag === "--allow-sys") return []; // for --stop-with
    if (flag === "--allow-read") return allow(flag, files, "read", THREAD_MODULES);
    if (flag === "--allow-write") return allow(flag, files, "write", []);
    if (flag === "--deny-write") return files === "all" || files.write.length === 0 ? [] : [word];
    return [word];
  });
}

function allow(
  flag: string,
  files: FilePermissions | "all",
  kind: keyof FilePermissions,
  more: readonly string[],
): string[] {
  if (files === "all") return [flag];
  const paths = [...files[kind], ...more];
  return paths.length === 0 ? [] : [`${flag}=${permissionList(paths)}`];
}
