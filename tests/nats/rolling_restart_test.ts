// All nodes are restarted, one after the other, while people write: as docs/cluster.md says that a server of several
// nodes is upgraded.
import { assert, assertEquals } from "@std/assert";

import { account, NodeGroup } from "../support/node_group.ts";
import type { Frame } from "../support/raw_client.ts";
import { ServedTime } from "../support/served_time.ts";
import { assertAllCame, IN_FLIGHT, Writer, WRITERS } from "../support/writer.ts";

const NODES = 3;
/** Answers that each writer has between two restarts, and while a node is away. */
const ANSWERS = 20;

Deno.test("nodes that end and start in turn under load: nothing is lost or doubled, sessions go on elsewhere", async () => {
  await using nodes = await NodeGroup.start(NODES);
  const ports = [nodes.a, nodes.b, nodes.c].map(({ address }) => address.port);
  const writers: Writer[] = [];
  using time = new ServedTime();
  for (const index of WRITERS.keys()) {
    const [first, ...others] = ports.map((_, turn) => ({
      hostname: "127.0.0.1",
      port: ports[(index + turn) % NODES]!,
    }));
    await Writer.start({ ...first, others }, writers, time);
  }
  const writing = writers.map((writer) => writer.write());
  const answered = (): Promise<unknown> =>
    Promise.all(writers.map((writer) => writer.answered(ANSWERS)));

  for (const [index, port] of ports.entries()) {
    await answered();
    const here = writers.filter((writer) => writer.port === port);
    assert(here.length > 0, `nobody is on node ${index + 1}`);
    const before = here.map(({ returns }) => returns.length);
    const node = [nodes.a, nodes.b, nodes.c][index]!;
    node.kill("SIGTERM");
    const { code, stderr } = await node.ended();
    assertEquals([code, stderr.match(/ (ERROR|CRITICAL) .*/g)], [0, null]);
    const returns = await Promise.all(here.map((writer, i) => writer.isBack(before[i]! + 1)));
    for (const { port: where, resumed } of returns) {
      assertEquals([where === port, resumed], [false, true]);
    }
    await answered();
    await nodes.startNode(index, { listenOn: ["-a", "127.0.0.1", "-p", `${port}`] });
  }
  await answered();
  await assertAllCame(writers, writing, false);
  // What a node had been asked and not answered when it ended.
  const unsure = writers.flatMap(({ unsure }) => [...unsure.values()].flat());
  assert(unsure.length <= NODES * WRITERS.length * IN_FLIGHT, `${unsure.length} answers were 500`);
  for (const writer of writers) await writer.quit();

  // All have caught up with what was kept while they were away.
  const kept: unknown[] = [];
  for (const [index, node] of [nodes.a, nodes.b, nodes.c].entries()) {
    using reader = await account(node, `reader-${index}`);
    await reader.ask({ event: "join", room: "#dev" });
    const { messages } = await reader.ask({ event: "history", with: "#dev", limit: 100 });
    kept.push((messages as Frame[]).map(({ seq, message }) => [seq, message]));
  }
  assertEquals((kept[0] as unknown[]).length, 100);
  assertEquals([kept[1], kept[2]], [kept[0], kept[0]]);
});
