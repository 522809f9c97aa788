import { assert, assertEquals } from "@std/assert";

import { checkAside } from "../../../server/store/file_check.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { IN_MEMORY, openDatabase } from "../../../server/store/sqlite_file.ts";
import { damage, fill } from "../../support/damage.ts";
import { withDatabasePath } from "../../support/database_path.ts";

const ALL = { fromBytes: 1 };

Deno.test("a large file is read through by a thread, and not once more when it is opened", () =>
  withDatabasePath(async (path) => {
    fill(path);
    const begun: number[] = [];
    const { size } = Deno.statSync(path);
    const options = { fromBytes: size, onBegin: (bytes: number) => void begun.push(bytes) };
    assertEquals(await checkAside(path, options), true);
    assertEquals(await checkAside(path, { ...options, fromBytes: size + 1 }), false);
    assertEquals(begun, [size]);
    // What was read is not read once more: this damage would be found.
    damage(path);
    await using _store = openSqliteStore(path, { isChecked: true });
  }));

Deno.test("others have their turns while it is read", () =>
  withDatabasePath(async (path) => {
    fill(path);
    let isDone = false;
    const text = "onmessage = () => postMessage('sound')";
    const worker = new Worker(`data:application/javascript,${text}`, { type: "module" });
    const check = checkAside(path, { ...ALL, start: () => worker }).then((isSound) => {
      isDone = true;
      return isSound;
    });
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(isDone, false);
    worker.postMessage("go on");
    assertEquals(await check, true);
  }));

Deno.test("what a server that was killed has left is read, too", () =>
  withDatabasePath(async (path) => {
    const copy = `${path}.copy`;
    {
      using db = openDatabase(path);
      db.exec("INSERT INTO blocks VALUES ('eve', 'Eve', '', 0)");
      for (const end of ["", "-wal"]) Deno.copyFileSync(path + end, copy + end);
    }
    assert(Deno.statSync(`${copy}-wal`).size > 0);
    assertEquals(await checkAside(copy, ALL), true);
    using db = openDatabase(copy);
    assertEquals(db.prepare("SELECT name FROM blocks").all().map(({ name }) => name), ["Eve"]);
  }));

Deno.test("what is wrong with a file is left to the opening to say", () =>
  withDatabasePath(async (path) => {
    assertEquals(await checkAside(IN_MEMORY, { fromBytes: 0 }), false);
    assertEquals(await checkAside(path, { fromBytes: 0 }), false);
    Deno.writeTextFileSync(path, "Dear diary, ".repeat(500));
    assertEquals(await checkAside(path, ALL), false);
    Deno.removeSync(path);
    fill(path);
    damage(path);
    assertEquals(await checkAside(path, ALL), false);
  }));

Deno.test("a thread that cannot be started is no end of the program", () =>
  withDatabasePath(async (path) => {
    fill(path);
    const start = (): Worker => new Worker("data:application/javascript,}", { type: "module" });
    assertEquals(await checkAside(path, { ...ALL, start }), false);
  }));
