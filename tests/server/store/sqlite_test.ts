import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";

import { openSqliteStore, type SqliteStoreOptions } from "../../../server/store/sqlite.ts";
import {
  type AccountChange,
  type Letter,
  type Store,
  StoreError,
} from "../../../server/store/store.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { retentionIsDone } from "../../support/retention.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { openDatabase } from "../../../server/store/sqlite_file.ts";
import { UNSHARED } from "../../support/unshared.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function letter(folded: string, message: string, more: Partial<Letter> = {}): Letter {
  return { folded, to: folded, from: "eve", message, time: 1_767_225_600, id: undefined, ...more };
}

async function withAccount(options: SqliteStoreOptions = {}): Promise<Store> {
  const store = openSqliteStore(":memory:", { clock: new FakeClock(), ...options });
  assert(await store.createAccount("bob", "Bob", "hash"));
  return store;
}

const texts = async (store: Store, folded: string): Promise<string[]> =>
  (await store.listLetters(folded, 0, 10_000)).map(({ message }) => message);

Deno.test("a name is unknown, then a guest's, then an account's", async () => {
  await using store = openSqliteStore(":memory:");
  assertEquals(await store.nameStatus("constructor"), "unknown");
  await store.rememberName("constructor", "Constructor");
  assertEquals(await store.nameStatus("constructor"), "guest");
  assert(await store.createAccount("constructor", "Constructor", "hash"));
  assertEquals(await store.nameStatus("constructor"), "account");
});

Deno.test("an account keeps its shown name and its hash", async () => {
  await using store = await withAccount();
  assertEquals(await store.findAccount("bob"), {
    folded: "bob",
    name: "Bob",
    passwordHash: "hash",
    blocked: undefined,
  });
  assert(await store.replacePasswordHash("bob", "hash", "other"));
  assert(!await store.replacePasswordHash("bob", "hash", "too late"));
  assert(!await store.replacePasswordHash("eve", "hash", "other"));
  assertEquals((await store.findAccount("bob"))?.passwordHash, "other");
  assertEquals(await store.findAccount("eve"), undefined);
});

Deno.test("an account from before a rule is known as such as long as it exists", async () => {
  await withDatabasePath(async (path) => {
    {
      await using before = openSqliteStore(path);
      for (const name of ["pаypal", "\u3164", "Ева", "bob", "_x"]) {
        await before.createAccount(name.toLowerCase(), name, "hash");
      }
      assert(!before.hasLegacyAccount("bob"));
    }
    await using store = openSqliteStore(path);
    const legacy = (): string[] =>
      ["pаypal", "\u3164", "ева", "bob", "constructor", "µy"].filter((folded) =>
        store.hasLegacyAccount(folded)
      );
    assertEquals(legacy(), ["pаypal", "\u3164"]);
    {
      using users = UserAdmin.open(path, false, () => 0);
      await users.remove("\u3164");
    }
    assertEquals(legacy(), ["pаypal"]);
    await store[Symbol.asyncDispose]();
    assertThrows(() => store.hasLegacyAccount("pаypal"), StoreError, "closed");
  });
});

Deno.test("of two who make the same account at once, one succeeds", async () => {
  await using store = openSqliteStore(":memory:");
  const made = await Promise.all(
    ["first", "second"].map((hash) => store.createAccount("bob", "Bob", hash)),
  );
  assertEquals(made, [true, false]);
  assertEquals((await store.findAccount("bob"))?.passwordHash, "first");
});

Deno.test("letters come back whole, oldest first, numbered upwards", async () => {
  await using store = await withAccount();
  const sent = [
    letter("bob", "one", { id: "x1", to: "BOB", time: 1.5 }),
    letter("bob", "nul \0, half a pair \ud800, line\nend", { id: 7 }),
    letter("bob", "три 日本 👩‍👩‍👧"),
  ];
  for (const one of sent) assertEquals(await store.storeLetter(one), "stored");
  const expected = sent.map((one, index) => ({ ...one, stored: index + 1 }));
  assertEquals(await store.listLetters("bob", 0, 10), expected);
  assertEquals(await store.listLetters("bob", 1, 1), [expected[1]!]);
});

