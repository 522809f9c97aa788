import { assertEquals } from "@std/assert";

import { BENCH_COMMAND } from "../../bench/flags.ts";
import { SCENARIOS } from "../../bench/scenarios.ts";
import { helpText, parseCommand } from "../../common/flags.ts";
import { serverRun } from "../../common/server_run.ts";

Deno.test("the benchmark starts the server as the task does, and lets it use the benchmark's files", () => {
  assertEquals(parseCommand(BENCH_COMMAND, []).flags.server, serverRun("all").join(" "));
});

Deno.test("the benchmark's help names every scenario", () => {
  const names = SCENARIOS.map(({ name }) => name).join(", ");
  assertEquals(helpText(BENCH_COMMAND).includes(`with commas between: ${names}\n`), true);
});
