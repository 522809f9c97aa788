import { assertEquals } from "@std/assert";

import { openSqliteStore } from "../../../server/store/sqlite.ts";
import type { Store } from "../../../server/store/store.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const HOUR_MS = 3_600_000;

/** A store with the accounts eve and bob, of which eve has the token a. */
async function withTokens(
  run: (store: Store, clock: FakeClock, path: string) => Promise<void>,
): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    for (const name of ["eve", "bob"]) await store.createAccount(name, name, "hash");
    assertEquals(await store.resume.save("eve", "hash", "a"), true);
    await run(store, clock, path);
  });
}

/** Whether a token is right; it is used up for the same token. */
const isRight = async (store: Store, hash: string, name = "eve"): Promise<boolean> =>
  await store.resume.use(name, hash, `${hash}+`) !== undefined;

Deno.test("tokens: right for one account, until another is given out with the password", () =>
  withTokens(async ({ resume }) => {
    assertEquals(await resume.use("bob", "a", "x"), undefined);
    assertEquals(await resume.use("nobody", "a", "x"), undefined);
    assertEquals(await resume.use("eve", "b", "x"), undefined);
    assertEquals(await resume.save("eve", "another hash", "b"), false);
    assertEquals(await resume.save("nobody", "hash", "b"), false);
    assertEquals(await resume.use("eve", "a", "b"), { session: undefined });
    assertEquals(await resume.save("eve", "hash", "c"), true);
    for (const hash of ["a", "b"]) assertEquals(await resume.use("eve", hash, "x"), undefined);
    assertEquals(await resume.use("eve", "c", "d"), { session: undefined });
  }));

Deno.test("tokens: the one that was used and the latest are right; then the next alone", () =>
  withTokens(async (store) => {
    for (const next of ["b", "c", "d", "e"]) await store.resume.use("eve", "a", next);
    const right = await Promise.all(["b", "x"].map((hash) => isRight(store, hash)));
    assertEquals(right, [false, false]);
    await store.resume.use("eve", "c", "f");
    assertEquals(await isRight(store, "a"), false, "of very many the latest");
    await store.resume.settle("eve", "c");
    assertEquals(await isRight(store, "a"), false);
    assertEquals(await isRight(store, "c"), true);
    await store.resume.forget("eve");
    assertEquals(await isRight(store, "c"), false);
    await store.resume.forget("eve");
  }));

Deno.test("tokens: two who use one at the same moment both get on with what they got", () =>
  withTokens(async (store) => {
    const both = await Promise.all(["b", "c"].map((next) => store.resume.use("eve", "a", next)));
    assertEquals(both, [{ session: undefined }, { session: undefined }]);
    assertEquals([await isRight(store, "b"), await isRight(store, "c")], [true, true]);
  }));

Deno.test("tokens: say in which session they were given out once that has ended, and end so many hours later", () =>
  withTokens(async (store, clock) => {
    clock.advance(100 * HOUR_MS);
    await store.resume.use("eve", "a", "b");
    await store.resume.end("eve", { session: "s1", hashes: ["b", "zzz"] });
    assertEquals(await store.resume.use("eve", "b", "c"), { session: "s1" });
    await store.resume.end("eve", { session: "s2", hashes: ["c"] });
    clock.advance(72 * HOUR_MS - 1);
    assertEquals(await store.resume.use("eve", "c", "d"), { session: "s2" });
    await store.resume.end("eve", { session: "s3", hashes: ["d"] });
    clock.advance(72 * HOUR_MS);
    assertEquals(await isRight(store, "d"), false);
  }));

Deno.test("tokens: outlast the process, as hashes; connections that it had end with it", () =>
  withTokens(async (first, clock, path) => {
    await first[Symbol.asyncDispose]();
    await using store = openSqliteStore(path, { clock, resumeHours: 1 });
    clock.advance(HOUR_MS - 1);
    assertEquals(await store.resume.use("eve", "a", "b"), { session: undefined });
    await store.resume.settle("eve", "b");
    clock.advance(1_000 * HOUR_MS);
    assertEquals(await isRight(store, "b"), true, "its connection has not ended");
  }));

Deno.test("tokens: go with a new password, a block and the account, and old ones with the retention", () =>
  withTokens(async (store, clock, path) => {
    using admin = UserAdmin.open(path, false, () => 1);
    const ways: Record<string, () => unknown> = {
      password: () => admin.setPassword("eve", "hash"),
      block: () => admin.block("eve", "eve", ""),
      remove: () => admin.remove("eve"),
    };
    for (const [way, go] of Object.entries(ways)) {
      await store.resume.save("eve", "hash", way);
      go();
      assertEquals(await isRight(store, way), false, way);
    }
    assertEquals(await store.resume.save("bob", "hash", "a"), true);
    await store.resume.end("bob", { session: "s", hashes: ["a"] });
    clock.advance(73 * HOUR_MS);
    await store.rememberName("eve", "eve"); // behind what the retention writes
    await using old = openSqliteStore(path, { clock, resumeHours: 8_760 });
    assertEquals(await isRight(old, "a", "bob"), false, "its row is gone");
  }));

Deno.test("letters say as what they were sent, and those that have arrived are dropped", () =>
  withTokens(async (store) => {
    const letter = { folded: "bob", to: "bob", from: "eve", time: 1, id: undefined };
    for (const [n, message] of ["a", "b", "c", "d"].entries()) {
      const sent = { session: n < 2 ? "s1" : "s2", n: n + 1 };
      await store.storeLetter({ ...letter, message, ...(n < 3 && { sent }) }, { isRescue: true });
    }
    const left = async (): Promise<unknown[]> =>
      (await store.listLetters("bob", 0, 10)).map(({ message, sent }) => [message, sent?.n]);
    assertEquals(await left(), [["a", 1], ["b", 2], ["c", 3], ["d", undefined]]);
    await store.dropLetters("bob", { session: "s1", n: 1 });
    await store.dropLetters("eve", { session: "s1", n: 9 });
    assertEquals(await left(), [["b", 2], ["c", 3], ["d", undefined]]);
    await store.markLetters("bob", "s3", [{ stored: 2, n: 8 }, { stored: 4, n: 9 }]);
    await store.markLetters("bob", "s3", [{ stored: 99, n: 1 }]);
    assertEquals(await left(), [["b", 8], ["c", 3], ["d", 9]]);
    await store.dropLetters("bob", { session: "s1", n: 9 });
    await store.dropLetters("bob", { session: "s3", n: 9 });
    assertEquals(await left(), [["c", 3]]);
  }));
