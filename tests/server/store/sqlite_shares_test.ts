// Shares of mailboxes, and who counts as known, on real files.
import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { MAILBOX_LIMITS } from "../../../server/store/mailbox_limits.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../../server/store/sqlite.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import type { Letter, Store, StoreOutcome } from "../../../server/store/store.ts";
import { withDatabasePath } from "../../support/database_path.ts";

const letter = (to: string, from: string, message = "hi"): Letter => ({
  ...{ folded: to, to, from, message, id: undefined },
  time: Date.now() / 1_000,
});

/** Puts letters and says how many of them each outcome had. */
async function put(
  store: Store,
  from: string,
  count: number,
  { message = "hi", isRescue = false } = {},
): Promise<Partial<Record<StoreOutcome, number>>> {
  const outcomes = await Promise.all(
    Array.from(
      { length: count },
      () => store.storeLetter(letter("bob", from, message), { isRescue }),
    ),
  );
  const counts: Partial<Record<StoreOutcome, number>> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** Runs a test with a file that has the accounts bob, ann and others; afterwards the counts must be those of the letters. */
async function withBob(
  test: (store: Store, path: string) => Promise<void>,
  options: SqliteStoreOptions = {},
): Promise<void> {
  await withDatabasePath(async (path) => {
    {
      await using store = openSqliteStore(path, options);
      for (const name of ["bob", "ann", "carl"]) await store.createAccount(name, name, "hash");
      await test(store, path);
    }
    assertCounted(path);
  });
}

/** Counts the letters and compares. */
function assertCounted(path: string): void {
  using db = new DatabaseSync(path, { readOnly: true });
  assertEquals(
    db.prepare(
      `SELECT id, letter_count, letter_bytes, guest_count, guest_bytes, stranger_count, stranger_bytes
         FROM accounts ORDER BY id`,
    ).all(),
    db.prepare(
      `SELECT a.id, count(l.stored) AS letter_count, coalesce(sum(bytes), 0) AS letter_bytes,
              coalesce(sum(is_guest), 0) AS guest_count, coalesce(sum(is_guest * bytes), 0) AS guest_bytes,
              coalesce(sum(is_stranger), 0) AS stranger_count, coalesce(sum(is_stranger * bytes), 0) AS stranger_bytes
         FROM accounts a LEFT JOIN letters l ON l.account = a.id GROUP BY a.id ORDER BY a.id`,
    ).all(),
  );
  assertEquals(
    db.prepare("SELECT * FROM shares ORDER BY account, sender").all(),
    db.prepare(
      `SELECT account, sender, count(*) AS letter_count, sum(bytes) AS letter_bytes
         FROM letters GROUP BY account, sender ORDER BY account, sender`,
    ).all(),
  );
}

Deno.test("one sender, however the name is typed, has at most 100 letters in a mailbox, and again after an ack", () =>
  withBob(async (store) => {
    assertEquals(await put(store, "Eve", 60), { stored: 60 });
    assertEquals(await put(store, "ＥＶＥ", 60), { stored: 40, "sender-full": 20 });
    assertEquals(await put(store, "mallory", 1), { stored: 1 });
    await store.deleteLetters("bob", 10);
    assertEquals(await put(store, "eve", 20), { stored: 10, "sender-full": 10 });
    assertEquals(await put(store, "ann", 101), { stored: 100, "sender-full": 1 });
  }));

Deno.test("one sender has at most a tenth of a mailbox's bytes", () =>
  withBob(async (store) => {
    const message = "x".repeat(20_000);
    assertEquals(await put(store, "ann", 30, { message }), { stored: 26, "sender-full": 4 });
    assertEquals(await put(store, "carl", 1, { message }), { stored: 1 });
  }));

Deno.test("all guests together have at most 200, accounts go on", () =>
  withBob(async (store) => {
    for (const guest of ["g1", "g2"]) assertEquals(await put(store, guest, 100), { stored: 100 });
    assertEquals(await put(store, "g3", 1), { "guests-full": 1 });
    assertEquals(await put(store, "ann", 1), { stored: 1 });
    await store.deleteLetters("bob", 1);
    assertEquals(await put(store, "g3", 2), { stored: 1, "guests-full": 1 });
  }));

Deno.test("strangers leave a quarter of a mailbox to those whom its owner has written to", () =>
  withBob(async (store) => {
    for (let n = 0; n < 8; n++) {
      await store.createAccount(`s${n}`, `s${n}`, "hash");
      const counts = await put(store, `s${n}`, 100);
      assertEquals(counts, n < 7 ? { stored: 100 } : { stored: 50, "strangers-full": 50 });
    }
    assertEquals(await put(store, "ann", 1), { "strangers-full": 1 });
    // Bob has written to ann, delivered; and to carl, stored.
    await store.noteCorrespondent("bob", "ann");
    assertEquals(await store.storeLetter(letter("carl", "Bob")), "stored");
    assertEquals(await put(store, "ann", 100), { stored: 100 });
    assertEquals(await put(store, "carl", 100), { stored: 100 });
    // That somebody has written to bob makes nobody known to bob.
    assertEquals(await put(store, "s7", 1), { "strangers-full": 1 });
  }));

Deno.test("what is rescued is beyond every limit, and counts afterwards", () =>
  withBob(async (store) => {
    await store.noteCorrespondent("bob", "ann");
    assertEquals(await put(store, "eve", 1_500, { isRescue: true }), { stored: 1_500 });
    assertEquals(await put(store, "eve", 1), { "sender-full": 1 });
    assertEquals(await put(store, "guest", 1), { "guests-full": 1 });
    assertEquals(await put(store, "carl", 1), { stored: 1 });
    assertEquals(await put(store, "ann", 1), { stored: 1 });
  }));

Deno.test("whom an account has written to survives a restart; the 1000 latest are kept", async () => {
  await withDatabasePath(async (path) => {
    {
      using admin = UserAdmin.open(path, true, () => 0);
      for (const name of ["bob", "ann"]) admin.add(name, name, "hash");
      using db = new DatabaseSync(path);
      db.exec(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        INSERT INTO accounts (folded, name, password_hash, created) SELECT 'f' || i, 'f' || i, 'hash', 0 FROM n`);
    }
    {
      await using store = openSqliteStore(path);
      for (const name of ["bob", "nobody"]) await store.noteCorrespondent("guest", name);
      await store.noteCorrespondent("ann", "bob");
      await Promise.all(
        Array.from({ length: 1_001 }, (_, i) => store.noteCorrespondent("bob", `f${i}`)),
      );
    }
    const strangers = { letters: 0, bytes: 0 };
    const mailbox = { ...MAILBOX_LIMITS, strangers };
    await using store = openSqliteStore(path, { mailbox });
    const outcomes: Record<string, StoreOutcome> = {};
    for (const from of ["f0", "f1", "f1000", "ann", "guest"]) {
      outcomes[from] = await store.storeLetter(letter("bob", from));
    }
    assertEquals(outcomes, {
      f0: "strangers-full",
      f1: "stored",
      f1000: "stored",
      ann: "strangers-full",
      guest: "strangers-full",
    });
    using db = new DatabaseSync(path, { readOnly: true });
    const { n } = db.prepare(
      "SELECT count(*) AS n FROM correspondents JOIN accounts a ON a.id = account WHERE a.folded = 'bob'",
    ).get()!;
    assertEquals(n, 1_000);
  });
});

Deno.test("who gets a removed account's name is a stranger again; its mailbox goes with all that was counted", () =>
  withBob(async (store, path) => {
    await store.noteCorrespondent("bob", "ann");
    await put(store, "ann", 2);
    await put(store, "carl", 3);
    using admin = UserAdmin.open(path, false, () => 0);
    await admin.remove("ann");
    admin.add("ann", "ann", "hash");
    using db = new DatabaseSync(path, { readOnly: true });
    assertEquals(
      db.prepare("SELECT count(*) AS n FROM correspondents WHERE account = 1").get()?.n,
      0,
    );
    assertEquals((await admin.remove("bob"))?.letters, 3);
    assertEquals(db.prepare("SELECT count(*) AS n FROM shares").get()?.n, 0);
    assertEquals(await put(store, "carl", 1), { "no-account": 1 });
  }));

Deno.test("a letter is counted without looking at others", () =>
  withBob((_, path) => {
    using db = new DatabaseSync(path, { readOnly: true });
    for (
      const sql of [
        "SELECT letter_count FROM shares WHERE account = 1 AND sender = 'x'",
        "SELECT 1 FROM correspondents WHERE account = 1 AND other = 2",
        "SELECT id FROM correspondents WHERE account = 1 ORDER BY id DESC LIMIT 1 OFFSET 1000",
        "SELECT 1 FROM correspondents WHERE other = 1",
      ]
    ) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => `${detail}`);
      assert(plan.every((step) => step.startsWith("SEARCH")), `${sql}: ${plan}`);
    }
    return Promise.resolve();
  }));
