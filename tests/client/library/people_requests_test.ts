import { assertEquals, assertRejects } from "@std/assert";

import { JimClient, RefusedError } from "../../../client/library/jim_client.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";
import { PASSWORD, TestServer } from "../../support/server_fixture.ts";
import { connect } from "./support.ts";

Deno.test("whois of a real server: online, away, offline, never there", async () => {
  await using server = new TestServer();
  await using eve = await JimClient.connect({ ...server.address, name: "eve" });
  const bob = await JimClient.connect(server.address);
  await bob.login("Bob", { password: PASSWORD, register: true, status: "busy", away: "lunch" });
  for (const client of [eve, bob]) await client.join("#dev");
  const { since, ...found } = await eve.whois("bob");
  assertEquals(found, {
    ...{ name: "Bob", isAccount: true, isOnline: true, status: "busy", away: "lunch" },
    rooms: ["#dev"],
  });
  assertEquals(since! % 60, 0);
  await bob.quit();
  const { last, ...gone } = await eve.whois("BOB");
  assertEquals(gone, { name: "Bob", isAccount: true, isOnline: false, status: "", rooms: [] });
  assertEquals(last! % 60, 0);
  assertEquals((await assertRejects(() => eve.whois("nobody"), RefusedError)).code, 404);
});

Deno.test("whois: a server that says nothing is one that knows nothing", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  assertEquals(await client.whois("bob"), {
    ...{ name: "bob", isAccount: false, isOnline: false, status: "", rooms: [] },
  });
});

Deno.test("setAway: whoever writes is told; it holds with the status, in a new session, and until one is back", async () => {
  await using server = new TestServer();
  await using eve = await JimClient.connect({ ...server.address, name: "eve" });
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  const away = async (): Promise<string | undefined> => {
    const outcome = await eve.send("bob", "hi");
    return outcome.state === "refused" ? "refused" : outcome.away;
  };
  assertEquals([await away(), bob.away], [undefined, undefined]);
  await bob.setAway("lunch");
  assertEquals([await away(), bob.away], ["lunch", "lunch"]);
  await bob.setStatus("hungry");
  assertEquals([await away(), bob.status], ["lunch", "hungry"]);
  const error = await assertRejects(() => bob.setAway("x".repeat(101)), RefusedError);
  assertEquals([error.code, bob.away, await away()], [400, "lunch", "lunch"]);
  await bob.login("bob", { password: PASSWORD, register: true });
  assertEquals([await away(), bob.away, bob.isAccount], ["lunch", "lunch", true]);
  await bob.setAway("");
  assertEquals([await away(), bob.away], [undefined, undefined]);
});

Deno.test("setAway: a probe that is answered meanwhile does not undo it", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  const asked = client.setAway("lunch");
  await server.peer.write({ event: "probe", time: 1 });
  await asked;
  await server.until(() => server.requests("presence").length === 3);
  const users = server.requests("presence").map((it) => it.event === "presence" && it.user);
  const lunch = { account_name: "eve", away: "lunch" };
  assertEquals(users, [{ account_name: "eve" }, lunch, lunch]);
});

Deno.test("a kind goes out with the message, comes with it, and stands in the outcome", async () => {
  await using server = new TestServer();
  await using eve = await JimClient.connect({ ...server.address, name: "eve" });
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  const events = eve.events();
  await eve.send("bob", "waves", { kind: "action" });
  await eve.send("bob", "hi");
  const messages = bob.messages();
  assertEquals((await messages.next()).value?.kind, "action");
  assertEquals("kind" in (await messages.next()).value!, false);
  const kinds: unknown[] = [];
  for await (const event of events) {
    if (event.type !== "outcome") continue;
    kinds.push(event.kind);
    if (kinds.length === 2) break;
  }
  assertEquals(kinds, ["action", undefined]);
});
