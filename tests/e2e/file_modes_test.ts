// What the programs make is for their own user alone, whatever the umask.
import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { runProgram } from "../support/run_program.ts";
import { ServerProcess } from "../support/server_process.ts";

/** Modes of all there is below a directory, by path. */
function modesBelow(dir: string, prefix = ""): Record<string, string> {
  const modes: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(dir)) {
    const path = `${dir}/${name}`;
    modes[prefix + name] = (Deno.statSync(path).mode! & 0o777).toString(8);
    if (isDirectory) Object.assign(modes, modesBelow(path, `${prefix}${name}/`));
  }
  return modes;
}

async function withDir(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-modes-" });
  try {
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const under = (umask: string): string[] => ["sh", "-c", 'umask "$0"; exec "$@"', umask];

for (const umask of ["000", "022", "777"]) {
  Deno.test(`with umask ${umask} database, log, lock, backup, key and their directories are private`, async () => {
    await withDir(async (dir) => {
      const options = { db: `${dir}/made/jim.db`, logDir: `${dir}/made/logs` };
      await using server = await ServerProcess.start([], { ...options, wrapper: under(umask) });
      const client = await server.connect();
      const user = { account_name: "eve", password: "correct horse" };
      assertEquals(
        (await client.ask({ event: "authenticate", register: true, user })).response,
        201,
      );
      const [sh, ...args] = under(umask);
      const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt"];
      const backup = `${dir}/made/backup.db`;
      const access = ["--allow-read", "--allow-write"];
      for (
        const program of [
          [...access, "users.ts", "backup", backup, "--db", options.db],
          ["--lock=tests/deno.lock", "--allow-write", "cert.ts", "--dir", `${dir}/made/tls`],
        ]
      ) {
        const { code, stderr } = await runProgram(sh!, [...args, ...deno, ...program]);
        assertEquals([code, stderr], [0, ""]);
      }
      const { "made/tls/cert.pem": certificate, ...modes } = modesBelow(dir);
      assertEquals(certificate !== undefined, true);
      assertEquals(modes, {
        "made": "700",
        "made/backup.db": "600",
        "made/jim.db": "600",
        "made/jim.db-shm": "600",
        "made/jim.db-wal": "600",
        "made/jim.db.lock": "600",
        "made/logs": "700",
        "made/logs/server.log": "600",
        "made/tls": "700",
        "made/tls/key.pem": "600",
      });
    });
  });
}

Deno.test("what an administrator made keeps its modes, and SQLite's files get that of the database", async () => {
  await withDir(async (dir) => {
    Deno.mkdirSync(`${dir}/logs`, { mode: 0o750 });
    Deno.writeTextFileSync(`${dir}/logs/server.log`, "", { mode: 0o644 });
    new DatabaseSync(`${dir}/jim.db`).close();
    for (const [path, mode] of [["logs", 0o750], ["logs/server.log", 0o644], ["jim.db", 0o660]]) {
      Deno.chmodSync(`${dir}/${path}`, mode as number);
    }
    await using server = await ServerProcess.start([], {
      db: `${dir}/jim.db`,
      logDir: `${dir}/logs`,
    });
    await server.connect();
    assertEquals(modesBelow(dir), {
      "jim.db": "660",
      "jim.db-shm": "660",
      "jim.db-wal": "660",
      "jim.db.lock": "600",
      "logs": "750",
      "logs/server.log": "644",
    });
  });
});
