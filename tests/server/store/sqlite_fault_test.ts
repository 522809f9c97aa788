import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";

import { StartError } from "../../../common/errors.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { openDatabase } from "../../../server/store/sqlite_file.ts";
import { type Letter, StoreError, StoreLostError } from "../../../server/store/store.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { UNSHARED } from "../../support/unshared.ts";

function assertRefused(path: string, message: string): void {
  const error = assertThrows(
    () => openSqliteStore(path, { lockTimeoutMs: 1 }),
    StartError,
    message,
  );
  assert(error.message.startsWith(`Cannot open database '${path}': `), error.message);
  assert(!error.message.includes("\n"), error.message);
}

function letter(message: string): Letter {
  const time = Date.now() / 1000;
  return { folded: "bob", to: "bob", from: "eve", message, time, id: undefined };
}

Deno.test("what is no database is refused", async () => {
  await withDatabasePath((path) => {
    Deno.writeTextFileSync(path, "Dear diary, ".repeat(500));
    assertRefused(path, "it is no SQLite database, or corrupt; restore a backup");
    assertEquals(Deno.readTextFileSync(path).slice(0, 4), "Dear");
    assertRefused(path.replace(/\/jim\.db$/, ""), "it is a directory");
    assertRefused(`${path}/jim.db`, "Not a directory");
    assertRefused("/dev/null", "it is no regular file; name one");
  });
});

Deno.test("damage inside the file is found at the start", async () => {
  await withDatabasePath(async (path) => {
    {
      await using store = openSqliteStore(path, { mailbox: UNSHARED });
      await store.createAccount("bob", "Bob", "hash");
      for (let n = 0; n < 200; n++) await store.storeLetter(letter("x".repeat(1_000)));
    }
    const file = Deno.openSync(path, { write: true });
    for (let page = 20; page < 40; page++) {
      file.seekSync(page * 4096, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(2_000).fill(0xa5));
    }
    file.close();
    assertRefused(path, "it is corrupt; restore a backup");
  });
});

Deno.test("a locked file is refused at the start", async () => {
  await withDatabasePath((path) => {
    using other = openDatabase(path);
    other.exec("BEGIN IMMEDIATE");
    assertRefused(path, "another program keeps it locked; end that one");
  });
});

Deno.test("while another program holds the file writes fail, reads and later writes do not", async () => {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path, { lockTimeoutMs: 1 });
    await store.createAccount("bob", "Bob", "hash");
    using other = openDatabase(path);
    other.exec("BEGIN IMMEDIATE");
    await assertRejects(() => store.storeLetter(letter("lost?")), StoreError, "keeps it locked");
    assertEquals(await store.nameStatus("bob"), "account");
    other.exec("ROLLBACK");
    assertEquals(await store.storeLetter(letter("kept")), "stored");
    assertEquals((await store.listLetters("bob", 0, 9)).map((one) => one.message), ["kept"]);
  });
});

Deno.test("a write waits for a lock that ends in time, and nobody else waits with it", async () => {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path, { lockTimeoutMs: 60_000 });
    await store.createAccount("bob", "Bob", "hash");
    using other = openDatabase(path);
    other.exec("BEGIN IMMEDIATE");
    let isStored = false;
    const stored = store.storeLetter(letter("late")).finally(() => isStored = true);
    // Timers fire while it waits, so the event loop is free in between.
    for (let n = 0; n < 3; n++) await new Promise((resolve) => setTimeout(resolve, 0));
    assert(!isStored);
    other.exec("ROLLBACK");
    assertEquals(await stored, "stored");
  });
});

