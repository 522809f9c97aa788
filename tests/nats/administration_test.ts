// What an administrator does to several nodes: `deno task cluster-users`.
import { assert, assertEquals, assertMatch } from "@std/assert";

import config from "../../deno.json" with { type: "json" };
import { UserAdmin } from "../../server/store/user_admin.ts";
import { dumpReplica } from "../support/dump_replica.ts";
import { NatsServer } from "../support/nats_server.ts";
import { natsNode } from "../support/nats_node.ts";
import { account, back, code, guest, NodeGroup, quit, soon, upTo } from "../support/node_group.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { runProgram } from "../support/run_program.ts";
import { PASSWORD } from "../support/server_fixture.ts";
import type { ServerProcess } from "../support/server_process.ts";

/** How the task ended, and what it said: on standard output, or as an error. */
type Answer = readonly [code: number, text: string];

const [, ...TASK] = config.tasks["cluster-users"].split(" ");

/** Runs the task, with its own permissions. */
async function task(args: readonly string[], input = `${PASSWORD}\n`): Promise<Answer> {
  const { code, stdout, stderr } = await runProgram(Deno.execPath(), [...TASK, ...args], input);
  assert(stdout === "" || stderr === "", `${stdout}${stderr}`);
  return [code, stdout + stderr];
}

/** The same, on these nodes. */
function administer(nodes: NodeGroup, line: string, input?: string): Promise<Answer> {
  return task([...line.split(" "), "--nats", `nats://${nodes.nats.address}`], input);
}

/** What comes when a connection is closed: why, and with which words. */
async function closing(client: RawClient): Promise<unknown[]> {
  const { frames } = await client.ended();
  const last = frames.filter(({ response }) => response === 101).at(-1);
  return [last?.reason, last?.alert];
}

/** Asks a node for something as nobody in particular; gives the code. */
async function asked(node: ServerProcess, request: object): Promise<number | undefined> {
  const client = await node.connect();
  const response = await code(client, request);
  if (response === 200 || response === 201) await quit(client); // the name is free at once
  else client.close();
  return response;
}

const presence = (name: string) => ({ event: "presence", user: { account_name: name } });
const login = (name: string, password = PASSWORD) => ({
  event: "authenticate",
  user: { account_name: name, password },
});

/** Whether the files of NATS have a text. */
async function isKept(folder: string, text: string): Promise<boolean> {
  const args = ["--recursive", "--quiet", "--text", "--fixed-strings", text, folder];
  return (await new Deno.Command("grep", { args, stdout: "null", stderr: "null" }).output())
    .success;
}

/** What the files of nodes hold that is to be the same. */
function assertAlike(nodes: NodeGroup, count: number): void {
  const [first, ...others] = Array.from({ length: count }, (_, n) => dumpReplica(nodes.db(n)));
  for (const other of others) assertEquals(other, first);
}

/** Has all nodes apply all that is in the log: who asks them sees it. */
async function upToDate(...nodes: readonly ServerProcess[]): Promise<void> {
  for (const node of nodes) await asked(node, presence("somebody-new"));
}

