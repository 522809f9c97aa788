import { assert, assertEquals, assertThrows } from "@std/assert";

import { UsageError } from "../../../common/errors.ts";
import { ADMIN_COMMANDS, type AdminOptions } from "../../../server/admin/commands.ts";
import { findCommand } from "../../../server/admin/find_command.ts";

Deno.test("a command of one word or two is found with as many arguments as it has", () => {
  const find = (...words: string[]) => findCommand(words, {});
  assertEquals(find("block", "eve"), {
    name: "block",
    command: ADMIN_COMMANDS.get("block")!,
    args: ["eve"],
  });
  assertEquals(find("export").args, [""]);
  const grant = find("rooms", "grant", "#dev", "eve", "owner");
  assertEquals(grant, {
    name: "rooms grant",
    command: ADMIN_COMMANDS.get("rooms grant")!,
    args: ["#dev", "eve", "owner"],
  });
});

Deno.test("what is no command is refused in one line that says what is allowed", () => {
  const cases: [words: string[], message: string, options?: AdminOptions][] = [
    [[], "COMMAND must be one of list, add,"],
    [["frob"], "received 'frob'"],
    [["\x1b[2J"], "received '\\u{1b}[2J'"],
    [["rooms"], "rooms must be followed by one of list, show, remove, grant, received ''"],
    [["rooms", "frob"], "rooms must be followed by one of list, show, remove, grant, received 'f"],
    [["block"], "block needs a NAME; see deno task users --help"],
    [["rooms", "show"], "rooms show needs a ROOM, in quotes: '#dev'; see"],
    [["rooms", "grant", "#dev", "eve"], "rooms grant needs a ROLE; see"],
    [["block", "eve", "bob"], "block takes NAME, received 'bob' too"],
    [["audit", "#dev"], "audit takes no argument, received '#dev' too"],
    [["list"], "--json goes with invite, rooms list, rooms show, audit", { json: true }],
    [["rooms", "list"], "--room goes with audit", { room: "#dev" }],
  ];
  for (const [words, message, options = {}] of cases) {
    const error = assertThrows(() => findCommand(words, options), UsageError, message);
    assert(!error.message.includes("\x1b"));
  }
});

Deno.test("a program that has some of the commands says so", () => {
  const commands = new Map([...ADMIN_COMMANDS].filter(([name]) => name === "block"));
  const find = (...words: string[]) => findCommand(words, {}, { commands, program: "deno task x" });
  assertEquals(find("block", "eve").args, ["eve"]);
  assertThrows(() => find("list"), UsageError, "COMMAND must be one of block, received 'list'");
  assertThrows(() => find("block"), UsageError, "block needs a NAME; see deno task x --help");
});
