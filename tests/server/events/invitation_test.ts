import { assert, assertEquals } from "@std/assert";

import type { AuthenticateRequest } from "../../../common/wire/protocol.ts";
import { hashOfInvite } from "../../../server/accounts/invites.ts";
import { Passwords } from "../../../server/accounts/passwords.ts";
import type { Answer } from "../../../server/answer.ts";
import { authenticate } from "../../../server/events/authenticate.ts";
import { presence } from "../../../server/events/presence.ts";
import type { Store } from "../../../server/store/store.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { answerOf, type House, withHouse } from "../../support/house.ts";
import { CHEAP, PASSWORD } from "../../support/server_fixture.ts";
import { storeWith } from "../../support/store_with.ts";

const CODE = "abcde-fghjk-mnpqr-stuvw";

const register = (name: string, invite?: string): AuthenticateRequest => ({
  event: "authenticate",
  user: { account_name: name, password: PASSWORD },
  register: true,
  ...(invite !== undefined && { invite }),
});

/** A house where one code is good, for one use; counts the hashes of passwords. */
async function withInvite(
  run: (
    house: House,
    ask: (request: AuthenticateRequest, peer?: FakePeer) => Promise<Answer>,
    hashes: () => number,
  ) => Promise<void>,
  inviteOnly = true,
): Promise<void> {
  let uses = 1;
  let hashes = 0;
  const isGood = (hash: string): boolean => uses > 0 && hash === hashOfInvite(CODE);
  const storeFor = (store: Store): Store =>
    storeWith(store, {
      isInvited: (hash) => Promise.resolve(isGood(hash)),
      createInvited: async (folded, name, passwordHash, hash) => {
        if (!isGood(hash)) return "not-invited";
        uses--; // at once, as in a transaction
        if (await store.createAccount(folded, name, passwordHash)) return "created";
        uses++;
        return "exists";
      },
    });
  const passwords = new Passwords({ cost: CHEAP });
  const hash = passwords.hash.bind(passwords);
  passwords.hash = (...args) => {
    hashes++;
    return hash(...args);
  };
  await withHouse({ settings: { inviteOnly }, storeFor, passwords }, async (house) => {
    const ask = (request: AuthenticateRequest, peer = new FakePeer()): Promise<Answer> =>
      answerOf(authenticate.handle(house.context, peer, request));
    await run(house, ask, () => hashes);
  });
}

Deno.test("--invite-only: a good code makes an account, however it is typed; then it is used up", () =>
  withInvite(async (_house, ask) => {
    assertEquals((await ask(register("eve", " ABCDE fghjk MNPQRstuvw"))).code, 201);
    assertEquals((await ask(register("bob", CODE))).code, 403);
  }));

Deno.test("--invite-only: without a code, and with a wrong one, 403 says how to get one, and no password is hashed", () =>
  withInvite(async ({ context }, ask, hashes) => {
    const peer = new FakePeer();
    for (let n = 0; n < 5; n++) {
      const { code, sentence, closes } = await ask(register("eve"), peer);
      assertEquals([code, closes], [403, undefined], "no guess");
      assert(sentence.includes("ask whoever runs this server for a code"), sentence);
    }
    const { code, sentence } = await ask(register("eve", "wrong"), peer);
    assertEquals(code, 403);
    assert(sentence.includes("ask whoever runs this server"), sentence);
    assertEquals([hashes(), await context.store.nameStatus("eve")], [0, "unknown"]);
  }));

Deno.test("--invite-only: the third wrong code closes the connection, wrong passwords counted", () =>
  withInvite(async ({ store, context }, ask) => {
    await store.createAccount("bob", "bob", await context.passwords.hash(PASSWORD));
    const peer = new FakePeer();
    const user = { account_name: "bob", password: "another horse" };
    const ends = [
      await ask(register("eve", "wrong"), peer),
      await ask({ event: "authenticate", user }, peer),
      await ask(register("eve", "wrong"), peer),
    ];
    assertEquals(ends.map(({ code, closes }) => [code, closes]), [
      [403, false],
      [402, false],
      [403, true],
    ]);
  }));

Deno.test("--invite-only: a network that guesses is slowed down as one that guesses passwords", () =>
  withInvite(async ({ clock }, ask) => {
    // As many as a network may fail at once: the next one waits.
    for (let n = 0; n < 5; n++) await ask(register(`eve${n}`, `wrong${n}`));
    let isAnswered = false;
    const sixth = ask(register("eve", "wrong")).then((answer) => {
      isAnswered = true;
      return answer;
    });
    for (let n = 0; n < 50; n++) await Promise.resolve();
    assertEquals(isAnswered, false);
    clock.advance(12_000);
    assertEquals((await sixth).code, 403);
  }));

Deno.test("--invite-only: what fails for another reason uses nothing up, and asks for no code", () =>
  withInvite(async ({ store, come }, ask) => {
    await store.createAccount("bob", "bob", "hash");
    come("guest");
    for (const name of ["bob", "guest"]) {
      assertEquals((await ask(register(name, CODE))).code, 409, name);
      assertEquals((await ask(register(name, "wrong"))).code, 409, name);
    }
    assertEquals((await ask(register("eve", CODE))).code, 201);
  }));

Deno.test("--invite-only: of two at once with a code for one use, one gets an account", () =>
  withInvite(async (_house, ask) => {
    const both = await Promise.all(["ann", "bob"].map((name) => ask(register(name, CODE))));
    assertEquals(both.map(({ code }) => code).toSorted(), [201, 403]);
    assertEquals(both.find(({ code }) => code === 403)?.closes, undefined, "no wrong guess");
  }));

Deno.test("--invite-only keeps no guest out; without it a code is not looked at", async () => {
  await withInvite(async ({ context }) => {
    const request = { event: "presence", user: { account_name: "guest" } } as const;
    const peer = new FakePeer();
    const { code } = await answerOf(presence.handle(context, peer, request));
    assertEquals(code, 200);
  });
  await withInvite(async (_house, ask) => {
    assertEquals((await ask(register("eve", "wrong"))).code, 201);
    assertEquals((await ask(register("bob", CODE))).code, 201);
    assertEquals((await ask(register("ann", CODE))).code, 201);
  }, false);
});

Deno.test("no invitation code is logged", () =>
  withInvite(async ({ log }, ask) => {
    await ask(register("eve", "wrong-code"));
    await ask(register("eve", CODE));
    const logged = JSON.stringify(log.records);
    assertEquals(log.of("wrong invitation code").length, 1);
    for (const code of ["wrong-code", CODE, hashOfInvite(CODE)]) assert(!logged.includes(code));
  }));
