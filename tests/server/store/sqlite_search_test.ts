// Searching in what is kept, on real files, and what the retention leaves of it.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import type { MessageSearch } from "../../../server/store/messages.ts";
import { migrate, MIGRATIONS } from "../../../server/store/schema.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../../server/store/sqlite.ts";
import { type Store, StoreError } from "../../../server/store/store.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { runProgram } from "../../support/run_program.ts";
import { retentionIsDone } from "../../support/retention.ts";
import { eventually } from "../../support/server_fixture.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Steps before there was an index. */
const BEFORE = MIGRATIONS.findIndex((step) =>
  typeof step === "function" && step.name === "addSearchIndex"
);

/** Opens a store in which ann, bob and carl have accounts. */
async function open(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  const store = openSqliteStore(path, options);
  for (const name of ["ann", "bob", "carl"]) await store.createAccount(name, name, "hash");
  return store;
}

/** Keeps messages of one account to another, as if they had been delivered. */
async function keep(
  store: Store,
  texts: readonly string[],
  { from = "ann", to = "bob", time = Date.now() / 1_000 } = {},
): Promise<void> {
  const kept: Promise<boolean>[] = [];
  for (const message of texts) {
    let conversation: number;
    let seq: number | undefined;
    do {
      conversation = (await store.openDirect(from, to))!;
      seq = store.nextSeq(conversation);
    } while (seq === undefined);
    const rest = { id: undefined, fingerprint: undefined, delivered: 1 };
    kept.push(
      store.keepMessage({ conversation, seq, from, sender: from, to, message, time, ...rest }),
    );
  }
  await Promise.all(kept);
}

const searchOf = (account: string, text: string, more: Partial<MessageSearch> = {}) => ({
  asker: account,
  text,
  account,
  other: undefined,
  rooms: [],
  from: undefined,
  after: undefined,
  limit: 100,
  ...more,
});

async function found(
  store: Store,
  account: string,
  text: string,
  more: Partial<MessageSearch> = {},
): Promise<string[]> {
  const page = await store.search(searchOf(account, text, more));
  return page!.messages.map(({ message }) => message!);
}

/** What a query gives of the file, read by another connection. */
function look(path: string, sql: string): unknown {
  using db = new DatabaseSync(path, { readOnly: true });
  return Object.values(db.prepare(sql).get()!)[0];
}

const rowsOf = (path: string): unknown => look(path, "SELECT count(*) FROM messages");
const wordsOf = (path: string): unknown => look(path, "SELECT count(*) FROM search_index_words");

/** Reads the file as bytes. */
const holds = (path: string, text: string): boolean =>
  [path, `${path}-wal`].some((file) => {
    try {
      return new TextDecoder("latin1").decode(Deno.readFileSync(file)).includes(text);
    } catch {
      return false;
    }
  });

Deno.test("a search sees what was given to the store before, written or not", () =>
  withDatabasePath(async (path) => {
    for (const where of [path, ":memory:"]) {
      await using store = await open(where);
      await keep(store, ["first apple"]);
      const conversation = (await store.openDirect("ann", "bob"))!;
      const seq = store.nextSeq(conversation)!;
      const time = Date.now() / 1_000;
      const rest = { id: 1, fingerprint: undefined, delivered: 1, time };
      const keeping = store.keepMessage({
        ...{ conversation, seq, from: "ann", sender: "ann", to: "bob", message: "apple", ...rest },
      });
      assertEquals(await found(store, "bob", "apple"), ["apple", "first apple"]);
      await keeping;
      assertEquals(await found(store, "bob", "apple", { limit: 1 }), ["apple"]);
      assertEquals(await found(store, "carl", "apple"), []);
    }
  }));

