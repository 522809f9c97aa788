import { assertEquals, assertRejects } from "@std/assert";

import { JimClient, RefusedError } from "../../../client/library/jim_client.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";
import { PASSWORD, TestServer } from "../../support/server_fixture.ts";
import { connect } from "./support.ts";

Deno.test("block and blocked of a real server", async () => {
  await using server = new TestServer();
  await using eve = await JimClient.connect(server.address);
  await using bob = await JimClient.connect({ ...server.address, name: "Bob" });
  await eve.login("eve", { password: PASSWORD, register: true });
  await assertRejects(() => bob.blocked(), RefusedError, "Only accounts");
  await bob.login("Bob", { password: PASSWORD, register: true });
  assertEquals(await eve.blocked(), []);
  await eve.block("bob");
  assertEquals(await eve.blocked(), ["Bob"]);
  const outcome = await bob.send("eve", "hi");
  assertEquals([outcome.state, outcome.code], ["refused", 403]);
  await eve.block("bob", false);
  assertEquals((await bob.send("eve", "hi")).state, "sent");
  assertEquals((await assertRejects(() => eve.block("eve"), RefusedError)).code, 400);
  assertEquals((await assertRejects(() => eve.block("nobody"), RefusedError)).code, 404);
});

Deno.test("a server that does not say who is blocked blocks nobody", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  assertEquals(await client.blocked(), []);
});
