// A server that makes accounts by invitation: the administrator's command, the client's flags, and a log at DEBUG.
import { assert, assertEquals, assertMatch } from "@std/assert";

import { runClient } from "../support/client_process.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { filesOf } from "../support/files_with.ts";
import { runProgram } from "../support/run_program.ts";
import { PASSWORD } from "../support/server_fixture.ts";
import { ServerProcess } from "../support/server_process.ts";

Deno.test("--invite-only: users invite, then client.ts --register --invite; the code is in no file and no log", async () => {
  await withDatabasePath(async (db) => {
    const file = `${db}.password`;
    await Deno.writeTextFile(file, `${PASSWORD}\n`);
    const flags = [
      "--invite-only",
      "--no-guests",
      "--log-level",
      "DEBUG",
      "--console-level",
      "DEBUG",
    ];
    let said: string;
    let code: string;
    {
      await using server = await ServerProcess.start(flags, { db });
      const task = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", "users.ts"];
      const made = await runProgram(Deno.execPath(), [...task, "invite", "--db", db]);
      code = made.stdout.trim();
      assertMatch(code, /^\w{5}(-\w{5}){3}$/);
      const register = (name: string, ...invite: string[]) =>
        runClient(
          [
            "127.0.0.1",
            `${server.address.port}`,
            "-n",
            name,
            "--password-file",
            file,
            "--register",
            ...invite,
          ],
          "who\n",
          { permissions: [`--allow-read=${file}`] },
        );
      const without = await register("eve");
      assertEquals([without.code, without.stdout], [1, ""]);
      assert(without.stderr.includes("Registration is by invitation"), without.stderr);
      const eve = await register("eve", "--invite", code.toUpperCase());
      assertEquals([eve.code, eve.stdout], [0, ""]);
      assert(eve.stderr.includes("1 online"), eve.stderr);
      const second = await register("bob", "--invite", code);
      assertEquals(second.code, 1);
      assert(second.stderr.includes("used up or expired"), second.stderr);
      server.kill("SIGTERM");
      const { stdout, stderr } = await server.ended();
      said = stdout + stderr;
    }
    assert(said.includes("invite: [redacted]"), said);
    const forms = [code, code.toUpperCase(), code.replaceAll("-", "")];
    for (const form of forms) {
      assert(!said.includes(form));
      for (const [name, bytes] of filesOf(db)) assert(!bytes.includes(form), name);
    }
  });
});
