// Rotation is compared with CPython's, live; the task `test` compares it with what record_cpython.ts recorded.
import { compareRotation } from "../logs/support/compare_rotation.ts";
import { askCPython, CPYTHON_VERSION, randomCases } from "./cpython.ts";

Deno.test(`rotation equals that of CPython ${CPYTHON_VERSION}`, async (t) => {
  const cases = await randomCases();
  await compareRotation(t, cases, await askCPython(cases));
});