Deno.test("accounts, blocks, codes and rooms are changed on all nodes, and people there are told", async (t) => {
  await using nodes = await NodeGroup.start(3, ["--invite-only"]);
  const { a, b, c } = nodes;
  const run = (line: string, input?: string) => administer(nodes, line, input);
  const step = (name: string, fn: () => Promise<void>) =>
    t.step({ name, fn, sanitizeOps: false, sanitizeResources: false });

  await step("add, also of two who do it at once from two machines", async () => {
    const both = await Promise.all([run("add Ann"), run("add Ann")]);
    assertEquals(both.toSorted(), [
      [0, "Added Ann\n"],
      [1, "Cannot add account: 'Ann' has one already\n"],
    ]);
    for (const name of ["Bob", "Eve", "Ева"]) {
      assertEquals(await run(`add ${name}`), [0, `Added ${name}\n`]);
    }
    for (const node of [a, b, c]) assertEquals(await asked(node, login("ева")), 200);
  });

  await step("password: the old one is wrong on each node", async () => {
    assertEquals(await run("password Bob", "battery staple\n"), [0, "Set the password of Bob\n"]);
    for (const node of [a, b, c]) {
      assertEquals(await asked(node, login("bob")), 402);
      assertEquals(await asked(node, login("bob", "battery staple")), 200);
    }
    assertEquals(await run("password zoe"), [
      1,
      "Cannot set password: there is no account 'zoe'\n",
    ]);
  });

  await step(
    "block: whoever is online is closed, wherever that is, and no node lets them in",
    async () => {
      const [mal, peer] = [await guest(b, "Mal"), await guest(c, "peer")];
      assertEquals(await run("block mal --reason spam"), [0, "Blocked mal\n"]);
      assertEquals(await closing(mal), ["blocked", "This user is blocked: spam"]);
      for (const node of [a, b, c]) assertEquals(await asked(node, presence("MAL")), 403);
      assertEquals(await code(peer, { event: "probe" }), 200);
      assertEquals(await run("unblock Mal"), [0, "Unblocked Mal\n"]);
      assertEquals(await run("unblock Mal"), [1, "Cannot unblock: 'Mal' is not blocked\n"]);
      for (const node of [a, b, c]) assertEquals(await asked(node, presence("Mal")), 200);
      peer.close();
    },
  );

  await step(
    "invite: a code is good on each node, and for as many accounts as it says on all together",
    async () => {
      const [status, text] = await run("invite --uses 2");
      assertEquals(status, 0);
      const register = (node: ServerProcess, name: string) =>
        asked(node, { ...login(name), register: true, invite: text.trim() });
      const codes = await Promise.all([
        register(a, "one"),
        register(b, "two"),
        register(c, "three"),
      ]);
      assertEquals(codes.toSorted(), [201, 201, 403]);
      const [, again] = await run("invite");
      using copy = UserAdmin.open(nodes.db(2), false, () => Date.now() / 1000);
      const { id } = copy.listInvites()[0]!;
      assertEquals(await run(`invite --revoke ${id}`), [0, `Revoked the code with the ID ${id}\n`]);
      const late = { ...login("four"), register: true, invite: again.trim() };
      assertEquals(await asked(a, late), 403);
      assertEquals((await run(`invite --revoke ${id}`))[0], 1);
    },
  );

  await step(
    "rooms: a grant holds, and a room that is removed is left by all, on each node",
    async () => {
      const [ann, eve] = [await back(a, "ann"), await back(b, "eve")];
      for (const client of [ann, eve]) {
        for (const room of ["#Dev", "#Tea"]) await client.ask({ event: "join", room });
      }
      await soon(eve, { event: "who", room: "#tea" }, ({ total }) => total === 2);
      assertEquals(await code(ann, { event: "room", room: "#dev", moderated: true }), 200);
      await soon(
        eve,
        { event: "msg", to: "#dev", message: "?" },
        ({ refused }) => refused === "moderated",
      );
      assertEquals(await run("rooms grant #dev eve moderator"), [
        0,
        "Eve is a moderator of #Dev\n",
      ]);
      await soon(
        eve,
        { event: "msg", to: "#dev", message: "!" },
        ({ response }) => response === 200,
      );
      assertEquals(
        await run("rooms grant #dev ann member"),
        [1, "Cannot grant: 'ann' is the only owner of '#dev'; make somebody else one first\n"],
      );
      await ann.ask({ event: "msg", to: "#tea", message: "kept" });
      const [status, text] = await run("rooms remove #tea");
      assertEquals(status, 0, text);
      assertMatch(text, /^Removed #Tea; .* deletes 1 message\n$/);
      for (const client of [ann, eve]) {
        const told = (await upTo(client, ({ remove }) => remove === true)).at(-1)!;
        assertEquals([told.room, told.by], ["#Tea", "(administrator)"]);
      }
      assertEquals(await code(eve, { event: "msg", to: "#tea", message: "?" }), 404);
      for (const client of [ann, eve]) {
        client.close();
      }
    },
  );

  await step(
    "remove: the account is closed where it is online, and nothing of it is left on any node",
    async () => {
      const [ann, eve] = [await back(a, "ann"), await back(c, "eve")];
      for (const client of [ann, eve]) await client.ask({ event: "join", room: "#dev" });
      await ann.ask({ event: "msg", to: "Eve", message: "secret of ann" });
      await eve.ask({ event: "msg", to: "#dev", message: "secret of eve" });
      await eve.ask({ event: "msg", to: "bob", message: "secret letter", store: true });
      await ann.ask({ event: "msg", to: "#dev", message: "stays" });
      await upToDate(a, b, c);
      const [status, text] = await run("remove eve");
      assertEquals(status, 0, text);
      assertMatch(text, /^Removed eve, with 0 stored messages; every node erases /);
      assertEquals(await closing(eve), ["removed", "This account was removed"]);
      for (const node of [a, b, c]) assertEquals(await asked(node, login("eve")), 402);
      const texts = (answer: Frame) =>
        (answer.messages as Frame[] ?? []).map(({ message }) => message);
      await soon(
        ann,
        { event: "history", with: "#dev" },
        (answer) => !texts(answer).includes("secret of eve") && texts(answer).includes("stays"),
      );
      assertEquals((await run("remove eve"))[0], 1);
      for (const secret of ["secret of ann", "secret of eve", "secret letter"]) {
        while (await isKept(nodes.nats.store, secret));
      }
      assert(await isKept(nodes.nats.store, "stays"));
      ann.close();
    },
  );

  await step("the copies are the same", async () => {
    await upToDate(a, b, c);
    assertAlike(nodes, 3);
  });
});

Deno.test("a node that is down meanwhile does it when it is back; a command whose process is killed is done or not", async () => {
  await using nodes = await NodeGroup.start(3);
  const { a, b, c } = nodes;
  for (const name of ["ann", "bob", "eve"]) (await account(a, name)).close();
  await upToDate(b, c);
  c.kill("SIGKILL");
  await c.ended();
  assertEquals((await administer(nodes, "remove eve"))[0], 0);
  assertEquals((await administer(nodes, "block bob"))[0], 0);

  // Killed at any moment: the act is in the log, or it is not.
  const names = Array.from({ length: 6 }, (_, n) => `killed${n}`);
  await Promise.all(names.map(async (name, n) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...TASK, "block", name, "--nats", `nats://${nodes.nats.address}`],
      ...{ stdin: "null", stdout: "piped", stderr: "null" },
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), 150 * n);
    const { success } = await child.output();
    clearTimeout(timer);
    if (success) assertEquals(await asked(a, presence(name)), 403);
  }));

  const again = await nodes.startNode(2);
  assertEquals(await asked(again, login("eve")), 402);
  assertEquals(await asked(again, login("bob")), 403);
  await upToDate(a, b, again);
  assertAlike(nodes, 3);

  // With nobody there it is in the log; of what may come to nothing that is said.
  for (const node of [a, b, again]) node.kill("SIGTERM");
  await Promise.all([a, b, again].map((node) => node.ended()));
  const [status, text] = await administer(nodes, "remove ann");
  assertEquals(status, 0);
  assertMatch(text, /^No node runs at the moment: this is in the log, and each does it when it/);
  assertEquals(await administer(nodes, "block nobody"), [0, "Blocked nobody\n"]);
  const [made, invite] = await administer(nodes, "invite");
  assertEquals([made, /^\w{5}(-\w{5}){3}\n$/.test(invite)], [0, true]);
  const started = await Promise.all([0, 1].map((index) => nodes.startNode(index)));
  for (const node of started) {
    assertEquals(await asked(node, login("ann")), 402);
    assertEquals(await asked(node, presence("nobody")), 403);
  }
});

