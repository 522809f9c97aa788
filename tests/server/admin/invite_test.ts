import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";

import { StartError, UsageError } from "../../../common/errors.ts";
import { hashOfInvite } from "../../../server/accounts/invites.ts";
import { Passwords } from "../../../server/accounts/passwords.ts";
import type { AdminOptions } from "../../../server/admin/commands.ts";
import { INVITE } from "../../../server/admin/invite.ts";
import { RoomAdmin } from "../../../server/store/room_admin.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { runCommand } from "../../support/admin_command.ts";
import { withDatabasePath } from "../../support/database_path.ts";

async function withCommand(
  run: (invite: (options?: AdminOptions) => Promise<string[]>, path: string) => Promise<void>,
): Promise<void> {
  await withDatabasePath(async (path) => {
    const now = (): number => 4_070_908_800;
    using users = UserAdmin.open(path, true, now);
    await run(async (options = {}) => {
      const lines: string[] = [];
      const say = (line: string): void => void lines.push(line);
      const askPassword = (): Promise<string> => Promise.resolve("");
      const openRooms = (): RoomAdmin => RoomAdmin.open(path, now);
      const passwords = new Passwords();
      await runCommand(INVITE, { users, openRooms, now, passwords, say, askPassword, options });
      return lines;
    }, path);
  });
}

Deno.test("invite prints a code that the server takes, and the list shows all of it but the code", () =>
  withCommand(async (invite, path) => {
    const [code, ...more] = await invite();
    assertEquals(more, []);
    assertMatch(code!, /^\w{5}(-\w{5}){3}$/);
    const [other] = await invite({ uses: 20, days: 1, note: "für den Kurs" });
    await using store = openSqliteStore(path);
    for (const one of [code!, other!]) assert(await store.isInvited(hashOfInvite(one)));
    const table = await invite({ list: true });
    assertEquals(table, [
      "ID  USES LEFT  MADE        EXPIRES (UTC)     NOTE",
      " 2         20  2099-01-01  2099-01-02 00:00  für den Kurs",
      " 1          1  2099-01-01  2099-01-08 00:00",
    ]);
    const json = await invite({ list: true, json: true });
    assertEquals(json.map((line) => JSON.parse(line)), [
      { id: 2, uses_left: 20, expires: 4_070_995_200, made: 4_070_908_800, note: "für den Kurs" },
      { id: 1, uses_left: 1, expires: 4_071_513_600, made: 4_070_908_800, note: "" },
    ]);
    assertEquals(await invite({ revoke: "1" }), ["Revoked the code with the ID 1"]);
    assertEquals(await store.isInvited(hashOfInvite(code!)), false);
    await assertRejects(() => invite({ revoke: "1" }), StartError, "no code with the ID 1 is good");
  }));

Deno.test("flags of invite that do not go together, and values that are none, are refused", () =>
  withCommand(async (invite) => {
    const cases: [AdminOptions, string][] = [
      [{ json: true }, "--json needs --list"],
      [{ list: true, uses: 2 }, "--list and --uses exclude each other"],
      [{ list: true, revoke: "1" }, "--list and --revoke exclude each other"],
      [{ revoke: "1", note: "x" }, "--revoke and --note exclude each other"],
      [{ revoke: "0" }, "--revoke must be an ID as invite --list shows it, received '0'"],
      [{ revoke: "\x1b[2J" }, "--revoke must be an ID"],
      [{ revoke: "99999999999999999999" }, "--revoke must be an ID"],
      [{ note: "two\nlines" }, "--note must be at most 200 characters in one line"],
      [{ note: "x".repeat(201) }, "--note must be"],
    ];
    for (const [options, words] of cases) {
      const error = await assertRejects(() => invite(options), UsageError, words);
      assert(!error.message.includes("\x1b"));
    }
    assertEquals((await invite({ list: true })).length, 1);
  }));
