import { assert, assertEquals } from "@std/assert";

import { openSqliteStore } from "../../../server/store/sqlite.ts";
import {
  ask,
  login,
  makeAccount,
  messages,
  next,
  online,
  presence,
  toBob,
  withAccounts,
} from "../../support/account_fixture.ts";
import { TestServer } from "../../support/server_fixture.ts";
import { settle } from "../../support/settle.ts";
import { storeWith } from "../../support/store_with.ts";

Deno.test("a full mailbox is said to be full", async () => {
  await withAccounts({ storeOptions: { maxLetters: 2 } }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const eve = await online(fixture, presence("eve"));
    assertEquals(await ask(eve, toBob("one")), 202);
    assertEquals(await ask(eve, toBob("two")), 202);
    await eve.send(toBob("three"));
    const answer = await next(eve);
    assertEquals(answer?.response, 410);
    assert(String(answer?.error).includes("mailbox is full"));
  });
});

Deno.test("what is sent while stored messages go out comes behind them with store; else 410 says why", async () => {
  const gate = Promise.withResolvers<void>();
  await using store = openSqliteStore(":memory:");
  const slow = storeWith(store, {
    listLetters: async (...args) => {
      await gate.promise;
      return await store.listLetters(...args);
    },
  });
  await using server = new TestServer({ store: slow });
  const fixture = { server, store };
  await makeAccount(fixture, "bob");
  const eve = await online(fixture, presence("eve"));
  assertEquals(await ask(eve, toBob("one")), 202);
  const bob = await online(fixture, login("bob"));
  const refused = await eve.ask(toBob("now", { store: false }));
  assertEquals([refused.response, String(refused.error).includes("stored messages")], [410, true]);
  const kept = await eve.ask(toBob("two"));
  assertEquals([kept.response, String(kept.alert).includes("offline")], [202, false]);
  gate.resolve();
  const frames = await bob.frames(2);
  assertEquals(messages(frames), ["one", "two"]);
  assertEquals(frames.map(({ stored }) => stored), [1, 2]);
  while (await ask(eve, toBob("three", { store: false })) !== 200) await settle();
  assertEquals((await next(bob))?.message, "three");
  assertEquals(await ask(bob, { event: "ack", stored: 2 }), 200);
});
