import { assertEquals } from "@std/assert";

import { chosen, nodeLines, type SeenNode } from "../../../server/admin/nodes.ts";
import { localTime } from "../../../server/admin/local_time.ts";

const STARTED = Date.UTC(2026, 0, 2);

function life(name: string, state: SeenNode["state"], started = 0, life = `${started}`): SeenNode {
  return { name, state, started, life };
}

Deno.test("all lives that last are shown, and of names that have none the last one", () => {
  const nodes = [
    life("c", "dead", 1),
    life("c", "left", 3),
    life("c", "dead", 2),
    life("b", "dead", 9),
    life("b", "silent", 5),
    life("b", "alive", 4),
    life("a", "alive", 8),
    life("a", "left", 7),
  ];
  const shown = chosen(nodes).map(({ name, state, started }) => [name, state, started]);
  assertEquals(shown, [["a", "alive", 8], ["b", "alive", 4], ["b", "silent", 5], ["c", "left", 3]]);
});

Deno.test("a table shows what is known, and steers no terminal", () => {
  const nodes: SeenNode[] = [
    {
      ...life("10.0.0.1:7777", "alive", STARTED, "021c5c966b6b1f38"),
      report: { users: 12, position: 3456, lag: 7 },
    },
    life("\x1b[2Jb", "silent", STARTED, "b320532388d609f7"),
  ];
  const since = localTime(STARTED / 1000);
  assertEquals(nodeLines(nodes, false), [
    "NODE           STATE   USERS  POSITION  LAG  SINCE                      LIFE",
    `10.0.0.1:7777  alive      12      3456    7  ${since}  021c5c966b6b1f38`,
    `\\u{1b}[2Jb     silent                        ${since}  b320532388d609f7`,
  ]);
  assertEquals(nodeLines(nodes, true).map((line) => JSON.parse(line)), [
    {
      ...{ node: "10.0.0.1:7777", life: "021c5c966b6b1f38", state: "alive" },
      ...{ users: 12, position: 3456, lag: 7, since: STARTED / 1000 },
    },
    { node: "\x1b[2Jb", life: "b320532388d609f7", state: "silent", since: STARTED / 1000 },
  ]);
});
