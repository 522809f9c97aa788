// Section 6, "small things": what there is to know of somebody.
import { assertEquals } from "@std/assert";

import { leave, online, register, withAccounts } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { arrive, withPassword, withToken } from "../support/resuming_client.ts";
import { TestServer } from "../support/server_fixture.ts";

const MINUTE = 60;
/** Minutes pass, and nobody is asked whether they are there. */
const PATIENT = { probeInterval: 86_400 };
const NOW = 1_767_225_600; // a whole minute

/** The fields of the answer that are no sentence and no time stamp. */
async function whois(client: RawClient, user: unknown): Promise<Partial<Frame>> {
  const { time: _time, alert: _alert, error: _error, ...answer } = await client.ask({
    event: "whois",
    user,
  });
  return answer;
}

Deno.test("whois: a guest who is online, to the minute, with the rooms that both are in", async () => {
  const clock = new FakeClock((NOW + 125) * 1_000);
  await using server = new TestServer({ clock, settings: PATIENT });
  const [eve, bob] = await server.onlineAll("Eve", "Bob");
  for (const room of ["#zoo", "#Dev", "#hers"]) await eve.ask({ event: "join", room });
  for (const room of ["#zoo", "#dev", "#his"]) await bob.ask({ event: "join", room });
  const user = { account_name: "Bob", status: "busy", away: "lunch" };
  await bob.ask({ event: "presence", user });
  clock.advance(600_000);
  const found = {
    ...{ response: 200, account_name: "Bob", account: false, online: true },
    ...{ since: NOW + 2 * MINUTE, status: "busy", away: "lunch", rooms: ["#Dev", "#zoo"] },
  };
  for (const name of ["bob", "BOB", "Bob"]) assertEquals(await whois(eve, name), found);
  await bob.ask({ event: "presence", user: { account_name: "bob" } });
  const { away: _, ...back } = found;
  assertEquals(await whois(eve, "bob"), back);
  assertEquals((await whois(eve, "eve")).rooms, ["#Dev", "#hers", "#zoo"]);
});

Deno.test("whois: 400, 401, 404", async () => {
  await using server = new TestServer();
  const eve = await server.connect();
  assertEquals((await whois(eve, "bob")).response, 401);
  await eve.ask({ event: "presence", user: { account_name: "eve" } });
  for (const name of ["bob", "constructor", "toString"]) {
    assertEquals(await whois(eve, name), { response: 404 });
  }
  for (const user of [undefined, null, 1, "", "#dev", "a b", ["bob"], { account_name: "bob" }]) {
    assertEquals((await whois(eve, user)).response, 400, JSON.stringify(user));
  }
});

Deno.test("whois: who has gone, and when; nothing that they said of themselves", async () => {
  const clock = new FakeClock((NOW + 30) * 1_000);
  await withAccounts({ clock, settings: PATIENT, storeOptions: { clock } }, async (fixture) => {
    const eve = await fixture.server.online("eve");
    for (const [name, request] of [["Ann", register("Ann")], ["Kim", undefined]] as const) {
      const client = request === undefined
        ? await fixture.server.online(name)
        : await online(fixture, request);
      await client.ask({ event: "presence", user: { account_name: name, status: "s", away: "a" } });
      clock.advance(3 * MINUTE * 1_000);
      await leave(client);
      const last = Math.floor(clock.epochMs() / 1_000 / MINUTE) * MINUTE;
      assertEquals(await whois(eve, name.toLowerCase()), {
        ...{ response: 200, account_name: name, account: name === "Ann", online: false, last },
      });
    }
  });
});

Deno.test("whois: when somebody has left outlasts a restart, and a crash leaves when they came", () =>
  withDatabasePath(async (db) => {
    const clock = new FakeClock(NOW * 1_000);
    const options = { db, clock, settings: PATIENT, storeOptions: { clock } };
    await withAccounts(options, async (fixture) => {
      const client = await online(fixture, register("Ann"));
      clock.advance(5 * MINUTE * 1_000);
      await leave(client);
      await online(fixture, register("Bob"));
      clock.advance(5 * MINUTE * 1_000);
      await fixture.store.check(); // in one transaction with what is to be written by now
      // As if it were killed here, when of Bob nothing is written but that he came.
      Deno.copyFileSync(db, `${db}.copy`);
      Deno.copyFileSync(`${db}-wal`, `${db}.copy-wal`);
    });
    for (const [file, bob] of [[db, 10], [`${db}.copy`, 5]] as const) {
      await withAccounts({ ...options, db: file }, async (fixture) => {
        const eve = await fixture.server.online("eve");
        assertEquals((await whois(eve, "ann")).last, NOW + 5 * MINUTE);
        assertEquals((await whois(eve, "bob")).last, NOW + bob * MINUTE, file);
      });
    }
  }));

