// A database of the version before this one, whose accounts have names that have become the same: the server says what
// to do, doing it works, and then the server starts. All as processes, with the permissions of their tasks.
import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { Passwords } from "../../server/accounts/passwords.ts";
import { refoldNames } from "../../server/store/refold.ts";
import { migrate, MIGRATIONS } from "../../server/store/schema.ts";
import { login } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { runProgram } from "../support/run_program.ts";
import { CHEAP, PASSWORD } from "../support/server_fixture.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";

async function makeOldFile(path: string, names: readonly string[]): Promise<void> {
  const hash = await new Passwords({ cost: CHEAP }).hash(PASSWORD);
  using db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL");
  migrate(db, MIGRATIONS.slice(0, MIGRATIONS.indexOf(refoldNames)));
  for (const name of names) {
    db.prepare("INSERT INTO accounts (folded, name, password_hash, created) VALUES (?, ?, ?, 0)")
      .run(name.normalize("NFKC").toLowerCase(), name, hash);
  }
}

Deno.test("old file, server refuses, users list, users remove, server starts", async () => {
  await withDatabasePath(async (db) => {
    await makeOldFile(db, ["Αίας", "αίασ", "pаypal", "bob"]);
    const users = async (...args: string[]): Promise<[number, string[], string]> => {
      const flags = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", "users.ts"];
      const { code, stdout, stderr } = await runProgram(Deno.execPath(), [
        ...flags,
        ...["--db", db],
        ...args,
      ]);
      return [code, stdout.trimEnd().split("\n"), stderr];
    };
    const why =
      "accounts have names that are the same now: 'Αίας' = 'αίασ'; nothing was changed; " +
      "keep one of each, and remove the others, spelled like this, with: deno task users remove NAME";
    const before = Deno.readFileSync(db);
    const refused = await runServer([], { db });
    assertEquals([refused.code, refused.stdout], [1, ""]);
    assertEquals(refused.stderr, `Cannot open database '${db}': ${why}\n`);
    assertEquals(Deno.readFileSync(db), before);

    const [listed, table] = await users("list");
    assertEquals(listed, 0);
    assertEquals(table.slice(1, 5).map((row) => row.split(/\s/)[0]), [
      ...["bob", "pаypal", "Αίας", "αίασ"],
    ]);
    assertEquals(table.at(-1), `This database cannot be upgraded: ${why}`);
    const block = await users("block", "bob");
    assertEquals([block[0], block[2]], [1, `Cannot open database '${db}': ${why}\n`]);
    const wrong = await users("remove", "ΑΊΑΣ");
    assertEquals([wrong[0], wrong[2]], [
      1,
      "Cannot remove account: there is no account 'ΑΊΑΣ' that is spelled exactly like this\n",
    ]);
    const backup = await users("backup", `${db}.copy`);
    assertEquals([backup[0], backup[1]], [0, [`Wrote ${db}.copy`]]);
    const removed = await users("remove", "αίασ");
    assertEquals(removed, [0, [
      "Removed αίασ, with 0 stored messages, 0 direct messages and 0 room messages",
    ], ""]);

    await using server = await ServerProcess.start([], { db, hashesCheaply: true });
    for (const name of ["ΑΊΑΣ", "pаypal", "bob"]) {
      const peer = await server.connect();
      assertEquals((await peer.ask(login(name))).response, 200, name);
    }
    assert((await users("list"))[1].at(-1)!.startsWith("* mixes scripts,"));
  });
});
