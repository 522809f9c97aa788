import { assert, assertEquals } from "@std/assert";

import { jsonLines } from "./json_lines.ts";
import type { RotationCase } from "./rotation.ts";

/** How many comparisons there must be: in 10 zones 20 computations of 20 instants, and 25 runs. */
const INSTANTS = 10 * 20 * 20;
const RUNS = 10 * 25;

/** What CPython does in a case: rollovers; or files, and how often it could not rotate since the name was taken. */
export type CPythonResult = number[] | { files: Record<string, string>; stopped: number };

/** What this project's handler does in each case: a process for each time zone, two at a time. */
async function ours(cases: readonly RotationCase[]): Promise<unknown[]> {
  const script = import.meta.resolve("./rotation.ts");
  const byZone = [...Map.groupBy(cases.keys(), (i) => cases[i]!.zone)];
  const results: unknown[] = [];
  const run = async ([zone, indices]: [string, number[]]): Promise<void> => {
    const lines = await jsonLines(Deno.execPath(), {
      args: ["run", "--quiet", "-A", script],
      env: { TZ: zone },
      input: indices.map((i) => cases[i]),
    });
    assertEquals(lines.length, indices.length);
    for (const [k, i] of indices.entries()) results[i] = lines[k];
  };
  for (let i = 0; i < byZone.length; i += 2) await Promise.all(byZone.slice(i, i + 2).map(run));
  return results;
}

/** Compares rotation with what CPython does in the same cases. */
export async function compareRotation(
  t: Deno.TestContext,
  cases: readonly RotationCase[],
  theirs: readonly CPythonResult[],
): Promise<void> {
  const got = await ours(cases);
  assertEquals(theirs.length, cases.length);

  await t.step("computeRollover", () => {
    let compared = 0;
    for (const [index, asked] of cases.entries()) {
      if (asked.kind !== "compute") continue;
      for (const [i, instant] of asked.instants.entries()) {
        const { zone, when, interval, utc, atTime } = asked;
        const about = JSON.stringify({ zone, when, interval, utc, atTime, instant });
        assertEquals((got[index] as number[])[i], (theirs[index] as number[])[i], about);
        compared++;
      }
    }
    assertEquals(compared, INSTANTS);
  });

  await t.step("names and contents of files", () => {
    let compared = 0;
    let stopped = 0;
    for (const [index, asked] of cases.entries()) {
      if (asked.kind !== "run") continue;
      const result = theirs[index] as Exclude<CPythonResult, number[]>;
      if (result.stopped > 0) {
        // CPython stops rotating where a name is taken. Here it goes on: see the handler's tests.
        stopped++;
        continue;
      }
      assertEquals(got[index], result.files, JSON.stringify(asked));
      compared++;
    }
    assertEquals(compared + stopped, RUNS);
    assert(stopped * 5 < compared, `only ${compared} of ${compared + stopped} runs are comparable`);
  });
}
