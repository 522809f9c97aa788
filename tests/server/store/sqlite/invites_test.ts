import { assertEquals } from "@std/assert";

import { openSqliteStore } from "../../../../server/store/sqlite.ts";
import { UserAdmin } from "../../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { retentionIsDone } from "../../../support/retention.ts";
import { DatabaseSync } from "node:sqlite";

const DAY_MS = 86_400_000;

/** Runs a test with a store and an administrator at the same time. */
async function withInvites(
  run: (
    store: ReturnType<typeof openSqliteStore>,
    users: UserAdmin,
    clock: FakeClock,
    path: string,
  ) => Promise<void>,
): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    using users = UserAdmin.open(path, false, () => clock.epochMs() / 1000);
    await run(store, users, clock, path);
  });
}

Deno.test("a code makes as many accounts as it has uses, and is good from the moment it is made", () =>
  withInvites(async (store, users) => {
    assertEquals(await store.isInvited("h"), false);
    users.invite({ hash: "h", uses: 2, days: 7, note: "" });
    const create = (name: string): Promise<string> => store.createInvited(name, name, "hash", "h");
    assertEquals(await store.isInvited("h"), true);
    assertEquals(await store.isInvited("H"), false);
    assertEquals(await create("ann"), "created");
    assertEquals(await create("ann"), "exists");
    assertEquals(users.listInvites().map(({ usesLeft }) => usesLeft), [1], "nothing used up");
    assertEquals(await create("bob"), "created");
    assertEquals(await create("eve"), "not-invited");
    assertEquals(await store.nameStatus("eve"), "unknown");
    assertEquals(users.listInvites(), []);
  }));

Deno.test("of two at once with a code for one use, one gets an account", () =>
  withInvites(async (store, users) => {
    users.invite({ hash: "h", uses: 1, days: 7, note: "" });
    const outcomes = await Promise.all(
      ["ann", "bob", "eve"].map((name) => store.createInvited(name, name, "hash", "h")),
    );
    assertEquals(outcomes, ["created", "not-invited", "not-invited"]);
  }));

Deno.test("a code is good until it expires or is revoked", () =>
  withInvites(async (store, users, clock) => {
    users.invite({ hash: "a", uses: 1, days: 1, note: "first" });
    users.invite({ hash: "b", uses: 1, days: 2, note: "second" });
    clock.advance(DAY_MS - 1_000);
    assertEquals(await store.isInvited("a"), true);
    clock.advance(1_000);
    assertEquals(await store.isInvited("a"), false);
    assertEquals(await store.createInvited("ann", "ann", "hash", "a"), "not-invited");
    assertEquals(users.revokeInvite(1), false, "expired");
    assertEquals(users.listInvites().map(({ id, note }) => [id, note]), [[2, "second"]]);
    assertEquals(users.revokeInvite(2), true);
    assertEquals(users.revokeInvite(2), false);
    assertEquals(await store.isInvited("b"), false);
  }));

Deno.test("the retention deletes codes that are used up or have expired, no others", () =>
  withInvites(async (store, users, clock, path) => {
    users.invite({ hash: "old", uses: 5, days: 1, note: "" });
    users.invite({ hash: "used", uses: 1, days: 30, note: "" });
    users.invite({ hash: "good", uses: 2, days: 30, note: "" });
    await store.createInvited("ann", "ann", "hash", "used");
    await store.createInvited("bob", "bob", "hash", "good");
    using db = new DatabaseSync(path, { readOnly: true });
    const hashes = (): unknown[] =>
      db.prepare("SELECT hash FROM invites ORDER BY id").all().map(({ hash }) => hash);
    assertEquals(hashes(), ["old", "used", "good"]);
    clock.advance(DAY_MS);
    await retentionIsDone(clock);
    assertEquals(hashes(), ["good"]);
  }));
