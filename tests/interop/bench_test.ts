/**
 * The benchmark as a process, with its load generator in C. What it measures is not looked at: only that nothing
 * was lost, and that it says so when something cannot be measured.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";

import { ATTACKS } from "../../bench/hostile/attacks.ts";
import type { Results } from "../../bench/results.ts";
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
