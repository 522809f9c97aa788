import { assertEquals } from "@std/assert";

import { seededRandom } from "../../support/random.ts";
import { Registry } from "../../../server/people/registry.ts";

Deno.test("Registry finds members by their folded name and keeps names unique", () => {
  const registry = new Registry<{ folded: string }>();
  const [eve, other] = [{ folded: "eve" }, { folded: "eve" }];
  assertEquals(registry.find("eve"), undefined);
  assertEquals(registry.add(eve), true);
  assertEquals(registry.add(other), false);
  assertEquals(registry.add(eve), false);
  assertEquals(registry.find("eve") === eve, true);
  assertEquals([registry.has(eve), registry.has(other), registry.size], [true, false, 1]);
});

Deno.test("Registry removes only the very member", () => {
  const registry = new Registry<{ folded: string }>();
  const [eve, other] = [{ folded: "eve" }, { folded: "eve" }];
  registry.add(eve);
  assertEquals(registry.remove(other), false);
  assertEquals(registry.find("eve") === eve, true);
  assertEquals(registry.remove(eve), true);
  assertEquals(registry.remove(eve), false);
  assertEquals(registry.size, 0);
  assertEquals(registry.add(other), true);
});

Deno.test("Registry lists in the order of names, up to date after each coming and going", () => {
  const registry = new Registry<{ folded: string }>();
  const names = (): string[] => registry.sorted().map(({ folded }) => folded);
  assertEquals(names(), []);
  const members = ["mike", "ева", "bob", "constructor", "zoe", "__proto__"].map((folded) => ({
    folded,
  }));
  for (const member of members) registry.add(member);
  assertEquals(names(), ["__proto__", "bob", "constructor", "mike", "zoe", "ева"]);
  assertEquals([...registry.values()], members, "values come in the order of their coming");
  registry.remove(members[0]!);
  assertEquals(names(), ["__proto__", "bob", "constructor", "zoe", "ева"]);
  registry.add({ folded: "alice" });
  assertEquals(names()[1], "alice");
});

Deno.test("Registry keeps its list in order through any coming and going", () => {
  const random = seededRandom(3);
  const registry = new Registry<{ folded: string }>();
  const members = new Map<string, { folded: string }>();
  registry.sorted();
  for (let i = 0; i < 2_000; i++) {
    const folded = `name${Math.floor(random() * 50)}`;
    const member = members.get(folded) ?? { folded };
    if (members.has(folded)) {
      registry.remove(member);
      members.delete(folded);
    } else {
      registry.add(member);
      members.set(folded, member);
    }
    assertEquals(registry.sorted().map(({ folded }) => folded), [...members.keys()].sort());
  }
});

Deno.test("Registry makes a summary again only after a change", () => {
  const registry = new Registry<{ folded: string }>();
  let made = 0;
  const summarise = (members: readonly { folded: string }[]): string => {
    made++;
    return members.map(({ folded }) => folded).join();
  };
  const [eve, bob] = [{ folded: "eve" }, { folded: "bob" }];
  const expect = (summary: string, times: number): void => {
    assertEquals([registry.summary(summarise), registry.summary(summarise)], [summary, summary]);
    assertEquals(made, times);
  };
  expect("", 1);
  registry.add(eve);
  registry.add(bob);
  expect("bob,eve", 2);
  registry.remove(eve);
  expect("bob", 3);
  registry.remove(eve);
  expect("bob", 3);
  registry.changed();
  expect("bob", 4);
});
