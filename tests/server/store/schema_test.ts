import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { StartError } from "../../../common/errors.ts";
import {
  APPLICATION_ID,
  migrate,
  MIGRATIONS,
  SCHEMA_VERSION,
} from "../../../server/store/schema.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";

Deno.test("a version-1 file is upgraded and keeps all that it holds", async () => {
  await withDatabasePath(async (path) => {
    {
      using old = new DatabaseSync(path);
      migrate(old, MIGRATIONS.slice(0, 1));
      old.exec(`
        INSERT INTO names VALUES ('eve', 'Eve', 30000);
        INSERT INTO accounts (folded, name, password_hash, created, last_stored, letter_count, letter_bytes)
          VALUES ('bob', 'Bob', 'hash', 0, 7, 1, 40);
        INSERT INTO letters VALUES (1, 7, 4000000000, 40, '{"to":"bob","from":"eve","message":"hi"}');
        INSERT INTO blocks VALUES ('mallory', 'Mallory', 'spam', 0);`);
      assertEquals(old.prepare("PRAGMA user_version").get()?.user_version, 1);
    }
    for (const round of ["upgrade", "open again"]) {
      await using store = openSqliteStore(path);
      assertEquals(await store.nameStatus("eve"), "guest", round);
      assertEquals(await store.findPerson("eve"), { name: "Eve", isAccount: false }, round);
      assertEquals(await store.blockReason("mallory"), "spam", round);
      const [letter, ...more] = await store.listLetters("bob", 0, 10);
      assertEquals([letter?.message, letter?.stored, more], ["hi", 7, []], round);
    }
    using db = new DatabaseSync(path);
    assertEquals(db.prepare("PRAGMA user_version").get()?.user_version, SCHEMA_VERSION);
    assertEquals(db.prepare("PRAGMA application_id").get()?.application_id, APPLICATION_ID);
    assertEquals(db.prepare("SELECT count(*) AS n FROM account_changes").get()?.n, 0);
  });
});

/** How many steps there were before mailboxes had shares. */
const BEFORE_SHARES = MIGRATIONS.findIndex((step) =>
  typeof step === "function" && step.name === "addShares"
);

Deno.test("an upgrade counts what waits in mailboxes, and learns from it who has written to whom", async () => {
  await withDatabasePath(async (path) => {
    {
      using old = new DatabaseSync(path);
      migrate(old, MIGRATIONS.slice(0, BEFORE_SHARES));
      const account = old.prepare(
        "INSERT INTO accounts (folded, name, password_hash, created, last_stored) VALUES (?, ?, 'hash', 0, 1000)",
      );
      for (const name of ["bob", "ann", "carl"]) account.run(name, name);
      const letter = old.prepare("INSERT INTO letters VALUES (?, ?, 4000000000, ?, ?)");
      const put = (owner: number, stored: number, from: string): void => {
        const body = JSON.stringify({ to: "bob", from, message: `${stored} \0 \ud800` });
        letter.run(owner, stored, body.length, body);
        old.prepare(
          "UPDATE accounts SET letter_count = letter_count + 1, letter_bytes = letter_bytes + ? WHERE id = ?",
        ).run(body.length, owner);
      };
      for (let n = 1; n <= 120; n++) put(1, n, n % 2 === 0 ? "Eve" : "ＥＶＥ");
      put(1, 121, "ann");
      put(1, 122, "Carl");
      put(2, 123, "Bob"); // so bob knows ann, and carl is a stranger
    }
    {
      await using store = openSqliteStore(path);
      const outcome = (from: string): Promise<string> =>
        store.storeLetter({
          folded: "bob",
          to: "bob",
          from,
          message: "hi",
          time: 4e9,
          id: undefined,
        });
      assertEquals(await outcome("eve"), "sender-full");
      assertEquals(await outcome("another"), "stored");
      const [first] = await store.listLetters("bob", 0, 1);
      assertEquals([first?.from, first?.message], ["ＥＶＥ", "1 \0 \ud800"]);
    }
    using db = new DatabaseSync(path);
    assertEquals(
      { ...db.prepare("SELECT letter_count, guest_count, stranger_count FROM accounts").get() },
      { letter_count: 123, guest_count: 121, stranger_count: 122 },
    );
    assertEquals(
      db.prepare("SELECT account, other FROM correspondents ORDER BY id").all().map((row) => ({
        ...row,
      })),
      [{ account: 2, other: 1 }, { account: 3, other: 1 }, { account: 1, other: 2 }],
    );
    db.exec("DELETE FROM letters");
    assertEquals(
      db.prepare(
        `SELECT sum(letter_count) + sum(letter_bytes) + sum(guest_count) + sum(guest_bytes) +
                sum(stranger_count) + sum(stranger_bytes) + (SELECT count(*) FROM shares) AS n FROM accounts`,
      ).get()?.n,
      0,
    );
  });
});

