/**
 * The benchmark as a process, with its load generator in C. What it measures is not looked at: only that nothing
 * was lost, and that it says so when something cannot be measured.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";

import { Benchmark } from "../../bench/benchmark.ts";
import { Generator } from "../../bench/generator.ts";
import { ATTACKS } from "../../bench/hostile/attacks.ts";
import { KEPT, UNKEPT } from "../../bench/kept/contestants.ts";
import { PROSODY, PROSODY_SQLITE } from "../../bench/kept/prosody.ts";
import { INSPIRCD, INSPIRCD_ECHOING } from "../../bench/peers.ts";
import { Processes } from "../../bench/processes.ts";
import type { RateResult, Results } from "../../bench/results.ts";
import { LineClient } from "../../bench/line_client.ts";
import { ECHOING_3, LINKED_3 } from "../../bench/nodes/linked_inspircd.ts";
import type { KeptLoad, KeptScenario } from "../../bench/scenarios.ts";
import { JIM, ROOT, type Server } from "../../bench/servers.ts";
import { HAPROXY, TLS } from "../../bench/tls/tls_servers.ts";
import { StartError } from "../../common/errors.ts";
import { serverRun } from "../../common/server_run.ts";
import { assertFails, bench } from "../bench/support/bench.ts";

Deno.test("a short run starts the servers, loses nothing and leaves a report", async () => {
  const path = await Deno.makeTempFile();
  try {
    const run = ["--scenario", "50x32,fanout", "--seconds", "0.05", "--rounds", "1"];
    const { code, stdout, stderr } = await bench(...run, "--json", path);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /\nthis server +\d+/);
    assertMatch(stdout, /\nbare Deno relay +\d+/);
    const { scenarios }: Results = JSON.parse(await Deno.readTextFile(path));
    assertEquals(
      scenarios.map((
        { name, results },
      ) => [name, results.map((r) => "server" in r ? r.server : "")]),
      [
        ["50x32", ["jim", "relay", "answering"]],
        ["fanout", ["jim"]],
      ],
    );
    const again = await bench("--from", path);
    assertEquals(again.stdout, stdout);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("servers with other flags are measured in turn with ours, under each load", async () => {
  const path = await Deno.makeTempFile();
  try {
    const run = ["--scenario", "metrics", "--seconds", "0.05", "--rounds", "1"];
    const { code, stdout, stderr } = await bench(...run, "--json", path);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /\n +one that is asked for metrics +\d+/);
    const { scenarios }: Results = JSON.parse(await Deno.readTextFile(path));
    const rows = scenarios.flatMap(({ kind, results }) => kind === "variants" ? results : []);
    assertEquals(
      rows.map(({ server, condition }) => `${server} ${condition}`),
      ["50x1", "50x32", "1000x1"].flatMap((load) =>
        ["jim", "control", "metered"].map((id) => `${id} ${load}`)
      ),
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("one reader stalls, one connection floods, and neither counts as load", async () => {
  const path = await Deno.makeTempFile();
  try {
    const run = ["--scenario", "stalled,flood", "--seconds", "0.05", "--rounds", "1"];
    const { code, stderr } = await bench(...run, "--json", path);
    assertEquals(code, 0, stderr);
    const { scenarios }: Results = JSON.parse(await Deno.readTextFile(path));
    const rows = scenarios.flatMap(({ kind, results }) => kind === "contrast" ? results : []);
    assertEquals(rows.map(({ server, condition }) => [server, condition]), [
      ["jim", "no stalled reader"],
      ["jim", "one stalled reader"],
      ["jim", "--rate 50, no flood"],
      ["jim", "--rate 50, one flood"],
      ["jim", "--rate 0, no flood"],
      ["jim", "--rate 0, one flood"],
    ]);
    const samples = rows.map(({ rounds }) => rounds[0]!);
    const flooded = samples.map((sample) => sample.flooded);
    assertEquals(flooded.filter((_, index) => index % 2 === 0), [0, 0, 0]);
    assert(flooded[5]! > 10 * flooded[3]!, `the rate limits nothing: ${flooded}`);
    // 500 connections send ten a second for 0.05 s, and catch up if the machine was busy.
    for (const { count } of samples.slice(2)) assert(count > 0 && count < 5_000, `${count} probes`);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("users go on while the server is attacked in each way that there is", async () => {
  const path = await Deno.makeTempFile();
  try {
    const run = ["--scenario", "hostile", "--seconds", "0.1"];
    const { code, stderr } = await bench(...run, "--json", path);
    assertEquals(code, 0, stderr);
    const { scenarios: [scenario] }: Results = JSON.parse(await Deno.readTextFile(path));
    assert(scenario?.kind === "hostile");
    assertEquals(scenario.results.map(({ name }) => name), ATTACKS.map(({ name }) => name));
    for (const { name, quiet, attacked, achieved } of scenario.results) {
      assert(Object.values(achieved).some((count) => count > 0), `${name} did nothing`);
      for (const { messages, lost, dropped } of [quiet, attacked]) {
        assert(messages.tried > 0, name);
        assertEquals([messages.done, lost, dropped], [messages.tried, 0, 0], name);
      }
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("beside one address that asks for all it can users go on, and who takes lists gets few frames", async () => {
  const path = await Deno.makeTempFile();
  try {
    const { code, stderr } = await bench(
      ...["--scenario", "work", "--seconds", "0.1", "--json", path],
    );
    assertEquals(code, 0, stderr);
    const { scenarios: [scenario] }: Results = JSON.parse(await Deno.readTextFile(path));
    assert(scenario?.kind === "work");
    const [{ quiet, attacked, achieved } = assertNever()] = scenario.results;
    assertEquals(achieved.connections, 900);
    for (const { messages, lost, dropped } of [quiet, attacked]) {
      assert(messages.tried > 0);
      assertEquals([messages.done, lost, dropped], [messages.tried, 0, 0]);
    }
    const [plain = assertNever(), lists = assertNever()] = scenario.entrances;
    assertEquals([plain.told, plain.frames], ["one by one", 1_000]);
    assert(lists.told === "as lists" && lists.frames < 100, `${lists.frames} frames`);
    assert(lists.bytes < plain.bytes / 2, `${lists.bytes} of ${plain.bytes} bytes`);
  } finally {
    await Deno.remove(path);
  }
});

function assertNever(): never {
  throw new Error("nothing was measured");
}

Deno.test("ours is measured in turn with itself at another commit, and that commit is gone afterwards", async () => {
  const path = await Deno.makeTempFile();
  const worktrees = async (): Promise<string[]> => {
    const args = ["worktree", "list", "--porcelain"];
    const { stdout } = await new Deno.Command("git", { args, cwd: ROOT }).output();
    return new TextDecoder().decode(stdout).match(/^worktree .*\/before$/gm) ?? [];
  };
  try {
    const before = await worktrees();
    const run = ["--scenario", "50x1,memory", "--seconds", "0.05", "--rounds", "2"];
    const { code, stdout, stderr } = await bench(...run, "--against", "HEAD", "--json", path);
    assertEquals(code, 0, stderr);
    const { conditions, scenarios }: Results = JSON.parse(await Deno.readTextFile(path));
    const [pairs, memory] = scenarios;
    assert(pairs?.kind === "rate" && memory?.kind === "memory");
    assertEquals(pairs.results.map(({ server, rounds }) => [server, rounds.length]), [
      ["jim-before", 2],
      ["jim", 2],
    ]);
    assertEquals(memory.results.map(({ server }) => server), [
      ...["jim-before", "jim-before", "jim-before", "jim", "jim", "jim"],
    ]);
    assertStringIncludes(stdout, `this server, at ${conditions.against}`);
    assertEquals(await worktrees(), before);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("over TLS, the server's own and a proxy's, nothing is lost, and every login is a handshake", async () => {
  const loads: readonly KeptLoad[] = [
    { title: "pairs", inFlight: 12, options: { pairs: 3, window: 4 } },
    // A burst of more than a record, and more than a socket takes at once.
    { title: "burst", inFlight: 4_096, options: { pairs: 1, window: 4_096, size: 400 } },
    { title: "room", load: "fanout", inFlight: 1, options: { members: 20 } },
    { title: "logins", load: "login", inFlight: 0, options: { concurrency: 4 } },
  ];
  const results = await run({ ...KEPT_BRIEFLY, loads }, [JIM, TLS, HAPROXY]);
  assertEquals(
    results.map(({ condition, server, rounds }) => [condition, server, rounds.length]),
    loads.flatMap(({ title }) => [[title, "jim", 2], [title, "tls", 2], [title, "haproxy", 2]]),
  );
  for (const { condition, server, rounds } of results) {
    for (const { count } of rounds) assert(count > 0, `${server} ${condition}`);
  }
});

/** Our server with flags of its own. */
function serverWith(...flags: string[]): string[] {
  const command = "deno run --allow-net --allow-read --allow-write server.ts";
  return ["--server", [command, ...flags].join(" ")];
}

