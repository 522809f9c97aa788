import { assertEquals, assertMatch } from "@std/assert";

import { account, code, guest, NodeGroup, soon, upTo } from "../support/node_group.ts";
import { NatsServer } from "../support/nats_server.ts";
import type { Frame } from "../support/raw_client.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";

/** A start that is refused with status 1 and one line, besides what is logged of NATS until then. */
async function isRefused(flags: readonly string[], db: string, reason: RegExp): Promise<void> {
  const { code, stdout, stderr } = await runServer(flags, { db });
  assertEquals([code, stdout], [1, ""], stderr);
  const lines = stderr.trim().split("\n").filter((line) => !line.includes(" INFO server.nodes "));
  assertEquals(lines.length, 1, stderr);
  assertMatch(lines[0]!, reason);
}

Deno.test("a node that cannot be one says why in one line", async (t) => {
  await using nodes = await NodeGroup.start(1);
  const solo = `${nodes.folder}/solo.db`;
  await using server = await ServerProcess.start([], { db: solo, hashesCheaply: true });
  await account(server, "alone");
  server.kill("SIGTERM");
  await server.ended();
  const nats = (address: string) => ["--nats", `nats://${address}`];
  const refusals: [string, readonly string[], string, RegExp][] = [
    [
      "another node has its database open",
      nodes.flags,
      nodes.db(0),
      /^Cannot open database '.*1\/jim\.db': another server \(process \d+\) has it open; /,
    ],
    ["its database is that of a server alone", nodes.flags, solo, /^Cannot open .*solo\.db': .*; /],
    [
      "nobody answers where NATS should be",
      nats("127.0.0.1:1"),
      ":memory:",
      /^Cannot connect to NATS at 127\.0\.0\.1:1: connection refused; see --nats$/,
    ],
  ];
  await Promise.all(refusals.map(([name, flags, db, reason]) =>
    t.step({
      name,
      fn: () => isRefused(flags, db, reason),
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
    })
  ));
  await t.step("its database is a copy of another log", async () => {
    nodes.a.kill("SIGTERM");
    await nodes.a.ended();
    const flags = [...nodes.flags, "--nats-prefix", "other"];
    await isRefused(flags, nodes.db(0), /it is a copy of another log/);
  });
});

Deno.test("a node that keeps nothing on disk has all that the others keep", async () => {
  await using nodes = await NodeGroup.start(1);
  const { a } = nodes;
  const here = await account(a, "on-disk");
  await here.ask({ event: "join", room: "#disk" });
  const { seq } = await here.ask({ event: "msg", to: "#disk", message: "before it came" });
  await using memory = await ServerProcess.start(nodes.flags, { hashesCheaply: true });
  const there = await account(memory, "in-memory");
  const { messages, last } = await there.ask({ event: "join", room: "#disk", history: 10 });
  assertEquals([(messages as Frame[]).map(({ message }) => message), last], [
    ["before it came"],
    seq,
  ]);
  const said = await there.ask({ event: "msg", to: "#disk", message: "from memory" });
  assertEquals((await upTo(here, ({ seq }) => seq === said.seq)).at(-1)!.from, "in-memory");
  assertEquals(await code(here, { event: "delete", to: "#disk", seq }), 200);
  await upTo(there, ({ event }) => event === "delete");
  // What its people made outlives it.
  memory.kill("SIGKILL");
  const { messages: kept } = await here.ask({ event: "history", with: "#disk" });
  assertEquals((kept as Frame[]).map(({ message }) => message), [undefined, "from memory"]);
});

Deno.test("--history-days 0: nodes keep nothing, and what is said reaches all", async () => {
  await using nodes = await NodeGroup.start(2, ["--history-days", "0"]);
  const { a, b } = nodes;
  const [here, there] = [await account(a, "no-a"), await account(b, "no-b")];
  const visitor = await guest(b, "no-guest");
  for (const client of [here, there, visitor]) await client.ask({ event: "join", room: "#none" });
  await soon(here, { event: "who", room: "#none" }, ({ total }) => total === 3);
  for (const client of [here, there, visitor]) await client.pending();
  const said = await here.ask({ event: "msg", to: "#none", message: "hi" });
  assertEquals([said.response, said.delivered, said.seq], [200, 2, undefined]);
  for (const client of [there, visitor]) assertEquals((await client.frame()).message, "hi");
  const direct = await here.ask({ event: "msg", to: "no-b", message: "hi", id: "1" });
  assertEquals([direct.response, direct.seq], [200, undefined]);
  assertEquals((await there.frame()).message, "hi");
  assertEquals(await code(here, { event: "history", with: "no-b" }), 403);
  assertEquals(await code(here, { event: "room", room: "#none", topic: "t" }), 200);
  assertEquals((await upTo(there, ({ topic }) => topic === "t")).length, 1);
  await there.ask({ event: "quit" });
  const letter = { event: "msg", to: "no-b", message: "letter", store: true };
  assertEquals(await code(here, letter), 202);
  const user = { account_name: "no-b", password: "correct horse" };
  const again = await a.connect();
  assertEquals(await code(again, { event: "authenticate", user }), 200);
  assertEquals((await again.frame()).message, "letter");
});

/** A user of NATS with all rights that nodes need, but for some. */
function accountsOf(rights: { readonly publish: string; readonly subscribe: string }): string {
  return `jetstream { }
authorization { users: [
  { user: jim, password: secret, permissions: { publish: [${rights.publish}], subscribe: [${rights.subscribe}] } }
] }`;
}

Deno.test("a node to which NATS gives too few rights says in one line which it needs", async (t) => {
  const api = '"$JS.API.>", "$JS.FC.>", "_INBOX.>"';
  const cases: [lacks: string, what: RegExp, rights: { publish: string; subscribe: string }][] = [
    [
      "all of the prefix",
      /(subscribe|publish) to jim\.[\w.]+/,
      { publish: `${api}, "$KV.*.>", "other.>"`, subscribe: '"_INBOX.>", "other.>"' },
    ],
    [
      "hearing other nodes",
      /subscribe to jim\.\w+/,
      { publish: `${api}, "$KV.*.>", "jim.>"`, subscribe: '"_INBOX.>"' },
    ],
    [
      "writing to the log",
      /publish to jim\.log\.state/,
      {
        publish:
          `${api}, "$KV.*.>", "jim.beat", "jim.ended", "jim.told.>", "jim.node.>", "jim.answer.>"`,
        subscribe: '"_INBOX.>", "jim.>"',
      },
    ],
    [
      "taking names",
      /publish to \$KV\.jim_names\.-/,
      { publish: `${api}, "$KV.jim_nodes.>", "jim.>"`, subscribe: '"_INBOX.>", "jim.>"' },
    ],
  ];
  const folder = await Deno.makeTempDir({ prefix: "rights" });
  try {
    await Promise.all(cases.map(([lacks, what, rights], n) =>
      t.step({
        name: lacks,
        async fn() {
          const config = `${folder}/${n}.conf`;
          await Deno.writeTextFile(config, accountsOf(rights));
          await using nats = await NatsServer.start({ args: ["--config", config] });
          const flags = ["--nats", `nats://jim:secret@${nats.address}`];
          const reason = new RegExp(
            `^NATS does not let this user (${what.source}): it needs .* jim\\.> .*see --nats-prefix$`,
          );
          await isRefused(flags, `${folder}/${n}.db`, reason);
        },
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
      })
    ));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("of two nodes with one name the second is refused; who was killed comes back under it", async () => {
  await using nodes = await NodeGroup.start(1, ["--node", "n1"]);
  const another = `${nodes.folder}/another.db`;
  const taken =
    /^A node that lives is called 'n1' already \([0-9a-f]{16}\); give this one another name with --node$/;
  await isRefused(nodes.flags, another, taken);
  assertEquals(await code(await guest(nodes.a, "eve"), { event: "probe" }), 200);

  // The same database: at once.
  nodes.a.kill("SIGKILL");
  await nodes.a.ended();
  await nodes.startNode(0);
  nodes.a.kill("SIGKILL");
  await nodes.a.ended();
  // Another one: when it is found that the former is not heard.
  await using next = await ServerProcess.start(nodes.flags, { db: another, hashesCheaply: true });
  assertEquals(await code(await guest(next, "bob"), { event: "probe" }), 200);
  next.kill("SIGTERM");
  await next.ended();

  // Of two that begin at once, one.
  const both = [0, 1].map((index) => nodes.beginNode(index));
  const states = await Promise.all(
    both.map((node) => node.ready().then(() => "ready", () => "refused")),
  );
  assertEquals(states.sort(), ["ready", "refused"]);
});
