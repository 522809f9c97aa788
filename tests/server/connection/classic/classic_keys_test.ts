import { assertEquals } from "@std/assert";

import { ClassicKeys } from "../../../../server/connection/classic/classic_keys.ts";
import { FakeUser } from "../../../support/fake_user.ts";

Deno.test("ClassicKeys: a key is its user's, while that one is online", () => {
  const keys = new ClassicKeys();
  const eve = new FakeUser("Eve");
  assertEquals(keys.find("eve"), undefined);
  keys.set(eve, "one");
  keys.set(eve, "two");
  assertEquals(keys.find("eve"), "two");
  eve.state = "ended";
  assertEquals(keys.find("eve"), undefined);
  const next = new FakeUser("eve");
  keys.set(next, "three");
  keys.delete(eve);
  assertEquals(keys.find("eve"), "three", "another one's under the same name");
  keys.delete(next);
  assertEquals(keys.find("eve"), undefined);
});
