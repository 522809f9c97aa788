import { assertEquals, assertRejects } from "@std/assert";

import type { MsgRequest } from "../../../common/wire/protocol.ts";
import { type Draft, LocalKeeper } from "../../../server/delivery/keeper.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { type Store, StoreFullError } from "../../../server/store/store.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";
import { storeWith } from "../../support/store_with.ts";

const request = (message: string, more: Partial<MsgRequest> = {}): MsgRequest => ({
  event: "msg",
  to: "#Dev",
  message,
  ...more,
});

Deno.test("Keeper: an account's messages are told apart by its name, a guest's by the session", () => {
  const keeper = new LocalKeeper({} as Store, new FakeClock());
  const of = (user: FakeUser, more: Partial<MsgRequest> = { id: "a" }): string | undefined =>
    keeper.fingerprintOf(user, request("hi", more));
  const guest = new FakeUser("eve");
  const prints = [fakeAccount("eve"), guest, new FakeUser("eve")].map((user) => of(user));
  assertEquals(new Set(prints).size, 3);
  assertEquals([of(fakeAccount("EVE")), of(guest)], prints.slice(0, 2));
  assertEquals(of(guest, { id: "a", to: "#dev" }), prints[1]);
  assertEquals([of(guest, { id: 7 }), of(guest, {})], [undefined, undefined]);
});

Deno.test("Keeper: refused before anything is handed over: a full store, an answer to nothing; a repeat is answered", async () => {
  const clock = new FakeClock();
  await using real = openSqliteStore(":memory:", { clock });
  for (const name of ["eve", "bob"]) await real.createAccount(name, name, "hash");
  let isFull = false;
  const store = storeWith(real, {
    checkRoom: () => {
      if (isFull) throw new StoreFullError("full");
    },
  });
  const keeper = new LocalKeeper(store, clock);
  const from = fakeAccount("eve");
  const conversation = (await store.openDirect("eve", "bob"))!;
  let handedOver = 0;
  const keep = (message: string, more: Partial<MsgRequest> = {}): Promise<unknown> => {
    const asked = request(message, { to: "bob", ...more });
    const fingerprint = keeper.fingerprintOf(from, asked);
    const time = clock.epochMs() / 1_000;
    const draft: Draft = { from, to: "bob", request: asked, conversation, fingerprint, time };
    return keeper.keep(draft, () => more.encoding === "full" ? "full" : ++handedOver);
  };
  assertEquals(await keep("1", { id: "a" }), { delivered: 1, seq: 1 });
  assertEquals(await keep("1", { id: "a" }), { delivered: 1, seq: 1 });
  assertEquals(await keep("2", { reply: 2 }), "no-message");
  assertEquals(await keep("2", { encoding: "full" }), "full");
  assertEquals(await keep("2", { reply: 1 }), { delivered: 2, seq: 2 });
  isFull = true;
  await assertRejects(() => keep("3"), StoreFullError);
  assertEquals(await keep("1", { id: "a" }), { delivered: 1, seq: 1 }, "needs no room");
  isFull = false;
  clock.advance(602_000);
  assertEquals(await keep("1", { id: "a" }), { delivered: 3, seq: 3 }, "too late for a repeat");
  assertEquals(handedOver, 3);
});