Deno.test("a file of the version before is indexed when somebody searches, or by itself if it is long", () =>
  withDatabasePath(async (path) => {
    {
      using old = new DatabaseSync(path);
      old.exec("PRAGMA journal_mode = WAL");
      migrate(old, MIGRATIONS.slice(0, BEFORE));
      old.exec(`
        INSERT INTO accounts (folded, name, password_hash, created)
          VALUES ('ann', 'Ann', 'hash', 0), ('bob', 'Bob', 'hash', 0);
        INSERT INTO conversations (kind, a, b, reserved, last) VALUES ('direct', 1, 2, 5120, 5000);`);
      const insert = old.prepare(
        "INSERT INTO messages (conversation, seq, time, sender, body) VALUES (1, ?, 4e9, 1, ?)",
      );
      old.exec("BEGIN");
      for (let seq = 1; seq <= 5_000; seq++) {
        insert.run(seq, JSON.stringify({ to: "Bob", from: "Ann", message: `ёж ${seq}` }));
      }
      old.exec("COMMIT");
    }
    {
      await using store = openSqliteStore(path);
      assertEquals(await found(store, "bob", "ЕЖ 4711"), ["ёж 4711"]);
      assertEquals(await found(store, "bob", "еж", { limit: 1 }), ["ёж 5000"]);
    }
    {
      using db = new DatabaseSync(path);
      db.exec(`
        INSERT INTO search_index (search_index) VALUES ('delete-all');
        UPDATE search_state SET indexed = 0`);
    }
    await using store = openSqliteStore(path);
    const watermark = (): unknown => look(path, "SELECT indexed FROM search_state");
    await eventually(() => watermark() === 5_000, () => `indexed to 5000, not ${watermark()}`);
    assertEquals(await found(store, "ann", "еж 1"), ["ёж 1"]);
  }));

Deno.test("messages go after so many days with their words, indexed or not, letters or not", () =>
  withDatabasePath(async (path) => {
    const clock = new FakeClock();
    const time = clock.epochMs() / 1_000;
    await using store = await open(path, { clock, historyDays: 10, mailDays: 365 });
    const texts = Array.from({ length: 300 }, (_, n) => `xylophone${n} apple`);
    await keep(store, texts, { time });
    await store.storeLetter({
      ...{ folded: "bob", to: "bob", from: "ann", message: "apple letter", id: 7, time },
    });
    assertEquals((await found(store, "bob", "apple")).length, 100);
    assertEquals(look(path, "SELECT indexed FROM search_state"), 301);
    await keep(store, ["apple later", "not indexed apple"], { time: time + 5 * 86_400 });
    clock.advance(9 * DAY_MS);
    await retentionIsDone(clock);
    assertEquals(rowsOf(path), 303);
    clock.advance(2 * DAY_MS);
    await retentionIsDone(clock);
    assertEquals(rowsOf(path), 3);
    assertEquals(await found(store, "bob", "apple"), ["not indexed apple", "apple later"]);
    assertEquals((await store.listLetters("bob", 0, 9)).map(({ message }) => message), [
      "apple letter",
    ]);
    clock.advance(10 * DAY_MS);
    await retentionIsDone(clock);
    assertEquals(await found(store, "bob", "apple"), []);
    assertEquals(wordsOf(path), 0);
    await store[Symbol.asyncDispose]();
    assert(
      holds(path, "apple letter") && !holds(path, "xylophone"),
      "nothing is left of the words",
    );
    using db = new DatabaseSync(path);
    db.exec("INSERT INTO search_index (search_index) VALUES ('integrity-check')");
  }));

