import { assert, assertEquals, assertMatch } from "@std/assert";

import { guest, soon } from "../support/node_group.ts";
import { Family, Launch } from "../support/launch.ts";
import { assertPrivateBelow } from "../support/modes_below.ts";
import { RawClient } from "../support/raw_client.ts";

/** A folder of the test's own. */
function temporary(): Disposable & { readonly path: string } {
  const path = Deno.makeTempDirSync({ prefix: "cluster" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Where to connect, by the line that says it. */
function placesIn(line: string): { hostname: string; port: number }[] {
  return line.replace("listening on ", "").split(",").map((place) => {
    const [hostname, port] = place.split(":");
    return { hostname: hostname!, port: Number(port) };
  });
}

const connect = (place: { hostname: string; port: number }): Promise<RawClient> =>
  RawClient.connect(place);

Deno.test("deno task cluster 2: two nodes are one server, and end together, also by kill -9", async () => {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    using data = temporary();
    using family = new Family();
    const made = `${data.path}/made/cluster`;
    const args = ["2", "--nats-servers", "1", "-p", "0", "--data", made];
    const launch = new Launch(family, args, {}, "cluster");
    const places = placesIn(await launch.line(/^listening on /));
    assertEquals(places.length, 2);
    using here = await guest({ connect: () => connect(places[0]!) }, "eve");
    using there = await guest({ connect: () => connect(places[1]!) }, "bob");
    const { response } = await here.ask({ event: "msg", to: "bob", message: "hi" });
    assertEquals([response, (await there.frame()).message], [200, "hi"]);
    assertPrivateBelow(data.path);
    Deno.kill(family.pid(/cluster\.ts/), signal);
    const { frames } = await here.ended();
    assertEquals(frames.at(-1)?.reason, "shutdown");
    await family.gone();
    if (signal === "SIGTERM") assertEquals(await launch.ended, 0);
    assertEquals([...Deno.readDirSync(made)].map(({ name }) => name).toSorted(), [
      "nats-1",
      "node-1",
      "node-2",
    ]);
  }
});

Deno.test("deno task launch 3 --nodes 2: the clients begin at different nodes, and chat", async () => {
  using data = temporary();
  using family = new Family();
  const made = ["--data", `${data.path}/made/launch`];
  const args = ["3", "--nodes", "2", "--mode", "inline", "-p", "0", "--", ...made];
  const launch = new Launch(family, args);
  await launch.line(/^server +\| listening on /);
  for (const user of ["user1", "user2", "user3"]) {
    await launch.line(new RegExp(`^${user} +\\| You are ${user}, online at `));
  }
  const nodes = ["user1", "user2", "user3"].map((user) =>
    launch.saidBy(user).find((line) => line.includes("online at"))!.split(" at ")[1]
  );
  assertEquals([nodes[0] === nodes[1], nodes[0] === nodes[2]], [false, true]);
  await launch.type("1 message user2 hello over there");
  assertMatch(await launch.line(/^user2 .*hello over there/), /user1: hello over there/);
  await launch.type("2 join #tea");
  await launch.line(/^user2 .*In #tea/);
  await launch.type("3 join #tea");
  await launch.line(/^user2 .*user3 joined #tea/);
  assertPrivateBelow(data.path);
  assertEquals(await launch.endInput(), 0);
  await family.gone();
});

Deno.test("deno task workers 2: processes share one port, and are one server", async () => {
  using data = temporary();
  using family = new Family();
  const made = `${data.path}/made/workers`;
  const args = ["2", "-p", "0", "--addr", "127.0.0.1", "--data", made];
  const launch = new Launch(family, args, {}, "workers");
  const [place, ...others] = placesIn(await launch.line(/^listening on /));
  assertEquals(others, []);
  const clients: RawClient[] = [];
  // The system deals them out by their ports.
  for (let index = 0; index < 40; index++) {
    clients.push(await guest({ connect: () => connect(place!) }, `worker-guest-${index}`));
  }
  for (const name of ["node-1", "node-2"]) await launch.line(new RegExp(`^${name} .* online `));
  for (const client of clients) {
    await soon(client, { event: "who" }, ({ total }) => total === clients.length);
  }
  for (const client of clients) client.close();
  assertPrivateBelow(data.path);
  Deno.kill(family.pid(/cluster\.ts/), "SIGINT");
  assertEquals(await launch.ended, 0);
  await family.gone();
});

Deno.test("deno task cluster: says how to go on, and the end of a NATS server once, without its peers' complaints", async () => {
  using data = temporary();
  using family = new Family();
  const launch = new Launch(family, ["1", "-p", "0", "--data", data.path], {}, "cluster");
  const place = (await launch.line(/^listening on /)).replace("listening on ", "");
  const nodes = await launch.line(/^deno task nodes /);
  const at = launch.lines.indexOf(nodes);
  assertEquals(launch.lines[at - 1], `deno task client ${place} -n NAME`);
  assertMatch(nodes, /^deno task nodes --nats (nats:\/\/127\.0\.0\.1:\d+,?){3}$/);
  Deno.kill(family.pid(/^nats-server .*--name nats-3 /), "SIGKILL");
  await launch.line(/^nats-3 .* ended with status 137$/);
  Deno.kill(family.pid(/cluster\.ts/), "SIGINT");
  assertEquals(await launch.ended, 0);
  assertEquals(launch.lines.filter((line) => /^(nats-|$)/.test(line)), [
    "nats-3  | ended with status 137",
  ]);
  await family.gone();
});

Deno.test("without nats-server, one line says how to install it", async () => {
  using data = temporary();
  for (const name of ["sh", "ps", "cat"]) {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${name}`] })
      .output();
    await Deno.symlink(new TextDecoder().decode(stdout).trim(), `${data.path}/${name}`);
  }
  const hint = "nats-server is not installed; Debian and Ubuntu: apt-get install nats-server";
  for (
    const [task, args] of [
      ["cluster", ["-p", "0", "--data", `${data.path}/c`]],
      ["workers", ["2", "-p", "0", "--data", `${data.path}/c`]],
      ["launch", ["2", "--nodes", "2", "--mode", "inline", "-p", "0"]],
    ] as const
  ) {
    using family = new Family();
    const launch = new Launch(family, args, { PATH: data.path }, task);
    assertEquals(await launch.ended, 1);
    const [first, ...others] = launch.lines;
    assert(first!.endsWith(hint), launch.lines.join("\n"));
    if (task !== "launch") assertEquals(others, []);
    await family.gone();
  }
});
