// Kept messages and their numbers, on real files.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { migrate, MIGRATIONS } from "../../../../server/store/schema.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../../../server/store/sqlite.ts";
import { SqliteConversations } from "../../../../server/store/sqlite/conversations.ts";
import { SizeLimit } from "../../../../server/store/size_limit.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import { type Letter, type Store, StoreFullError } from "../../../../server/store/store.ts";
import { UserAdmin } from "../../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { retentionIsDone } from "../../../support/retention.ts";

const DAY_MS = 86_400_000;
/** Steps before messages were kept. */
const BEFORE = MIGRATIONS.findIndex((step) =>
  typeof step === "function" && step.name === "keepMessages"
);

/** Opens a store in which ann, bob and carl have accounts. */
async function open(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  const store = openSqliteStore(path, options);
  for (const name of ["ann", "bob", "carl"]) await store.createAccount(name, name, "hash");
  return store;
}

/** Keeps a message of ann's to bob as if it had been delivered; gives its number. */
async function keep(
  store: Store,
  message: string,
  {
    from = "ann",
    to = "bob",
    time = Date.now() / 1_000,
    fingerprint = undefined as string | undefined,
  } = {},
): Promise<number> {
  let conversation: number;
  let seq: number | undefined;
  do {
    conversation = (await store.openDirect(from, to))!;
    seq = store.nextSeq(conversation);
  } while (seq === undefined);
  const rest = { id: undefined, fingerprint, delivered: 1 };
  await store.keepMessage({ conversation, seq, from, sender: from, to, message, time, ...rest });
  return seq;
}

const letter = (from: string, message: string, time = Date.now() / 1_000): Letter => ({
  ...{ folded: "bob", to: "bob", from, message, id: 7, time },
});

async function texts(store: Store, page: object = {}): Promise<(string | undefined)[]> {
  const conversation = (await store.findDirect("bob", "ann"))!;
  const { messages } = await store.listMessages(conversation, { limit: 100, ...page });
  return messages.map(({ message }) => message);
}

/** What the file has, read by another connection. */
function count(path: string, table: string): number {
  using db = new DatabaseSync(path, { readOnly: true });
  return db.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n as number;
}

Deno.test("messages come back whole, by number, in pages", () =>
  withDatabasePath(async (path) => {
    const odd = ["a\0b", "\ud800", "\u2028", "𝄞", "x".repeat(16_000)];
    {
      await using store = await open(path);
      for (const text of odd) await keep(store, text);
      assertEquals(await keep(store, "from bob", { from: "bob", to: "ann" }), 6);
    }
    await using store = openSqliteStore(path);
    assertEquals(await texts(store), [...odd, "from bob"]);
    const conversation = (await store.findDirect("ann", "bob"))!;
    const page = async (options: object): Promise<[number[], boolean]> => {
      const { messages, more } = await store.listMessages(conversation, { limit: 2, ...options });
      return [messages.map(({ seq }) => seq), more];
    };
    assertEquals(await page({}), [[5, 6], true]);
    assertEquals(await page({ before: 5 }), [[3, 4], true]);
    assertEquals(await page({ before: 3 }), [[1, 2], false]);
    assertEquals(await page({ before: 1 }), [[], false]);
    assertEquals(await page({ after: 0 }), [[1, 2], true]);
    assertEquals(await page({ after: 4 }), [[5, 6], false]);
    assertEquals(await page({ after: 999 }), [[], false]);
    assertEquals(await store.findDirect("ann", "carl"), undefined);
    assertEquals(await store.openDirect("ann", "nobody"), undefined);
  }));

