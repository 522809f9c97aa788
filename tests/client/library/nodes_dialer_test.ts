import { assertEquals, assertRejects } from "@std/assert";

import { ConnectError } from "../../../client/library/errors.ts";
import { NodesDialer } from "../../../client/library/nodes_dialer.ts";
import type { Link } from "../../../common/link.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const NODES = [1, 2, 3].map((port) => ({ hostname: "node", port }));

/** A dialer, which nodes it has tried, and those that cannot be reached. */
function dialerOf(clock = new FakeClock()) {
  const tried: number[] = [];
  const dead = new Set<number>();
  const dialer = new NodesDialer(NODES, ({ port }) => {
    tried.push(port);
    return dead.has(port)
      ? Promise.reject(new Error(`node ${port} is dead`))
      : Promise.resolve({} as Link);
  }, clock);
  const dial = async (): Promise<number[]> => {
    tried.length = 0;
    await dialer.dial(new AbortController().signal);
    return [...tried];
  };
  return { clock, dead, tried, dialer, dial };
}

Deno.test("NodesDialer: stays at the node where the session lives, and passes over the dead", async () => {
  const { clock, dead, dial } = dialerOf();
  assertEquals(await dial(), [1]);
  clock.advance(60_000);
  assertEquals(await dial(), [1]);
  clock.advance(60_000);
  dead.add(1);
  assertEquals(await dial(), [1, 2]);
  clock.advance(60_000);
  dead.clear();
  assertEquals(await dial(), [2]);
});

Deno.test("NodesDialer: turns away from a node that hangs up at once", async () => {
  const { clock, dial } = dialerOf();
  assertEquals(await dial(), [1]);
  clock.advance(4_999);
  assertEquals(await dial(), [2]);
  assertEquals(await dial(), [3]);
  assertEquals(await dial(), [1]);
});

Deno.test("NodesDialer: tries each node once, and says what was wrong with the first", async () => {
  const { dead, tried, dialer } = dialerOf();
  for (const port of [1, 2, 3]) dead.add(port);
  await assertRejects(() => dialer.dial(new AbortController().signal), Error, "node 1 is dead");
  assertEquals(tried, [1, 2, 3]);
  tried.length = 0;
  await assertRejects(() => dialer.dial(new AbortController().signal), Error, "node 1 is dead");
  assertEquals(tried, [1, 2, 3]);
});

Deno.test("NodesDialer: a node from which one turned away is not tried again before the next attempt", async () => {
  const { clock, dead, tried, dialer, dial } = dialerOf();
  dead.add(2);
  assertEquals(await dial(), [1]);
  clock.advance(60_000);
  dialer.turnAway(new Error("silent"));
  assertEquals(await dial(), [2, 3]);
  clock.advance(60_000);
  dialer.turnAway(new Error("silent"));
  const error = await assertRejects(dial, ConnectError, "silent");
  assertEquals(error.nodes.map(({ address }) => address), ["node:1", "node:2", "node:3"]);
  assertEquals(tried, []);
  dialer.begin();
  assertEquals(await dial(), [1]);
});

Deno.test("NodesDialer: who gives up tries no further node", async () => {
  const aborted = AbortSignal.abort(new Error("closed"));
  const tried: number[] = [];
  const dialer = new NodesDialer(NODES, ({ port }) => {
    tried.push(port);
    return Promise.reject(new Error("unreachable"));
  });
  await assertRejects(() => dialer.dial(aborted), Error, "closed");
  assertEquals(tried, [1]);
});
