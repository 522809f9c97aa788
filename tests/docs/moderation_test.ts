// docs/moderation.md is played on a real server, line by line, and its table is compared with the server's.
import { assert, assertEquals } from "@std/assert";

import { findCommand } from "../../client/chat/commands/commands.ts";
import type { RoomRole } from "../../common/wire/protocol.ts";
import { refusalOf, type RoomAction, type RoomRules } from "../../server/rooms/roles.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { Person } from "../support/person.ts";
import { TestServer } from "../support/server_fixture.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/moderation.md", import.meta.url));

/** A line that somebody types, with their prompt before it. */
const TYPED = /^((\w+)(?: → \S+)?> )(.+)$/;

Deno.test("what docs/moderation.md shows on screens is what people see there", async () => {
  const clock = new FakeClock(Date.now()); // the store goes by the system's
  await using server = new TestServer({ clock });
  await using ann = await Person.start(server, "ann", { clock });
  await using bob = await Person.start(server, "bob", { clock });
  await using kim = await Person.start(server, "kim", { clock });
  const people: Readonly<Record<string, Person>> = { ann, bob, kim };
  const screens = [...PAGE.matchAll(/^```text\n([^]*?)^```$/gm)].map(([, text]) => text!.trimEnd());
  assert(screens.length > 10);
  for (const screen of screens) {
    const rows = screen.split("\n");
    const first = rows.findIndex((row) => TYPED.test(row));
    const person = people[TYPED.exec(rows[first] ?? "")?.[2] ?? ""]!;
    // All that happens between the screens.
    if (screen.includes("/mute bob 10m")) await bob.type("join #class", "chat #class");
    const before = await person.sees();
    if (first > 0) assertEquals(before.slice(-first), rows.slice(0, first));
    let seen: string[] = [];
    for (const row of rows.slice(first)) {
      const [, prompt, , typed] = TYPED.exec(row) ?? [];
      if (prompt === undefined) {
        assertEquals(seen.shift(), row);
        continue;
      }
      assertEquals(seen, [], `before ${row}`);
      assertEquals(person.prompt, prompt);
      seen = await person.type(typed!);
    }
    assertEquals(seen, [], screen);
  }
});

const RULES: RoomRules = { isLasting: true, isPrivate: false, isModerated: false, slow: 0 };

/** Whether somebody in a role may do something, to somebody in another one. */
function may(
  role: RoomRole,
  action: RoomAction,
  rules: Partial<RoomRules> = {},
  target: RoomRole = "member",
): boolean {
  const nothing = { isInvited: false, ban: undefined, mute: undefined };
  const standing = { role, isMember: true, spokeAt: 999, ...nothing };
  return refusalOf(action, { ...RULES, ...rules }, standing, 1_000, target) === undefined;
}

/** What each row of the table is about: all of it has to be so. */
const ROWS: Readonly<Record<string, (role: RoomRole) => boolean[]>> = {
  "speak while the room is moderated": (role) => [may(role, "speak", { isModerated: true })],
  "speak without waiting in slow mode": (role) => [may(role, "speak", { slow: 60 })],
  "`topic`, `room slow`": (role) => [may(role, "topic"), may(role, "slow")],
  "`room moderated`": (role) => [may(role, "moderated")],
  "`invite`": (role) => [may(role, "invite")],
  "`mute`, `kick`, `ban` a member": (role) =>
    (["mute", "kick", "ban"] as const).map((action) => may(role, action)),
  "`delete` what others have said": (role) => [may(role, "delete")],
  "`mute`, `kick`, `ban` a moderator": (role) =>
    (["mute", "kick", "ban"] as const).map((action) => may(role, action, {}, "moderator")),
  "see who is banned, muted and invited": (role) => [may(role, "inspect")],
  "`room private`, `grant`": (role) => [may(role, "private"), may(role, "grant")],
  "`room remove`": (role) => [may(role, "remove")],
};

Deno.test("the table of docs/moderation.md says who may what", () => {
  const rows = [...PAGE.matchAll(/^\| (\S.*?) *\| (.{6}) \| (.{9}) \| (.{5}) \|$/gm)];
  const table = rows.map(([, what, ...cells]) => [what!, cells.map((cell) => cell.trim())] as const)
    .filter(([what]) => !what.startsWith("-"));
  assertEquals(table.map(([what]) => what), Object.keys(ROWS));
  for (const [what, cells] of table) {
    const allowed = (["member", "moderator", "owner"] as const).map((role) => ROWS[what]!(role));
    assertEquals(cells.map((cell) => cell === "yes"), allowed.map(([one]) => one), what);
    for (const answers of allowed) assertEquals(new Set(answers).size, 1, what);
  }
});

Deno.test("docs/moderation.md names commands that there are", () => {
  const words = [...PAGE.matchAll(/(?<![\w-])`\/?([a-zа-я]+)(?= |`)/g)].map(([, word]) => word!);
  const others = ["deno", "moderator", "member", "rooms"];
  for (const word of words) {
    assert(others.includes(word) || findCommand(word) !== undefined, word);
  }
});
