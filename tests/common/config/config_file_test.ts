import { assertEquals, assertMatch, assertThrows } from "@std/assert";

import { UsageError } from "../../../common/errors.ts";
import { parseConfig, readConfigFile } from "../../../common/config/config_file.ts";
import { SERVER_CONFIG } from "../../../server/flags.ts";

function wrong(text: string, message: string): void {
  const error = assertThrows(() => parseConfig(text, "jim.toml", SERVER_CONFIG), UsageError);
  assertEquals(error.message, message);
}

Deno.test("a file has flags' names as keys, values of their kinds, and lines", () => {
  const text = `# The server at home
addr = "::1"   # not for others
"port" = 7_000

rate = 2.5
log-level = "debug"
no-guests = true
quiet = false
db = '''
here.db'''
takeover = 1
`;
  assertEquals([...parseConfig(text, "jim.toml", SERVER_CONFIG)], [
    ["addr", { value: "::1", line: 2 }],
    ["port", { value: 7_000, line: 3 }],
    ["rate", { value: 2.5, line: 5 }],
    ["log-level", { value: "DEBUG", line: 6 }],
    ["no-guests", { value: true, line: 7 }],
    ["quiet", { value: false, line: 8 }],
    ["db", { value: "here.db", line: 9 }],
    ["takeover", { value: 1, line: 11 }],
  ]);
  assertEquals(parseConfig("", "jim.toml", SERVER_CONFIG).size, 0);
  assertEquals(parseConfig("rate = 1\r\nport = 2\r\n", "", SERVER_CONFIG).get("port")?.line, 2);
});

Deno.test("an unknown key is named with its line and what may have been meant", () => {
  wrong("\nmax-lime = 1", "jim.toml:2: unknown key 'max-lime', did you mean 'max-line'?");
  wrong("PORT = 1", "jim.toml:1: unknown key 'PORT', did you mean 'port'?");
  wrong("Guests = false", "jim.toml:1: unknown key 'Guests', did you mean 'no-guests'?");
  wrong("max_line = 1", "jim.toml:1: unknown key 'max_line', did you mean 'max-line'?");
  wrong("tls.cert = ''", "jim.toml:1: unknown key 'tls.cert', did you mean 'tls-cert'?");
  wrong("guests = false", "jim.toml:1: unknown key 'guests', did you mean 'no-guests'?");
  wrong("zzzzzz = 1", "jim.toml:1: unknown key 'zzzzzz'; see deno task server --help");
  wrong("__proto__ = 1", "jim.toml:1: unknown key '__proto__'; see deno task server --help");
  wrong('"\\u001b[2J" = 1', "jim.toml:1: unknown key '\\u{1b}[2J'; see deno task server --help");
  wrong("config = 'x'", "jim.toml:1: config is for the command line only");
  wrong("rate = 1\n[server]", "jim.toml:2: keys must stand at the top level, not in a table");
  wrong("[[port]]", "jim.toml:1: keys must stand at the top level, not in a table");
});

Deno.test("a wrong value is quoted with its line and what is allowed", () => {
  wrong(
    "rate = 1\nport = 65536",
    "jim.toml:2: port must be a whole number from 0 to 65535, received '65536'",
  );
  const range = "jim.toml:1: port must be a whole number from 0 to 65535, received";
  wrong("port = '80'", `${range} ''80''`);
  wrong("port = true", `${range} 'true'`);
  wrong("port = [80]", `${range} '[80]'`);
  wrong("port = nan", `${range} 'nan'`);
  wrong("port = 1_00000", `${range} '1_00000'`);
  wrong("port = 99999999999999999999", `${range} '99999999999999999999'`);
  wrong("port = 1979-05-27", `${range} '1979-05-27'`);
  wrong("no-guests = 1", "jim.toml:1: no-guests must be true or false, received '1'");
  wrong("addr = 0", "jim.toml:1: addr must be ADDRESS in quotes, received '0'");
  wrong("addr = 127", "jim.toml:1: addr must be ADDRESS in quotes, received '127'");
  wrong('db = "\\u0000"', `jim.toml:1: db must be PATH in quotes, received '"\\u0000"'`);
  wrong("db = ''", "jim.toml:1: db needs a value: PATH");
  wrong(
    "log-format = true",
    "jim.toml:1: log-format must be one of text, json, received 'true'",
  );
});

Deno.test("what is no TOML is named with its line and column", () => {
  wrong("rate = 1\nport = 1 2", "jim.toml:2:10: must be a newline");
  wrong("db = 'x", "jim.toml:1:8: unterminated string constant");
  wrong("port = 1\nport = 2", "jim.toml:2:1: defining a key multiple times is invalid");
  wrong("\x1b[2J = 1", "jim.toml:1:1: unexpected character");
  wrong(
    "port = 1 #\x07",
    "jim.toml:1:11: control characters (codes < 0x1f and 0x7f) are not allowed",
  );
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const { message } = assertThrows(
    () => parseConfig(`port = ${deep}`, "jim.toml", SERVER_CONFIG),
    UsageError,
  );
  assertMatch(message, /^--config: cannot parse jim\.toml: .+$/);
});

Deno.test("a file that cannot be read is named with the reason", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const read = (path: string): string =>
      assertThrows(() => readConfigFile(path, SERVER_CONFIG), UsageError).message;
    const missing = `${dir}/no.toml`;
    assertEquals(read(missing), `--config: cannot read ${missing}: there is no such file`);
    assertEquals(read(dir), `--config: cannot read ${dir}: it is a directory`);
    const path = `${dir}/jim.toml`;
    await Deno.writeTextFile(path, "#".repeat(1_048_577));
    assertEquals(read(path), `--config: ${path} must be a text of at most 1 MiB`);
    await Deno.writeTextFile(path, "#".repeat(1_048_576));
    assertEquals(readConfigFile(path, SERVER_CONFIG).size, 0);
    await Deno.writeFile(path, new Uint8Array([0x23, 0xff]));
    assertEquals(read(path), `--config: ${path} must be a text in UTF-8`);
    await Deno.writeTextFile(path, "\ufeffport = 1\n");
    assertEquals(readConfigFile(path, SERVER_CONFIG).get("port"), { value: 1, line: 1 });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
