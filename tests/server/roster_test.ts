import { assertEquals } from "@std/assert";

import { Roster } from "../../server/roster.ts";

Deno.test("Roster finds members by their folded name and keeps names unique", () => {
  const roster = new Roster<{ folded: string }>();
  const [eve, other] = [{ folded: "eve" }, { folded: "eve" }];
  assertEquals(roster.find("eve"), undefined);
  assertEquals(roster.add(eve), true);
  assertEquals(roster.add(other), false);
  assertEquals(roster.add(eve), false);
  assertEquals(roster.find("eve") === eve, true);
  assertEquals([roster.has(eve), roster.has(other), roster.size], [true, false, 1]);
});

Deno.test("Roster removes only the very member", () => {
  const roster = new Roster<{ folded: string }>();
  const [eve, other] = [{ folded: "eve" }, { folded: "eve" }];
  roster.add(eve);
  assertEquals(roster.remove(other), false);
  assertEquals(roster.find("eve") === eve, true);
  assertEquals(roster.remove(eve), true);
  assertEquals(roster.remove(eve), false);
  assertEquals(roster.size, 0);
  assertEquals(roster.add(other), true);
});

Deno.test("Roster lists in the order of names, up to date after each coming and going", () => {
  const roster = new Roster<{ folded: string }>();
  const names = (): string[] => roster.sorted().map(({ folded }) => folded);
  assertEquals(names(), []);
  const members = ["mike", "ева", "bob", "constructor", "zoe", "__proto__"].map((folded) => ({
    folded,
  }));
  for (const member of members) roster.add(member);
  assertEquals(names(), ["__proto__", "bob", "constructor", "mike", "zoe", "ева"]);
  assertEquals([...roster.values()], members, "values come in the order of their coming");
  roster.remove(members[0]!);
  assertEquals(names(), ["__proto__", "bob", "constructor", "zoe", "ева"]);
  roster.add({ folded: "alice" });
  assertEquals(names()[1], "alice");
});