const STALLED = ["--scenario", "stalled", "--seconds", "0.05", "--rounds", "1"];

Deno.test("a stalled reader that the server closes does not end the run", async () => {
  const { code, stderr } = await bench(...STALLED, ...serverWith("--write-timeout", "0.01"));
  assertEquals(code, 0, stderr);
});

Deno.test("a server that cannot be measured is one line and a status", async () => {
  const cases: [flags: string[], code: number, says: string][] = [
    [["--server", "no-such-server-of-ours"], 1, "Cannot find the program no-such-server-of-ours"],
    [["--server", "deno eval 1"], 1, "Cannot start this server"],
    [[...STALLED, ...serverWith("--max-queue", "1000000000")], 1, "yet the server took"],
  ];
  await Promise.all(cases.map((one) => assertFails(...one)));
});

/** InspIRCd: not every machine that tests has to have it. */
const HAS_INSPIRCD = exists("/usr/sbin/inspircd") || exists("/usr/bin/inspircd");

Deno.test({
  name:
    "linked InspIRCd carry what is said to users and rooms from one to the other, answered or not",
  ignore: !HAS_INSPIRCD,
  async fn() {
    const loads: readonly KeptLoad[] = [
      { title: "direct", load: "pairs", inFlight: 12, options: { pairs: 3, window: 4 } },
      { title: "room", load: "fanout", inFlight: 1, options: { members: 20 } },
    ];
    const results = await run({ ...KEPT_BRIEFLY, loads }, [LINKED_3, ECHOING_3]);
    assertEquals(
      results.map(({ condition, server, rounds }) => [condition, server, rounds.length]),
      loads.flatMap(({ title }) => [[title, "linked-3", 2], [title, "echoing-3", 2]]),
    );
    for (const { condition, server, rounds } of results) {
      for (const { count, answerP50Micros } of rounds) {
        assert(count > 0);
        assertEquals(answerP50Micros > 0, server === "echoing-3", `${server} ${condition}`);
      }
    }
  },
});

