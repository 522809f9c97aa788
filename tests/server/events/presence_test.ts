import { assertEquals } from "@std/assert";

import type { PresenceRequest } from "../../../common/wire/protocol.ts";
import type { Commit } from "../../../server/answer.ts";
import { presence } from "../../../server/events/presence.ts";
import { NAME_IN_USE } from "../../../server/events/refusals.ts";
import type { Store } from "../../../server/store/store.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { answerOf, withHouse } from "../../support/house.ts";
import { storeWith } from "../../support/store_with.ts";

const as = (account_name: string, status?: string): PresenceRequest => ({
  event: "presence",
  user: status === undefined ? { account_name } : { account_name, status },
});

Deno.test("presence: a guest is remembered before the commit, and online with it, status and all", () =>
  withHouse({}, async ({ context, store }) => {
    const peer = new FakePeer();
    const commit = await presence.handle(context, peer, as("Eve", "busy"));
    assertEquals([await store.nameStatus("eve"), context.registry.size], ["guest", 0]);
    const { code, sentence } = (commit as Commit)();
    assertEquals([code, sentence], [200, "You are online"]);
    const { name, status, isAccount } = peer.user!;
    assertEquals([name, status, isAccount], ["Eve", "busy", false]);
    assertEquals(context.registry.find("eve") === peer.user, true);
  }));

Deno.test("presence: who is online says what they do, under their own name, without a promise", () =>
  withHouse({}, async ({ context }) => {
    const peer = new FakePeer();
    await answerOf(presence.handle(context, peer, as("Eve", "here")));
    const code = (request: PresenceRequest): unknown => {
      const reply = presence.handle(context, peer, request);
      return reply instanceof Promise ? "a promise" : (reply as { code: number }).code;
    };
    assertEquals([code(as("ＥＶＥ", "away")), peer.user?.status], [200, "away"]);
    assertEquals([code(as("eve")), peer.user?.status], [200, "away"]);
    assertEquals([code(as("eve", "")), peer.user?.status], [200, ""]);
    assertEquals([code(as("bob", "gone")), peer.user?.status], [400, ""]);
  }));

Deno.test("presence: each refusal has its own words, and nobody is remembered", async () => {
  await withHouse({}, async ({ context, store, come }) => {
    come("eve");
    await store.createAccount("bob", "bob", "hash");
    context.store.blockReason = (folded) =>
      Promise.resolve(folded === "mallory" ? "spam" : undefined);
    const told = async (name: string): Promise<[number, string, boolean]> => {
      const peer = new FakePeer();
      const { code, sentence, closes } = await answerOf(presence.handle(context, peer, as(name)));
      assertEquals([peer.user, await store.nameStatus("eve")], [undefined, "unknown"]);
      return [code, sentence, closes ?? false];
    };
    assertEquals(await told("Eve"), [NAME_IN_USE.code, NAME_IN_USE.sentence, false]);
    assertEquals(await told("BOB"), [
      401,
      "This name has an account: authenticate with its password",
      false,
    ]);
    assertEquals(await told("mallory"), [403, "This user is blocked: spam", true]);
  });
  await withHouse({ settings: { guests: false } }, async ({ context, store }) => {
    const { code, sentence } = await answerOf(
      presence.handle(context, new FakePeer(), as("eve")),
    );
    assertEquals(
      [code, sentence],
      [401, "Guests are not admitted: authenticate with an account"],
    );
    assertEquals(await store.nameStatus("eve"), "unknown");
  });
});

Deno.test("presence: of two who ask for a name at once, the first to commit has it", () =>
  withHouse({}, async ({ context }) => {
    const [first, second] = [new FakePeer(), new FakePeer()];
    const [one, two] = await Promise.all(
      [first, second].map((peer) => presence.handle(context, peer, as("eve"))),
    ) as [Commit, Commit];
    assertEquals([two().code, one()], [200, NAME_IN_USE]);
    assertEquals([first.user, second.user?.name], [undefined, "eve"]);
  }));

Deno.test("presence: a name that becomes an account while it goes to disk is no guest's", () => {
  const storeFor = (store: Store): Store =>
    storeWith(store, {
      rememberName: async (folded, name) => {
        const isNew = await store.rememberName(folded, name);
        await store.createAccount(folded, name, "hash");
        return isNew;
      },
    });
  return withHouse({ storeFor }, async ({ context }) => {
    const peer = new FakePeer();
    const answer = await answerOf(presence.handle(context, peer, as("eve")));
    assertEquals([answer, peer.user], [NAME_IN_USE, undefined]);
  });
});
