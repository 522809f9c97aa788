import { assertEquals } from "@std/assert";

import { parseCommand } from "../../../common/flags.ts";
import { parseConfig } from "../../../common/config/config_file.ts";
import { withConfig } from "../../../common/config/with_config.ts";
import { SERVER_COMMAND, SERVER_CONFIG, settingsOf } from "../../../server/flags.ts";

function merged(file: string, ...args: string[]): ReturnType<typeof settingsOf> {
  const command = parseCommand(SERVER_COMMAND, args);
  return settingsOf(withConfig(command, parseConfig(file, "jim.toml", SERVER_CONFIG)));
}

Deno.test("flags win over the file, the file over defaults", () => {
  const { maxLine, maxMessage, maxQueue } = merged(
    "max-line = 100\nmax-message = 200",
    "--max-line=300",
  );
  assertEquals([maxLine, maxMessage, maxQueue], [300, 200, 1_048_576]);
  assertEquals(merged("rate = 1", "--rate", "50").rate, 50);
});

Deno.test("a switch in the file is on if it is true", () => {
  assertEquals(merged("no-guests = true").guests, false);
  assertEquals(merged("no-guests = false").guests, true);
  assertEquals(merged("no-guests = false", "--no-guests").guests, false);
});
