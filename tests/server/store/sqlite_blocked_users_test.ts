import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { LIMITS } from "../../../common/limits.ts";
import { migrate, MIGRATIONS } from "../../../server/store/schema.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../../server/store/sqlite.ts";
import { type Letter, type Store, StoreFullError } from "../../../server/store/store.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";

/** A store with the accounts Ann, Bob and Éva. */
async function withBlocks(
  run: (store: Store, users: UserAdmin, path: string) => Promise<void>,
  options: SqliteStoreOptions = {},
): Promise<void> {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path, options);
    for (const name of ["Ann", "Bob", "Éva"]) {
      await store.createAccount(name.toLowerCase(), name, "hash");
    }
    using users = UserAdmin.open(path, false, () => 4e9);
    await run(store, users, path);
  });
}

const letter = (from: string, to: string, more: Partial<Letter> = {}): Letter => ({
  ...{ folded: to, to, from, message: "hi", time: 4e9, id: undefined, ...more },
});

Deno.test("a block is one account's, in one direction, until it is taken back", () =>
  withBlocks(async ({ blockedUsers }) => {
    assertEquals(await blockedUsers.set("ann", "éva", true), "done");
    assertEquals(await blockedUsers.set("ann", "bob", true), "done");
    assertEquals(await blockedUsers.set("ann", "bob", true), "done", "once more");
    assertEquals(await blockedUsers.list("ann"), ["Bob", "Éva"]);
    assertEquals(blockedUsers.of("ann"), new Set(["bob", "éva"]));
    assertEquals(await blockedUsers.has("ann", "bob"), true);
    assertEquals(await blockedUsers.has("bob", "ann"), false);
    assertEquals([await blockedUsers.list("bob"), blockedUsers.of("bob")], [[], undefined]);
    assertEquals(await blockedUsers.set("ann", "bob", false), "done");
    assertEquals(await blockedUsers.set("ann", "bob", false), "done");
    assertEquals(await blockedUsers.list("ann"), ["Éva"]);
    for (const isOn of [true, false]) {
      assertEquals(await blockedUsers.set("ann", "nobody", isOn), "no-account");
      assertEquals(await blockedUsers.set("nobody", "ann", isOn), "no-account");
    }
  }));

Deno.test("a mailbox takes no letter of who is blocked, but what was rescued, and keeps what it has", () =>
  withBlocks(async (store) => {
    assertEquals(await store.storeLetter(letter("Bob", "ann")), "stored");
    // In the order of the calls, whatever is in one transaction.
    const outcomes = await Promise.all([
      store.storeLetter(letter("Bob", "ann", { message: "before" })),
      store.blockedUsers.set("ann", "bob", true),
      store.storeLetter(letter("Bob", "ann", { message: "behind" })),
      store.storeLetter(letter("Éva", "ann", { message: "another's" })),
      store.storeLetter(letter("Ann", "bob", { message: "the other way" })),
      store.storeLetter(letter("Bob", "ann", { message: "rescued" }), { isRescue: true }),
    ]);
    assertEquals(outcomes, ["stored", "done", "blocked", "stored", "stored", "stored"]);
    const texts = (await store.listLetters("ann", 0, 10)).map(({ message }) => message);
    assertEquals(texts, ["hi", "before", "another's", "rescued"]);
  }));

Deno.test("what came before the block is answered as it was then when it comes again", () =>
  withBlocks(async (store) => {
    const options = { repeats: { fingerprint: "f", since: 0 } };
    const seqs: number[] = [];
    const onKept = ({ seq }: { seq: number }): void => void seqs.push(seq);
    assertEquals(await store.storeLetter(letter("Bob", "ann"), { ...options, onKept }), "stored");
    await store.blockedUsers.set("ann", "bob", true);
    assertEquals(await store.storeLetter(letter("Bob", "ann"), { ...options, onKept }), "stored");
    assertEquals(seqs, [1, 1]);
    assertEquals((await store.listLetters("ann", 0, 10)).length, 1);
  }));

Deno.test("a block goes with either account; who gets the name neither is blocked nor blocks", () =>
  withBlocks(async (store, users) => {
    const { blockedUsers } = store;
    for (const gone of ["ann", "bob"]) {
      await blockedUsers.set("ann", "bob", true);
      await users.remove(gone);
      await store.createAccount(gone, gone, "hash");
      assertEquals(await blockedUsers.has("ann", "bob"), false, gone);
      assertEquals(await store.storeLetter(letter("bob", "ann")), "stored");
    }
  }));

Deno.test("an account blocks at most 1000 others", () =>
  withBlocks(async ({ blockedUsers }, _users, path) => {
    using db = new DatabaseSync(path);
    db.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${LIMITS.maxBlockedUsers})
        INSERT INTO accounts (folded, name, password_hash, created)
          SELECT 'x' || i, 'x' || i, '', 0 FROM n;
      INSERT INTO user_blocks SELECT 1, id, 0 FROM accounts WHERE folded LIKE 'x%'`);
    assertEquals((await blockedUsers.list("ann")).length, 1_000);
    assertEquals(await blockedUsers.set("ann", "bob", true), "too-many");
    assertEquals(await blockedUsers.set("ann", "x7", true), "done", "is blocked already");
    assertEquals(await blockedUsers.set("bob", "ann", true), "done", "another one's count");
    await blockedUsers.set("ann", "x7", false);
    assertEquals(await blockedUsers.set("ann", "bob", true), "done");
  }));

Deno.test("names are listed in the order of the folded names' code units", () =>
  withBlocks(async (store) => {
    // U+FF5E comes behind U+1F600 in code units, before it in UTF-8; both orders must not differ from that of other lists.
    const names = ["\u{20000}", "\u{fa0e}", "zoe", "Abe"];
    for (const name of names) {
      await store.createAccount(name.toLowerCase(), name, "hash");
      await store.blockedUsers.set("ann", name.toLowerCase(), true);
    }
    assertEquals(await store.blockedUsers.list("ann"), ["Abe", "zoe", "\u{20000}", "\u{fa0e}"]);
  }));

Deno.test("a full database takes no further block, and gives blocks up", async () => {
  await withBlocks(async (store, _users, path) => {
    await store.blockedUsers.set("ann", "bob", true);
    await using full = openSqliteStore(path, { maxBytes: 1 });
    await assertRejects(() => full.blockedUsers.set("ann", "éva", true), StoreFullError);
    assertEquals(await full.blockedUsers.set("ann", "bob", false), "done");
  });
});

/** How many steps there were before accounts could block others. */
const BEFORE_BLOCKS = MIGRATIONS.findIndex((step) =>
  typeof step === "string" && step.includes("CREATE TABLE user_blocks")
);

Deno.test("an upgrade brings a table of blocks: nobody is blocked, and names that an administrator blocks stay so", async () => {
  await withDatabasePath(async (path) => {
    {
      using old = new DatabaseSync(path);
      migrate(old, MIGRATIONS.slice(0, BEFORE_BLOCKS));
      old.exec(`
        INSERT INTO accounts (folded, name, password_hash, created)
          VALUES ('ann', 'Ann', 'hash', 0), ('bob', 'Bob', 'hash', 0);
        INSERT INTO blocks VALUES ('bob', 'Bob', 'spam', 0);`);
    }
    await using store = openSqliteStore(path);
    assertEquals(store.blockedUsers.of("ann"), undefined);
    assertEquals(await store.blockReason("bob"), "spam");
    assertEquals(await store.blockedUsers.set("ann", "bob", true), "done");
  });
});
