import { assertEquals } from "@std/assert";

import { parameterNames } from "../../../logs/calls/parameter_names.ts";

Deno.test("parameterNames reads sources of all kinds", () => {
  const names = (fn: CallableFunction): unknown =>
    parameterNames(fn)?.map(({ name, isRest }) => `${isRest ? "..." : ""}${name}`);
  const made = (source: string): CallableFunction =>
    // The formatter would change them.
    new Function(`return ${source}`)();
  for (
    const [source, expected] of [
      ["() => 1", []],
      ["a => a", ["a"]],
      ["async  a$ => a$", ["a$"]],
      ["(a, b = ')', c = `${','}`, d = [1, (2)]) => a", ["a", "b", "c", "d"]],
      ["function (/* x, y */ a, // z\n b,) {}", ["a", "b"]],
      ["async function* name(a, ...rest) {}", ["a", "...rest"]],
      ["({ ['m(']({ a, b }, [c] = [], d = { e: 1, f: 'x,y' }) {} })['m(']", [
        "undefined",
        "undefined",
        "d",
      ]],
      ["Math.max", undefined],
      ["((a) => a).bind(null)", undefined],
    ] as const
  ) {
    assertEquals(names(made(source)), expected as unknown, source);
  }
});