Deno.test("what is wrong is said in one line", async () => {
  await using nats = await NatsServer.start();
  const at = ["--nats", `nats://${nats.address}`];
  const isLine = ([, text]: Answer) =>
    text.endsWith("\n") && text.indexOf("\n") === text.length - 1;
  const cases: [status: number, words: RegExp, args: string[]][] = [
    [1, /^This NATS has no nodes that begin with 'jim'; see --nats-prefix/, ["block", "x", ...at]],
    [1, /^Cannot connect to NATS at 127\.0\.0\.1:1: /, [
      "block",
      "x",
      "--nats",
      "nats://127.0.0.1:1",
    ]],
    [2, /^--nats URL is needed, or --config FILE with nats in it/, ["block", "x"]],
    [2, /^--nats must be nats:\/\//, ["block", "x", "--nats", "http://x"]],
    [2, /^Unknown flag '--frob'; see deno task cluster-users --help/, ["block", "x", "--frob"]],
    [2, /^--reason goes with block/, ["unblock", "x", "--reason", "y", ...at]],
    [2, /^list reads the database of a node: deno task users list --db FILE/, ["list", ...at]],
    [2, /^rooms show reads the database of a node: /, ["rooms", "show", "#x", ...at]],
    [2, /^COMMAND must be one of add, password, block, /, ["frob", ...at]],
  ];
  const answers = await Promise.all(cases.map(([, , args]) => task(args)));
  for (const [n, answer] of answers.entries()) {
    const [status, words, args] = cases[n]!;
    assertEquals(answer[0], status, `${args}: ${answer[1]}`);
    assertMatch(answer[1], words);
    assert(isLine(answer), answer[1]);
  }
  {
    await using _node = await natsNode([nats.address]); // makes the log
    const bad = await task(["block", "a b", ...at]);
    assertEquals(bad[0], 2);
    assertMatch(bad[1], /^NAME must be /);
    const prefix = await task(["block", "x", ...at, "--nats-prefix", "other"]);
    assertMatch(prefix[1], /^This NATS has no nodes that begin with 'other'/);
  }
});
