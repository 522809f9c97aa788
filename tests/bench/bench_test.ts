import { assertFails } from "./support/bench.ts";

// What needs the load generator, and so a compiler, is in tests/interop/bench_test.ts.
Deno.test("a wrong command line is one line and a status", async () => {
  await assertFails(["--scenario", "60x1"], 2, "--scenario must name some of 50x1, 50x32");
  await assertFails(["--rounds", "0"], 2, "--rounds must be");
  await assertFails(["--from", "/nowhere"], 1, "Cannot read /nowhere");
});