Deno.test("a page has at most 256 KiB, and always a message", async () => {
  await using store = await open(":memory:");
  for (let n = 0; n < 30; n++) await keep(store, `${n} ${"\u0001".repeat(4_000)}`); // six bytes each, as JSON
  const conversation = (await store.findDirect("ann", "bob"))!;
  const seen: number[] = [];
  for (let after = 0, more = true; more;) {
    const page = await store.listMessages(conversation, { after, limit: 100 });
    assert(JSON.stringify(page).length <= 262_144 && page.messages.length > 5);
    seen.push(...page.messages.map(({ seq }) => seq));
    ({ more } = page);
    after = seen.at(-1)!;
  }
  assertEquals(seen, Array.from({ length: 30 }, (_, n) => n + 1));
  await keep(store, "\u0001".repeat(100_000));
  assertEquals((await store.listMessages(conversation, { limit: 100 })).messages.length, 1);
});

Deno.test("a number is never used again: not after a restart, a failed transaction or a forgotten counter", () =>
  withDatabasePath(async (path) => {
    let given = 0;
    const take = async (store: Store): Promise<void> => {
      const conversation = (await store.openDirect("ann", "bob"))!;
      const seq = store.nextSeq(conversation)!;
      assert(seq > given, `${seq} after ${given}`);
      given = seq;
    };
    {
      await using store = await open(path);
      for (let n = 0; n < 700; n++) given = await keep(store, `${n}`);
      assertEquals(given, 700, "without a gap while nothing fails");
      await take(store); // given out, and never kept
    }
    {
      await using store = openSqliteStore(path);
      await take(store);
      assert(given <= 1_200, `at most a block is lost: ${given}`);
    }
    await using store = openSqliteStore(path, {
      maxPages: Math.ceil(Deno.statSync(path).size / 4_096),
    });
    await take(store);
    const failed = keep(store, "x".repeat(500_000));
    await assertRejects(() => failed, Error, "the disk is full");
    given++; // somebody may have seen it
    await take(store);
  }));

Deno.test("counters are forgotten, the least used first, and no number is used twice", () => {
  using db = openDatabase(":memory:");
  const insert = db.prepare(
    "INSERT INTO accounts (folded, name, password_hash, created) VALUES (?1, ?1, '', 0)",
  );
  const names = Array.from({ length: 150 }, (_, n) => `n${n}`);
  for (const name of names) insert.run(name);
  const size = new SizeLimit(db, { path: ":memory:", maxBytes: 0, onChange: () => {} });
  const conversations = new SqliteConversations(db, size);
  const take = (a: string, b: string): number =>
    conversations.take(conversations.openDirect(a, b)!);
  assertEquals([take("n0", "n1"), take("n1", "n0"), take("n0", "n2")], [1, 2, 1]);
  const pairs = names.flatMap((a) => names.filter((b) => a < b).map((b) => [a, b] as const));
  db.exec("BEGIN");
  for (const [a, b] of pairs.slice(2, 5_000)) take(a, b);
  assertEquals(take("n0", "n1"), 3);
  for (const [a, b] of pairs.slice(5_000, 10_001)) take(a, b);
  db.exec("COMMIT");
  assertEquals(take("n0", "n1"), 4);
  assertEquals(take("n0", "n2"), 257);
});

Deno.test("what an account stores for another is one message: kept, and a letter until it is acknowledged", () =>
  withDatabasePath(async (path) => {
    await using store = await open(path);
    await keep(store, "before");
    const kept: unknown[] = [];
    const onKept = (earlier: unknown): void => void kept.push(earlier);
    assertEquals(await store.storeLetter(letter("ann", "stored"), { onKept }), "stored");
    assertEquals(await store.storeLetter(letter("guest", "of a guest"), { onKept }), "stored");
    assertEquals(kept, [{ seq: 2, delivered: 0 }]);
    const [first, second] = await store.listLetters("bob", 0, 10);
    assertEquals([first?.message, first?.place?.seq, first?.id], ["stored", 2, 7]);
    assertEquals([second?.message, second?.place], ["of a guest", undefined]);
    assertEquals([count(path, "messages"), count(path, "letters")], [3, 2]);
    await store.deleteLetters("bob", 2);
    assertEquals([count(path, "messages"), count(path, "letters")], [2, 0]);
    assertEquals(await texts(store), ["before", "stored"]);
  }));