Deno.test("on a full disk writes fail, what was accepted stays, and goes on when there is room", async () => {
  await withDatabasePath(async (path) => {
    const accepted: string[] = [];
    {
      await using store = openSqliteStore(path, { maxPages: 90, mailbox: UNSHARED });
      await store.createAccount("bob", "Bob", "hash");
      const error = await assertRejects(async () => {
        for (let n = 0; n < 1_000; n++) {
          const text = `${n} ${"x".repeat(1_000)}`;
          assertEquals(await store.storeLetter(letter(text)), "stored");
          accepted.push(text);
        }
      }, StoreError);
      assertEquals(error.message, "Database failed: the disk is full; make room");
      assert(accepted.length > 10);
      const held = async (): Promise<string[]> =>
        (await store.listLetters("bob", 0, 1_000)).map((one) => one.message);
      assertEquals(await held(), accepted);
      await store.deleteLetters("bob", 10);
      assertEquals(await held(), accepted.splice(0, 10) && accepted);
      assertEquals(await store.storeLetter(letter("again")), "stored");
    }
    await using store = openSqliteStore(path);
    const texts = (await store.listLetters("bob", 0, 1_000)).map((one) => one.message);
    assertEquals(texts, [...accepted, "again"]);
  });
});

Deno.test("check writes to the disk, and fails while that cannot be", async () => {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path, { lockTimeoutMs: 1 });
    const size = (): number => Deno.statSync(`${path}-wal`).size;
    const before = size();
    await store.check();
    assert(size() > before, "a write");
    using other = openDatabase(path);
    other.exec("BEGIN IMMEDIATE");
    await assertRejects(() => store.check(), StoreError);
    other.exec("ROLLBACK");
    await store.check();
  });
});

/** Ways in which a path loses its file to `PATH-away`. */
const LOSSES: Record<string, (path: string) => Promise<void>> = {
  renamed: (path) => Deno.rename(path, `${path}-away`),
  replaced: async (path) => {
    await Deno.rename(path, `${path}-away`);
    await Deno.copyFile(`${path}-away`, path);
  },
};

for (const [how, lose] of Object.entries(LOSSES)) {
  Deno.test(`while the file is ${how} nothing is stored, which is told once, and goes on when it is back`, () =>
    withDatabasePath(async (path) => {
      const faults: StoreError[] = [];
      {
        await using store = openSqliteStore(path, { onFault: (fault) => faults.push(fault) });
        await store.createAccount("bob", "Bob", "hash");
        const conversation = (await store.openDirect("bob", "eve"))!;
        await lose(path);
        const writes: (() => Promise<unknown>)[] = [
          () => store.storeLetter(letter("lost")),
          () => store.check(),
          // By way of a connection that the archive opens now, under the path.
          () => store.deleteMessage({ conversation, seq: 1, by: "moderator", time: 0 }),
        ];
        for (const write of writes) {
          const error = await assertRejects(write, StoreLostError);
          assert(error.message.startsWith(`Database file '${path}' is gone or another one: `));
        }
        assertEquals(faults.length, 1, faults.join());
        assertEquals(await store.nameStatus("bob"), "account", "reading goes on");
        await Deno.rename(`${path}-away`, path);
        assertEquals(await store.storeLetter(letter("kept")), "stored");
        await lose(path);
        await assertRejects(() => store.check(), StoreLostError);
        assertEquals(faults.length, 2, "another loss");
        await Deno.rename(`${path}-away`, path);
      }
      await using store = openSqliteStore(path);
      const texts = (await store.listLetters("bob", 0, 9)).map(({ message }) => message);
      assertEquals(texts, ["kept"]);
    }));
}

Deno.test("a deleted file is noticed within half a second, also if nobody stores anything", () =>
  withDatabasePath(async (path) => {
    const clock = new FakeClock();
    const faults: StoreError[] = [];
    await using store = openSqliteStore(path, { clock, onFault: (fault) => faults.push(fault) });
    await store.createAccount("bob", "Bob", "hash");
    store.watchAccounts(() => {});
    clock.advance(60_000);
    assertEquals(faults, []);
    await Deno.remove(path);
    clock.advance(500);
    assertEquals(faults.map(({ name }) => name), ["StoreLostError"]);
    clock.advance(60_000);
    assertEquals(faults.length, 1);
    await assertRejects(() => store.storeLetter(letter("lost")), StoreLostError);
  }));
