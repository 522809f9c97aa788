// What docs/installing.md says of a disk that is full, on one that is: a small file system of the server's own.
import { assert, assertEquals } from "@std/assert";

import { login, register } from "../support/account_fixture.ts";
import { until } from "../support/launch.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { ServerProcess } from "../support/server_process.ts";

/** Gives the program after it a file system of 4 MiB at a place; nobody else sees that. */
const UNSHARED = 'mount -t tmpfs -o size=4m none "$1"; shift; exec "$@"';

Deno.test("a full disk: 500, not ready, nobody disconnected; with room again the server goes on by itself", () =>
  withDatabasePath(async (db) => {
    const dir = db.slice(0, db.lastIndexOf("/"));
    const wrapper = [
      "unshare",
      "--user",
      "--map-root-user",
      "--mount",
      "sh",
      "-ec",
      UNSHARED,
      "sh",
      dir,
    ];
    await using server = await ServerProcess.start(["--metrics", "0"], {
      db,
      wrapper,
      hashesCheaply: true,
    });
    await server.logs("metrics served");
    const [, address] = /metrics served address=(\S+)/.exec(server.stderr)!;
    const readyz = async (): Promise<number> => {
      const response = await fetch(`http://${address}/readyz`);
      await response.body?.cancel();
      return response.status;
    };
    const eve = await server.connect();
    assertEquals((await eve.ask(register("eve"))).response, 201);
    const bob = await server.connect();
    assertEquals((await bob.ask(register("bob"))).response, 201);
    await bob.ask({ event: "quit" });
    const write = async (): Promise<number> =>
      (await eve.ask({ event: "msg", to: "bob", message: "x".repeat(4_000), store: true }))
        .response!;
    assertEquals(await write(), 202);
    assertEquals(await readyz(), 200);

    // As the server's namespace has it.
    const filler = `/proc/${server.pid}/root${dir}/filler`;
    using file = await Deno.open(filler, { write: true, createNew: true });
    const fill = async (): Promise<void> => {
      try {
        for (;;) await file.write(new Uint8Array(4_096));
      } catch (error) {
        assert(String(error).includes("No space left"), String(error));
      }
    };
    await fill();
    // The database's log may have room of its own left.
    let accepted = 1;
    for (let code = await write(); code !== 500; code = await write()) accepted++;
    await server.logs("the disk is full; make room");
    await until("the server is not ready", async () => (await readyz()) === 503 || undefined);
    assertEquals((await eve.ask({ event: "probe" })).response, 200);

    await Deno.remove(filler);
    await file.truncate(0);
    await until("the server is ready", async () => (await readyz()) === 200 || undefined);
    assertEquals(await write(), 202);
    accepted++;
    const back = await server.connect();
    assertEquals((await back.ask(login("bob"))).response, 200);
    const kept = await back.ask({ event: "history", with: "eve", limit: 100 });
    assertEquals((kept.messages as unknown[]).length, accepted);
  }));