Deno.test("a rescued message is marked, not kept twice; one that the disk had not taken is kept with its letter", () =>
  withDatabasePath(async (path) => {
    await using store = await open(path);
    const conversation = (await store.openDirect("ann", "bob"))!;
    const seq = await keep(store, "delivered");
    const rescue = (
      place: { conversation: number; seq: number },
      message: string,
    ): Promise<string> =>
      store.storeLetter({ ...letter("ann", message), place }, { isRescue: true });
    assertEquals(await rescue({ conversation, seq }, "delivered"), "stored");
    assertEquals(await rescue({ conversation, seq: 2 }, "the disk failed"), "stored");
    assertEquals(count(path, "messages"), 2);
    assertEquals(
      (await store.listLetters("bob", 0, 10)).map(({ place, message }) => [place?.seq, message]),
      [[1, "delivered"], [2, "the disk failed"]],
    );
    assertEquals(await texts(store), ["delivered", "the disk failed"]);
  }));

Deno.test("a letter that came before is not stored again, whether it was stored then or delivered", async () => {
  await using store = await open(":memory:");
  const store1 = async (fingerprint: string, since = 0): Promise<unknown> => {
    let kept: unknown;
    const options = { repeats: { fingerprint, since }, onKept: (it: unknown) => kept = it };
    assertEquals(await store.storeLetter(letter("ann", fingerprint), options), "stored");
    return kept;
  };
  const seq = await keep(store, "delivered", { fingerprint: "one" });
  assertEquals(await store1("one"), { seq, delivered: 1 });
  assertEquals(await store1("two"), { seq: 2, delivered: 0 });
  assertEquals(await store1("two"), { seq: 2, delivered: 0 });
  assertEquals((await store.listLetters("bob", 0, 10)).length, 1);
  const conversation = (await store.findDirect("ann", "bob"))!;
  assertEquals(store.findEarlier(conversation, "two", 0), { seq: 2, delivered: 0 });
  assertEquals(store.findEarlier(conversation, "two", 5e9), undefined);
  assertEquals(store.findEarlier(conversation + 1, "two", 0), undefined);
  assertEquals(await store1("two", 5e9), { seq: 3, delivered: 0 }, "too long ago");
});

Deno.test("with 0 days nothing is kept, and what was kept goes; letters stay letters", () =>
  withDatabasePath(async (path) => {
    {
      await using store = await open(path);
      await keep(store, "kept");
      await store.storeLetter(letter("ann", "kept letter"));
    }
    await using store = openSqliteStore(path, { historyDays: 0 });
    assertEquals(await store.openDirect("ann", "bob"), undefined);
    await store.storeLetter(letter("ann", "letter"), { onKept: () => assert(false) });
    while (count(path, "messages") > 2) await store.replacePasswordHash("bob", "", "");
    assertEquals(
      (await store.listLetters("bob", 0, 10)).map(({ message, place }) => [message, place]),
      [["kept letter", undefined], ["letter", undefined]],
    );
    await store.deleteLetters("bob", 2);
    assertEquals(count(path, "messages"), 0);
  }));

Deno.test("messages go after so many days, letters after theirs, neither with the other", () =>
  withDatabasePath(async (path) => {
    const clock = new FakeClock();
    const seconds = (): number => clock.epochMs() / 1_000;
    await using store = await open(path, { clock, historyDays: 10, mailDays: 20 });
    const pass = async (days: number): Promise<void> => {
      clock.advance(days * DAY_MS);
      await retentionIsDone(clock);
    };
    await Promise.all(
      Array.from({ length: 1_200 }, (_, n) => keep(store, `${n}`, { time: seconds() })),
    );
    await store.storeLetter(letter("ann", "old letter", seconds()));
    await pass(9);
    await keep(store, "later", { time: seconds() });
    await pass(2);
    assertEquals(await texts(store), ["later"]);
    assertEquals((await store.listLetters("bob", 0, 9)).map(({ message }) => message), [
      "old letter",
    ]);
    await pass(10);
    assertEquals([await texts(store), count(path, "messages")], [[], 0]);
    assertEquals(await keep(store, "goes on", { time: seconds() }), 1_203);
  }));

