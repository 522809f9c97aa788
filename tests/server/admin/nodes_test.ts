import { assertEquals, assertMatch, assertThrows } from "@std/assert";

import { StartError, UsageError } from "../../../common/errors.ts";
import { parseCommand } from "../../../common/flags.ts";
import {
  chosen,
  natsOf,
  nodeLines,
  NODES_COMMAND,
  type SeenNode,
} from "../../../server/admin/nodes.ts";
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

Deno.test("where NATS is stands on the command line, or in the server's file of settings", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(
      path,
      'port = 7778\nnats = "nats://jim:secret@a"\nnats-prefix = "x"\n',
    );
    const settings = (...args: string[]) => natsOf(parseCommand(NODES_COMMAND, args), args);
    const login = { by: "password", user: "jim", password: "secret" } as const;
    assertEquals(settings("--config", path), {
      ...{ servers: ["a:4222"], isTls: false, prefix: "x", login },
    });
    assertEquals(settings("--nats", "nats://b", "--config", path), {
      ...{ servers: ["b:4222"], isTls: false, prefix: "x" },
    });
    assertThrows(() => settings(), UsageError, "--nats URL is needed");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({
  name: "a file that the task may not read is named, with the command that allows it",
  permissions: { read: ["jim.toml", "tls"] },
  fn() {
    const refused = (...args: string[]) =>
      assertThrows(() => natsOf(parseCommand(NODES_COMMAND, args), args), StartError).message;
    assertEquals(
      refused("--config", "/etc/jim.toml"),
      "This task may not read /etc/jim.toml; in the project's directory run: " +
        "deno run --allow-net --allow-read=/etc/jim.toml nodes.ts --config /etc/jim.toml",
    );
    assertMatch(refused("--nats", "tls://a", "--nats-ca", "ca.pem"), /may not read ca\.pem;/);
  },
});