Deno.test("a version-2 file is upgraded: its accounts are there and trust no network yet", async () => {
  await withDatabasePath(async (path) => {
    {
      using old = new DatabaseSync(path);
      migrate(old, MIGRATIONS.slice(0, 2));
      old.exec(`INSERT INTO accounts (folded, name, password_hash, created)
        VALUES ('bob', 'Bob', 'hash', 0)`);
    }
    await using store = openSqliteStore(path);
    assertEquals(await store.isTrustedNetwork("bob", "home"), false);
    await store.trustNetwork("bob", "hash", "home");
    assertEquals(await store.isTrustedNetwork("bob", "home"), true);
    using db = new DatabaseSync(path);
    assertEquals(db.prepare("PRAGMA user_version").get()?.user_version, SCHEMA_VERSION);
  });
});

/** How many steps there were before there were invitation codes. */
const BEFORE_INVITES = MIGRATIONS.findIndex((step) =>
  typeof step === "string" && step.includes("CREATE TABLE invites")
);

Deno.test("an upgrade brings a table of invitation codes: none is good, accounts stay", async () => {
  await withDatabasePath(async (path) => {
    {
      using old = new DatabaseSync(path);
      migrate(old, MIGRATIONS.slice(0, BEFORE_INVITES));
      old.exec(`INSERT INTO accounts (folded, name, password_hash, created)
        VALUES ('bob', 'Bob', 'hash', 0)`);
    }
    await using store = openSqliteStore(path);
    using users = UserAdmin.open(path, false, () => 4e9);
    assertEquals(users.listInvites(), []);
    users.invite({ hash: "h", uses: 1, days: 1, note: "" });
    assertEquals(await store.createInvited("bob", "bob", "hash", "h"), "exists");
    assertEquals(await store.createInvited("eve", "eve", "hash", "h"), "created");
  });
});

Deno.test("an upgrade that fails leaves the old version whole", async () => {
  await withDatabasePath((path) => {
    using db = new DatabaseSync(path);
    migrate(db, MIGRATIONS.slice(0, 1));
    const broken = [...MIGRATIONS.slice(0, 1), "CREATE TABLE half (x); SELECT no_such_column"];
    assertThrows(() => migrate(db, broken), Error, "no_such_column");
    assertEquals(db.prepare("PRAGMA user_version").get()?.user_version, 1);
    assertEquals(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'half'").get(), undefined);
  });
});

Deno.test("a newer file and another program's are refused and left as they are", async () => {
  await withDatabasePath((path) => {
    const cases: [string, string][] = [
      [
        `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 99; CREATE TABLE new (x)`,
        "schema version is 99",
      ],
      ["CREATE TABLE theirs (x)", "another program's database"],
    ];
    for (const [sql, message] of cases) {
      Deno.writeFileSync(path, new Uint8Array());
      const made = new DatabaseSync(path);
      made.exec(sql);
      made.close();
      const before = Deno.readFileSync(path);
      const error = assertThrows(() => openSqliteStore(path), StartError, message);
      assert(error.message.startsWith(`Cannot open database '${path}': `), error.message);
      assert(!error.message.includes("\n"));
      assertEquals(Deno.readFileSync(path), before);
    }
  });
});
