// What docs/operating.md says of a database on a read-only file system, on one: of the programs' own.
import { assertEquals } from "@std/assert";

import { openDatabase } from "../../server/store/sqlite_file.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { runProgram } from "../support/run_program.ts";

/** Gives the program after it a place that it can only read; nobody else sees that. */
const UNSHARED = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; exec "$@"';

/** Runs a script beside which a directory is read-only, and gives what it complains of. */
async function complaint(dir: string, args: string[], input = ""): Promise<string> {
  const { stderr } = await runProgram("unshare", [
    ...["--user", "--map-root-user", "--mount", "sh", "-ec", UNSHARED, "sh", dir],
    ...[Deno.execPath(), "run", "--quiet", "--no-check", "--no-prompt"],
    ...["--allow-net", "--allow-read", "--allow-write", ...args],
  ], input);
  return stderr;
}

for (const leaves of [[], [".lock"]]) {
  Deno.test(`a read-only file system is called so, with ${leaves.length} old locks on it`, () =>
    withDatabasePath(async (path) => {
      openDatabase(path).close();
      for (const end of leaves) Deno.writeTextFileSync(path + end, "4242\n");
      const dir = path.slice(0, path.lastIndexOf("/"));
      const line = (db: string): string =>
        `Cannot open database '${db}': it is read-only; make the file and its directory writable\n`;
      for (const db of [path, `${dir}/new.db`, `${dir}/new/new/new.db`]) {
        const server = ["server.ts", "--port", "0", "--log-dir", `${dir}-logs`, "--db", db];
        assertEquals(await complaint(dir, server), line(db));
        const add = ["users.ts", "add", "bob", "--db", db];
        assertEquals(await complaint(dir, add, "correct horse\n"), line(db));
      }
      assertEquals(await complaint(dir, ["users.ts", "list", "--db", path]), line(path));
    }));
}

Deno.test("a lock that alone is read-only is named itself", () =>
  withDatabasePath(async (path) => {
    openDatabase(path).close();
    const lock = `${path}.lock`;
    Deno.writeTextFileSync(lock, "");
    const server = ["server.ts", "--port", "0", "--log-dir", `${path}-logs`, "--db", path];
    assertEquals(
      await complaint(lock, server),
      `Cannot open database '${lock}': it is read-only; make the file and its directory writable\n`,
    );
  }));
