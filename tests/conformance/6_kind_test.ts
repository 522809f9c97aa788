// Section 6, "small things": what somebody does, said as a message.
import { assert, assertEquals } from "@std/assert";

import { UserAdmin } from "../../server/store/user_admin.ts";
import {
  type AccountFixture,
  leave,
  login,
  online,
  register,
  withAccounts,
} from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { arrive, withPassword, withToken } from "../support/resuming_client.ts";
import { TestServer } from "../support/server_fixture.ts";

const waves = (to: string, more: object = {}): object => ({
  event: "msg",
  to,
  message: "waves",
  kind: "action",
  ...more,
});

const kinds = (frames: readonly Frame[]): unknown[] =>
  frames.filter(({ event }) => event === "msg").map(({ message, kind }) => [message, kind]);

async function listed(client: RawClient, request: object): Promise<unknown[]> {
  const { response, messages } = await client.ask(request);
  assert(response === 200 || response === 201, `${response}`);
  return kinds((messages as Frame[]).map((it) => ({ ...it, event: "msg" })));
}

/** Two accounts that are online and in a room that lasts. */
async function two(fixture: AccountFixture): Promise<[RawClient, RawClient]> {
  const eve = await online(fixture, register("eve"));
  const bob = await online(fixture, register("bob"));
  for (const client of [eve, bob]) await client.ask({ event: "join", room: "#dev" });
  await eve.pending();
  return [eve, bob];
}

Deno.test("kind: an addressee and a room get it with the message, whoever says it; absent otherwise", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const client of [eve, bob]) await client.ask({ event: "join", room: "#dev" });
  await eve.pending();
  for (const to of ["bob", "#dev"]) {
    assertEquals((await eve.ask(waves(to, { id: "a" }))).response, 200);
    const { time: _, ...frame } = await bob.frame();
    assertEquals(frame, {
      ...{ event: "msg", to, from: "eve", message: "waves", id: "a", kind: "action" },
    });
    assertEquals((await eve.ask(waves(to, { kind: undefined }))).response, 200);
    assertEquals("kind" in await bob.frame(), false);
  }
});

Deno.test("kind: other values are 400, with what is allowed", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const kind of ["", "Action", "action ", "notice", "toString", null, 1, true, [], {}]) {
    const { response, error } = await eve.ask(waves("bob", { kind }));
    assertEquals(response, 400, JSON.stringify(kind));
    assert(error!.startsWith("kind must be one of action, received "), error);
  }
  assertEquals(await bob.pending(), []);
});

Deno.test("kind: history, join, search, and a repeat keep it", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = await two(fixture);
    for (const to of ["bob", "#dev"]) {
      for (let time = 0; time < 2; time++) {
        const { response, seq } = await eve.ask(waves(to, { id: "a" }));
        assertEquals([response, seq], [200, 1]);
      }
      await eve.ask(waves(to, { kind: undefined, reply: 1 }));
    }
    const both = [["waves", "action"], ["waves", undefined]];
    assertEquals(kinds(await bob.pending()), [...both, ...both]);
    for (const name of ["eve", "#dev"]) {
      assertEquals(await listed(bob, { event: "history", with: name }), both);
    }
    await bob.ask({ event: "leave", room: "#dev" });
    assertEquals(await listed(bob, { event: "join", room: "#dev", after: 0 }), both);
    const found = await listed(bob, { event: "search", text: "waves", with: "eve" });
    assertEquals(found, both.toReversed());
  }));

Deno.test("kind: an edited message keeps it, and who learns of the edit learns it, too", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = await two(fixture);
    for (const to of ["bob", "#dev"]) {
      await eve.ask(waves(to));
      await eve.ask(waves(to, { kind: undefined }));
      await bob.pending();
      for (const [seq, kind] of [[1, "action"], [2, undefined]]) {
        await eve.ask({ event: "edit", to, seq, message: "nods" });
        const { event, kind: told } = await bob.frame();
        assertEquals([event, told], ["edit", kind]);
      }
      const name = to === "bob" ? "eve" : to;
      const edited = [["nods", "action"], ["nods", undefined]];
      assertEquals(await listed(bob, { event: "history", with: name }), edited);
      await eve.ask({ event: "delete", to, seq: 1 });
      assertEquals("kind" in await bob.frame(), false);
      assertEquals(await listed(bob, { event: "history", with: name }), [
        [undefined, undefined],
        ["nods", undefined],
      ]);
    }
  }));

Deno.test("kind: it waits in a mailbox, of an account and of a guest, and an edit changes the text alone", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = await two(fixture);
    const guest = await fixture.server.online("guest");
    await leave(bob);
    for (const client of [eve, guest]) {
      assertEquals((await client.ask(waves("bob", { store: true }))).response, 202);
    }
    const { response } = await eve.ask({ event: "edit", to: "bob", seq: 1, message: "nods" });
    assertEquals(response, 200);
    const again = await online(fixture, login("bob"));
    assertEquals(kinds(await again.pending()), [["nods", "action"], ["waves", "action"]]);
    // Not acknowledged.
    await leave(again);
    const last = await online(fixture, login("bob"));
    assertEquals(kinds(await last.pending()), [["nods", "action"], ["waves", "action"]]);
  }));

Deno.test("kind: a session that goes on gets it under its number, and what is rescued keeps it", () =>
  withAccounts({}, async (fixture) => {
    const { server } = fixture;
    const [eve, plain] = await two(fixture);
    await leave(plain);
    const { client: bob, token } = await arrive(server, withPassword("bob"));
    await bob.ask({ event: "join", room: "#dev" });
    for (const to of ["bob", "#dev"]) assertEquals((await eve.ask(waves(to))).response, 200);
    bob.reset();
    const resumed = await arrive(server, withToken("bob", token, { seen: 0 }));
    assertEquals(resumed.answer.resumed, true);
    const frames = await resumed.client.pending();
    assertEquals(frames.map(({ n, kind }) => [n, kind]), [[1, "action"], [2, "action"]]);
    await leave(resumed.client); // which confirms nothing
    const later = await online(fixture, login("bob"));
    assertEquals(kinds(await later.pending()), [["waves", "action"]]);
  }));

Deno.test("kind: it is on disk, also in what an account takes with it", () =>
  withDatabasePath(async (db) => {
    await withAccounts({ db }, async (fixture) => {
      const [eve] = await two(fixture);
      for (const to of ["bob", "#dev"]) await eve.ask(waves(to));
    });
    await withAccounts({ db }, async (fixture) => {
      const bob = await online(fixture, login("bob"));
      assertEquals(await listed(bob, { event: "history", with: "eve" }), [["waves", "action"]]);
    });
    using users = UserAdmin.open(db, false, () => 0);
    const records = [...users.export("eve")!] as { [field: string]: unknown }[];
    assertEquals(
      records.filter(({ message }) => message === "waves")
        .map(({ kind, message_kind }) => [kind, message_kind]),
      [["message", "action"], ["room_message", "action"]],
    );
  }));
