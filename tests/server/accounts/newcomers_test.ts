import { assert, assertEquals } from "@std/assert";

import { type NewcomerKind, Newcomers } from "../../../server/accounts/newcomers.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const DAY_MS = 86_400_000;

function count(
  limits: Record<NewcomerKind, number>,
  maxNetworks?: number,
): {
  clock: FakeClock;
  newcomers: Newcomers;
  comes: (network: string, kind?: NewcomerKind) => boolean;
} {
  const clock = new FakeClock();
  const newcomers = new Newcomers({ clock, limits, ...(maxNetworks && { maxNetworks }) });
  const comes = (network: string, kind: NewcomerKind = "names"): boolean => {
    using claim = newcomers.claim(kind, network);
    claim?.keep();
    return claim !== undefined;
  };
  return { clock, newcomers, comes };
}

Deno.test("so many a day from each network, names and accounts apart", () => {
  const { clock, comes } = count({ names: 2, accounts: 1 });
  assertEquals(["a", "a", "a", "b"].map((network) => comes(network)), [true, true, false, true]);
  assertEquals([comes("a", "accounts"), comes("a", "accounts")], [true, false]);
  clock.advance(DAY_MS - 1);
  assertEquals(comes("a"), false);
  clock.advance(1);
  assertEquals([comes("a"), comes("a"), comes("a")], [true, true, false]);
});

Deno.test("what comes to nothing does not count; what is under way does", () => {
  const { newcomers, comes } = count({ names: 1, accounts: 1 });
  const claim = newcomers.claim("names", "a");
  assert(claim !== undefined);
  assertEquals(comes("a"), false);
  claim[Symbol.dispose]();
  claim[Symbol.dispose]();
  assertEquals([comes("a"), comes("a")], [true, false]);
});

Deno.test("what ends on the next day is taken out of no other day's count", () => {
  const { clock, newcomers, comes } = count({ names: 1, accounts: 1 });
  const claim = newcomers.claim("names", "a");
  clock.advance(DAY_MS);
  assertEquals(comes("a"), true);
  claim?.[Symbol.dispose]();
  assertEquals(comes("a"), false);
});

Deno.test("0 is no limit", () => {
  const { comes } = count({ names: 0, accounts: 1 });
  for (let n = 0; n < 5_000; n++) assert(comes("a"));
  assertEquals([comes("a", "accounts"), comes("a", "accounts")], [true, false]);
});

Deno.test("of too many networks the one whose day began first is forgotten, and only by those who brought something", () => {
  const { newcomers, comes } = count({ names: 1, accounts: 1 }, 3);
  for (const network of ["a", "b", "c"]) comes(network);
  assertEquals(comes("a"), false);
  // Asking in vain moves nobody.
  for (let n = 0; n < 10; n++) comes("a");
  comes("d");
  assertEquals([comes("b"), comes("c"), comes("d")], [false, false, false]);
  assertEquals(comes("a"), true, "forgotten for d");
  newcomers.claim("names", "e")?.[Symbol.dispose]();
  assertEquals(comes("f"), true, "e left its place");
  assertEquals([comes("d"), comes("a")], [false, false]);
});
