/**
 * The true source of CPython 3.13, run by the machine's python3, whatever its version.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
// Brings the package that carries CPython 3.13's standard library, at this very version.
import pyodide from "npm:pyodide@0.29.5/pyodide-lock.json" with { type: "json" };

import type { CPythonResult } from "../logs/support/compare_rotation.ts";
import { jsonLines } from "../logs/support/json_lines.ts";
import type { RotationCase } from "../logs/support/rotation.ts";

const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe", // half an hour of daylight saving time
  "Asia/Kathmandu", // UTC+5:45, no daylight saving time
  "Pacific/Apia", // no 30 December 2011
  "Europe/Dublin", // "daylight saving" in winter
  "America/Sao_Paulo", // its clocks changed at midnight
  "Antarctica/Troll", // two hours
  "Africa/Windhoek", // "daylight saving" in winter, up to 2017
  "Europe/Jersey", // without a name in English
];
const COMPUTATIONS = 20; // of 20 instants each
const RUNS = 25;

/** The version of the library. */
export const CPYTHON_VERSION: string = pyodide.info.python;

/** Random cases, the same ones each time, in all zones. */
export async function randomCases(): Promise<RotationCase[]> {
  const script = import.meta.resolve("./rotation_cases.ts");
  const cases: RotationCase[] = [];
  for (const [i, zone] of ZONES.entries()) {
    const args = ["run", "--quiet", "-A", script, ...[i + 1, COMPUTATIONS, RUNS].map(String)];
    cases.push(...await jsonLines(Deno.execPath(), { args, env: { TZ: zone } }));
  }
  assertEquals(cases.length, ZONES.length * (COMPUTATIONS + RUNS));
  return cases;
}

/** What CPython does in each case. */
export async function askCPython(cases: readonly RotationCase[]): Promise<CPythonResult[]> {
  const library = new URL(import.meta.resolve("npm:pyodide@0.29.5/python_stdlib.zip"));
  const script = new URL("cpython_rotation.py", import.meta.url);
  return await jsonLines("python3", { args: [script.pathname, library.pathname], input: cases });
}
