// PROTOCOL.md, section 7: registration by invitation.
import { assert, assertEquals } from "@std/assert";

import { openSqliteStore } from "../../server/store/sqlite.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import { hashOfInvite } from "../../server/accounts/invites.ts";
import { ask, login, next, presence } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { TestServer } from "../support/server_fixture.ts";

const CODE = "abcde-fghjk-mnpqr-stuvw";

const register = (name: string, invite?: unknown): object =>
  login(name, undefined, { register: true, ...(invite !== undefined && { invite }) });

async function withServer(
  run: (server: TestServer, users: UserAdmin) => Promise<void>,
  inviteOnly = true,
): Promise<void> {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path);
    await using server = new TestServer({ store, settings: { inviteOnly } });
    using users = UserAdmin.open(path, false, () => Date.now() / 1000);
    await run(server, users);
  });
}

Deno.test("invite: a text of 1–64 code points, else 400, whether it is looked at or not", async () => {
  for (const inviteOnly of [true, false]) {
    await withServer(async (server) => {
      const client = await server.connect();
      for (const wrong of [5, "", null, true, "x".repeat(65), "😀".repeat(65)]) {
        assertEquals(await ask(client, register("eve", wrong)), 400, `${wrong}`);
      }
      const code = await ask(client, register("eve", "😀".repeat(64)));
      assertEquals(code, inviteOnly ? 403 : 201);
    }, inviteOnly);
  }
});

Deno.test("--invite-only: 403 without a code, and the connection goes on; 201 with one that was made meanwhile", () =>
  withServer(async (server, users) => {
    const client = await server.connect();
    assertEquals(await ask(client, presence("eve")), 200, "guests are welcome");
    for (let n = 0; n < 4; n++) assertEquals(await ask(client, register("eve")), 403);
    users.invite({ hash: hashOfInvite(CODE), uses: 1, days: 7, note: "" });
    assertEquals(await ask(client, register("eve", CODE)), 201);
    const other = await server.connect();
    assertEquals(await ask(other, register("bob", CODE)), 403, "used up");
    assertEquals(await ask(other, register("eve", CODE)), 409);
    assertEquals(await ask(other, login("eve", "another horse")), 402);
  }));

Deno.test("--invite-only: the third wrong code closes the connection", () =>
  withServer(async (server) => {
    const client = await server.connect();
    for (let n = 0; n < 3; n++) {
      const { response, error } = await client.ask(register("eve", `wrong${n}`));
      assertEquals(response, 403);
      assert(!`${error}`.includes("wrong"), "nothing is sent back");
    }
    assertEquals(await next(client), undefined);
    assert(!JSON.stringify(server.log.records).includes("wrong0"));
  }));
