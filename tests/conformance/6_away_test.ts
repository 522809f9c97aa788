// Section 6, "small things": who is away, and who learns of it.
import { assert, assertEquals } from "@std/assert";

import { leave, login, online, register, withAccounts } from "../support/account_fixture.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { RawClient } from "../support/raw_client.ts";
import { arrive, asGuest, withPassword, withToken } from "../support/resuming_client.ts";
import { TestServer } from "../support/server_fixture.ts";

const presence = (name: string, more: object = {}): object => ({
  event: "presence",
  user: { account_name: name, ...more },
});
const to = (name: string, more: object = {}): object => ({
  event: "msg",
  to: name,
  message: "hi",
  ...more,
});

/** What whoever writes is told: the code, and why the addressee is away. */
async function told(client: RawClient, request: object): Promise<unknown[]> {
  const { response, away } = await client.ask(request);
  return [response, away];
}

Deno.test("away: who writes directly is told, however the name is typed; rooms and lists are not", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const client of [eve, bob]) await client.ask({ event: "join", room: "#dev" });
  await eve.pending();
  assertEquals(await told(eve, to("bob")), [200, undefined]);
  const { response, alert, ...rest } = await bob.ask(presence("bob", { away: "lunch 🍜" }));
  assertEquals([response, "away" in rest], [200, false], alert);
  for (const name of ["bob", "BOB", "bob"]) {
    assertEquals(await told(eve, to(name, { id: "a" })), [200, "lunch 🍜"]);
  }
  assertEquals(await told(eve, to("#dev")), [200, undefined]);
  assertEquals(await told(eve, to("eve")), [200, undefined]);
  const { users } = await eve.ask({ event: "who" });
  assertEquals(users, [{ account_name: "bob", status: "" }, { account_name: "eve", status: "" }]);
  assertEquals("away" in (await bob.pending())[0]!, false);
});

Deno.test("away: a presence without it, or with an empty one, is back, whatever else it says", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const back of [{}, { away: "" }, { away: "\u0000" }, { status: "here" }]) {
    await bob.ask(presence("bob", { away: "lunch", status: "eating" }));
    assertEquals(await told(eve, to("bob")), [200, "lunch"]);
    await bob.ask(presence("bob", back));
    assertEquals(await told(eve, to("bob")), [200, undefined], JSON.stringify(back));
  }
  const { users } = await eve.ask({ event: "who" });
  assertEquals((users as object[])[0], { account_name: "bob", status: "here" });
  // Other requests say nothing of it, an answer to a probe by `probe` among them.
  await bob.ask(presence("bob", { away: "lunch" }));
  for (const request of [{ event: "probe" }, to("eve")]) await bob.ask(request);
  assertEquals(await told(eve, to("bob")), [200, "lunch"]);
});

Deno.test("away: at most 100 characters, whole ones, else 400 and nothing has changed", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  await bob.ask(presence("bob", { away: "ж".repeat(99) + "🍜" }));
  for (const away of ["x".repeat(101), 1, null, true, [], {}]) {
    const { response, error } = await bob.ask(presence("bob", { away, status: "new" }));
    assertEquals(response, 400, JSON.stringify(away));
    assert(error!.startsWith("user.away must be"), error);
  }
  assertEquals(await told(eve, to("bob")), [200, "ж".repeat(99) + "🍜"]);
});

Deno.test("away: one may come online with it, and it is gone with the session", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  const bob = await server.connect();
  await bob.ask(presence("bob", { away: "lunch" }));
  assertEquals(await told(eve, to("bob")), [200, "lunch"]);
  await bob.pending();
  await leave(bob);
  assertEquals(await told(eve, to("bob")), [410, undefined]);
  await server.online("bob");
  assertEquals(await told(eve, to("bob")), [200, undefined]);
});

Deno.test("away: between accounts, for what is kept, stored, and repeated", () =>
  withAccounts({}, async (fixture) => {
    const eve = await online(fixture, register("eve"));
    const bob = await online(fixture, register("bob"));
    await bob.ask(presence("bob", { away: "lunch" }));
    for (let time = 0; time < 2; time++) {
      const { response, seq, away } = await eve.ask(to("bob", { id: "m1" }));
      assertEquals([response, seq, away], [200, 1, "lunch"]);
    }
    await bob.pending();
    await leave(bob);
    assertEquals(await told(eve, to("bob", { store: true })), [202, undefined]);
    const again = await online(fixture, login("bob"));
    assertEquals(await told(eve, to("bob")), [200, undefined]);
    await again.ask(presence("bob", { away: "tea" }));
    await again.ask({ event: "block", user: "eve", on: true });
    assertEquals(await told(eve, to("bob")), [403, undefined]);
  }));

Deno.test("away: a session that goes on keeps it, and a message meanwhile is answered with it", () =>
  withAccounts({ clock: new FakeClock() }, async (fixture) => {
    const { server } = fixture;
    const eve = await online(fixture, register("eve"));
    await leave(await online(fixture, register("bob")));
    const guest = await arrive(server, asGuest("kim"));
    const { client: bob, token } = await arrive(server, withPassword("bob"));
    await bob.ask(presence("bob", { away: "tunnel" }));
    await guest.client.ask(presence("kim", { away: "tunnel" }));
    const before = server.server.counts.connections;
    for (const client of [bob, guest.client]) client.reset();
    await server.settlesAt({ connections: before - 2 });
    assertEquals(await told(eve, to("bob", { store: true })), [202, "tunnel"]);
    assertEquals(await told(eve, to("kim")), [410, undefined]);
    const resumed = await arrive(server, withToken("bob", token, { seen: 0 }));
    assertEquals(resumed.answer.resumed, true);
    assertEquals(await told(eve, to("bob")), [200, "tunnel"]);
    // A guest comes back with the very request that says that one is back when it comes again.
    const kim = await arrive(server, asGuest("kim", guest.token, { seen: 0 }));
    assertEquals(kim.answer.resumed, true);
    assertEquals(await told(eve, to("kim")), [200, "tunnel"]);
    const { client, token: last } = kim;
    client.reset();
    await server.settlesAt({ connections: before - 1 });
    const user = { account_name: "kim", away: "" };
    const back = await arrive(server, asGuest("kim", last, { seen: 0, user }));
    assertEquals(back.answer.resumed, true);
    assertEquals(await told(eve, to("kim")), [200, undefined]);
  }));