Deno.test("an account goes with its conversations, and with what of it waits in other mailboxes", () =>
  withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = await open(path, { clock });
    await keep(store, "to bob", { time: clock.epochMs() / 1_000 });
    await keep(store, "to carl", { from: "bob", to: "carl", time: clock.epochMs() / 1_000 });
    await store.storeLetter(letter("ann", "letter", clock.epochMs() / 1_000));
    await store.storeLetter(letter("guest", "a guest's", clock.epochMs() / 1_000));
    {
      using admin = UserAdmin.open(path, false, () => 0);
      await admin.remove("ann");
      admin.add("ann", "ann", "hash");
    }
    assertEquals(
      await store.findDirect("ann", "bob"),
      undefined,
      "whoever has the name now is another",
    );
    assertEquals((await store.listConversations("bob", 10)).map((one) => one.with), ["carl"]);
    assertEquals([count(path, "messages"), count(path, "letters")], [2, 1]);
    assertEquals((await store.listLetters("bob", 0, 9)).map(({ message }) => message), [
      "a guest's",
    ]);
    clock.advance(DAY_MS / 24);
    while (count(path, "conversations") > 1) await store.replacePasswordHash("bob", "", "");
    assertEquals(count(path, "messages"), 2);
  }));

Deno.test("reading moves forward only, to the newest message at most; what is unread is counted", async () => {
  await using store = await open(":memory:");
  const now = Math.floor(Date.now() / 1_000);
  for (let n = 1; n <= 5; n++) await keep(store, `${n}`, { time: now + n });
  await keep(store, "mine", { from: "bob", to: "ann", time: now + 6 });
  await keep(store, "hi", { from: "carl", to: "bob", time: now + 9 });
  const conversation = (await store.findDirect("bob", "ann"))!;
  const list = (): Promise<unknown[]> => store.listConversations("bob", 10);
  const carl = { with: "carl", last: 1, read: 0, unread: 1, time: now + 9 };
  const ann = { with: "ann", last: 6, read: 0, unread: 5, time: now + 6 };
  assertEquals(await list(), [carl, ann]);
  await store.markRead("bob", conversation, 3);
  assertEquals(await list(), [carl, { ...ann, read: 3, unread: 2 }]);
  await store.markRead("bob", conversation, 2);
  assertEquals(await list(), [carl, { ...ann, read: 3, unread: 2 }]);
  await store.markRead("bob", conversation, 999);
  assertEquals(await list(), [carl, { ...ann, read: 6, unread: 0 }]);
  assertEquals(await store.listConversations("bob", 1), [carl]);
  assertEquals((await store.listConversations("ann", 10))[0]?.unread, 1);
  await keep(store, "to myself", { to: "ann", time: now + 10 });
  assertEquals((await store.listConversations("ann", 10)).map((one) => one.with), ["ann", "bob"]);
});

Deno.test("a list sees what was given to the store before, written or not", async () => {
  await using store = await open(":memory:");
  await keep(store, "first");
  const conversation = (await store.findDirect("ann", "bob"))!;
  const keeping = keep(store, "second");
  await Promise.resolve();
  const { messages } = await store.listMessages(conversation, { limit: 10 });
  assertEquals(messages.map(({ message }) => message), ["first", "second"]);
  await keeping;
});

Deno.test("at the database's limit nothing is numbered that could not be kept", () =>
  withDatabasePath(async (path) => {
    await using store = await open(path, { maxBytes: 1024 ** 2 });
    const conversation = (await store.openDirect("ann", "bob"))!;
    const keeping: Promise<unknown>[] = [];
    const fill = (): void => {
      for (let n = 0; n < 300; n++) {
        store.checkRoom(10_000);
        const seq = store.nextSeq(conversation)!;
        const rest = {
          id: undefined,
          fingerprint: undefined,
          delivered: 1,
          time: Date.now() / 1_000,
        };
        const message = "x".repeat(10_000);
        const names = { from: "ann", sender: "ann", to: "bob" };
        keeping.push(store.keepMessage({ conversation, seq, message, ...names, ...rest }));
      }
    };
    assertThrows(fill, StoreFullError);
    await Promise.all(keeping);
    assert(keeping.length > 50 && keeping.length < 105, `${keeping.length}`);
    await assertRejects(() => store.openDirect("ann", "carl"), StoreFullError);
  }));

