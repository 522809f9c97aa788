// An administrator's commands beside a server that runs, seen by people who are in the rooms.
import { assert, assertEquals } from "@std/assert";

import { login } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import type { RawClient } from "../support/raw_client.ts";
import { runProgram } from "../support/run_program.ts";
import { ServerProcess } from "../support/server_process.ts";

Deno.test("users rooms: a grant holds and a removed room is empty while people are in; audit has all of it", async () => {
  await withDatabasePath(async (db) => {
    const users = async (...args: string[]): Promise<string> => {
      const task = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", "users.ts"];
      const { code, stdout, stderr } = await runProgram(Deno.execPath(), [
        ...task,
        ...args,
        `--db=${db}`,
      ]);
      assertEquals([code, stderr], [0, ""]);
      return stdout;
    };
    const made: string[] = [];
    {
      await using server = await ServerProcess.start([], { db, hashesCheaply: true });
      const enter = async (name: string): Promise<RawClient> => {
        const client = await server.connect();
        assertEquals((await client.ask(login(name, undefined, { register: true }))).response, 201);
        for (const room of ["#Dev", "#Tea"]) await client.ask({ event: "join", room });
        return client;
      };
      const [eve, ann] = [await enter("Eve"), await enter("Ann")];
      const moderated = { event: "room", room: "#dev", moderated: true };
      assertEquals((await eve.ask(moderated)).response, 200);
      await ann.ask({ event: "msg", to: "#tea", message: "kept" });
      for (const client of [eve, ann]) await client.pending();

      const say = { event: "msg", to: "#dev", message: "may I?" };
      assertEquals((await ann.ask(say)).refused, "moderated");
      made.push(await users("rooms", "grant", "#dev", "ann", "owner"));
      made.push(await users("rooms", "remove", "#tea"));
      // Changes are learnt of in their order, so the grant was before that.
      for (const client of [ann, eve]) {
        const { time: _, ...removed } = await client.frame();
        assertEquals(removed, {
          response: 100,
          alert: "(administrator) removed #Tea",
          room: "#Tea",
          remove: true,
          by: "(administrator)",
        });
      }
      assertEquals((await ann.ask(say)).response, 200);
      assertEquals((await ann.ask({ ...say, to: "#tea" })).response, 404);
      const demote = { event: "grant", room: "#dev", user: "eve", role: "member" };
      assertEquals((await ann.ask(demote)).response, 200, "an owner like any other");
      const ban = { event: "ban", room: "#dev", user: "eve", seconds: 60, reason: "so\x9b" };
      assertEquals((await ann.ask(ban)).response, 200);
    }
    assertEquals(made, [
      "Ann is an owner of #Dev\n",
      "Removed #Tea; a running server takes everybody out within 2 s; it, or else the next one, deletes 1 message\n",
    ]);
    // The server is gone, its file is not.
    const shown = await users("rooms", "show", "#dev");
    assert(/^Ann +owner\nEve +banned +\S+ +Ann +so/m.test(shown), shown);
    const acts = (await users("audit")).trimEnd().split("\n").slice(1)
      .map((line) => line.slice(27).replaceAll(/ +/g, " "));
    assertEquals(acts, [
      "#Dev Eve room moderated",
      "#Dev (administrator) grant Ann owner",
      "#Tea (administrator) remove",
      "#Dev Ann grant Eve member",
      "#Dev Ann ban Eve for 1 min; so",
    ]);
  });
});
