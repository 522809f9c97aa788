import { assertEquals, assertMatch } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import type { ClientEvent } from "../../client/library/events.ts";
import { ClientProcess, runClient } from "../support/client_process.ts";
import { FreezingProxy } from "../support/freezing_proxy.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";
import { ServerProcess } from "../support/server_process.ts";
import { startClient } from "../support/start_client.ts";
import { Terminal } from "../support/terminal.ts";

/** Runs with the path of a file that holds the password. */
async function withPasswordFile(run: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, PASSWORD + "\n");
    await run(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("a client whose link froze is back after the silence and --takeover; nothing sent meanwhile is lost", async () => {
  const takeover = 0.3;
  await using server = new TestServer({ settings: { takeover } });
  await using proxy = new FreezingProxy(server.address);
  await (await server.registered("bob")).ask({ event: "quit" });
  await using eve = await JimClient.connect({ ...server.address, name: "eve" });
  await eve.join("#dev");
  const notices = eve.notices();
  await using bob = await JimClient.connect({
    ...proxy.address,
    name: "bob",
    password: PASSWORD,
    probeIntervalMs: 100,
    probeTimeoutMs: 100,
    firstMs: 1,
  });
  await bob.join("#dev");
  const events: ClientEvent[] = [];
  const heard = Promise.withResolvers<void>();
  const back = Promise.withResolvers<void>();
  const messages: string[] = [];
  const reading = (async () => {
    for await (const event of bob.events()) {
      events.push(event);
      if (event.type === "online" && event.again) back.resolve();
      if (event.type === "message") messages.push(event.message.message);
      if (messages.length === 7) heard.resolve();
    }
  })();
  await eve.send("bob", "before");
  proxy.freeze();
  const frozenAt = performance.now();
  // They go to the dead link, and its account's mailbox has them later.
  for (const text of ["one", "two", "three"]) {
    assertEquals((await eve.send("bob", text)).state, "sent");
  }
  await back.promise;
  const seconds = (performance.now() - frozenAt) / 1_000;
  for (const text of ["four", "five", "six"]) await eve.send("bob", text);
  await heard.promise;
  assertEquals(messages, ["before", "one", "two", "three", "four", "five", "six"]);
  // One attempt, which waited for the server's probe: neither refused nor given up.
  const attempts = events.filter(({ type }) => type === "offline");
  assertEquals(attempts.map((event) => event.type === "offline" && event.attempt), [1]);
  assertEquals(seconds >= takeover, true, `back after ${seconds} s`);
  const changes: string[] = [];
  while (changes.length < 3) {
    const { joined, left } = (await notices.next()).value!;
    changes.push(joined === undefined ? `-${left}` : `+${joined}`);
  }
  assertEquals(changes, ["+bob", "-bob", "+bob"]);
  await bob.quit();
  await reading;
});

Deno.test("two consoles of one account: the second asks, takes over, and the first does not come back", async () => {
  await using server = new TestServer();
  await (await server.registered("eve")).ask({ event: "quit" });
  const args = [server.address.hostname, String(server.address.port), "-n", "eve"];
  await using first = startClient(args);
  await first.endsWith("Password for eve:");
  first.enter(PASSWORD);
  await first.endsWith("eve>");
  await using second = startClient(args);
  await second.endsWith("Password for eve:");
  second.enter(PASSWORD);
  await second.endsWith("You are online elsewhere. Take over? [y/N]");
  second.enter("y");
  await second.endsWith("eve>");
  assertEquals(second.scrollback().match(/Password for eve:/g)?.length, 1, "asked once");
  assertEquals(await first.ended(), 1);
  const last = first.scrollback().trim().split("\n").slice(-2).join(" ");
  assertMatch(last, /Your name is online from another connection now.*again with --takeover\.$/);
  assertEquals(first.scrollback().includes("Trying again"), false);
  second.enter("who");
  await second.shows("1 online");
});

Deno.test("who does not want to take over is asked for another name, as on a terminal without escapes", async () => {
  await using server = new TestServer();
  await (await server.registered("eve")).ask({ event: "quit" });
  const { hostname, port } = server.address;
  await using old = await JimClient.connect({ hostname, port, name: "eve", password: PASSWORD });
  const run = [Deno.execPath(), "run", "--quiet", "--allow-net", "client.ts"];
  await using dumb = Terminal.start(["env", ...run, hostname, String(port), "-n", "eve"], {
    env: { TERM: "dumb" },
  });
  await dumb.endsWith("Password for eve:");
  await dumb.until(() => !dumb.tty.echoes, "no echo");
  dumb.enter(PASSWORD);
  await dumb.endsWith("You are online elsewhere. Take over? [y/N]");
  dumb.enter("");
  await dumb.shows("eve is online already; choose another name.");
  await dumb.endsWith("Your name:");
  assertEquals(old.isOnline, true);
  dumb.press("ctrlD");
  assertEquals(await dumb.ended(), 1);
});

Deno.test("a script is not asked: without --takeover it ends with the reason, with it it has the name", async () => {
  await using server = await ServerProcess.start([], { hashesCheaply: true });
  const { hostname, port } = server.address;
  using eve = await server.connect();
  const user = { account_name: "eve", password: PASSWORD };
  await eve.ask({ event: "authenticate", user, register: true });
  await withPasswordFile(async (path) => {
    const args = [hostname, String(port), "-n", "eve", "--password-file", path];
    const permissions = [`--allow-read=${path}`];
    const refused = runClient(args, "who\n", { permissions });
    assertEquals((await eve.frame()).event, "probe");
    await eve.ask({ event: "probe" });
    const { code, stderr } = await refused;
    assertEquals(code, 1);
    assertMatch(stderr, /^Cannot log in as eve: .+ \(409\)\n$/);

    await using first = new ClientProcess([...args, "--takeover"], { permissions });
    await first.says("You are eve");
    assertEquals((await eve.ended()).frames.map(({ reason }) => reason), ["replaced"]);
    const second = await runClient([...args, "--takeover"], "who\n", { permissions });
    assertEquals(second.code, 0);
    const end = await first.ended();
    assertEquals(end.code, 1);
    assertMatch(end.stderr, /Your name is online from another connection now[^\n]*\n$/);
  });
});
