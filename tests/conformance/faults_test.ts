import { assert, assertEquals } from "@std/assert";

import { FakeClock } from "../support/fake_clock.ts";
import { BrokenStore } from "../support/broken_store.ts";
import { eventually, TestServer } from "../support/server_fixture.ts";

const FLOOD = new URL("../support/flood.ts", import.meta.url);

/**
 * How many sockets of that port somebody holds, as the kernel lists them (Linux; no inode: nobody). Counted by
 * port, since other tests open files in this process meanwhile.
 */
function heldSockets(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["/proc/net/tcp", "/proc/net/tcp6"]
    .flatMap((path) => Deno.readTextFileSync(path).split("\n").slice(1))
    .map((row) => row.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(local) && columns[9] !== "0").length;
}

Deno.test("10 000 connections that end at once, by reset or close, leave nothing behind", async () => {
  const clock = new FakeClock();
  let port: number;
  {
    await using server = new TestServer({ clock, settings: { rate: 0, maxPerIp: 0 } });
    const [eve, bob] = await server.onlineAll("eve", "bob");
    for (const client of [eve, bob]) await client.ask({ event: "join", room: "#dev" });
    await eve.pending();
    port = server.address.port;
    const [timers, held] = [clock.pending, heldSockets(port)];
    assertEquals(held, 3, "the listener, eve and bob");

    const flood = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-net", FLOOD.pathname, String(port), "10000"],
    }).spawn();
    // Meanwhile others are served.
    let isOver = false;
    const over = flood.status.then(({ code }) => (isOver = true, code));
    while (!isOver) {
      assertEquals((await eve.ask({ event: "msg", to: "bob", message: "hi" })).response, 200);
      assertEquals((await bob.frame()).message, "hi");
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    assertEquals(await over, 0);

    await server.settlesAt({ connections: 2, online: 2, rooms: 1 });
    clock.advance(10_000); // then it is written down when they were last online
    assertEquals(clock.pending, timers, "timers");
    await eventually(() => heldSockets(port) === held, () => `${heldSockets(port)} descriptors`);
    assertEquals(server.log.records.filter(({ level }) => level === "error"), []);
    for (const client of [eve, bob]) assertEquals(await client.pending(), []);
  }
  assertEquals(clock.pending, 0);
  await eventually(() => heldSockets(port) === 0, () => `${heldSockets(port)} descriptors`);
});

Deno.test("a fault of one connection touches no other", async () => {
  await using broken = new BrokenStore("the disk is broken");
  await using server = new TestServer({ store: broken.store });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  broken.isBroken = true;
  await eve.send(
    { event: "msg", to: "nobody", message: "hi", id: 1 },
    { event: "msg", to: "bob", message: "hi", id: 2 },
    { event: "msg", to: "nobody", message: "hi", id: 3 },
  );
  const answers = await eve.frames(3);
  assertEquals(answers.map(({ response, id }) => [response, id]), [[500, 1], [200, 2], [500, 3]]);
  assertEquals((await bob.frame()).id, 2);
  const references = server.log.of("request failed").map(({ fields }) => String(fields.reference));
  assertEquals(new Set(references).size, 2, "each fault has its own");
  for (const [i, answer] of [answers[0]!, answers[2]!].entries()) {
    assert(answer.error!.includes(references[i]!));
  }
});
