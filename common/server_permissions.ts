/**
 * What the server has to be allowed to read and to write.
 *
 * @module
 */

import { StartError } from "./errors.ts";
import { printable } from "./printable.ts";

/** Files and directories that the server's flags name; what is `undefined` is not used. */
export interface ServerPaths {
  /** Of `--db`: the database, or `:memory:`. */
  readonly db: string;
  /** Of `--log-dir`. */
  readonly logDir?: string | undefined;
  /** Of `--tls-cert`. */
  readonly tlsCert?: string | undefined;
  /** Of `--tls-key`. */
  readonly tlsKey?: string | undefined;
  /** Of `--config`. */
  readonly config?: string | undefined;
  /** Of {@linkcode NATS_FILES}. */
  readonly nats?: readonly string[] | undefined;
}

/** The flags of the server that name files for its connection to NATS. */
export const NATS_FILES = ["nats-creds", "nats-nkey", "nats-ca", "nats-cert", "nats-key"] as const;

/** Values of `--allow-read` and `--allow-write`. */
export interface FilePermissions {
  /** What is read, written files included. */
  readonly read: readonly string[];
  /** What is written. */
  readonly write: readonly string[];
}

/** Folders of the program that the server reads to start its thread for reading and searching. */
export const THREAD_MODULES: readonly string[] = ["common", "server"];

/**
 * The program's own sources in `logs`, where its log files go: taken out of every permission to write there. Deno looks
 * at paths, so it also holds for a permission that names `logs` in another way.
 */
export const LOG_SOURCES: readonly string[] = ["logs/calls", "logs/handlers", "logs/mod.ts"];

/**
 * What a server with these paths reads and writes besides {@linkcode THREAD_MODULES}. A database in a folder takes the
 * folder, which the server makes if it is missing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(serverPermissions({ db: "data/jim.db", logDir: "logs", config: "jim.toml" }), {
 *   read: ["data", "logs", "jim.toml"],
 *   write: ["data", "logs"],
 * });
 * ```
 */
export function serverPermissions(paths: ServerPaths): FilePermissions {
  const { db, logDir, tlsCert, tlsKey, config, nats = [] } = paths;
  const given = (...list: (string | undefined)[]): string[] =>
    list.filter((path) => path !== undefined);
  const write = [...databaseFiles(db), ...given(logDir)];
  return { read: [...write, ...given(tlsCert, tlsKey, config), ...nats], write };
}

/**
 * Paths as the value of a flag such as `--allow-read`.
 *
 * @throws {StartError} If one has a comma, which parts them: Deno has no way to write it.
 */
export function permissionList(paths: readonly string[]): string {
  const comma = paths.find((path) => path.includes(","));
  if (comma === undefined) return paths.join(",");
  throw new StartError(
    `Deno cannot be allowed a path with a comma, such as ${printable(comma)}; choose another one`,
  );
}

/** What SQLite and the lock touch. */
function databaseFiles(path: string): string[] {
  if (path === ":memory:") return [];
  const folder = /^(.*[/\\])/.exec(path)?.[1];
  if (folder === undefined) {
    return ["", "-wal", "-shm", "-journal", ".lock"].map((end) => path + end);
  }
  return [folder.length > 1 ? folder.slice(0, -1) : folder];
}
