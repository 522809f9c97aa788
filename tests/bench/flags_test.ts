import { assertEquals } from "@std/assert";

import { BENCH_COMMAND } from "../../bench/flags.ts";
import { SCENARIOS } from "../../bench/scenarios.ts";
import { helpText, parseCommand } from "../../common/flags.ts";
import config from "../../deno.json" with { type: "json" };

Deno.test("the benchmark starts the server as the task does", () => {
  assertEquals(parseCommand(BENCH_COMMAND, []).flags.server, config.tasks.server);
});

Deno.test("the benchmark's help names every scenario", () => {
  const names = SCENARIOS.map(({ name }) => name).join(", ");
  assertEquals(helpText(BENCH_COMMAND).includes(`with commas between: ${names}\n`), true);
});
