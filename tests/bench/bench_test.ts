import { assertFails } from "./support/bench.ts";

// What needs the load generator, and so a compiler, is in tests/interop/bench_test.ts.
Deno.test("a wrong command line is one line and a status", async () => {
  await assertFails(["--scenario", "60x1"], 2, "--scenario must name some of 50x1, 50x32");
  await assertFails(["--rounds", "0"], 2, "--rounds must be");
  await assertFails(["--against", "HEAD", "--peers"], 2, "--against and --peers exclude");
  await assertFails(["--against", "HEAD", "--scenario", "work"], 2, "cannot compare");
  await assertFails(["--against", "no-such"], 1, "--against must name a commit");
  await assertFails(["--from", "/nowhere"], 1, "Cannot read /nowhere");
});
