import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { StartError } from "../../../common/errors.ts";
import { refuseCutFile } from "../../../server/store/cut_file.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { openDatabase } from "../../../server/store/sqlite_file.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { seededRandom } from "../../support/random.ts";

const PAGE = 4096;

/** Puts rows of 500 characters into a table, the last of which end in the last page. */
function fill(db: DatabaseSync, name: string): void {
  const insert = db.prepare("INSERT INTO blocks VALUES (?, '', ?, 0)");
  for (let n = 0; n < 100; n++) insert.run(`${name}${n}`, "x".repeat(500));
}

/** Copies what a process that is killed now would leave. */
function copyAll(path: string, copy: string): void {
  for (const end of ["", "-wal"]) Deno.copyFileSync(path + end, copy + end);
}

function assertCut(open: () => unknown): void {
  const { message } = assertThrows(open) as Error;
  assert(/malformed|it is corrupt; restore a backup or move it away$/.test(message), message);
}

Deno.test("a file that lost its last bytes is refused, each time, by whoever opens it", () =>
  withDatabasePath((path) => {
    for (const cut of [1, 100, PAGE - 1, PAGE, 3 * PAGE]) {
      {
        using db = openDatabase(path);
        fill(db, `${cut}-`);
      }
      const whole = Deno.readFileSync(path);
      Deno.truncateSync(path, whole.length - cut);
      for (const check of [true, false, true]) {
        assertCut(() => openDatabase(path, { check }));
        assertThrows(() => openSqliteStore(path), StartError, "it is corrupt");
      }
      assertEquals(Deno.statSync(path).size, whole.length - cut, "nothing is changed");
      Deno.writeFileSync(path, whole);
    }
  }));

Deno.test("what stands in the log need not be in the file, what does not has to", () =>
  withDatabasePath((path) => {
    const copy = `${path}.copy`;
    let size: number;
    {
      using db = openDatabase(path);
      fill(db, "old");
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      size = Deno.statSync(path).size;
      // Changes pages of the file, but not its last one.
      db.exec("UPDATE blocks SET name = 'x' WHERE folded = 'old0'");
      copyAll(path, copy);
      fill(db, "new");
      copyAll(path, `${copy}2`);
    }
    Deno.truncateSync(copy, size - 1);
    const log = Deno.statSync(`${copy}-wal`).size;
    for (let n = 0; n < 2; n++) assertCut(() => openDatabase(copy));
    assertEquals([Deno.statSync(copy).size, Deno.statSync(`${copy}-wal`).size], [size - 1, log]);
    // The log is beside the file itself, not beside a link to it.
    Deno.mkdirSync(`${path}.d`);
    Deno.symlinkSync(`${copy}2`, `${path}.d/jim.db`);
    refuseCutFile(`${path}.d/jim.db`, 0);
    // The file is longer than its header says, and ends within a page: a copying of the log was cut off.
    Deno.truncateSync(`${copy}2`, size + 100);
    using db = openDatabase(`${copy}2`);
    assertEquals(db.prepare("SELECT count(*) AS n FROM blocks").get()!.n, 200);
  }));

Deno.test("what another program left in the middle of a transaction, without a log, is rolled back", () =>
  withDatabasePath((path) => {
    const copy = `${path}.copy`;
    {
      using db = openDatabase(path);
      fill(db, "old");
      // With so small a cache it writes into the file before the end.
      db.exec("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 2; BEGIN");
      fill(db, "new");
      for (const end of ["", "-journal"]) Deno.copyFileSync(path + end, copy + end);
      db.exec("ROLLBACK");
    }
    using db = openDatabase(copy);
    assertEquals(db.prepare("SELECT count(*) AS n FROM blocks").get()!.n, 100);
  }));

Deno.test("bytes behind the last page are no damage", () =>
  withDatabasePath((path) => {
    openDatabase(path).close();
    for (const more of [100, PAGE]) {
      Deno.writeFileSync(path, new Uint8Array(more), { append: true });
      openDatabase(path).close();
    }
  }));

Deno.test("what SQLite leaves when it is cut off at any moment is whole", () =>
  withDatabasePath((path) => {
    const random = seededRandom(4);
    using db = openDatabase(path);
    for (let n = 0; n < 60; n++) {
      // A reader keeps the log from being copied as a whole.
      using reader = new DatabaseSync(path);
      if (random() < 0.3) {
        reader.exec("BEGIN");
        reader.prepare("SELECT count(*) FROM blocks").get();
      }
      if (random() < 0.6) fill(db, `${n}-`);
      else db.exec(`DELETE FROM blocks WHERE random() % ${1 + Math.floor(random() * 3)} = 0`);
      const mode = random() < 0.5 ? "PASSIVE" : "FULL";
      if (random() < 0.4) db.exec(`PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(${mode})`);
      const copy = `${path}.${n}`;
      copyAll(path, copy);
      refuseCutFile(copy, 0);
      refuseCutFile(path, 0);
    }
  }));