Deno.test({
  name: "InspIRCd acknowledges each message where its clients ask for it, and only there",
  ignore: !HAS_INSPIRCD,
  async fn() {
    const loads: readonly KeptLoad[] = [
      { title: "direct", load: "pairs", inFlight: 12, options: { pairs: 3, window: 4 } },
    ];
    const results = await run({ ...KEPT_BRIEFLY, loads }, [INSPIRCD, INSPIRCD_ECHOING]);
    assertEquals(
      results.map(({ server, rounds }) => [server, rounds.every((it) => it.answerP50Micros > 0)]),
      [["inspircd", false], ["inspircd-echo", true]],
    );
  },
});

Deno.test("all who log in at once are counted, on each of several servers", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await using processes = new Processes();
    const host = { processes, directory, command: serverRun("all") };
    const generator = await Generator.build(processes, directory);
    await using first = await JIM.start(host);
    await using second = await JIM.start(host);
    const both = { ...first, ports: [first.port, second.port], pids: [first.pid, second.pid] };
    const { count, perSecond, serverCpuSeconds } = await generator.run("storm", both, {
      count: 30,
    });
    assert(count === 30 && perSecond > 0 && serverCpuSeconds > 0);
    // Each has those whose turn it was.
    await using crowd = await generator.hold(both, { count: 30, settle: 0 });
    assertEquals(crowd.memory.count, 30);
    for (const [{ port }, name] of [[first, "i0"], [second, "i1"]] as const) {
      using guest = await LineClient.connect({ hostname: "127.0.0.1", port });
      const user = { account_name: name };
      assertEquals((await guest.ask({ event: "presence", user })).response, 409, name);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("pairs that two servers do not join are a failure, not a figure", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await using processes = new Processes();
    const host = { processes, directory, command: serverRun("all") };
    const generator = await Generator.build(processes, directory);
    await using first = await JIM.start(host);
    await using second = await JIM.start(host);
    const both = { ...first, ports: [first.port, second.port] };
    const options = { pairs: 2, warmup: 0, seconds: 0.05 };
    await assertRejects(() => generator.run("pairs", both, options), StartError, "404");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

/** Where messages are kept. The number of each is what the generator calls it. */
const PLACES = ["direct", "room"] as const;

/** The scenario `kept` with a load that a test can wait for, in both places. */
const KEPT_BRIEFLY: KeptScenario = {
  kind: "kept",
  name: "kept",
  title: "a few messages that are kept",
  loads: PLACES.map((title, rooms) => ({
    title,
    inFlight: 12,
    options: { pairs: 3, window: 4, rooms },
  })),
  takes: () => true,
};

/** Runs a scenario in this process. */
async function run(scenario: KeptScenario, servers: readonly Server[]): Promise<RateResult[]> {
  const directory = await Deno.makeTempDir();
  try {
    await using processes = new Processes();
    const host = { processes, directory, command: serverRun("all") };
    const generator = await Generator.build(processes, directory, { tls: true });
    const options = { seconds: 0.2, rounds: 2, onProgress: () => {} };
    const result = await new Benchmark(host, generator, options).run(scenario, servers);
    assert(result.kind === "kept");
    return result.results;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("kept messages are delivered and answered as kept, the others as not, twice under the same names", async () => {
  const results = await run(KEPT_BRIEFLY, [KEPT, UNKEPT]);
  assertEquals(
    results.map(({ condition, server, rounds }) => [condition, server, rounds.length]),
    PLACES.flatMap((place) => [[place, "kept", 2], [place, "unkept", 2]]),
  );
  for (const { rounds } of results) {
    for (const { count, answerP50Micros, answerP99Micros } of rounds) {
      assert(count > 0 && answerP50Micros > 0 && answerP99Micros >= answerP50Micros);
    }
  }
});

Deno.test("a server that keeps nothing does not pass for one that keeps, nor the other way round", async () => {
  for (const server of [KEPT, UNKEPT]) {
    const [claims, says] = server === KEPT ? [0, "was kept"] : [1, "was not kept"];
    const liar = { ...server, keeping: { ...server.keeping, kept: claims } };
    await assertRejects(() => run(KEPT_BRIEFLY, [liar]), StartError, says);
  }
});

/** Prosody, and what it needs for SQLite: not every machine that tests has to have them. */
const HAS_PROSODY = exists("/usr/bin/prosody");
const HAS_SQLITE = HAS_PROSODY && exists("/usr/share/lua/5.4/DBI.lua");

Deno.test({
  name: "Prosody keeps what is said to users and in rooms, and answers",
  ignore: !HAS_PROSODY,
  async fn() {
    const results = await run(KEPT_BRIEFLY, [PROSODY]);
    assertEquals(results.map(({ condition }) => condition), [...PLACES]);
    for (const { rounds } of results) assert(rounds.every((it) => it.answerP50Micros > 0));
  },
});

Deno.test({
  name: "Prosody with SQLite takes part where few messages are in flight",
  ignore: !HAS_SQLITE,
  async fn() {
    assertEquals((await run(KEPT_BRIEFLY, [PROSODY_SQLITE])).length, 2);
    assertEquals(await run(KEPT_BRIEFLY, [{ ...PROSODY_SQLITE, maxInFlight: 11 }]), []);
  },
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
