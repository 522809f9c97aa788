import { assertEquals } from "@std/assert";

import { FakeClock } from "../support/fake_clock.ts";
import type { RawClient } from "../support/raw_client.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";

async function goOnline(client: RawClient, name: string): Promise<number | undefined> {
  return (await client.ask({ event: "presence", user: { account_name: name } })).response;
}

async function register(client: RawClient, name: string): Promise<number | undefined> {
  const user = { account_name: name, password: PASSWORD };
  return (await client.ask({ event: "authenticate", user, register: true })).response;
}

Deno.test("who may come in changes while the server runs", async () => {
  await using test = new TestServer();
  const eve = await test.online("eve");
  test.server.configure({ guests: false, registration: false });
  assertEquals(await goOnline(await test.connect(), "bob"), 401);
  assertEquals(await register(await test.connect(), "bob"), 403);
  test.server.configure({ guests: true, registration: true, inviteOnly: true });
  assertEquals(await goOnline(await test.connect(), "bob"), 200);
  assertEquals(await register(await test.connect(), "ann"), 403);
  assertEquals((await eve.ask({ event: "probe" })).response, 200);
});

Deno.test("limits of networks change while the server runs", async () => {
  await using test = new TestServer();
  await test.online("eve");
  test.server.configure({ maxNamesPerIp: 1, maxAccountsPerIp: 1 });
  assertEquals(await goOnline(await test.connect(), "bob"), 403);
  await test.registered("ann");
  assertEquals(await register(await test.connect(), "cid"), 403);
  test.server.configure({ maxNamesPerIp: 2, maxAccountsPerIp: 0 });
  assertEquals(await goOnline(await test.connect(), "bob"), 200);
  await test.registered("cid");
});

for (const setting of ["maxConnections", "maxPerIp"] as const) {
  Deno.test(`${setting} changes while the server runs`, async () => {
    await using test = new TestServer({ clock: new FakeClock() }); // its patience with who is refused is a second
    await test.online("eve");
    test.server.configure({ [setting]: 1 });
    const refused = await test.connect();
    assertEquals((await refused.ended()).frames.map(({ response }) => response), [101]);
    test.server.configure({ [setting]: 2 });
    assertEquals(await goOnline(await test.connect(), "bob"), 200);
  });
}

Deno.test("maxPending changes while the server runs", async () => {
  await using test = new TestServer({ clock: new FakeClock() });
  const silent = await test.connect();
  await silent.ask({ event: "probe" });
  test.server.configure({ maxPending: 1 });
  const refused = await test.connect();
  assertEquals((await refused.ended()).frames.map(({ response }) => response), [101]);
  test.server.configure({ maxPending: 2 });
  assertEquals(await goOnline(await test.connect(), "bob"), 200);
});

Deno.test("times change while the server runs, for connections that exist from their next deadline", async () => {
  const clock = new FakeClock();
  await using test = new TestServer({ clock });
  const eve = await test.online("eve");
  test.server.configure({ loginTimeout: 5, probeInterval: 10, probeTimeout: 2 });
  const silent = await test.connect();
  await silent.ask({ event: "probe" });
  clock.advance(5_000);
  assertEquals((await silent.ended()).frames.map(({ reason }) => reason), ["login"]);
  clock.advance(25_000); // the login's deadline from before, at which both times are looked at
  assertEquals((await eve.frame()).event, "probe");
  clock.advance(2_000);
  assertEquals((await eve.ended()).frames.map(({ reason }) => reason), ["probe"]);
});
