import { assert, assertEquals } from "@std/assert";

import { jsonLines } from "./json_lines.ts";
import type { RotationCase, RunCase } from "./rotation.ts";

/** How many comparisons there must be: in 10 zones 20 computations of 20 instants, and 25 runs. */
const INSTANTS = 10 * 20 * 20;
const RUNS = 10 * 25;

const SECONDS: Record<string, number> = { S: 1, M: 60, H: 3600, D: 86_400, MIDNIGHT: 86_400 };

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

/** Whether the clock is set back by more than an interval in one or more steps. */
function isSetBack({ when, interval, records }: RunCase): boolean {
  const seconds = (SECONDS[when.toUpperCase()] ?? 7 * 86_400) * interval;
  let latest = -Infinity;
  return records.some(([now]) => {
    latest = Math.max(latest, now);
    return now < latest - seconds;
  });
}

/** Whether intervals are all of one length, in local time, and other names come of it. */
function isNamedAnew({ when, utc }: RunCase, ours: object, theirs: object): boolean {
  const names = (files: object): string => Object.keys(files).sort().join();
  return /^[SMHD]$/i.test(when) && !utc && names(ours) !== names(theirs);
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
    let renamed = 0;
    let setBack = 0;
    for (const [index, asked] of cases.entries()) {
      if (asked.kind !== "run") continue;
      const result = theirs[index] as Exclude<CPythonResult, number[]>;
      if (result.stopped > 0) {
        // CPython stops rotating where a name is taken. Here it goes on: see the handler's tests.
        stopped++;
        continue;
      }
      if (isSetBack(asked)) {
        // CPython waits until the clock is again where it was. Here it plans anew: see the handler's tests.
        setBack++;
        continue;
      }
      const files = got[index] as Record<string, string>;
      if (isNamedAnew(asked, files, result.files)) {
        // Across a change of the clocks CPython is an hour off: see the tests of labels. The files are the same.
        assertEquals(Object.values(files).sort(), Object.values(result.files).sort());
        renamed++;
        continue;
      }
      assertEquals(files, result.files, JSON.stringify(asked));
      compared++;
    }
    assertEquals(compared + stopped + renamed + setBack, RUNS);
    const others = `${stopped} stopped, ${renamed} renamed, ${setBack} set back`;
    assert(stopped * 5 < compared, `only ${compared} runs are comparable: ${others}`);
    assert((renamed + setBack) * 10 < compared, `only ${compared} runs are comparable: ${others}`);
  });
}
