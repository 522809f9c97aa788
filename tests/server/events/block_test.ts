import { assert, assertEquals } from "@std/assert";

import { type BlockRequest, CODE } from "../../../common/wire/protocol.ts";
import { block } from "../../../server/events/block.ts";
import type { Store } from "../../../server/store/store.ts";
import { fakeAccount } from "../../support/fake_user.ts";
import { answerOf, withHouse } from "../../support/house.ts";
import { storeWith } from "../../support/store_with.ts";

const request = (user: string, on: boolean): BlockRequest => ({ event: "block", user, on });

Deno.test("block: is in memory when it is answered, and gone from there when it is taken back", () =>
  withHouse({}, async ({ context, store }) => {
    for (const name of ["eve", "bob", "ann"]) await store.createAccount(name, name, "hash");
    const [eve, bob] = [fakeAccount("eve"), fakeAccount("bob")];
    context.registry.add(eve);
    const ask = async (...args: Parameters<typeof request>): Promise<number> =>
      (await answerOf(block.handle(context, eve, request(...args)))).code;
    assertEquals(await ask("Bob", true), CODE.ok);
    assertEquals(await ask("ann", true), CODE.ok);
    assertEquals([eve.hasBlocked(bob), eve.blocked], [true, new Set(["bob", "ann"])]);
    assertEquals(await ask("bob", false), CODE.ok);
    assertEquals([eve.hasBlocked(bob), eve.blocked], [false, new Set(["ann"])]);
    assertEquals(await ask("ann", false), CODE.ok);
    assertEquals(eve.blocked, undefined, "as for who never blocked anybody");
  }));

Deno.test("block: holds for a session of the account that has begun before it was on disk", async () => {
  const written = Promise.withResolvers<void>();
  const storeFor = (store: Store): Store =>
    storeWith(store, {
      blockedUsers: {
        ...{ has: () => Promise.resolve(false), list: () => Promise.resolve([]) },
        of: () => undefined,
        set: async () => {
          await written.promise;
          return "done";
        },
      },
    });
  await withHouse({ storeFor }, async ({ context }) => {
    const [before, after] = [fakeAccount("eve"), fakeAccount("eve")];
    context.registry.add(before);
    const asked = answerOf(block.handle(context, before, request("bob", true)));
    context.registry.remove(before);
    context.registry.add(after);
    written.resolve();
    assertEquals((await asked).code, CODE.ok);
    assert(after.hasBlocked(fakeAccount("bob")));
  });
});
