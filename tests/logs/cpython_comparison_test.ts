// Rotation is compared with that of CPython 3.13, recorded by tests/interop/record_cpython.ts.
import { compareRotation } from "./support/compare_rotation.ts";

const RECORD = new URL("./support/cpython_rotation.jsonl", import.meta.url);

const [about, ...cases] = (await Deno.readTextFile(RECORD)).trimEnd().split("\n")
  .map((line) => JSON.parse(line));

Deno.test(`rotation equals that of CPython ${about.cpython}`, async (t) => {
  await compareRotation(t, cases.map(({ asked }) => asked), cases.map(({ result }) => result));
});