Deno.test("deleted letters are gone and their numbers are not used again", async () => {
  await using store = await withAccount();
  for (const text of ["a", "b", "c"]) await store.storeLetter(letter("bob", text));
  await store.deleteLetters("bob", 2);
  assertEquals(await texts(store, "bob"), ["c"]);
  await store.deleteLetters("bob", 99);
  await store.storeLetter(letter("bob", "d"));
  assertEquals((await store.listLetters("bob", 0, 10)).map(({ stored }) => stored), [4]);
});

Deno.test("mailboxes are separate, and only accounts have one", async () => {
  await using store = await withAccount();
  await store.createAccount("ann", "ann", "hash");
  await store.rememberName("guest", "guest");
  assertEquals(await store.storeLetter(letter("guest", "x")), "no-account");
  assertEquals(await store.storeLetter(letter("never", "x")), "no-account");
  await store.storeLetter(letter("ann", "for ann"));
  await store.storeLetter(letter("bob", "for bob"));
  await store.deleteLetters("ann", 99);
  assertEquals(await texts(store, "bob"), ["for bob"]);
});

Deno.test("a mailbox takes so many messages, and again after an acknowledgement", async () => {
  await using store = await withAccount({ mailbox: { whole: { letters: 2, bytes: 5_000 } } });
  const put = (text: string): Promise<string> => store.storeLetter(letter("bob", text));
  assertEquals(await Promise.all(["a", "b", "c"].map(put)), ["stored", "stored", "full"]);
  await store.deleteLetters("bob", 1);
  assertEquals(await put("d"), "stored");
  assertEquals(await put("e"), "full");
  assertEquals(await texts(store, "bob"), ["b", "d"]);
});

Deno.test("a letter that was accepted before always finds room", async () => {
  await using store = await withAccount({ mailbox: { whole: { letters: 2, bytes: 5_000 } } });
  const rescue = (text: string): Promise<string> =>
    store.storeLetter(letter("bob", text), { isRescue: true });
  assertEquals(
    await Promise.all(["a", "b", "c", "d", "e"].map(rescue)),
    ["stored", "stored", "stored", "stored", "stored"],
  );
  assertEquals(await store.storeLetter(letter("bob", "f")), "full");
});

Deno.test("a mailbox takes so many bytes, counted as UTF-8", async () => {
  await using store = await withAccount({ mailbox: { whole: { letters: 1_000, bytes: 250 } } });
  assertEquals(await store.storeLetter(letter("bob", "ж".repeat(100))), "stored");
  assertEquals(await store.storeLetter(letter("bob", "a")), "full");
  await store.deleteLetters("bob", 1);
  assertEquals(await store.storeLetter(letter("bob", "a")), "stored");
});

Deno.test("all survives closing; the file and its directory are made for the owner alone", async () => {
  await withDatabasePath(async (parent) => {
    const path = `${parent}/deep/er/jim.db`;
    const clock = new FakeClock();
    {
      await using store = openSqliteStore(path, { clock });
      await store.rememberName("eve", "Eve");
      await store.createAccount("bob", "Bob", "hash");
      await store.storeLetter(letter("bob", "hi"));
    }
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    await using store = openSqliteStore(path, { clock });
    assertEquals(await store.nameStatus("eve"), "guest");
    assertEquals(await store.nameStatus("bob"), "account");
    assertEquals(await texts(store, "bob"), ["hi"]);
  });
});

Deno.test("writes that were asked for before closing are done, later ones are refused", async () => {
  await withDatabasePath(async (path) => {
    const store = openSqliteStore(path);
    const written = store.rememberName("eve", "Eve");
    const [closed] = [store[Symbol.asyncDispose](), await written];
    await closed;
    await assertRejects(() => store.rememberName("bob", "Bob"), StoreError, "closed");
    await assertRejects(() => store.nameStatus("bob"), StoreError, "closed");
    await using again = openSqliteStore(path);
    assertEquals(await again.nameStatus("eve"), "guest");
  });
});

