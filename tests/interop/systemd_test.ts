// The unit, seen by systemd's own tool.
import { assert, assertEquals } from "@std/assert";

import { runProgram } from "../support/run_program.ts";

const UNIT = new URL("../../ops/jim.service", import.meta.url);

/** In tenths of the points of `systemd-analyze security`, of which ten are the worst. */
const MAX_EXPOSURE = 20;

/** Runs a test with the unit as it is on a machine where its program is installed. */
async function withUnit(run: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-unit-" });
  try {
    const text = await Deno.readTextFile(UNIT);
    await Deno.writeTextFile(
      `${dir}/jim.service`,
      text.replaceAll("/usr/local/bin/deno", Deno.execPath()),
    );
    await run(`${dir}/jim.service`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("systemd finds nothing wrong with the unit", () =>
  withUnit(async (path) => {
    const { code, stdout, stderr } = await runProgram("systemd-analyze", ["verify", path]);
    assertEquals([code, stdout + stderr], [0, ""]);
  }));

Deno.test("the unit's exposure is 2.0 at most", () =>
  withUnit(async (path) => {
    const args = ["security", "--offline=true", "--no-pager", `--threshold=${MAX_EXPOSURE}`, path];
    const { code, stdout, stderr } = await runProgram("systemd-analyze", args);
    assertEquals(code, 0, stdout + stderr);
    assert(stdout.includes("Overall exposure level for jim.service"), stdout);
  }));
