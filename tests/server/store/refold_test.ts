import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { Passwords } from "../../../server/accounts/passwords.ts";
import { ADMIN_COMMANDS } from "../../../server/admin/commands.ts";
import { StartError } from "../../../common/errors.ts";
import { foldName } from "../../../common/names.ts";
import { refoldNames } from "../../../server/store/refold.ts";
import { RoomAdmin } from "../../../server/store/room_admin.ts";
import { migrate, MIGRATIONS, SCHEMA_VERSION } from "../../../server/store/schema.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";

const BEFORE = MIGRATIONS.slice(0, MIGRATIONS.indexOf(refoldNames));

/** How the version before folded. */
function folded(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

/** A file of the version before. */
class OldFile implements Disposable {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    migrate(this.#db, BEFORE);
  }

  account(...names: string[]): void {
    for (const name of names) {
      this.#db.prepare(
        "INSERT INTO accounts (folded, name, password_hash, created) VALUES (?, ?, 'hash', 0)",
      ).run(folded(name), name);
    }
  }

  letter(name: string, message: string): void {
    const body = JSON.stringify({ to: name, from: "eve", message });
    const { id } = this.#db.prepare(
      `UPDATE accounts SET last_stored = 1, letter_count = 1, letter_bytes = ${body.length}
         WHERE folded = ? RETURNING id`,
    ).get(folded(name))!;
    this.#db.prepare("INSERT INTO letters VALUES (?, 1, 4e9, ?, ?)").run(
      id as number,
      body.length,
      body,
    );
  }

  guest(name: string, day: number): void {
    this.#db.prepare("INSERT INTO names VALUES (?, ?, ?)").run(folded(name), name, day);
  }

  block(name: string, reason: string, since: number): void {
    this.#db.prepare("INSERT INTO blocks VALUES (?, ?, ?, ?)")
      .run(folded(name), name, reason, since);
  }

  change(name: string): void {
    this.#db.prepare(
      "INSERT INTO account_changes (folded, kind, reason, time) VALUES (?, 'removed', '', 4e9)",
    ).run(folded(name));
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

/** All rows of a query. */
function rows(path: string, sql: string): unknown[][] {
  using db = new DatabaseSync(path);
  return db.prepare(sql).all().map((row) => Object.values(row));
}

function version(path: string): unknown {
  return rows(path, "PRAGMA user_version")[0]![0];
}

Deno.test("a file of the version before is folded anew: accounts with their mail, names, blocks, changes", async () => {
  await withDatabasePath(async (path) => {
    {
      using old = new OldFile(path);
      old.account("Σίσυφος", "J\u030can", "bob", "Ева");
      old.letter("Σίσυφος", "up");
      old.guest("Οδυσσεύς", 30_000);
      old.guest("eve", 30_000);
      old.block("Πάρις", "war", 5);
      old.change("Αίας");
    }
    {
      await using store = openSqliteStore(path);
      for (const name of ["σίσυφοσ", "ΣΊΣΥΦΟΣ", "ǰan", "J\u030cAN", "bob", "ЕВА"]) {
        assertEquals(await store.nameStatus(foldName(name)), "account", name);
      }
      assertEquals((await store.listLetters(foldName("Σίσυφος"), 0, 9))[0]?.message, "up");
      assertEquals((await store.findAccount(foldName("Σίσυφος")))?.name, "Σίσυφος");
      assertEquals(await store.nameStatus(foldName("ΟΔΥΣΣΕΎΣ")), "guest");
      assertEquals(await store.nameStatus("eve"), "guest");
      assertEquals(await store.blockReason(foldName("ΠΆΡΙΣ")), "war");
    }
    for (const table of ["accounts", "names", "blocks", "account_changes"]) {
      for (const [key] of rows(path, `SELECT folded FROM ${table}`)) {
        assertEquals(foldName(key as string), key, table);
      }
    }
    assertEquals(rows(path, "SELECT folded FROM account_changes"), [["αίασ"]]);
    assertEquals(version(path), SCHEMA_VERSION);
  });
});

Deno.test("guests' names that become one are the later one; of two blocks the first stays, and a block wins", async () => {
  for (const [first, second] of [[0, 1], [1, 0]]) {
    await withDatabasePath(async (path) => {
      {
        using old = new OldFile(path);
        old.guest("Αίας", 30_000 + first!);
        old.guest("αίασ", 30_000 + second!);
        old.block("Πάρις", "as ς", 5 + first!);
        old.block("ΠΆΡΙσ", "as σ", 5 + second!);
        // The account and the block of a guest's spelling are one name now.
        old.account("Έκτορασ");
        old.block("Έκτορας", "spam", 7);
      }
      await using store = openSqliteStore(path);
      assertEquals(rows(path, "SELECT folded, name, last_day FROM names"), [
        ["αίασ", first! > second! ? "Αίας" : "αίασ", 30_001],
      ]);
      assertEquals(await store.blockReason("πάρισ"), first! < second! ? "as ς" : "as σ");
      assertEquals((await store.findAccount(foldName("Έκτορας")))?.blocked, "spam");
      assertEquals(rows(path, "SELECT count(*) FROM blocks"), [[2]]);
    });
  }
});

