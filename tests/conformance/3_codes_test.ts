import { assert, assertEquals } from "@std/assert";

import { CODE } from "../../common/wire/protocol.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { BrokenStore } from "../support/broken_store.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/server_fixture.ts";

/** Codes that only accounts and mailboxes can bring about; section 6 shows them. */
const OF_ACCOUNTS = [202, 402];

/** Only classic clients get it; section 10 shows it. */
const OF_CLASSIC_CLIENTS = 511;

/** How each code comes about, once; what it looks like in detail is shown in the section of its request. */
const PROVOKE: Record<number, (server: TestServer, clock: FakeClock) => Promise<Frame>> = {
  100: async (server) => {
    const [eve, bob] = await server.onlineAll("eve", "bob");
    await eve.ask({ event: "join", room: "#dev" });
    await bob.ask({ event: "join", room: "#dev" });
    return await eve.frame();
  },
  101: async (server, clock) => {
    const client = await server.connect();
    await client.ask({ event: "probe" });
    clock.advance(30_000);
    return await client.frame();
  },
  200: async (server) => (await server.connect()).ask({ event: "probe" }),
  201: async (server) => (await server.online("eve")).ask({ event: "join", room: "#dev" }),
  400: async (server) => (await server.connect()).ask({ event: "dance" }),
  401: async (server) => (await server.connect()).ask({ event: "who" }),
  403: async (server) => {
    const [eve, bob] = await server.onlineAll("eve", "bob");
    await eve.ask({ event: "join", room: "#dev" });
    return await bob.ask({ event: "msg", to: "#dev", message: "hi" });
  },
  404: async (server) =>
    (await server.online("eve")).ask({ event: "msg", to: "nobody", message: "hi" }),
  409: async (server) => {
    await server.online("eve");
    return (await server.connect()).ask({ event: "presence", user: { account_name: "eve" } });
  },
  410: async (server) => {
    const [eve, bob] = await server.onlineAll("eve", "bob");
    await bob.ask({ event: "quit" });
    return await eve.ask({ event: "msg", to: "bob", message: "hi" });
  },
};

for (const [code, provoke] of Object.entries(PROVOKE)) {
  Deno.test(`code ${code}`, async () => {
    const clock = new FakeClock();
    await using server = new TestServer({ clock });
    const frame = await provoke(server, clock);
    assertEquals(frame.response, Number(code));
  });
}

Deno.test("code 500: logged with its stack, a reference for the user; the connection goes on", async () => {
  const secret = "the disk at /srv/secret is broken";
  await using broken = new BrokenStore(secret);
  await using server = new TestServer({ store: broken.store });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  broken.isBroken = true;

  const frame = await eve.ask({ event: "msg", to: "nobody", message: "hi", id: 7 });
  assertEquals([frame.response, frame.id], [500, 7]);
  assert(!frame.error!.includes("secret"), frame.error);
  const [record] = server.log.of("request failed");
  assertEquals(record!.level, "error");
  const { reference, stack } = record!.fields;
  assert(frame.error!.includes(String(reference)), frame.error);
  assert(
    String(stack).includes(secret) && String(stack).includes("broken_store.ts"),
    String(stack),
  );

  await goesOn(eve);
  await goesOn(bob);
  const newcomer = await server.connect();
  const request = { event: "presence", user: { account_name: "newcomer" }, id: 8 };
  assertEquals((await newcomer.ask(request)).response, 500);
  broken.isBroken = false;
  assertEquals((await newcomer.ask(request)).response, 200, "as if the fault had never been");
  assertEquals(server.log.of("request failed").length, 2);
});

Deno.test("all codes are shown here, with accounts, or with classic clients", () => {
  const shown = [...Object.keys(PROVOKE).map(Number), 500, ...OF_ACCOUNTS, OF_CLASSIC_CLIENTS];
  assertEquals(shown.sort(), Object.values(CODE).map(Number).sort());
});

async function goesOn(client: RawClient): Promise<void> {
  assertEquals((await client.ask({ event: "probe" })).response, 200);
}
