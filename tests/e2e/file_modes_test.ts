// What the programs make is for their own user alone, whatever the umask.
import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { modesBelow } from "../support/modes_below.ts";
import { runProgram } from "../support/run_program.ts";
import { ServerProcess } from "../support/server_process.ts";

async function withDir(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-modes-" });
  try {
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A cache of Deno's own: what is put into it under a umask must not get into the one of this machine. */
async function withCache(run: (denoDir: string) => Promise<void>): Promise<void> {
  await withDir(async (dir) => {
    const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
    const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
    Deno.symlinkSync(npmCache, `${dir}/npm`);
    await run(dir);
  });
}

/** Starts a command under a umask. */
function under(umask: string, denoDir: string): string[] {
  const shell = 'umask "$0"; export DENO_DIR="$1"; shift; exec "$@"';
  return ["sh", "-c", shell, umask, denoDir];
}

// What a umask does that takes from the owner, too: tests/common/private_files_test.ts. Deno's cache would not bear it.
Deno.test("database, log, lock, backup, key and their directories are private", (t) =>
  withCache(async (denoDir) => {
    for (const umask of ["000", "022", "077"]) {
      await t.step(
        `with umask ${umask}`,
        () => withDir((dir) => assertPrivate(dir, under(umask, denoDir))),
      );
    }
  }));

/** Has a server, a backup and a certificate made in a directory, and looks at the modes of what is there. */
async function assertPrivate(dir: string, wrapper: readonly string[]): Promise<void> {
  const options = { db: `${dir}/made/jim.db`, logDir: `${dir}/made/logs`, hashesCheaply: true };
  await using server = await ServerProcess.start([], { ...options, wrapper });
  const client = await server.connect();
  const user = { account_name: "eve", password: "correct horse" };
  assertEquals(
    (await client.ask({ event: "authenticate", register: true, user })).response,
    201,
  );
  const [sh, ...args] = wrapper;
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
  const { "tls/cert.pem": certificate, ...modes } = modesBelow(`${dir}/made`);
  assertEquals(certificate !== undefined, true);
  assertEquals(Deno.statSync(`${dir}/made`).mode! & 0o777, 0o700);
  assertEquals(modes, {
    "backup.db": "600",
    "jim.db": "600",
    "jim.db-shm": "600",
    "jim.db-wal": "600",
    "jim.db.lock": "600",
    "logs": "700",
    "logs/server.log": "600",
    "tls": "700",
    "tls/key.pem": "600",
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
