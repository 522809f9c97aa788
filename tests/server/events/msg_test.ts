import { assert, assertEquals } from "@std/assert";

import type { MsgRequest } from "../../../common/wire/protocol.ts";
import type { Answer } from "../../../server/answer.ts";
import { msg } from "../../../server/events/msg.ts";
import { NO_SUCH_ROOM, refused } from "../../../server/events/refusals.ts";
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
import { enterRoom } from "../../support/enter_room.ts";
import { answerOf, withHouse } from "../../support/house.ts";
import { TestServer } from "../../support/server_fixture.ts";
import { settle } from "../../support/settle.ts";
import { storeWith } from "../../support/store_with.ts";

const to = (name: string, more: Partial<MsgRequest> = {}): MsgRequest => ({
  event: "msg",
  to: name,
  message: "hi",
  ...more,
});

Deno.test("msg: the answer says what became of a direct message", () =>
  withHouse({}, async ({ context, store, come }) => {
    const [eve, bob] = [come("eve"), come("Bob")];
    await store.createAccount("ann", "Ann", "hash");
    await store.rememberName("guest", "guest");
    const told = async (request: MsgRequest): Promise<[number, string]> => {
      const { code, sentence } = await answerOf(msg.handle(context, eve, request));
      return [code, sentence];
    };
    assertEquals(await told(to("bob")), [200, "Message delivered"]);
    assertEquals(await told(to("ann", { store: true })), [
      202,
      "The addressee is offline; the message will wait for them",
    ]);
    assertEquals(await told(to("ann")), [
      410,
      "The addressee is offline; the message was not delivered",
    ]);
    assertEquals(await told(to("guest", { store: true })), [
      410,
      "The addressee is a guest and offline; guests have no mailbox, the message was not delivered",
    ]);
    assertEquals(await told(to("nobody")), [404, "No user of that name has ever been here"]);
    bob.outlet.takes = false;
    assertEquals(await told(to("bob")), [
      410,
      "The addressee's connection takes no more at the moment; try again later",
    ]);
  }));

Deno.test("msg: a direct message that needs no disk is answered without a promise", () =>
  withHouse({}, ({ context, come }) => {
    const [eve, bob] = [come("eve"), come("bob")];
    const reply = msg.handle(
      context,
      eve,
      to("bob", { id: 7, messageJson: String.raw`"\u0068i"` }),
    );
    assertEquals((reply as Answer).code, 200);
    assertEquals(bob.lines, [
      String
        .raw`{"event":"msg","time":1767225600,"to":"bob","from":"eve","message":"\u0068i","id":7}` +
      "\n",
    ]);
  }));

Deno.test("msg: from is the sender's own name, however it is typed, or left out", () =>
  withHouse({}, ({ context, come }) => {
    const [eve, bob] = [come("Eve"), come("bob")];
    const code = (from: string): number =>
      (msg.handle(context, eve, to("bob", { from })) as Answer).code;
    assertEquals([code("Eve"), code("ＥＶＥ"), code("bob"), code("")], [200, 200, 400, 400]);
    assertEquals(bob.frames.map(({ from }) => from), ["Eve", "Eve"]);
    assertEquals(
      (msg.handle(context, eve, to("#dev", { from: "bob" })) as Answer).sentence,
      "from must be your own name, Eve, or left out",
    );
  }));

Deno.test("msg: to a room it takes a member, and the answer counts who took it", () =>
  withHouse({}, async ({ context, come }) => {
    const [eve, bob, ann] = [come("eve"), come("bob"), come("ann")];
    const ask = (): Answer => msg.handle(context, eve, to("#DEV")) as Answer;
    assertEquals(await ask(), NO_SUCH_ROOM);
    for (const user of [bob, ann]) await enterRoom(context.rooms, user, "#dev");
    assertEquals(ask(), refused("#dev", { why: "not-member" }, 0));
    await enterRoom(context.rooms, eve, "#dev");
    ann.outlet.takes = false;
    const { code, sentence, extras } = ask();
    assertEquals([code, sentence, extras], [200, "Message delivered to 1 in #dev", {
      delivered: 1,
    }]);
    assertEquals(bob.frames.at(-1), {
      event: "msg",
      time: 1_767_225_600,
      to: "#dev",
      from: "eve",
      message: "hi",
    });
  }));

Deno.test("a full mailbox is said to be full", async () => {
  await withAccounts(
    { storeOptions: { mailbox: { whole: { letters: 2, bytes: 5_000 } } } },
    async (fixture) => {
      await makeAccount(fixture, "bob");
      const eve = await online(fixture, presence("eve"));
      assertEquals(await ask(eve, toBob("one")), 202);
      assertEquals(await ask(eve, toBob("two")), 202);
      await eve.send(toBob("three"));
      const answer = await next(eve);
      assertEquals(answer?.response, 410);
      assert(String(answer?.error).includes("mailbox is full"));
    },
  );
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
