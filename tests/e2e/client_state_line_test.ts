import { assert, assertEquals } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { TestServer } from "../support/server_fixture.ts";
import { ServerProcess } from "../support/server_process.ts";
import { startClient } from "../support/start_client.ts";

function place({ address }: { address: { hostname: string; port: number } }): string[] {
  return [address.hostname, String(address.port), "-n", "eve"];
}

const STATE = /^online {2}\[1:#dev, 2 in\] {2}2:bob \d+$/;

Deno.test("a row below the input says where one is and what waits; it stays nowhere in the scrollback", async () => {
  await using server = new TestServer();
  await using eve = startClient(place(server));
  await eve.endsWith("eve>");
  await eve.hasState("online");
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  eve.enter("chat #dev");
  await eve.hasState("online  [1:#dev, 1 in]");
  await bob.join("#dev");
  await bob.send("eve", "hi");
  await eve.hasState("online  [1:#dev, 2 in]  2:bob 1");
  await bob.send("eve", "are you there?");
  await eve.hasState("online  [1:#dev, 2 in]  2:bob 2");
  eve.enter("/who #dev");
  await eve.shows("2 in #dev");
  await eve.endsWith("eve → #dev>");
  eve.type("a draft that takes more than one row in a terminal that is not as wide as this one");
  await eve.endsWith("ide as this one");
  for (const [columns, rows] of [[40, 12], [60, 6], [30, 3], [20, 2], [80, 24]] as const) {
    eve.resize(columns, rows);
    await eve.until((screen) => screen.replace(/\s/g, "").endsWith("asthisone"), "the draft");
    const state = columns === 30 ? "[1:#dev, 2 in]  2:bob 2" : "online  [1:#dev, 2 in]  2:bob 2";
    await eve.hasState(rows < 4 ? "" : state);
  }
  assertEquals(eve.scrollback().split("[1:#dev").length, 2, "once: where it is now");
  eve.press("ctrlC", "ctrlD");
  assertEquals(await eve.ended(), 0);
  assertEquals(eve.scrollback().includes("[1:#dev"), false);
});

Deno.test("the title has the name, the place and what is unread, and is given back", async () => {
  await using server = new TestServer();
  await using eve = startClient(place(server));
  await eve.endsWith("eve>");
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  eve.enter("join #dev");
  await eve.shows("In #dev: eve");
  await bob.join("#dev");
  await bob.send("#dev", "eve: hi");
  await eve.hasState("online  1:#dev 1!");
  await bob.send("eve", "the secret");
  await eve.hasState("online  1:#dev 1!  2:bob 1");
  eve.enter("chat bob");
  await eve.hasState("online  [2:bob]  1:#dev 1!");
  eve.enter("/close");
  await eve.hasState("online  1:#dev 1!");
  eve.enter("who");
  await eve.shows("2 online");
  eve.press("ctrlD");
  assertEquals(await eve.ended(), 0);
  const titles = eve.titles.filter((title, i) => title !== eve.titles[i - 1]);
  assertEquals(titles, ["eve", "(1!) eve", "(2!) eve", "(1!) eve - bob", "(1!) eve", ""]);
});

Deno.test("what comes and goes repaints no more than it changes: an idle terminal gets nothing", async () => {
  await using server = new TestServer();
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  await using eve = startClient(place(server));
  await eve.endsWith("eve>");
  await bob.send("eve", "one");
  await eve.hasState("online  1:bob 1");
  const before = eve.output.length;
  // Somebody in a room in which one is not, and an answer that is not shown.
  await bob.join("#dev");
  await bob.leave("#dev");
  await bob.send("eve", "two");
  await eve.shows("bob: two");
  const paints = eve.output.slice(before).split("\x1b[?2026h").length - 1;
  assertEquals(paints, 1);
});

Deno.test("the row says that there is no connection, and when it is back", async () => {
  const dead = await ServerProcess.start();
  const { address } = dead;
  await using eve = startClient([...place(dead), "--lang", "ru"], { columns: 40 });
  await eve.endsWith("eve>");
  eve.enter("чат #чай");
  await eve.hasState("на связи  [1:#чай, 1 чел.]");
  await dead[Symbol.asyncDispose]();
  await eve.hasState(/^нет связи {2}\[1:#чай/);
  await using _server = await ServerProcess.start([], {
    listenOn: ["-a", address.hostname, "-p", String(address.port)],
  });
  await eve.hasState("на связи  [1:#чай, 1 чел.]");
});

Deno.test("a burst while one types leaves the input, and one row of state below it", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  await bob.join("#dev");
  await using eve = startClient(place(server));
  await eve.endsWith("eve>");
  eve.enter("chat #dev");
  await eve.endsWith("eve → #dev>");
  const sending = Promise.all(
    Array.from({ length: 300 }, (_, i) => bob.send("eve", `message ${i} 日本 🚀`)),
  );
  for (const [i, char] of [..."тише, я пишу"].entries()) {
    eve.type(char);
    if (i % 4 === 0) eve.resize([60, 45, 80][(i / 4) % 3]!, 20);
  }
  await sending;
  await eve.hasState(/ {2}2:bob 300$/);
  await eve.endsWith("eve → #dev> тише, я пишу");
  assertEquals(eve.scrollback().split("[1:#dev").length, 2);
});

Deno.test("with --plain nothing moves, and there is neither a row nor a title", async () => {
  await using server = new TestServer();
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  await using eve = startClient([...place(server), "--plain"]);
  await eve.endsWith("eve>");
  eve.enter("chat #dev");
  await eve.endsWith("eve → #dev>");
  await bob.send("eve", "hi");
  await eve.shows("bob: hi");
  await eve.endsWith("eve → #dev>");
  eve.enter("/exit");
  assertEquals(await eve.ended(), 0);
  assert(!eve.output.includes("\x1b"), JSON.stringify(eve.output));
  assertEquals([eve.titles, STATE.test(eve.scrollback())], [[], false]);
});
