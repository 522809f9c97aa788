import { assertEquals } from "@std/assert";

import { Route } from "../../../server/delivery/route.ts";
import { FakeUser } from "../../support/fake_user.ts";

Deno.test("Route: leads to the addressee by the name as typed, and only while that one is online", () => {
  const [eve, bob] = [new FakeUser("eve"), new FakeUser("Bob")];
  const route = new Route(eve, bob, 5);
  assertEquals(route.find("Bob") === bob, true);
  assertEquals([route.find("bob"), route.find("eve"), route.find("")], [
    undefined,
    undefined,
    undefined,
  ]);
  bob.state = "ended";
  assertEquals(route.find("Bob"), undefined);
});

Deno.test("Route: messages of one second share their envelope, those of another do not", () => {
  const [eve, bob] = [new FakeUser("eve"), new FakeUser("Bob")];
  const route = new Route(eve, bob, 5);
  const first = route.envelopeAt(5);
  assertEquals(route.envelopeAt(5) === first, true);
  assertEquals([first.from, first.to, first.time], [eve.name, bob.name, 5]);
  for (const time of [6, 5]) { // also where the clock was set back
    const next = route.envelopeAt(time);
    assertEquals([next.from, next.to, next.time], [eve.name, bob.name, time]);
  }
});
