import { assertEquals } from "@std/assert";

import { LevelCounts } from "../../../logs/handlers/level_counts.ts";
import { setupLogging } from "../../../logs/handlers/setup.ts";
import { DEFAULT_LOG_SETTINGS } from "../../../logs/handlers/settings.ts";

Deno.test("records of a program and of its parts are counted by level, those below its level not", async () => {
  const levels = new LevelCounts();
  const settings = { ...DEFAULT_LOG_SETTINGS, file: false, level: "INFO", console: "OFF" } as const;
  await using logging = await setupLogging("server", settings);
  const child = logging.child("session");
  logging.add(levels);
  logging.logger.info("one");
  child.info("two");
  child.debug("nothing");
  child.error("three");
  assertEquals([...levels.counts], [
    ...[["DEBUG", 0], ["INFO", 2], ["WARN", 0], ["ERROR", 1], ["CRITICAL", 0]] as const,
  ]);
});
