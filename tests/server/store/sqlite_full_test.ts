// A store that has the size that the operator allows, on a real file.
import { assert, assertEquals, assertRejects } from "@std/assert";

import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { type Letter, type Store, StoreFullError } from "../../../server/store/store.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { UNSHARED } from "../../support/unshared.ts";

const DAY_MS = 86_400_000;

/** Fills a store of 1 MiB; the clock begins with the year 2026. */
async function withFullStore(
  test: (parts: {
    store: Store;
    clock: FakeClock;
    changes: boolean[];
    letter: (message: string) => Letter;
    accepted: string[];
  }) => Promise<void>,
): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    const changes: boolean[] = [];
    await using store = openSqliteStore(path, {
      clock,
      maxBytes: 1024 ** 2,
      onFull: (isFull) => changes.push(isFull),
      mailbox: UNSHARED,
    });
    const letter = (message: string): Letter => ({
      ...{ folded: "bob", to: "bob", from: "eve", message, id: undefined },
      time: clock.epochMs() / 1_000,
    });
    await store.createAccount("bob", "bob", "hash");
    await store.createAccount("ann", "ann", "hash");
    await store.rememberName("eve", "eve");
    const texts = Array.from({ length: 150 }, (_, n) => `${n} ${"x".repeat(10_000)}`);
    const outcomes = await Promise.allSettled(
      texts.map((text) => store.storeLetter(letter(text))),
    );
    const accepted = texts.filter((_, n) => outcomes[n]!.status === "fulfilled");
    assert(accepted.length > 60 && accepted.length < 100, `${accepted.length}`);
    assertEquals(changes, [true], "in one transaction some were stored and some were refused");
    await test({ store, clock, changes, letter, accepted });
  });
}

const textsOf = async (store: Store): Promise<string[]> =>
  (await store.listLetters("bob", 0, 1_000)).map(({ message }) => message);

Deno.test("at its limit the store refuses what would make it larger, and only that", () =>
  withFullStore(async ({ store, clock, changes, letter, accepted }) => {
    const refused = async (work: () => Promise<unknown>): Promise<void> => {
      await assertRejects(work, StoreFullError);
    };
    for (let n = 0; n < 3; n++) {
      await refused(() => store.storeLetter(letter("x".repeat(20_000))));
      // A letter and a name may still find room in pages that are not full.
      await Promise.allSettled(
        Array.from({ length: 200 }, (_, i) => store.storeLetter(letter(`${i} ${"y".repeat(300)}`))),
      );
    }
    await refused(() => store.rememberName("new", "new"));
    await refused(() => store.createAccount("new", "new", "hash"));
    await refused(() => store.noteCorrespondent("bob", "ann"));
    assertEquals(changes, [true], "said once");

    clock.advance(DAY_MS);
    for (const known of ["eve", "bob"]) assertEquals(await store.rememberName(known, known), false);
    assert(await store.replacePasswordHash("bob", "hash", "other"));
    const rescued = "z".repeat(50_000);
    assertEquals(await store.storeLetter(letter(rescued), { isRescue: true }), "stored");
    const texts = await textsOf(store);
    assertEquals(texts.slice(0, accepted.length), accepted);
    assertEquals(texts.at(-1), rescued);
  }));

Deno.test("what is acknowledged or too old makes room again, and that is said once", () =>
  withFullStore(async ({ store, clock, changes, letter }) => {
    await store.deleteLetters("bob", 20);
    assertEquals(changes, [true, false]);
    assertEquals(await store.storeLetter(letter("again")), "stored");
    assert(await store.rememberName("new", "new"));
    assert(await store.createAccount("new", "new", "hash"));
    const more = Array.from({ length: 30 }, () => store.storeLetter(letter("x".repeat(10_000))));
    assert((await Promise.allSettled(more)).some(({ status }) => status === "rejected"));
    assertEquals(changes, [true, false, true]);
    // An hourly run sees the time at which it began, so the last hour passes by itself.
    for (const ms of [31 * DAY_MS, DAY_MS / 24]) {
      clock.advance(ms);
      for (let n = 0; n < 5; n++) await store.replacePasswordHash("bob", "", ""); // the retention's turns
    }
    assertEquals(changes, [true, false, true, false]);
    assertEquals(await textsOf(store), []);
    assertEquals(await store.storeLetter(letter("and again")), "stored");
  }));

Deno.test("a database that is larger than its limit from the start is opened, and read", () =>
  withDatabasePath(async (path) => {
    {
      await using store = openSqliteStore(path);
      await store.createAccount("bob", "bob", "hash");
    }
    await using store = openSqliteStore(path, { maxBytes: 4_096 });
    assertEquals(await store.nameStatus("bob"), "account");
    await assertRejects(() => store.rememberName("eve", "eve"), StoreFullError);
  }));