Deno.test("a file with letters is upgraded: they are what they were, in one row each", () =>
  withDatabasePath(async (path) => {
    const odd = ["a\0b", "\ud800", "hi"];
    {
      using old = openOld(path);
      odd.forEach((text, n) => putOld(old, n + 1, n === 2 ? "ann" : "guest", text));
      old.exec("DELETE FROM letters WHERE stored = 1");
    }
    for (const round of ["upgrade", "open again"]) {
      await using store = openSqliteStore(path);
      const letters = await store.listLetters("bob", 0, 10);
      assertEquals(
        letters.map(({ stored, from, message, id, place }) => [stored, from, message, id, place]),
        [[2, "guest", odd[1], 7, undefined], [3, "ann", "hi", 7, undefined]],
        round,
      );
      assertEquals(count(path, "messages"), 2);
    }
    {
      await using store = openSqliteStore(path);
      await store.storeLetter(letter("ann", "new"));
      assertEquals((await store.listLetters("bob", 3, 10))[0]?.stored, 4);
      await store.deleteLetters("bob", 4);
      assertEquals([await texts(store), count(path, "messages")], [["new"], 1]);
    }
    using db = new DatabaseSync(path);
    assertEquals(
      db.prepare(
        "SELECT sum(letter_count) + sum(letter_bytes) + (SELECT count(*) FROM shares) AS n FROM accounts",
      ).get()?.n,
      0,
    );
  }));

Deno.test("an upgrade that is interrupted leaves the letters where they were", () =>
  withDatabasePath(async (path) => {
    {
      using old = openOld(path);
      putOld(old, 1, "ann", "hi");
      const interrupted = (): never => {
        throw new Error("interrupted");
      };
      const steps = [...MIGRATIONS.slice(0, BEFORE + 1), interrupted];
      assertThrows(() => migrate(old, steps), Error, "interrupted");
      assertEquals(old.prepare("PRAGMA user_version").get()?.user_version, BEFORE);
      assertEquals(
        old.prepare("SELECT count(*) AS n FROM letters WHERE body LIKE '%hi%'").get()?.n,
        1,
      );
    }
    await using store = openSqliteStore(path);
    assertEquals((await store.listLetters("bob", 0, 10)).map(({ message }) => message), ["hi"]);
  }));

Deno.test("what is deleted is gone from the file", () =>
  withDatabasePath(async (path) => {
    const secret = "a secret that nobody shall find";
    {
      await using store = await open(path);
      await store.storeLetter(letter("guest", secret));
    }
    const holds = (): boolean =>
      new TextDecoder("latin1").decode(Deno.readFileSync(path)).includes(secret);
    assert(holds());
    {
      await using store = openSqliteStore(path);
      await store.deleteLetters("bob", 1);
    }
    assert(!holds());
  }));

/** A file of the version before messages were kept, with bob, who has an empty mailbox, and ann. */
function openOld(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  migrate(db, MIGRATIONS.slice(0, BEFORE));
  db.exec(`INSERT INTO accounts (folded, name, password_hash, created)
    VALUES ('bob', 'bob', 'hash', 0), ('ann', 'ann', 'hash', 0)`);
  return db;
}

function putOld(db: DatabaseSync, stored: number, from: string, message: string): void {
  const body = JSON.stringify({ to: "bob", from, message, id: 7 });
  db.prepare(
    `INSERT INTO letters (account, stored, time, bytes, body, sender, is_guest, is_stranger)
       VALUES (1, ?, 4000000000, ?, ?, ?, ?, 1)`,
  ).run(stored, body.length, body, from, Number(from === "guest"));
}
