// Sessions that outlive connections and processes, over real sockets.
import { assert, assertEquals } from "@std/assert";

import { CuttingProxy } from "../support/cutting_proxy.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { FreezingProxy } from "../support/freezing_proxy.ts";
import { seededRandom } from "../support/random.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  arrive,
  asGuest,
  numberedAccount,
  numberedGuest,
  withPassword,
  withToken,
} from "../support/resuming_client.ts";
import { TestServer } from "../support/server_fixture.ts";
import { ServerProcess } from "../support/server_process.ts";

const MESSAGES = 300;

/** An honest client behind a bad link: what it got, each message once. */
async function hearAll(
  connect: () => Promise<RawClient>,
  login: (token: string, seen: number) => object,
  firstToken: string,
): Promise<{ texts: string[]; connections: number }> {
  const texts: string[] = [];
  let [token, seen, connections] = [firstToken, 0, 0];
  while (texts.length < MESSAGES) {
    const client = await connect();
    connections++;
    try {
      await client.send(login(token, seen));
      for (;;) {
        const frame = await client.frame();
        if (frame.response !== undefined && frame.response >= 200) {
          if (frame.resume === undefined) continue; // to what confirms
          assertEquals([frame.response, frame.resumed], [200, true]);
          token = frame.resume as string;
        } else if (frame.event === "msg") {
          assertEquals(frame.n, ++seen, "no gap and nothing twice");
          texts.push(frame.message as string);
          if (texts.length === MESSAGES) break;
          if (seen % 5 === 0) await client.send({ event: "probe", seen });
        }
      }
    } catch (error) {
      // The link was cut: by a reset, or with a frame begun.
      if (error instanceof Error && error.name === "AssertionError") throw error;
    }
    client.close();
  }
  return { texts, connections };
}

Deno.test("wherever a link breaks, a session goes on: each message once, in order, and nobody is told", async () => {
  const random = seededRandom(7777);
  await using server = new TestServer({ settings: { rate: 0 } });
  await using proxy = new CuttingProxy(server.address, () => 300 + Math.floor(random() * 2_500));
  const eve = await server.online("eve");
  await eve.ask({ event: "join", room: "#dev" });
  for (
    const [name, start, use] of [
      ["guest", numberedGuest, asGuest],
      ["account", numberedAccount, withToken],
    ] as const
  ) {
    const { client, token } = await start(server, name);
    await client.ask({ event: "join", room: "#dev" });
    client.close();
    const expected = Array.from({ length: MESSAGES }, (_, n) => `${n}`);
    const hearing = hearAll(
      () => RawClient.connect(proxy.address),
      (token, seen) => use(name, token, { seen }),
      token,
    );
    for (const message of expected) await eve.ask({ event: "msg", to: "#dev", message });
    const { texts, connections } = await hearing;
    assertEquals(texts, expected);
    assert(connections > 10, `the link broke: ${connections}`);
    const told = (await eve.pending()).map(({ joined, left }) => [joined, left]);
    assertEquals(told, [[name, undefined]]);
    // Its last connection took all; it goes.
    const last = await arrive(server, use(name, token, { seen: MESSAGES }));
    last.client.close();
  }
});

Deno.test("a client whose link froze is back at once, in its rooms, with all that was said meanwhile", async () => {
  await using server = new TestServer();
  await using proxy = new FreezingProxy(server.address);
  const eve = await server.online("eve");
  const behind = { connect: () => RawClient.connect(proxy.address) };
  const { client: old, token } = await arrive(behind, asGuest("bob"));
  for (const client of [old, eve]) await client.ask({ event: "join", room: "#dev" });
  await old.frame();
  proxy.freeze();
  for (const message of ["one", "two"]) {
    const { delivered } = await eve.ask({ event: "msg", to: "#dev", message });
    assertEquals(delivered, 1, "the connection seems to live");
  }
  const { client, answer } = await arrive(server, asGuest("bob", token, { seen: 1 }));
  assertEquals([answer.resumed, answer.rooms], [true, ["#dev"]]);
  assertEquals((await client.pending()).map(({ n, message }) => [n, message]), [
    [2, "one"],
    [3, "two"],
  ]);
  assertEquals(await eve.pending(), []);
  old.close();
});

Deno.test("kill -9: the token still works, and what an interrupted account had not confirmed comes, less what had arrived", async () => {
  await withDatabasePath(async (db) => {
    let token: string;
    {
      await using server = await ServerProcess.start([], { db, hashesCheaply: true });
      const eve = await server.connect();
      await eve.ask({ event: "presence", user: { account_name: "eve" } });
      const bob = await arrive(server, withPassword("bob", { register: true }));
      token = bob.token;
      for (const message of ["one", "two", "three"]) {
        assertEquals((await eve.ask({ event: "msg", to: "bob", message })).response, 200);
      }
      assertEquals((await bob.client.frames(3)).map(({ n }) => n), [1, 2, 3]);
      bob.client.reset();
      await server.logs("interrupted");
      // Answered after the disk has it, and so all that was rescued before.
      const letter = { event: "msg", to: "bob", message: "four", store: true };
      assertEquals((await eve.ask(letter)).response, 202);
      server.kill("SIGKILL");
    }
    const logDir = `${db}.logs`;
    await using server = await ServerProcess.start(["--log-level", "debug"], { db, logDir });
    const { client, answer } = await arrive(server, withToken("bob", token, { seen: 2 }));
    assertEquals([answer.response, answer.resumed], [200, undefined]);
    const frames = await client.frames(2);
    assertEquals(frames.map(({ n, message }) => [n, message]), [[1, "three"], [2, "four"]]);
    await client.ask({ event: "probe", seen: 1 });
    assertEquals((await arrive(server, withToken("bob", token))).answer.response, 402);
    server.kill("SIGTERM");
    const { stderr } = await server.ended();
    const files = [...Deno.readDirSync(logDir)].map(({ name }) => `${logDir}/${name}`);
    const log = stderr + files.map((file) => Deno.readTextFileSync(file)).join("");
    assert(log.includes("fn=authenticate") && log.includes("fn=SqliteResume.use"), log);
    for (const secret of [token, answer.resume as string]) assert(!log.includes(secret));
  });
});