Deno.test("a name seen today is not written again", async () => {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    using other = openDatabase(path);
    // Changes of the file by others: each commit of the store raises it.
    const version = (): unknown => other.prepare("PRAGMA data_version").get()?.data_version;
    await store.rememberName("eve", "Eve");
    const before = version();
    await store.rememberName("eve", "Eve");
    assertEquals(version(), before);
    clock.advance(DAY_MS);
    await store.rememberName("eve", "Eve");
    assert(version() !== before);
  });
});

Deno.test("findPerson, noteLeft: who is known, and when they were last online; nothing is moved back", async () => {
  const clock = new FakeClock();
  await using store = openSqliteStore(":memory:", { clock });
  const minute = Math.floor(clock.epochMs() / 60_000);
  assertEquals(await store.findPerson("toString"), undefined);
  await store.rememberName("eve", "Eve");
  await store.createAccount("ann", "Ann", "hash");
  assertEquals(await store.findPerson("eve"), {
    name: "Eve",
    isAccount: false,
    lastMinute: minute,
  });
  assertEquals(await store.findPerson("ann"), { name: "Ann", isAccount: true });
  await store.rememberName("ann", "ANN");
  await store.noteLeft([["eve", minute + 7], ["nobody", minute], ["ann", minute + 1]]);
  await store.noteLeft([["eve", minute + 6], ["ann", minute]]);
  assertEquals((await store.findPerson("eve"))?.lastMinute, minute + 7);
  const ann = { name: "ANN", isAccount: true, lastMinute: minute + 1 };
  assertEquals(await store.findPerson("ann"), ann);
  assertEquals(await store.findPerson("nobody"), undefined);
});

Deno.test("a guest who was online for days is remembered from when they left", async () => {
  const clock = new FakeClock();
  await using store = openSqliteStore(":memory:", { clock, knownDays: 3 });
  for (const name of ["stays", "goes"]) await store.rememberName(name, name);
  await store.noteLeft([["stays", clock.epochMs() / 60_000 + 2 * 1_440]]);
  clock.advance(4 * DAY_MS);
  await settled(store);
  assertEquals(await store.nameStatus("goes"), "unknown");
  assertEquals(await store.nameStatus("stays"), "guest");
});

Deno.test("retention forgets guests and letters that are too old, many at once, and nothing else", async () => {
  const clock = new FakeClock();
  const seconds = (): number => clock.epochMs() / 1000;
  await using store = openSqliteStore(":memory:", {
    clock,
    knownDays: 3,
    mailDays: 2,
    mailbox: UNSHARED,
  });
  // An hourly run sees the time at which it began, so the last hour passes by itself.
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms - HOUR_MS);
    await settled(store);
    clock.advance(HOUR_MS);
    await settled(store);
  };
  await store.createAccount("bob", "Bob", "hash");
  for (let n = 0; n < 600; n++) {
    store.rememberName(`guest${n}`, `guest${n}`);
    store.storeLetter(letter("bob", `old ${n}`, { time: seconds() }));
  }
  await pass(DAY_MS);
  await store.storeLetter(letter("bob", "young", { time: seconds() }));
  await store.rememberName("late", "late");
  assertEquals(await store.nameStatus("guest0"), "guest");

  await pass(1.5 * DAY_MS);
  assertEquals(await texts(store, "bob"), ["young"]);
  assertEquals(await store.nameStatus("guest599"), "guest");

  await pass(1.5 * DAY_MS);
  assertEquals(await store.nameStatus("guest599"), "unknown");
  assertEquals(await store.nameStatus("late"), "guest");
  assertEquals(await store.nameStatus("bob"), "account");
  // The room that the old letters took is free again.
  assertEquals(await texts(store, "bob"), []);
  assertEquals(await store.storeLetter(letter("bob", "x".repeat(4_000))), "stored");
});

/** Lets the retention, which works in the background in several transactions, get to its end. */
async function settled(store: Store): Promise<void> {
  for (let n = 0; n < 10; n++) await store.replacePasswordHash("bob", "hash", "hash");
}

