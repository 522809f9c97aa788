// Records what CPython does in random cases of rotation, for tests/logs/cpython_comparison_test.ts.
//
// Usage: deno run --lock=tests/deno.lock --allow-all tests/interop/record_cpython.ts
import { askCPython, CPYTHON_VERSION, randomCases } from "./cpython.ts";

if (import.meta.main) {
  const cases = await randomCases();
  const results = await askCPython(cases);
  const lines = [
    { cpython: CPYTHON_VERSION },
    ...cases.map((asked, i) => ({ asked, result: results[i] })),
  ];
  await Deno.writeTextFile(
    new URL("../logs/support/cpython_rotation.jsonl", import.meta.url),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
}
