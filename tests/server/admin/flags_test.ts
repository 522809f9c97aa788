import { assertEquals, assertThrows } from "@std/assert";

import { UsageError } from "../../../common/errors.ts";
import { helpText, parseCommand } from "../../../common/flags.ts";
import { ADMIN_COMMANDS } from "../../../server/admin/commands.ts";
import { USERS_COMMAND } from "../../../server/admin/flags.ts";
import { SERVER_FLAGS } from "../../../server/flags.ts";

Deno.test("users looks where the server looks unless it is told otherwise", () => {
  const parse = (...args: string[]): ReturnType<typeof parseCommand<typeof USERS_COMMAND.flags>> =>
    parseCommand(USERS_COMMAND, args);
  const { db, reason, ...others } = parse("list").flags;
  assertEquals([db, reason], [SERVER_FLAGS.db.default, undefined]);
  assertEquals(others, {
    uses: 1,
    days: 7,
    note: undefined,
    list: false,
    json: false,
    revoke: undefined,
    room: undefined,
    by: undefined,
    limit: 1_000,
  });
  const { flags, positional } = parse("block", "eve", "--reason", "spam", "--db", "x.db");
  assertEquals([flags.db, flags.reason, positional], ["x.db", "spam", ["block", "eve"]]);
  assertThrows(() => parse("a", "b", "c", "d", "e", "f"), UsageError, "Unexpected argument 'f'");
});

Deno.test("the help has a line for each command", () => {
  const help = helpText(USERS_COMMAND);
  for (const [name, { help: what }] of ADMIN_COMMANDS) {
    const lines = help.split("\n").filter((line) => line.startsWith(`  ${name} `));
    assertEquals(lines.map((line) => line.endsWith(what)), [true], name);
  }
});
