// What a person sees of a link that breaks: as little as possible.
import { assert, assertEquals, assertMatch } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { CuttingProxy } from "../support/cutting_proxy.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { eventually, PASSWORD, TestServer } from "../support/server_fixture.ts";
import { ServerProcess } from "../support/server_process.ts";
import { startClient } from "../support/start_client.ts";

const place = ({ address }: { address: { hostname: string; port: number } }): string[] => [
  address.hostname,
  String(address.port),
];

/** Bob in #dev, and who he has seen come and go. */
async function inRoom(address: { hostname: string; port: number }): Promise<{
  bob: JimClient;
  seen: string[];
}> {
  const bob = await JimClient.connect({ ...address, name: "bob" });
  const seen: string[] = [];
  const notices = bob.notices();
  (async () => {
    for await (const { joined, left } of notices) {
      seen.push(joined === undefined ? `-${left}` : `+${joined}`);
    }
  })();
  await bob.join("#dev");
  return { bob, seen };
}

Deno.test(
  "a client that was stopped while its link broke goes on: nobody noticed, and nothing is typed again",
  { ignore: Deno.build.os === "windows" },
  async () => {
    await using server = new TestServer();
    await using proxy = new CuttingProxy(server.address);
    const { bob, seen } = await inRoom(server.address);
    await using eve = startClient([...place(proxy), "-n", "eve"]);
    await eve.endsWith("eve>");
    eve.enter("chat #dev");
    await eve.shows("In #dev: bob, eve");
    eve.type("half a line");
    await eve.endsWith("eve → #dev> half a line");
    Deno.kill(eve.pid, "SIGSTOP");
    proxy.cut();
    await eventually(() => server.log.of("interrupted").length === 1, () => "the link is cut");
    for (const text of ["one", "two", "three"]) await bob.send("#dev", text);
    Deno.kill(eve.pid, "SIGCONT");
    await eve.shows("#dev bob: three");
    await eve.endsWith("eve → #dev> half a line");
    eve.press("enter");
    await eve.shows("→ #dev: half a line · sent to 1");
    const screen = eve.scrollback();
    assertEquals(screen.match(/bob: (one|two|three)/g), ["bob: one", "bob: two", "bob: three"]);
    for (const word of ["lost", "Interrupted", "(409)", "again"]) {
      assert(!screen.split("eve → #dev>")[1]!.includes(word), screen);
    }
    assertEquals([seen, server.log.of("resumed").length], [["+eve"], 1]);
    await bob.quit();
  },
);

Deno.test("a longer interruption is in the prompt while it lasts, and one line when it is over", async () => {
  await using server = new TestServer();
  await using proxy = new CuttingProxy(server.address);
  const { bob, seen } = await inRoom(server.address);
  await using eve = startClient([...place(proxy), "-n", "eve", "--lang", "ru"], { columns: 120 });
  await eve.endsWith("eve>");
  eve.enter("/chat #dev");
  await eve.endsWith("eve → #dev>");
  await eventually(() => seen.length === 1, () => "eve is in");
  proxy.isDown = true;
  const { visits } = proxy;
  proxy.cut();
  await eve.endsWith("(нет связи) eve → #dev>");
  for (const text of ["one", "два 🍵"]) await bob.send("#dev", text);
  // The waits before four attempts are 3.75 s in all at least.
  await eventually(() => proxy.visits >= visits + 3, () => `${proxy.visits} attempts`);
  proxy.isDown = false;
  await eve.shows("bob: два 🍵");
  await eve.endsWith("eve → #dev>");
  const screen = eve.scrollback();
  assertMatch(
    screen,
    /Связь пропала в [\d:]+, вернулась в [\d:]+; тем временем пришли 2 сообщения\./,
  );
  assert(!/потеряна|\(409\)/.test(screen), screen);
  assertEquals(seen, ["+eve"]);
  await bob.quit();
});

Deno.test("kill -9 and a restart of the server: an account is back with its rooms and what was said", async () => {
  await withDatabasePath(async (db) => {
    const options = { db, hashesCheaply: true };
    const dead = await ServerProcess.start([], options);
    const { address } = dead;
    const bob = await JimClient.connect({ ...address });
    await bob.login("bob", { password: PASSWORD, register: true });
    {
      await using maker = await JimClient.connect(address);
      await maker.login("eve", { password: PASSWORD, register: true });
    }
    await using eve = startClient([...place(dead), "-n", "eve"]);
    await eve.endsWith("Password for eve:");
    eve.enter(PASSWORD);
    await eve.endsWith("eve>");
    eve.enter("chat #dev");
    await eve.endsWith("eve → #dev>");
    await bob.join("#dev");
    await bob.send("#dev", "before");
    await bob.send("eve", "hello");
    await eve.shows("bob » hello");
    eve.type("half a line");
    await eve.endsWith("eve → #dev> half a line");
    dead.kill("SIGKILL");
    await dead.ended();
    await eve.endsWith("(no connection) eve → #dev> half a line");
    await using server = await ServerProcess.start([], {
      ...options,
      listenOn: ["-a", address.hostname, "-p", String(address.port)],
    });
    assertEquals((await bob.send("eve", "after")).state !== "refused", true);
    await eve.shows("bob » after");
    await eve.endsWith("eve → #dev> half a line");
    eve.press("enter");
    await eve.shows("→ #dev: half a line · sent to 1");
    eve.enter("/next");
    await eve.shows("bob: after");
    const screen = eve.scrollback();
    for (const text of ["before", "hello", "after"]) {
      assertEquals(screen.split(`bob: ${text}`).length, 2, screen);
    }
    assert(!/\(409\)|Password[^]*Password/.test(screen), screen);
    assertEquals(server.address.port, address.port);
    await bob.quit();
    await dead[Symbol.asyncDispose]();
  });
});
