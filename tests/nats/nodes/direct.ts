import { assert, assertEquals } from "@std/assert";

import {
  account,
  back,
  code,
  guest,
  type NodeTests,
  quit,
  soon,
  upTo,
} from "../../support/node_group.ts";
import type { Frame, RawClient } from "../../support/raw_client.ts";

const to = (name: string, message: string, more: object = {}): object => ({
  event: "msg",
  to: name,
  message,
  ...more,
});

/** What is kept of two, as one of them reads it. */
async function history(client: RawClient, other: string): Promise<Frame[]> {
  const { response, messages } = await client.ask({ event: "history", with: other });
  assertEquals(response, 200);
  return messages as Frame[];
}

/** Direct messages: sections 6 and 7. */
export const DIRECT: NodeTests = {
  "who has just come is reached from the other node at once": async ({ a, b }) => {
    const sender = await guest(a, "quick");
    for (let round = 0; round < 20; round++) {
      const there = await guest(b, `new-${round}`);
      assertEquals([round, await code(sender, to(`new-${round}`, "hi"))], [round, 200]);
      assertEquals((await there.frame()).message, "hi");
      assertEquals([round, await code(there, to("quick", "hi"))], [round, 200]);
    }
  },
  "guests write to each other, in order, with ids": async ({ a, b }) => {
    const [here, there] = [await guest(a, "Guido"), await guest(b, "Gustav")];
    const texts = Array.from({ length: 200 }, (_, index) => `№${index} 👋 \u0000\n"`);
    await here.send(...texts.map((text, id) => to("gustav", text, { id })));
    const frames = await there.frames(texts.length);
    assertEquals(
      frames.map(({ message, id, from, to, seq }) => [message, id, from, to, seq]),
      texts
        .map((text, id) => [text, id, "Guido", "Gustav", undefined]),
    );
    for (const id of texts.keys()) {
      const { response, id: answered } = await here.response();
      assertEquals([response, answered], [200, id]);
    }
    assertEquals(await code(here, to("Gustav", "x", { from: "Gustav" })), 400);
    assertEquals(await there.pending(), []);
  },
  "what somebody does stays that, whether it is kept or not, and in a mailbox": async (
    { a, b },
  ) => {
    const action = { kind: "action" };
    const [here, there] = [await guest(a, "Kind-waver"), await guest(b, "Kind-watcher")];
    await here.ask({ event: "join", room: "#wave" });
    await soon(
      there,
      { event: "join", room: "#wave" },
      ({ users }) => (users as string[]).length === 2,
    );
    await here.pending();
    for (const name of ["kind-watcher", "#wave"]) {
      assertEquals(await code(here, to(name, "waves", action)), 200);
      assertEquals((await there.frame()).kind, "action");
      assertEquals(await code(here, to(name, "hi")), 200);
      assertEquals("kind" in await there.frame(), false);
    }
    const [anna, bert] = [await account(a, "Anna-waves"), await account(b, "Bert-waves")];
    assertEquals(await code(anna, to("bert-waves", "waves", action)), 200);
    const { seq, kind } = await bert.frame();
    assertEquals(kind, "action");
    assertEquals(
      await code(anna, { event: "edit", to: "bert-waves", seq, message: "nods" }),
      200,
    );
    const { event, kind: edited } = await bert.frame();
    assertEquals([event, edited], ["edit", "action"]);
    for (const [client, other] of [[anna, "bert-waves"], [bert, "anna-waves"]] as const) {
      assertEquals((await history(client, other)).map(({ kind }) => kind), ["action"]);
    }
    await quit(bert);
    await soon(
      anna,
      to("bert-waves", "leaves", { ...action, store: true }),
      ({ response }) => response === 202,
    );
    const again = await back(a, "Bert-waves");
    const stored = (await again.pending()).filter(({ message }) => message === "leaves");
    assertEquals(stored.at(-1)!.kind, "action");
  },
  "accounts write to each other with one rising seq, whoever reads it where": async ({ a, b }) => {
    const [here, there] = [await account(a, "Anna"), await account(b, "Bert")];
    const seqs: unknown[] = [];
    for (let round = 0; round < 5; round++) {
      for (const [from, name, gets] of [[here, "Bert", there], [there, "Anna", here]] as const) {
        const { response, seq } = await from.ask(to(name, `round ${round}`, { id: `r${round}` }));
        assertEquals(response, 200);
        const frame = await gets.frame();
        assertEquals([frame.message, frame.seq], [`round ${round}`, seq]);
        seqs.push(seq);
      }
    }
    assertEquals(seqs, seqs.toSorted((x, y) => Number(x) - Number(y)));
    assertEquals(new Set(seqs).size, 10);
    const [asHere, asThere] = [await history(here, "bert"), await history(there, "anna")];
    assertEquals(asHere.map(({ seq }) => seq), seqs);
    assertEquals(asHere, asThere);
    const reply = { reply: seqs[0] };
    assertEquals(await code(there, to("anna", "to that", reply)), 200);
    assertEquals((await here.frame()).reply, seqs[0]);
    assertEquals(await code(there, to("anna", "to nothing", { reply: 9_999_999 })), 404);
    assertEquals(await code(here, { event: "read", with: "bert", seq: seqs[5] }), 200);
    await quit(here);
    const again = await back(b, "anna");
    const { conversations } = await again.ask({ event: "conversations" });
    assertEquals((conversations as Frame[]).map((one) => [one.with, one.read]), [[
      "Bert",
      seqs[5],
    ]]);
  },
  "a repeat on the other node is answered as the first time and not delivered": async (
    { a, b },
  ) => {
    const here = await account(a, "again");
    const there = await account(b, "listener");
    const first = await here.ask(to("listener", "once", { id: "one" }));
    assertEquals((await there.frame()).message, "once");
    const moved = await back(b, "again", { takeover: true });
    const second = await moved.ask(to("listener", "once", { id: "one" }));
    assertEquals([second.response, second.seq], [first.response, first.seq]);
    assertEquals(await there.pending(), []);
    assertEquals((await history(there, "again")).length, 1);
    await quit(there);
    const stored = await moved.ask(to("listener", "twice", { id: "two", store: true }));
    assertEquals(stored.response, 202);
    const third = await back(a, "again", { takeover: true });
    const repeat = await third.ask(to("listener", "twice", { id: "two", store: true }));
    assertEquals([repeat.response, repeat.seq], [202, stored.seq]);
    const reader = await back(a, "listener");
    assertEquals((await reader.pending()).map(({ message }) => message), ["twice"]);
  },
  "a letter is stored on one node and fetched on the other; ack holds on both": async (
    { a, b },
  ) => {
    await quit(await account(a, "postman-friend"));
    const sender = await guest(b, "postman");
    for (const text of ["one", "two", "three"]) {
      assertEquals(await code(sender, to("postman-friend", text, { store: true })), 202);
    }
    assertEquals(await code(sender, to("postman-friend", "not stored")), 410);
    assertEquals(
      await code(await guest(a, "no-account"), to("postman", "x", { store: true })),
      200,
    );
    const onB = await back(b, "postman-friend");
    const letters = await onB.frames(3);
    assertEquals(letters.map(({ message }) => message), ["one", "two", "three"]);
    // Not acknowledged: they come again, on the other node, and are acknowledged there.
    const onA = await back(a, "postman-friend", { takeover: true });
    const again = await onA.frames(3);
    assertEquals(again.map(({ stored }) => stored), letters.map(({ stored }) => stored));
    assertEquals(await code(onA, { event: "ack", stored: again[1]!.stored }), 200);
    await quit(onA);
    const last = await back(b, "postman-friend");
    assertEquals((await last.pending()).map(({ message }) => message), ["three"]);
  },
  "what was handed over and not confirmed waits for the account on the other node": async (
    { a, b },
  ) => {
    const there = await account(b, "shaky");
    const sender = await account(a, "steady");
    const { seq } = await sender.ask(to("shaky", "perhaps lost"));
    await there.frame();
    there.reset();
    const returned = await a.connect();
    const answer = await soon(returned, {
      event: "authenticate",
      user: { account_name: "shaky", password: "correct horse" },
    }, ({ response }) => response === 200);
    assertEquals(answer.response, 200);
    const [letter] = await returned.frames(1);
    assertEquals([letter!.message, letter!.seq, typeof letter!.stored], [
      "perhaps lost",
      seq,
      "number",
    ]);
  },
  "block holds for a sender on the other node": async ({ a, b }) => {
    const here = await account(a, "quiet");
    const there = await account(b, "loud");
    assertEquals(await code(here, { event: "block", user: "Loud", on: true }), 200);
    assertEquals(await code(there, to("quiet", "hey")), 403);
    await quit(here);
    assertEquals(await code(there, to("quiet", "hey", { store: true })), 403);
    const again = await back(b, "quiet");
    assertEquals((await again.ask({ event: "block" })).blocked, ["loud"]);
    assertEquals(await code(again, { event: "block", user: "loud", on: false }), 200);
    assertEquals(await code(await back(a, "loud", { takeover: true }), to("quiet", "well")), 200);
    assertEquals((await again.frame()).message, "well");
  },
  "whatever is sent to somebody who comes and goes is answered": async ({ a, b }) => {
    const sender = await account(a, "patient");
    let bird = await account(b, "bird");
    for (let round = 0; round < 10; round++) {
      const store = round % 2 === 0;
      await sender.send(...Array.from({ length: 20 }, () => to("bird", `${round}`, { store })));
      const gone = round % 3 === 0 ? quit(bird) : Promise.resolve(bird.reset());
      for (let index = 0; index < 20; index++) {
        const { response, error } = await sender.response();
        assert([200, 202, 410].includes(response!), `${round} ${index}: ${response} ${error}`);
        if (store) assert(response !== 410, error);
      }
      await gone;
      bird = await back(round % 4 < 2 ? b : a, "bird", { takeover: true });
      const frames = await bird.pending();
      const seqs = frames.map(({ seq }) => seq as number);
      assertEquals(seqs, seqs.toSorted((x, y) => x - y));
      const stored = frames.findLast(({ stored }) => stored !== undefined)?.stored;
      if (stored !== undefined) assertEquals(await code(bird, { event: "ack", stored }), 200);
      await quit(bird);
      bird = await back(b, "bird");
    }
    const read = await history(bird, "patient");
    assertEquals(new Set(read.map(({ seq }) => seq)).size, read.length);
  },
  "a connection on the other node that takes no more is answered 410, a text too long 400": async (
    { a, b },
  ) => {
    const sender = await guest(a, "pusher");
    const stuck = await guest(b, "stuck");
    assertEquals(await code(sender, to("stuck", "x".repeat(4097))), 400);
    stuck.pause();
    let answer: Frame = {};
    for (let sent = 0; sent < 4000 && answer.response !== 410; sent += 50) {
      await sender.send(...Array.from({ length: 50 }, () => to("stuck", "я".repeat(4000))));
      for (let index = 0; index < 50; index++) answer = await sender.response();
    }
    assertEquals(answer.response, 410, "never full");
    assert(answer.error!.includes("takes no more"), answer.error);
    stuck.close();
  },
  "a mailbox takes a hundred letters of one sender, on whichever node": async ({ a, b }) => {
    await quit(await account(a, "full-box"));
    const onA = await guest(a, "filler");
    const letter = to("full-box", "letter", { store: true });
    await onA.send(...Array.from({ length: 60 }, () => letter));
    for (let index = 0; index < 60; index++) assertEquals((await onA.response()).response, 202);
    await quit(onA);
    const onB = await guest(b, "filler");
    await onB.send(...Array.from({ length: 41 }, () => letter));
    const codes = [];
    for (let index = 0; index < 41; index++) codes.push((await onB.response()).response);
    assertEquals(codes, [...Array(40).fill(202), 410]);
  },
  "two who write to each other at once see one order": async ({ a, b }) => {
    const [here, there] = [await account(a, "order-a"), await account(b, "order-b")];
    const texts = Array.from({ length: 30 }, (_, index) => `${index}`);
    await Promise.all([
      here.send(...texts.map((text) => to("order-b", text))),
      there.send(...texts.map((text) => to("order-a", text))),
    ]);
    for (const client of [here, there]) {
      for (let index = 0; index < 30; index++) {
        assertEquals((await client.response()).response, 200);
      }
      const got = await upTo(client, ({ message }) => message === "29");
      assertEquals(got.map(({ message }) => message), texts);
    }
    const kept = await history(here, "order-b");
    assertEquals(kept, await history(there, "order-a"));
  },
};
