import { assertEquals, assertRejects } from "@std/assert";

import { personOf } from "../../../server/cluster/direct_batch.ts";
import { RemoteCalls, type RemoteQuestion } from "../../../server/cluster/remote_calls.ts";
import { Registry } from "../../../server/people/registry.ts";
import { RemoteUser } from "../../../server/people/remote_user.ts";
import type { User } from "../../../server/people/user.ts";
import { StoreError } from "../../../server/store/store.ts";
import { FakeUser } from "../../support/fake_user.ts";

Deno.test("RemoteCalls: a client is probed and dismissed at its node, and only that very session", async () => {
  const registry = new Registry<User>();
  const asked = new RemoteCalls({ ask: () => Promise.reject() }, () => ({ registry }));
  const calls = new RemoteCalls({
    ask: async (_node, question) => {
      const reply = await asked.asked(JSON.parse(JSON.stringify(question)) as RemoteQuestion);
      return JSON.parse(JSON.stringify(reply));
    },
  }, () => ({ registry: new Registry<User>() }));
  const bob = new FakeUser("bob");
  registry.add(bob);
  const known = new RemoteUser("b", personOf(bob));
  bob.outlet.answers.push(Promise.resolve(true));
  assertEquals(await calls.isThere(known, 3), true);
  assertEquals(await calls.isThere(known, 3), false);
  const other = new RemoteUser("b", { ...personOf(bob), session: "another" });
  assertEquals(await calls.dismiss(other, "bye", "replaced"), false);
  assertEquals(await calls.dismiss(known, "bye", "replaced"), true);
  registry.remove(bob);
  assertEquals(await calls.dismiss(known, "bye", "replaced"), false);
  assertEquals(await calls.isThere(known, 3), false);
});

Deno.test("RemoteCalls: a question of a newer node is refused, and so is the answer of an older one that is none", async () => {
  const context = (): { registry: Registry<User> } => ({ registry: new Registry<User>() });
  const calls = new RemoteCalls({ ask: () => Promise.resolve(null) }, context);
  assertEquals(await calls.asked({ ask: "shine" } as unknown as RemoteQuestion), {
    failed: "The other node does not know this question; is it of an older version?",
  });
  const away = new RemoteUser("b", personOf(new FakeUser("eve")));
  await assertRejects(() => calls.isThere(away, 1), StoreError, "Node b has answered with nothing");
});