Deno.test("what an account wrote that is gone is not found, also before the retention comes to it", () =>
  withDatabasePath(async (path) => {
    const clock = new FakeClock();
    const time = clock.epochMs() / 1_000;
    await using store = await open(path, { clock });
    await keep(store, ["apple of carl"], { from: "carl", to: "bob", time });
    await keep(store, Array.from({ length: 500 }, (_, n) => `apple ${n}`), { time });
    assertEquals((await found(store, "bob", "apple", { limit: 1 })).length, 1);
    const page = await store.search(searchOf("bob", "apple", { limit: 1, other: "carl" }));
    assertEquals([page!.messages.length, page!.more], [1, false]);
    {
      using admin = UserAdmin.open(path, false, () => 0);
      await admin.remove("ann");
      admin.add("ann", "ann", "hash");
    }
    const rest = await store.search(searchOf("bob", "apple", { limit: 1 }));
    assertEquals([rest!.messages.map(({ message }) => message), rest!.more], [
      ["apple of carl"],
      false,
    ]);
    assertEquals(await found(store, "ann", "apple"), [], "whoever has the name now is another");
    assertEquals(
      await store.search(searchOf("bob", "apple", { after: { account: "ann", seq: 3 } })),
      undefined,
    );
    clock.advance(HOUR_MS);
    await eventually(() => rowsOf(path) === 1, () => `1 message, not ${rowsOf(path)}`);
    assertEquals(await found(store, "bob", "apple"), ["apple of carl"]);
  }));

Deno.test("a walk goes on where a message was that is gone meanwhile", () =>
  withDatabasePath(async (path) => {
    await using store = await open(path);
    await keep(store, Array.from({ length: 9 }, (_, n) => `apple ${n + 1}`));
    const after = { account: "ann", seq: 5 };
    const older = ["apple 4", "apple 3", "apple 2", "apple 1"];
    assertEquals(await found(store, "bob", "apple", { after }), older);
    {
      using db = new DatabaseSync(path);
      db.exec("DELETE FROM messages WHERE seq = 5");
    }
    assertEquals(await found(store, "bob", "apple", { after }), older);
    {
      using db = new DatabaseSync(path);
      db.exec("DELETE FROM messages WHERE seq < 5");
    }
    assertEquals(await found(store, "bob", "apple", { after }), []);
  }));

Deno.test("at the database's limit what is kept is found all the same", () =>
  withDatabasePath(async (path) => {
    const full: boolean[] = [];
    await using store = await open(path, { maxBytes: 600_000, onFull: (is) => full.push(is) });
    let kept = 0;
    await assertRejects(async () => {
      for (;; kept++) {
        const text = `apple ${kept} ${crypto.randomUUID().repeat(20)}`;
        store.checkRoom(text.length);
        await keep(store, [text]);
      }
    }, StoreError);
    assert(kept > 50 && full[0] === true, `${kept}`);
    assertEquals((await found(store, "bob", `apple ${kept - 1}`)).length, 1);
    assertEquals((await found(store, "bob", "apple 0")).length, 1);
  }));

Deno.test("asked when it is closed, or closed while it is asked, a store says that", () =>
  withDatabasePath(async (path) => {
    for (const where of [path, ":memory:"]) {
      const store = await open(where);
      await keep(store, ["apple"]);
      const asked = Promise.allSettled(
        Array.from({ length: 20 }, () => store.search(searchOf("bob", "apple"))),
      );
      await store[Symbol.asyncDispose]();
      for (const outcome of await asked) {
        if (outcome.status === "rejected") {
          assertEquals(outcome.reason.message, "Database is closed");
        }
      }
      await assertRejects(
        () => store.search(searchOf("bob", "apple")),
        StoreError,
        "Database is closed",
      );
    }
  }));

Deno.test("without the permission to start a thread the server searches all the same, and says so", () =>
  withDatabasePath(async (path) => {
    const data = path.replace(/[/\\][^/\\]*$/, "");
    const root = new URL("../../../", import.meta.url).pathname;
    const run = async (...more: string[]): Promise<unknown> => {
      const read = `--allow-read=${[data, ...more].join(",")}`;
      const script = `${root}tests/support/search_once.ts`;
      const args = ["run", "--no-prompt", "--no-check", read, `--allow-write=${data}`];
      const { stdout, stderr } = await runProgram(Deno.execPath(), [...args, script, path]);
      assert(stdout !== "", stderr);
      return JSON.parse(stdout);
    };
    assertEquals(await run(), { found: 1, warnings: 1 });
    assertEquals(await run(`${root}common`, `${root}server`), { found: 2, warnings: 0 });
  }));
