import { assertEquals } from "@std/assert";

import { ack } from "../../../server/events/ack.ts";
import type { Letter } from "../../../server/store/store.ts";
import {
  ask,
  leave,
  login,
  makeAccount,
  messages,
  next,
  online,
  presence,
  register,
  toBob,
  withAccounts,
} from "../../support/account_fixture.ts";
import { answerOf, withHouse } from "../../support/house.ts";
import { UNSHARED } from "../../support/unshared.ts";

Deno.test("ack: to a guest, who has no mailbox, it says the same", () =>
  withHouse({}, async ({ context, come }) => {
    const { code, sentence } = await answerOf(
      ack.handle(context, come("eve"), { event: "ack", stored: 3 }),
    );
    assertEquals([code, sentence], [200, "Stored messages up to 3 are acknowledged"]);
  }));

Deno.test("ack: what was put out is deleted up to that number, and that before the answer", () =>
  withHouse({}, async ({ context, store, clock, come }) => {
    await store.createAccount("bob", "bob", "hash");
    const letter = { folded: "bob", to: "bob", from: "eve", id: undefined };
    for (const message of ["1", "2", "3"]) {
      await store.storeLetter({ ...letter, message, time: clock.epochMs() / 1_000 });
    }
    const bob = come("bob");
    bob.becomeAccount(context.delivery.openMailbox(bob));
    await context.delivery.deliverMail(bob);
    await ack.handle(context, bob, { event: "ack", stored: 2 });
    const left = await store.listLetters("bob", 0, 10);
    assertEquals(left.map(({ message }) => message), ["3"]);
  }));

Deno.test("stored messages come after the login, oldest first, until they are acknowledged", async () => {
  const storeOptions = { mailbox: UNSHARED };
  await withAccounts({ settings: { rate: 0 }, storeOptions }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const eve = await online(fixture, presence("Eve"));
    assertEquals(await ask(eve, toBob("no store", { store: false })), 410);
    for (let n = 1; n <= 250; n++) {
      assertEquals(await ask(eve, toBob(`m${n}`, n === 1 ? { id: "first" } : {})), 202);
    }
    const expected = Array.from({ length: 250 }, (_, index) => `m${index + 1}`);

    const bob = await online(fixture, login("bob"));
    await bob.send({ event: "ack", stored: 2 }, { event: "ack", stored: 9_999 - 1 });
    const frames = await bob.frames(250);
    assertEquals(messages(frames), expected);
    assertEquals(frames.map(({ stored }) => stored), expected.map((_, index) => index + 1));
    const { time, ...first } = frames[0]!;
    assertEquals(typeof time, "number");
    assertEquals(first, {
      event: "msg",
      to: "bob",
      from: "Eve",
      message: "m1",
      id: "first",
      stored: 1,
    });
    assertEquals((await bob.frames(2)).map(({ response }) => response), [200, 200]);
    await leave(bob);
    assertEquals(await ask(eve, toBob("later")), 202);
    const again = await online(fixture, login("bob"));
    assertEquals((await next(again))?.message, "later");
    await leave(again);
    const third = await online(fixture, login("bob"));
    assertEquals((await next(third))?.message, "later");
  });
});

Deno.test("no more can be acknowledged than was delivered on this connection", async () => {
  await withAccounts({}, async (fixture) => {
    const bob = await online(fixture, register("bob"));
    const letter: Letter = {
      folded: "bob",
      to: "bob",
      from: "eve",
      message: "unseen",
      time: Date.now() / 1000,
      id: undefined,
    };
    await fixture.store.storeLetter(letter);
    assertEquals(await ask(bob, { event: "ack", stored: 100 }), 200);
    await leave(bob);
    const again = await online(fixture, login("bob"));
    assertEquals((await next(again))?.message, "unseen");
  });
});