Deno.test("accounts that become one stop the upgrade, with all of them in one line and nothing changed", async () => {
  await withDatabasePath((path) => {
    {
      using old = new OldFile(path);
      old.account("Αίας", "αίασ", "bob", "J\u030c", "ǰ", "Πάρις");
      old.guest("Αίας", 30_000);
    }
    const before = rows(path, "SELECT * FROM accounts");
    const error = assertThrows(() => openSqliteStore(path), StartError);
    assertEquals(
      error.message,
      `Cannot open database '${path}': accounts have names that are the same now: ` +
        "'J\u030c' = 'ǰ', 'Αίας' = 'αίασ'; nothing was changed; keep one of each, and remove the others, " +
        "spelled like this, with: deno task users remove NAME",
    );
    assertEquals(rows(path, "SELECT * FROM accounts"), before);
    assertEquals(rows(path, "SELECT folded FROM names"), [["αίας"]]);
    assertEquals(version(path), BEFORE.length);
    // A command that would work by the new names does not touch it either.
    assertThrows(() => UserAdmin.open(path, false, () => 0), StartError, "same now");
  });
});

Deno.test("of many clashes a dozen are named, the others counted", async () => {
  await withDatabasePath((path) => {
    {
      using old = new OldFile(path);
      for (let i = 10; i < 30; i++) old.account(`α${i}ς`, `α${i}σ`);
    }
    const { message } = assertThrows(() => openSqliteStore(path), StartError);
    assertEquals(message.split(" = ").length - 1, 12);
    assert(message.includes("'α21ς' = 'α21σ' and 8 more; nothing"), message);
    assert(!message.includes("\n"));
  });
});

Deno.test("where accounts clash, those may be removed that are spelled exactly so", async () => {
  await withDatabasePath(async (path) => {
    {
      using old = new OldFile(path);
      old.account("Αίας", "αίασ", "ς", "σ", "Bob");
      old.letter("αίασ", "late");
      old.letter("Αίας", "early");
    }
    {
      using users = UserAdmin.open(path, false, () => 9, true);
      assert(users.clash?.startsWith("accounts have names"));
      const lines: string[] = [];
      const context = {
        ...{ users, passwords: new Passwords(), say: (line: string) => void lines.push(line) },
        ...{ askPassword: () => Promise.resolve(""), options: {}, now: () => 9 },
        openRooms: () => RoomAdmin.open(path, () => 9),
      };
      const exportCommand = ADMIN_COMMANDS.get("export")!;
      assertThrows(() => exportCommand.read!(context, "Bob"), StartError, "cannot be upgraded");
      exportCommand.read!(context, "");
      assertEquals(lines.length, 5);
      assertEquals(users.list().map(({ name }) => name), ["Bob", "Αίας", "αίασ", "ς", "σ"]);
      assertEquals(
        (await users.remove(foldName("ΑΊΑΣ"), "ΑΊΑΣ"))?.letters,
        undefined,
        "which one?",
      );
      assertEquals((await users.remove(foldName("αίασ"), "αίασ"))?.letters, 1);
    }
    assertEquals(rows(path, "SELECT folded, kind, time FROM account_changes"), [
      ["αίασ", "removed", 9],
    ]);
    assertThrows(() => openSqliteStore(path), StartError, "same now: 'ς' = 'σ';");
    {
      using users = UserAdmin.open(path, false, () => 9, true);
      assertEquals((await users.remove("σ", "ς"))?.letters, 0);
    }
    await using store = openSqliteStore(path);
    assertEquals((await store.listLetters("αίασ", 0, 9)).map(({ message }) => message), ["early"]);
    assertEquals((await store.findAccount("σ"))?.name, "σ");
  });
});

Deno.test("a file of the first version whose accounts clash can be mended too", async () => {
  await withDatabasePath(async (path) => {
    {
      using db = new DatabaseSync(path);
      migrate(db, MIGRATIONS.slice(0, 1));
      db.exec(`INSERT INTO accounts (folded, name, password_hash, created)
                 VALUES ('ς', 'ς', 'hash', 0), ('σ', 'σ', 'hash', 0)`);
    }
    assertThrows(() => openSqliteStore(path), StartError, "same now");
    assertEquals(version(path), 1);
    {
      using users = UserAdmin.open(path, false, () => 9, true);
      assertEquals((await users.remove("σ", "ς"))?.letters, 0);
    }
    using users = UserAdmin.open(path, false, () => 9);
    assertEquals(users.list().map(({ name }) => name), ["σ"]);
    assertEquals(version(path), SCHEMA_VERSION);
  });
});

Deno.test("an up-to-date file is not folded again, and a clash is looked for only in an old one", async () => {
  await withDatabasePath(async (path) => {
    {
      await using store = openSqliteStore(path);
      await store.createAccount("αίασ", "Αίας", "hash");
    }
    using users = UserAdmin.open(path, false, () => 9, true);
    assertEquals(users.clash, undefined);
    assertEquals((await users.remove("αίασ", "whatever"))?.letters, 0);
  });
});