Deno.test("whois: a session that goes on has begun when it began; an account that was made online, too", async () => {
  const clock = new FakeClock(NOW * 1_000);
  await withAccounts({ clock, settings: PATIENT, storeOptions: { clock } }, async ({ server }) => {
    const eve = await server.online("eve");
    const kim = await server.online("kim");
    clock.advance(2 * MINUTE * 1_000);
    await kim.ask(register("kim"));
    assertEquals([(await whois(eve, "kim")).account, (await whois(eve, "kim")).since], [true, NOW]);
    await leave(kim);
    const { client, token } = await arrive(server, withPassword("kim"));
    const connections = server.server.counts.connections;
    client.reset();
    await server.settlesAt({ connections: connections - 1 });
    clock.advance(20_000);
    const since = NOW + 2 * MINUTE;
    assertEquals([(await whois(eve, "kim")).online, (await whois(eve, "kim")).since], [
      true,
      since,
    ]);
    const { answer } = await arrive(server, withToken("kim", token, { seen: 0 }));
    assertEquals(answer.resumed, true);
    assertEquals((await whois(eve, "kim")).since, since);
  });
});

Deno.test("whois: a private room is told to who is in it alone", () =>
  withAccounts({}, async (fixture) => {
    const [ann, bob, eve] = [
      await online(fixture, register("ann")),
      await online(fixture, register("bob")),
      await online(fixture, register("eve")),
    ];
    await ann.ask({ event: "join", room: "#secret" });
    await ann.ask({ event: "room", room: "#secret", private: true });
    await ann.ask({ event: "invite", room: "#secret", user: "bob" });
    await bob.ask({ event: "join", room: "#secret" });
    assertEquals((await whois(bob, "ann")).rooms, ["#secret"]);
    assertEquals((await whois(eve, "ann")).rooms, []);
  }));

Deno.test("whois: who is blocked learns no more than who is online", () =>
  withAccounts({}, async (fixture) => {
    const [ann, eve] = [
      await online(fixture, register("ann")),
      await online(fixture, register("eve")),
    ];
    const kim = await fixture.server.online("kim");
    await ann.ask({ event: "presence", user: { account_name: "ann", status: "s", away: "lunch" } });
    await ann.ask({ event: "block", user: "eve", on: true });
    assertEquals(await whois(eve, "ann"), {
      ...{
        response: 200,
        account_name: "ann",
        account: true,
        online: true,
        status: "s",
        rooms: [],
      },
    });
    assertEquals((await whois(kim, "ann")).away, "lunch");
    await leave(ann);
    assertEquals(await whois(eve, "ann"), {
      ...{ response: 200, account_name: "ann", account: true, online: false },
    });
    assertEquals(typeof (await whois(kim, "ann")).last, "number");
  }));

Deno.test("whois: an account that never came has no last; nor has who gets a removed account's name", () =>
  withDatabasePath(async (db) => {
    await withAccounts({ db }, async (fixture) => {
      await leave(await online(fixture, register("Ann")));
      await fixture.store.createAccount("new", "New", "hash");
      const eve = await fixture.server.online("eve");
      assertEquals(await whois(eve, "new"), {
        ...{ response: 200, account_name: "New", account: true, online: false },
      });
    });
    {
      using users = UserAdmin.open(db, false, () => 0);
      assertEquals(await users.remove("ann") !== undefined, true);
    }
    await withAccounts({ db }, async (fixture) => {
      await fixture.store.createAccount("ann", "ann", "hash");
      const eve = await fixture.server.online("eve");
      assertEquals("last" in await whois(eve, "ann"), false);
    });
  }));
