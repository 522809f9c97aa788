import { assertEquals, assertMatch } from "@std/assert";

import { parseCommand } from "../../../common/flags.ts";
import { parseConfig } from "../../../common/config/config_file.ts";
import { configText } from "../../../server/config/config_text.ts";
import type { ConfigSource } from "../../../common/config/at_place.ts";
import { withConfig } from "../../../common/config/with_config.ts";
import { SERVER_COMMAND, SERVER_CONFIG, SERVER_FLAGS } from "../../../server/flags.ts";

const NO_FILE: ConfigSource = { path: undefined, file: undefined };

function lineOf(text: string, name: string): string {
  const line = text.split("\n").find((line) => line.replace("# ", "").startsWith(`${name} `));
  return line?.replace(/ {2,}/, " ") ?? "";
}

Deno.test("each line has a value, its unit and where it is from", () => {
  const file = parseConfig("rate = 1\nmax-line = 100\nno-guests = true", "", SERVER_CONFIG);
  const command = parseCommand(SERVER_COMMAND, ["--rate", "2.5", "--db", 'my "x"\u202e.db']);
  const text = configText(SERVER_FLAGS, command, { path: "my.toml\x1b", file });
  assertEquals(
    ["max-line", "rate", "no-guests", "quiet", "db", "addr", "log-level", "grace"]
      .map((name) => lineOf(text, name)),
    [
      "max-line = 100 # BYTES, my.toml\\u{1b}:2",
      "rate = 2.5 # N, command line",
      "no-guests = true # my.toml\\u{1b}:3",
      "quiet = false # default",
      'db = "my \\"x\\"\\u202e.db" # command line',
      "# addr # not set",
      'log-level = "INFO" # default',
      "grace = 30 # SECONDS, default",
    ],
  );
  assertEquals(lineOf(text, "config") + lineOf(text, "print-config"), "");
});

Deno.test("what it prints is a file that gives the same", () => {
  const given = parseCommand(SERVER_COMMAND, [
    ...["--db", "a\\b\x7f\n#.db", "--no-guests", "--wait", "0.25", "--log-when", "w3"],
    ...["-a", "::1", "--tls-cert", "x".repeat(60)],
  ]);
  const text = configText(SERVER_FLAGS, given, NO_FILE);
  const file = parseConfig(text, "", SERVER_CONFIG);
  assertEquals(withConfig(parseCommand(SERVER_COMMAND, []), file), given.flags);
  const plain = configText(SERVER_FLAGS, parseCommand(SERVER_COMMAND, []), NO_FILE);
  for (const line of plain.split("\n")) {
    assertMatch(line, /^(?:# )?[a-z-]+ .*# .*(default|not set)$/);
  }
});

Deno.test("a password in a value is not printed", () => {
  const command = parseCommand(SERVER_COMMAND, ["--nats", "nats://jim:s3cret@a"]);
  const text = configText(SERVER_FLAGS, command, NO_FILE);
  assertEquals(lineOf(text, "nats"), 'nats = "nats://***@a" # command line');
});
