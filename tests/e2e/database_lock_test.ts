// One database, one server; and a server that cannot start leaves everything as it was.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { migrate, MIGRATIONS } from "../../server/store/schema.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { runProgram } from "../support/run_program.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";

/** What is in the directory of a database: names with contents, WAL and so on included. */
function contents(dir: string): Record<string, string> {
  return Object.fromEntries(
    [...Deno.readDirSync(dir)].filter(({ isFile }) => isFile).map(({ name }) => {
      const bytes = Deno.readFileSync(`${dir}/${name}`);
      return [name, `${bytes.length} ${bytes.toBase64()}`] as const;
    }).sort(),
  );
}

/** Makes a database of the first version of the schema. */
function makeOldDatabase(path: string): void {
  const old = new DatabaseSync(path);
  migrate(old, MIGRATIONS.slice(0, 1));
  old.close();
}

Deno.test("a second server on a database says whose it is and ends; kill -9 frees it", async () => {
  await withDatabasePath(async (db) => {
    const dir = db.slice(0, -"/jim.db".length);
    await using first = await ServerProcess.start([], { db, logDir: `${dir}/logs` });
    await first.connect();
    await first.logs("connected");
    const log = Deno.readTextFileSync(`${dir}/logs/server.log`);
    const second = await runServer(["--log-when", "S"], { db, logDir: `${dir}/logs` });
    assertEquals([second.code, second.stdout], [1, ""]);
    assertEquals(
      second.stderr,
      `Cannot open database '${db}': another server (process ${first.pid}) has it open; ` +
        "stop that one or choose another file with --db\n",
    );
    assertEquals([...Deno.readDirSync(`${dir}/logs`)].map(({ name }) => name), ["server.log"]);
    assert(Deno.readTextFileSync(`${dir}/logs/server.log`).startsWith(log));

    // Administration goes on beside it.
    const users = await runProgram(Deno.execPath(), [
      ...["run", "--allow-read", "--allow-write", "users.ts", "block", "mallory", "--db", db],
    ]);
    assertEquals([users.code, users.stderr], [0, ""]);

    first.kill("SIGKILL");
    await first.ended();
    await using third = await ServerProcess.start([], { db });
    assert(third.pid !== first.pid);
  });
});

Deno.test("with --wait a server starts once the one before has ended", async () => {
  await withDatabasePath(async (db) => {
    await using first = await ServerProcess.start([], { db });
    const starting = ServerProcess.start(["--wait", "30"], { db });
    await first.connect();
    first.kill("SIGTERM");
    assertEquals((await first.ended()).code, 0);
    await using second = await starting;
    const client = await second.connect();
    const { response } = await client.ask({ event: "presence", user: { account_name: "eve" } });
    assertEquals(response, 200);
    const flags = ["--wait", "0.2"];
    const [late, quiet] = await Promise.all([
      runServer(flags, { db }),
      runServer([...flags, "--quiet"], { db }),
    ]);
    const holder = `another server (process ${second.pid}) has it open`;
    const waiting = `Waiting up to 0.2 s for database '${db}': ${holder}\n`;
    const error = `Cannot open database '${db}': ${holder} still after 0.2 s; ` +
      "stop that one or choose another file with --db\n";
    assertEquals([late.code, late.stderr], [1, waiting + error]);
    assertEquals([quiet.code, quiet.stderr], [1, error]);
  });
});

Deno.test("a taken port leaves an old database file as it was", async () => {
  await withDatabasePath(async (db) => {
    const dir = db.slice(0, -"/jim.db".length);
    makeOldDatabase(db);
    const before = contents(dir);
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const listenOn = ["-a", "127.0.0.1", "-p", `${taken.addr.port}`];
    const { code, stderr } = await runServer([], { db, listenOn, logDir: `${dir}/logs` });
    assertMatch(stderr, /^Cannot listen on 127\.0\.0\.1:\d+: the port is in use; .*\n$/);
    assertEquals(code, 1);
    const { "jim.db.lock": _lock, ...after } = contents(dir);
    assertEquals(after, before);
    assertEquals([...Deno.readDirSync(dir)].filter(({ isDirectory }) => isDirectory), []);

    await using server = await ServerProcess.start([], { db });
    const version = new DatabaseSync(db, { readOnly: true });
    assertEquals(version.prepare("PRAGMA user_version").get()?.user_version, MIGRATIONS.length);
    version.close();
    server.kill("SIGTERM");
    assertEquals((await server.ended()).code, 0);
  });
});

Deno.test("who connects before the database is open is answered when it is", async () => {
  await withDatabasePath(async (db) => {
    makeOldDatabase(db);
    const writer = new DatabaseSync(db);
    writer.exec("BEGIN EXCLUSIVE"); // the server has its port, but has to wait for the file
    const port = freePort();
    const listenOn = ["-a", "127.0.0.1", "-p", `${port}`];
    const starting = ServerProcess.start([], { db, listenOn });
    using conn = await connected(port);
    await conn.write(
      new TextEncoder().encode('{"event":"presence","user":{"account_name":"eve"}}\n'),
    );
    writer.exec("ROLLBACK");
    writer.close();
    await using _ = await starting;
    const bytes = new Uint8Array(4096);
    const count = await conn.read(bytes);
    assertMatch(new TextDecoder().decode(bytes.subarray(0, count!)), /"response":200/);
  });
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The first connection that the port takes. */
async function connected(port: number): Promise<Deno.TcpConn> {
  for (;;) {
    try {
      return await Deno.connect({ hostname: "127.0.0.1", port });
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
