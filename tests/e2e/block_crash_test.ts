// A server that is killed right behind the answer to `block`.
import { assertEquals } from "@std/assert";

import { login } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import type { RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

async function enter(server: ServerProcess, name: string, isNew: boolean): Promise<RawClient> {
  const client = await server.connect();
  const { response } = await client.ask(login(name, undefined, isNew ? { register: true } : {}));
  assertEquals(response, isNew ? 201 : 200);
  return client;
}

Deno.test("kill -9: a block, and its end, that were answered 200 hold in the next server", async () => {
  await withDatabasePath(async (db) => {
    for (const [round, on] of [true, false].entries()) {
      {
        await using server = await ServerProcess.start([], { db, hashesCheaply: true });
        const eve = await enter(server, "eve", round === 0);
        const bob = await enter(server, "bob", round === 0);
        assertEquals((await eve.ask({ event: "block", user: "bob", on })).response, 200);
        server.kill("SIGKILL");
        await Promise.all([eve.ended(), bob.ended()]);
      }
      await using server = await ServerProcess.start([], { db, hashesCheaply: true });
      const bob = await enter(server, "bob", false);
      const message = { event: "msg", to: "eve", message: "hi", store: true };
      assertEquals((await bob.ask(message)).response, on ? 403 : 202, "offline");
      const eve = await enter(server, "eve", false);
      assertEquals((await bob.ask({ ...message, message: "there?" })).response, on ? 403 : 200);
      assertEquals((await eve.ask({ event: "block" })).blocked, on ? ["bob"] : []);
    }
  });
});
