import { assertEquals } from "@std/assert";

import { type CommandSpec, parseCommand } from "../../../common/flags.ts";
import { LOG_FLAGS, logSettingsOf } from "../../../logs/handlers/flags.ts";
import { DEFAULT_LOG_SETTINGS, type LogSettings } from "../../../logs/handlers/settings.ts";

Deno.test("the flags of logging become its settings", () => {
  const command: CommandSpec<typeof LOG_FLAGS> = {
    name: "test",
    usage: "",
    about: "A test.",
    flags: LOG_FLAGS,
    maxPositional: 0,
  };
  const parse = (...args: string[]): LogSettings =>
    logSettingsOf(parseCommand(command, args).flags);
  assertEquals(parse(), DEFAULT_LOG_SETTINGS);
  assertEquals(
    parse(
      ..."--log-level DEBUG --log-dir d --log-when W0 --log-interval 2 --log-backups 0".split(" "),
      ..."--log-utc --log-format json --no-log-file".split(" "),
      ..."--console-level OFF --quiet --log-max-size 64".split(" "),
    ),
    {
      level: "DEBUG",
      dir: "d",
      when: "W0",
      interval: 2,
      backups: 0,
      maxSize: 64,
      utc: true,
      format: "json",
      file: false,
      console: "OFF",
      quiet: true,
    },
  );
});
