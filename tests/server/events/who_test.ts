import { assertEquals } from "@std/assert";

import { TestServer } from "../../support/server_fixture.ts";

Deno.test("who tells of a status, a comer and a goer at once, however often it was asked before", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const client of [eve, bob]) await client.ask({ event: "join", room: "#dev" });
  const listed = async (room?: string): Promise<string[]> => {
    const { users } = await eve.ask({ event: "who", room });
    return (users as { account_name: string; status: string }[]).map((user) =>
      `${user.account_name}:${user.status}`
    );
  };
  for (const room of [undefined, "#dev"]) assertEquals(await listed(room), ["bob:", "eve:"]);
  await bob.ask({ event: "presence", user: { account_name: "bob", status: "busy" } });
  for (const room of [undefined, "#dev"]) assertEquals(await listed(room), ["bob:busy", "eve:"]);
  await bob.ask({ event: "leave", room: "#dev" });
  assertEquals([await listed(), await listed("#dev")], [["bob:busy", "eve:"], ["eve:"]]);
  await bob.ask({ event: "quit" });
  assertEquals([await listed(), await listed("#dev")], [["eve:"], ["eve:"]]);
  await server.online("bob");
  assertEquals([await listed(), await listed("#dev")], [["bob:", "eve:"], ["eve:"]]);
});
