import { assertEquals, assertRejects } from "@std/assert";

import { LineClient } from "../../../bench/line_client.ts";
import { register } from "../../../bench/nodes/our_nodes.ts";
import { assertCaughtUp, keep } from "../../../bench/nodes/rebuild.ts";
import { StartError } from "../../../common/errors.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { TestServer } from "../../support/server_fixture.ts";

Deno.test("what is kept for a node to catch up with is there, and one that has less has not caught up", async () => {
  await using server = new TestServer();
  const { port } = server.address;
  await register(port, 1);
  await keep(port, 70);
  await assertCaughtUp(port, 70);
  await assertRejects(() => assertCaughtUp(port, 71), StartError, "with message 70 of 71");
});

Deno.test("a server that keeps nothing is no place to catch up from", async () => {
  await using store = openSqliteStore(":memory:", { historyDays: 0 });
  await using server = new TestServer({ store });
  const { port } = server.address;
  await register(port, 1);
  await assertRejects(() => keep(port, 1), StartError, "not kept: 200");
});

Deno.test("each pair gets its two accounts, and a name that is taken is an error", async () => {
  await using server = new TestServer();
  const { port } = server.address;
  await register(port, 2);
  for (const name of ["a0", "b0", "a1", "b1"]) {
    using guest = await LineClient.connect(server.address);
    const { response } = await guest.ask({ event: "presence", user: { account_name: name } });
    assertEquals(response, 401, name);
  }
  await assertRejects(() => register(port, 1), StartError, "0: 409");
});
