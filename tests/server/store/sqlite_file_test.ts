import { assert, assertEquals, assertThrows } from "@std/assert";

import { StartError } from "../../../common/errors.ts";
import { SCHEMA_VERSION } from "../../../server/store/schema.ts";
import { IN_MEMORY, openDatabase } from "../../../server/store/sqlite_file.ts";
import { withDatabasePath } from "../../support/database_path.ts";

Deno.test("a new file has the current schema, a write-ahead log and full synchronisation", async () => {
  await withDatabasePath((path) => {
    using db = openDatabase(path);
    const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get()!)[0];
    assertEquals(pragma("user_version"), SCHEMA_VERSION);
    assertEquals(pragma("journal_mode"), "wal");
    assertEquals([pragma("synchronous"), pragma("foreign_keys")], [2, 1]);
  });
});

Deno.test("a file is made only where that is wanted", async () => {
  await withDatabasePath((path) => {
    const { message } = assertThrows(() => openDatabase(path, { create: false }), StartError);
    assertEquals(
      message,
      `Cannot open database '${path}': there is no such file; name the server's with --db`,
    );
    assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
    openDatabase(path).close();
    openDatabase(path, { create: false }).close();
  });
});

Deno.test("a limit of pages is kept", () => {
  using db = openDatabase(IN_MEMORY, { maxPages: 98 });
  const insert = db.prepare(
    "INSERT INTO blocks (folded, name, reason, since) VALUES (?, '', ?, 0)",
  );
  const { message } = assertThrows(() => {
    for (let n = 0; n < 100; n++) insert.run(`name${n}`, "x".repeat(4_000));
  }) as Error;
  assert(/full/.test(message), message);
});
