import { assert, assertEquals, assertRejects } from "@std/assert";

import { ConnectError, ConnectionLostError } from "../../../client/library/errors.ts";
import { JimClient } from "../../../client/library/jim_client.ts";
import type { ClientOptions } from "../../../client/library/options.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";
import { next } from "./support.ts";

/** How a node is that the system accepts connections for, and that reads none of them. */
const FROZEN = (): undefined => undefined;

/** Connects as eve to several nodes. */
function connect(nodes: ScriptedServer[], options: ClientOptions = {}): Promise<JimClient> {
  const [first, ...others] = nodes.map(({ port }) => ({ hostname: "127.0.0.1", port }));
  return JimClient.connect({ ...first, others, name: "eve", firstMs: 1, maxMs: 1, ...options });
}

Deno.test("a frozen node is left after 5 s for the next one, by a first login", async () => {
  await using frozen = new ScriptedServer();
  await using good = new ScriptedServer();
  frozen.answer = FROZEN;
  const clock = new FakeClock();
  const connecting = connect([frozen, good], { clock });
  await frozen.until(() => frozen.requests("presence").length === 1);
  clock.advance(4_999);
  assertEquals(good.peers.length, 0);
  clock.advance(1);
  await using client = await connecting;
  assertEquals(client.node, { hostname: "127.0.0.1", port: good.port });
});

Deno.test("a frozen node is left after 5 s for the next one, by a client that comes back", async () => {
  await using node = new ScriptedServer();
  await using good = new ScriptedServer();
  const clock = new FakeClock();
  await using client = await connect([node, good], { clock });
  const events = client.events();
  clock.advance(6_000); // so that the client goes back to its node
  node.answer = FROZEN;
  node.peer.close();
  clock.advance((await next(events, "offline")).retryMs);
  await node.until(() => node.requests("presence").length === 2);
  clock.advance(5_000);
  assertEquals((await next(events, "online")).again, true);
  assertEquals(client.node.port, good.port);
});

Deno.test("a login that waits for its turn is waited for, since the node answers a probe", async () => {
  await using busy = new ScriptedServer();
  await using other = new ScriptedServer();
  const turn = Promise.withResolvers<void>();
  busy.answer = async ({ event }) => {
    if (event === "authenticate") await turn.promise;
    return {};
  };
  const clock = new FakeClock();
  const connecting = connect([busy, other], { clock, password: "correct horse" });
  await busy.until(() => busy.requests("probe").length === 1);
  // Its answer has been read when only the time of the login is left.
  while (clock.pending > 1) await new Promise((resolve) => setTimeout(resolve));
  clock.advance(80_000);
  turn.resolve();
  await using client = await connecting;
  assertEquals([client.node.port, other.peers.length], [busy.port, 0]);
});

Deno.test("a node that hangs up before the login is answered is passed over", async () => {
  await using rude = new ScriptedServer();
  await using good = new ScriptedServer();
  rude.answer = (_, peer) => void peer.close();
  await using client = await connect([rude, good]);
  assertEquals([client.node.port, rude.peers.length], [good.port, 1]);
});

Deno.test("if no node serves, the error tells what was wrong with each", async () => {
  await using rude = new ScriptedServer();
  await using dead = new ScriptedServer();
  rude.answer = (_, peer) => void peer.close();
  dead.stopListening();
  const error = await assertRejects(() => connect([rude, dead]), ConnectError);
  assertEquals(error.failure, "refused");
  const [one, two] = error.nodes;
  assertEquals([one?.address, two?.address], [rude, dead].map(({ port }) => `127.0.0.1:${port}`));
  assert(one?.error instanceof ConnectionLostError && two?.error instanceof ConnectError);
  assertEquals([one.error.reason, rude.peers.length], ["wordless", 1]);
});