Deno.test("watching reports what another connection did to accounts, once and in order", async () => {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    using admin = openDatabase(path);
    const add = admin.prepare(
      "INSERT INTO account_changes (folded, kind, reason, time) VALUES (?, ?, ?, 0)",
    );
    const seen: AccountChange[] = [];
    store.watchAccounts((change) => seen.push(change));
    add.run("bob", "blocked", "spam");
    add.run("eve", "removed", "");
    clock.advance(2_000);
    const expected: AccountChange[] = [
      { folded: "bob", kind: "blocked", reason: "spam" },
      { folded: "eve", kind: "removed", reason: "" },
    ];
    assertEquals(seen, expected);
    clock.advance(10_000);
    assertEquals(seen, expected);
  });
});

Deno.test("that an account was removed is told before its name is another one's", async () => {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path, { clock: new FakeClock() });
    assert(await store.createAccount("eve", "Eve", "hash"));
    const seen: AccountChange[] = [];
    store.watchAccounts((change) => seen.push(change));
    using admin = UserAdmin.open(path, false, () => 0);
    await admin.remove("eve");
    assert(await store.createAccount("eve", "Eve", "another"));
    assertEquals(seen, [{ folded: "eve", kind: "removed", reason: "" }]);
  });
});

Deno.test("a network is trusted with an account for ninety days after the last right login", async () => {
  const clock = new FakeClock();
  await using store = await withAccount({ clock });
  assert(!await store.isTrustedNetwork("bob", "home"));
  await store.trustNetwork("bob", "hash", "home");
  await store.trustNetwork("bob", "hash", "work");
  await store.trustNetwork("bob", "another", "elsewhere");
  await store.trustNetwork("eve", "hash", "home");
  const trusted = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const name of ["bob", "eve"]) {
      for (const network of ["home", "work", "elsewhere"]) {
        if (await store.isTrustedNetwork(name, network)) found.push(`${name} ${network}`);
      }
    }
    return found;
  };
  assertEquals(await trusted(), ["bob home", "bob work"]);
  clock.advance(89 * DAY_MS);
  assertEquals(await trusted(), ["bob home", "bob work"]);
  await store.trustNetwork("bob", "hash", "home");
  clock.advance(DAY_MS);
  assertEquals(await trusted(), ["bob home"]);
  clock.advance(89 * DAY_MS);
  assertEquals(await trusted(), []);
});

Deno.test("networks are written once a day, forgotten after ninety, and go with their account", async () => {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    using db = openDatabase(path);
    const changes = (): unknown => db.prepare("PRAGMA data_version").get()!.data_version;
    const rows = (): unknown => db.prepare("SELECT count(*) AS n FROM trusted_networks").get()!.n;
    for (const name of ["bob", "eve"]) {
      await store.createAccount(name, name, "hash");
      await store.trustNetwork(name, "hash", "home");
    }
    const before = changes();
    for (let n = 0; n < 3; n++) await store.trustNetwork("bob", "hash", "home");
    assertEquals(changes(), before);
    db.exec("DELETE FROM accounts WHERE folded = 'eve'");
    assertEquals(rows(), 1);
    clock.advance(45 * DAY_MS);
    await store.trustNetwork("bob", "hash", "work");
    clock.advance(46 * DAY_MS);
    await retentionIsDone(clock);
    assertEquals(rows(), 1);
    assert(await store.isTrustedNetwork("bob", "work"));
  });
});

Deno.test("of an account's networks the latest hundred are kept", async () => {
  const clock = new FakeClock();
  await using store = await withAccount({ clock });
  await store.trustNetwork("bob", "hash", "oldest");
  clock.advance(DAY_MS);
  await store.trustNetwork("bob", "hash", "old");
  clock.advance(DAY_MS);
  for (let n = 0; n < 98; n++) await store.trustNetwork("bob", "hash", `network ${n}`);
  assert(await store.isTrustedNetwork("bob", "oldest"));
  await store.trustNetwork("bob", "hash", "latest");
  assert(!await store.isTrustedNetwork("bob", "oldest"));
  for (const network of ["old", "network 0", "network 97", "latest"]) {
    assert(await store.isTrustedNetwork("bob", network), network);
  }
});
