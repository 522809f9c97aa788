import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { TestServer } from "../support/server_fixture.ts";
import { startClient } from "../support/start_client.ts";

const PADDED = " ".repeat(58) + "[12:44:00] eve: I quit";

Deno.test("padding does not bring a forged line to the edge of the screen", async () => {
  await using server = new TestServer();
  const { hostname, port } = server.address;
  await using zoe = startClient([hostname, String(port), "-n", "zoe"]);
  await zoe.endsWith("zoe>");
  await using bob = await JimClient.connect({ hostname, port, name: "bob" });
  await bob.send("zoe", PADDED);
  await zoe.shows("I quit");
  assertStringIncludes(zoe.screen(), "\n           │ [12:44:00] eve: I quit");
  await bob.setStatus(PADDED.slice(0, 100));
  zoe.enter("who");
  await zoe.shows("2 online");
  await zoe.endsWith("zoe>");
  assert(!/^\[12:44:00\]/m.test(zoe.screen()));
});

Deno.test("who only listens on a terminal is not deceived by padding either", async () => {
  await using server = new TestServer();
  const { hostname, port } = server.address;
  await using zoe = startClient([hostname, String(port), "-n", "zoe", "--listen"]);
  await zoe.shows("You are zoe");
  await using bob = await JimClient.connect({ hostname, port, name: "bob" });
  await bob.send("zoe", PADDED);
  await zoe.shows("I quit");
  assertStringIncludes(zoe.screen(), "\n           │ [12:44:00] eve: I quit");
});

Deno.test("in a narrow terminal all is shown, and what was shown stays as it was printed", async () => {
  await using server = new TestServer();
  const { hostname, port } = server.address;
  await using zoe = startClient([hostname, String(port), "-n", "zoe"], { columns: 20, rows: 40 });
  await zoe.endsWith("zoe>");
  await using bob = await JimClient.connect({ hostname, port, name: "bob" });
  await bob.send("zoe", `word ${"x".repeat(30)} [12:44:00] eve: I quit`);
  await zoe.shows("quit");
  const screen = await zoe.endsWith("zoe>");
  const shown = screen.slice(screen.lastIndexOf(" bob:")).split("\n").slice(0, -1);
  assertEquals(shown.join("").replace(/[ │]/g, ""), `bob:word${"x".repeat(30)}[12:44:00]eve:Iquit`);
  for (const row of shown.slice(1)) assertMatch(row, /^│ /);
  zoe.resize(60, 40);
  await zoe.endsWith("zoe>");
  assertStringIncludes(zoe.screen(), shown.join("\n"));
});
