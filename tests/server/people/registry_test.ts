import { assertEquals } from "@std/assert";

import { seededRandom } from "../../support/random.ts";
import { Roster } from "../../../server/people/registry.ts";

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

Deno.test("Roster keeps its list in order through any coming and going", () => {
  const random = seededRandom(3);
  const roster = new Roster<{ folded: string }>();
  const members = new Map<string, { folded: string }>();
  roster.sorted();
  for (let i = 0; i < 2_000; i++) {
    const folded = `name${Math.floor(random() * 50)}`;
    const member = members.get(folded) ?? { folded };
    if (members.has(folded)) {
      roster.remove(member);
      members.delete(folded);
    } else {
      roster.add(member);
      members.set(folded, member);
    }
    assertEquals(roster.sorted().map(({ folded }) => folded), [...members.keys()].sort());
  }
});

Deno.test("Roster makes a summary again only after a change", () => {
  const roster = new Roster<{ folded: string }>();
  let made = 0;
  const summarise = (members: readonly { folded: string }[]): string => {
    made++;
    return members.map(({ folded }) => folded).join();
  };
  const [eve, bob] = [{ folded: "eve" }, { folded: "bob" }];
  const expect = (summary: string, times: number): void => {
    assertEquals([roster.summary(summarise), roster.summary(summarise)], [summary, summary]);
    assertEquals(made, times);
  };
  expect("", 1);
  roster.add(eve);
  roster.add(bob);
  expect("bob,eve", 2);
  roster.remove(eve);
  expect("bob", 3);
  roster.remove(eve);
  expect("bob", 3);
  roster.changed();
  expect("bob", 4);
});
