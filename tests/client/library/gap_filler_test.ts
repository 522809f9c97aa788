import { assertEquals, assertObjectMatch, assertRejects } from "@std/assert";

import { dial } from "../../../client/library/dial.ts";
import { type ClientEvent, JimClient } from "../../../client/library/jim_client.ts";
import type { ClientOptions } from "../../../client/library/options.ts";
import type { Link } from "../../../common/link.ts";
import type { Request } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { type Answer, ScriptedServer } from "../../support/scripted_server.ts";
import { eventually, PASSWORD, TestServer } from "../../support/server_fixture.ts";
import { connect, message, next } from "./support.ts";

const room = (seq: number, more: object = {}) => ({
  ...{ time: 7, to: "#dev", from: "bob", message: `${seq}`, seq },
  ...more,
});
const live = (seq: number, more: object = {}) => ({ event: "msg", ...room(seq, more) });
const joined = (last: number, more: Answer = {}): Answer => ({
  ...{ room: "#dev", users: ["eve"], lasting: true, last },
  ...more,
});

/** What the server says: nothing special, or with `null` nothing at all. */
type Reply = Answer | null | Promise<Answer | null>;

/** A server, and a client that is in #dev, where the newest message is 5, and whose events are taken. */
class Lossy implements AsyncDisposable {
  readonly server = new ScriptedServer();
  client!: JimClient;
  events!: AsyncIterableIterator<ClientEvent, undefined>;

  static async start(options: ClientOptions = {}, last = 5): Promise<Lossy> {
    const lossy = new Lossy();
    const { server } = lossy;
    server.answer = ({ event }) => event === "join" ? joined(last) : {};
    lossy.client = await connect(server, options);
    await lossy.client.join("#dev");
    lossy.events = lossy.client.events();
    return lossy;
  }

  /** Breaks the connection; the next one gets these answers. */
  lose(answer: (request: Request) => Reply): void {
    this.server.answer = async (request) => {
      const reply = await answer(request);
      return reply === null ? undefined : reply ?? {};
    };
    this.server.peer.close();
  }

  /** What comes up to the answer to a probe, after the client is back: messages as texts, a dot before missed ones. */
  async back(): Promise<unknown[]> {
    await next(this.events, "online");
    const { client } = this;
    const seen: unknown[] = [];
    // More turns to and fro than any test has pages.
    for (let i = 0; i < 6; i++) await client.probe();
    await client.send("nobody", "-");
    for (;;) {
      const { value } = await this.events.next();
      if (value?.type === "outcome") return seen;
      if (value?.type === "message") {
        seen.push(`${value.missed ? "." : ""}${value.message.message}`);
      } else if (value?.type === "gap") {
        const { type: _, ...gap } = value;
        seen.push(gap);
      } else if (value?.type !== "room-back") {
        seen.push(value?.type);
      }
    }
  }

  /** What the last connection was asked about conversations. */
  get asked(): object[] {
    return this.server.peer.requests
      .filter(({ event }) => event === "join" || event === "history")
      .map(({ id: _, ...request }) => request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.quit();
    await this.server[Symbol.asyncDispose]();
  }
}

Deno.test("what was missed in a room is brought page by page, before what comes afterwards", async () => {
  await using lossy = await Lossy.start();
  const { server, events } = lossy;
  await server.peer.write(live(6));
  assertEquals((await next(events, "message")).message.seq, 6);
  const pages: Answer[] = [
    { messages: [room(10), room(11, { from: "EVE" }), room(12)], more: true },
    { messages: [room(13, { message: "new text", edited: 9 }), room(15)], more: true },
  ];
  lossy.lose(async ({ event }) => {
    if (event === "join") return joined(14, { messages: [room(8), room(9)], more: true });
    if (event !== "history") return {};
    // Said after the room was entered: it waits for its turn, and the page has it, too.
    if (pages.length === 2) await server.peer.write(live(15), live(16));
    return pages.shift();
  });
  const deleted = { ...room(12), deleted: true as const };
  pages[0]!.messages![2] = deleted;
  assertEquals(await lossy.back(), [".8", ".9", ".10", ".new text", "15", "16"]);
  assertEquals(lossy.asked, [
    { event: "join", room: "#dev", after: 6 },
    { event: "history", with: "#dev", after: 9, limit: 100 },
    { event: "history", with: "#dev", after: 12, limit: 100 },
  ]);
  lossy.lose(({ event }) => event === "join" ? joined(16, { messages: [], more: false }) : {});
  assertEquals(await lossy.back(), []);
  assertEquals(lossy.asked, [{ event: "join", room: "#dev", after: 16 }]);
});

Deno.test("a missed message is handed out as it would stand on the wire", async () => {
  await using lossy = await Lossy.start();
  const kept = room(6, { message: "чай? 🍵", id: "m1", reply: 4 });
  lossy.lose(({ event }) =>
    event === "join" ? joined(6, { messages: [kept], more: false }) : undefined
  );
  const event = await next(lossy.events, "message");
  assertEquals(event, {
    ...{ type: "message", missed: true, message: { event: "msg", ...kept } as never },
    line: JSON.stringify({
      ...{ event: "msg", time: 7, to: "#dev", from: "bob", message: "чай? 🍵" },
      ...{ id: "m1", reply: 4, seq: 6 },
    }),
  });
});

Deno.test("where no number was seen nothing is asked for", async () => {
  await using server = new ScriptedServer();
  const client = await connect(server);
  const events = client.events();
  await client.join("#dev");
  await client.send("bob", "hi");
  await server.peer.write(message("unnumbered"), { ...message("guests"), to: "#dev" });
  server.peer.close();
  await next(events, "online");
  await client.send("bob", "ho");
  const asked = server.peer.requests.map(({ id: _, ...request }) => request);
  assertEquals(asked.slice(1, -1), [{ event: "join", room: "#dev" }]);
  await client.quit();
});

Deno.test("without missed messages a client asks for none", async () => {
  await using lossy = await Lossy.start({ maxMissed: 0 });
  await lossy.server.peer.write(live(6), message("direct", { seq: 3 }));
  lossy.lose(() => ({}));
  assertEquals(await lossy.back(), []);
  assertEquals(lossy.asked, [{ event: "join", room: "#dev" }]);
  await assertRejects(() => connect(lossy.server, { maxMissed: -1 }), RangeError, "from 0");
  await assertRejects(() => connect(lossy.server, { maxMissed: NaN }), RangeError, "from 0");
});

Deno.test("a server that refuses the number lets the client into the room without, and a gap says so", async () => {
  await using lossy = await Lossy.start();
  lossy.lose((request) => {
    if (request.event !== "join") return {};
    return request.after === undefined ? joined(9) : { response: 403, error: "nothing is kept" };
  });
  assertEquals(await lossy.back(), [
    { with: "#dev", after: 5, upTo: 9, reason: "refused", sentence: "nothing is kept" },
  ]);
  assertEquals(lossy.client.rooms, ["#dev"]);
  lossy.lose(({ event }) => event === "join" ? joined(9, { messages: [], more: false }) : {});
  await lossy.back();
  assertEquals(lossy.asked, [{ event: "join", room: "#dev", after: 9 }]);
});

Deno.test("a server that keeps nothing is asked once, and nothing is said of it", async () => {
  await using lossy = await Lossy.start({}, 0);
  const answer = (request: Request): Reply => {
    if (request.event !== "join") return {};
    return request.after === undefined ? joined(0) : { response: 403, error: "nothing is kept" };
  };
  for (const asked of [[{ after: 0 }, {}], [{}], [{}]]) {
    lossy.lose(answer);
    assertEquals(await lossy.back(), []);
    assertEquals(lossy.asked, asked.map((more) => ({ event: "join", room: "#dev", ...more })));
  }
});

Deno.test("the first messages of a room are not lost", async () => {
  await using lossy = await Lossy.start({}, 0);
  lossy.lose(({ event }) =>
    event === "join" ? joined(1, { messages: [room(1)], more: false }) : {}
  );
  assertEquals(await lossy.back(), [".1"]);
});

Deno.test("a room that was left between the two requests is left", async () => {
  await using lossy = await Lossy.start();
  const { client, server } = lossy;
  let leaving: Promise<void> | undefined;
  lossy.lose((request) => {
    if (request.event !== "join" || request.after === undefined) return {};
    leaving = client.leave("#dev");
    return { response: 403, error: "no" };
  });
  await next(lossy.events, "online");
  await server.until(() => server.requests("leave").length === 2);
  await leaving;
  assertEquals(client.rooms, []);
});

Deno.test("a room that is numbered anew is another one: a gap, and on from its newest message", async () => {
  await using lossy = await Lossy.start();
  lossy.lose(({ event }) => event === "join" ? joined(2, { messages: [], more: false }) : {});
  assertEquals(await lossy.back(), [
    {
      with: "#dev",
      after: 0,
      upTo: 2,
      reason: "renumbered",
      sentence: "The room is numbered anew",
    },
  ]);
  await lossy.server.peer.write(live(3));
  assertEquals((await next(lossy.events, "message")).message.message, "3");
  lossy.lose(({ event }) =>
    event === "join" ? joined(4, { messages: [room(4)], more: false }) : {}
  );
  assertEquals(await lossy.back(), [".4"]);
  assertEquals(lossy.asked, [{ event: "join", room: "#dev", after: 3 }]);
});

Deno.test("more than is wanted is not poured out: a gap says what is left out", async () => {
  await using lossy = await Lossy.start({ maxMissed: 3 });
  lossy.lose((request) => {
    if (request.event === "join") {
      return joined(90, { messages: [room(6), room(7)], more: true });
    }
    return request.event === "history" ? { messages: [room(8)], more: true } : {};
  });
  const sentence = "More than 3 messages were missed";
  assertEquals(await lossy.back(), [
    ...[".6", ".7", ".8"],
    { with: "#dev", after: 8, upTo: 90, reason: "many", sentence },
  ]);
  assertEquals(lossy.asked.at(-1), { event: "history", with: "#dev", after: 7, limit: 1 });
  const page = [room(91), room(92), room(93), room(94)];
  lossy.lose(({ event }) => event === "join" ? joined(94, { messages: page, more: false }) : {});
  assertEquals(await lossy.back(), [
    ...[".91", ".92", ".93"],
    { with: "#dev", after: 93, upTo: 94, reason: "many", sentence },
  ]);
});

const NONSENSE: Record<string, Answer> = {
  "falling numbers": { messages: [room(8), room(7)], more: false },
  "numbers from before": { messages: [room(5)], more: false },
  "more without end": { messages: [], more: true },
  "a huge page": {
    messages: Array.from({ length: 101 }, (_, i) => room(6 + i)),
    more: false,
  },
};

for (const [what, nonsense] of Object.entries(NONSENSE)) {
  for (const where of ["join", "history"]) {
    Deno.test(`${what} in the answer to ${where}: one gap, and the client goes on`, async () => {
      await using lossy = await Lossy.start();
      lossy.lose(({ event }) => {
        if (event === "join") return joined(9, where === "join" ? nonsense : {});
        return event === "history" ? nonsense : {};
      });
      const [gap, ...others] = await lossy.back();
      assertObjectMatch(gap as object, { with: "#dev", after: 5, upTo: 9, reason: "wrong" });
      assertEquals([others, lossy.client.rooms], [[], ["#dev"]]);
    });
  }
}

Deno.test("an answer to join that had no place for messages, or knows none, is followed by a page", async () => {
  for (const bare of [{}, { messages: [], more: true }]) {
    await using lossy = await Lossy.start();
    lossy.lose(({ event }) => {
      if (event === "join") return joined(6, bare);
      return event === "history" ? { messages: [room(6)], more: false } : {};
    });
    assertEquals(await lossy.back(), [".6"]);
  }
});

Deno.test("an answer that cannot be read costs a connection and a gap, not the room", async () => {
  await using lossy = await Lossy.start();
  const { server } = lossy;
  lossy.lose((request) => {
    const isAsked = request.event === "join" && request.after !== undefined;
    return isAsked ? { messages: [{ seq: "x" }] as never } : joined(9);
  });
  const gap = await next(lossy.events, "gap");
  assertObjectMatch(gap, { with: "#dev", after: 5, reason: "wrong" });
  await server.until(() => server.requests("join").length === 3);
  assertEquals(lossy.asked, [{ event: "join", room: "#dev" }]);
  await lossy.back();
  assertEquals(lossy.client.rooms, ["#dev"]);
});

Deno.test("what waits for missed messages has a bound: beyond it nothing waits, and a gap says so", async () => {
  await using lossy = await Lossy.start({ maxQueued: 20 });
  const { server } = lossy;
  lossy.lose(({ event }) => {
    if (event === "history") return null;
    return event === "join" ? joined(9, { messages: [room(6)], more: true }) : {};
  });
  await next(lossy.events, "online");
  await server.until(() => server.peer.requests.some(({ event }) => event === "history"));
  const consumed = (async () => {
    const seen = [];
    for await (const event of lossy.events) {
      if (event.type === "message") seen.push(event.message.seq);
      else if (event.type === "gap") seen.push(event.reason, event.after, event.upTo);
      if (seen.at(-1) === 30) return seen;
    }
  })();
  for (let seq = 10; seq <= 30; seq++) await server.peer.write(live(seq));
  assertEquals(await consumed, [
    ...[6, "busy", 6, 9],
    ...Array.from({ length: 21 }, (_, i) => 10 + i),
  ]);
  lossy.client.close();
});

Deno.test("whoever takes nothing gets no page either, until there is room again", async () => {
  await using lossy = await Lossy.start({ maxQueued: 2 });
  const { server, events } = lossy;
  lossy.lose(({ event }) => {
    if (event === "join") return joined(9, { messages: [room(6), room(7)], more: true });
    return event === "history" ? { messages: [room(8), room(9)], more: false } : {};
  });
  await server.until(() => server.requests("join").length === 2);
  // The second one is sent behind whatever the answer to join brought about.
  for (let i = 0; i < 2; i++) await lossy.client.probe();
  assertEquals(server.requests("history"), []);
  for (const seq of [6, 7, 8, 9]) {
    assertEquals((await next(events, "message")).message.seq, seq);
  }
});

Deno.test("a room is brought up to its newest message at the time of entering, and no further", async () => {
  await using lossy = await Lossy.start();
  lossy.lose(async ({ event, id }) => {
    if (event === "join") return joined(7, { messages: [room(6)], more: true });
    if (event !== "history") return {};
    // The server has numbered 8 and 9, and delivers them behind this answer.
    const page = { messages: [room(7), room(8)], more: true };
    await lossy.server.peer.write({ response: 200, time: 1, id, ...page }, live(8), live(9));
    return null;
  });
  assertEquals(await lossy.back(), [".6", ".7", ".8", "9"]);
  assertEquals(lossy.asked.length, 2);
});

Deno.test("own messages do not move the place at which a further loss has to begin", async () => {
  const clock = new FakeClock();
  await using lossy = await Lossy.start({ clock, maxQueued: 2 });
  const { server, client, events } = lossy;
  const answer = ({ event }: Request): Reply => {
    if (event === "msg") return { seq: 500 };
    if (event === "history") return null;
    return event === "join" ? joined(9, { messages: [room(6), room(7)], more: true }) : {};
  };
  lossy.lose(answer);
  await next(events, "offline");
  clock.advance(1);
  await server.until(() => server.requests("join").length === 2);
  const sending = client.send("#dev", "mine");
  await client.probe();
  clock.advance(1_000);
  await sending;
  server.peer.close();
  for (const seq of [6, 7]) assertEquals((await next(events, "message")).message.seq, seq);
  await next(events, "offline");
  clock.advance(1_000);
  await server.until(() => server.requests("join").length === 3);
  assertEquals(lossy.asked, [{ event: "join", room: "#dev", after: 7 }]);
  client.close();
});

Deno.test("what waits is handed out when the client ends, or the room does, or does not take it back", async () => {
  for (const end of ["close", "remove", "refuse"]) {
    await using lossy = await Lossy.start();
    const { server, client, events } = lossy;
    let joins = 0;
    lossy.lose(async ({ event }) => {
      if (event === "join") {
        if (++joins > 1) return { response: 403, error: "out" };
        return joined(9, { messages: [room(6)], more: true });
      }
      if (event !== "history") return {};
      await server.peer.write(live(10));
      if (end === "refuse") server.peer.close();
      if (end === "remove") {
        await server.peer.write({
          response: 100,
          time: 1,
          alert: "gone",
          room: "#dev",
          remove: true,
        });
      }
      return null;
    });
    assertEquals((await next(events, "message")).message.seq, 6);
    if (end === "close") {
      // Its answer stands behind the message that waits.
      await server.until(() => server.requests("history").length === 1);
      await server.peer.write(message("direct"));
      assertEquals((await next(events, "message")).message.message, "direct");
      client.close();
    }
    assertEquals((await next(events, "message")).message.seq, 10, end);
    if (end !== "close") client.close();
  }
});

/** Breaks the connection while bob and eve talk, where the last number is 4. */
async function loseDirect(
  lossy: Lossy,
  answer: (request: Request) => Reply,
  letters: object[] = [],
): Promise<void> {
  const { server, events } = lossy;
  await server.peer.write(message("seen", { seq: 4 }));
  await next(events, "message");
  lossy.lose(async (request) => {
    if (request.event === "join") return joined(5, { messages: [], more: false });
    if (request.event !== "presence") return await answer(request);
    await server.peer.write({ response: 200, time: 1, id: request.id }, ...letters);
    return null;
  });
}

Deno.test("direct messages come from the mailbox and from the history: each once, in order, acknowledged", async () => {
  await using lossy = await Lossy.start();
  const kept = (seq: number) => ({ time: 7, to: "eve", from: "bob", message: `${seq}`, seq });
  const letters = [message("6", { seq: 6, stored: 1 }), message("8", { seq: 8, stored: 2 })];
  await loseDirect(
    lossy,
    ({ event }) =>
      event === "history"
        ? {
          messages: [kept(5), kept(6), { ...kept(7), from: "eve", to: "bob" }, kept(8)],
          more: false,
        }
        : {},
    letters,
  );
  assertEquals(await lossy.back(), [".5", "6", "8"]);
  assertEquals(lossy.asked, [
    { event: "join", room: "#dev", after: 5 },
    { event: "history", with: "bob", after: 4, limit: 100 },
  ]);
  const { server } = lossy;
  await server.until(() =>
    server.requests("ack").some((one) => "stored" in one && one.stored === 2)
  );
  await server.peer.write(message("5", { seq: 5, stored: 3 }), message("9", { seq: 9 }));
  assertEquals((await next(lossy.events, "message")).message.message, "9", "the mailbox was late");
});

Deno.test("a change waits behind the message that it is about", async () => {
  await using lossy = await Lossy.start();
  const { server, events } = lossy;
  const change = { event: "edit", time: 8, to: "eve", from: "bob", seq: 6, message: "better" };
  await loseDirect(
    lossy,
    ({ event }) =>
      event === "history" ? { messages: [{ ...room(5), to: "eve" }], more: false } : {},
    [message("6", { seq: 6, stored: 1 }), change],
  );
  await next(events, "room-back");
  await server.until(() => server.requests("history").length === 1);
  const seen = [];
  for (let i = 0; i < 3; i++) seen.push((await events.next()).value);
  assertEquals(seen.map((event) => event?.type), ["message", "message", "change"]);
  assertEquals(seen.slice(0, 2).map((event) => event?.type === "message" && event.message.seq), [
    5,
    6,
  ]);
});

Deno.test("a conversation that is gone with its account is no gap; one that is refused is, once", async () => {
  const cases: [Answer, unknown[]][] = [
    [{ response: 404, error: "no such account" }, []],
    [{ response: 403, error: "nothing is kept" }, [
      { with: "bob", after: 4, reason: "refused", sentence: "nothing is kept" },
    ]],
  ];
  for (const [answer, seen] of cases) {
    await using lossy = await Lossy.start();
    await loseDirect(lossy, ({ event }) => event === "history" ? answer : {});
    assertEquals(await lossy.back(), seen);
    lossy.lose(({ event }) => event === "join" ? joined(5, { messages: [], more: false }) : {});
    assertEquals(await lossy.back(), []);
    assertEquals(lossy.asked, [{ event: "join", room: "#dev", after: 5 }]);
  }
});

Deno.test("what was said to an account and taken elsewhere is brought from a real server", async () => {
  await using server = new TestServer();
  const links: Link[] = [];
  const open = [Promise.resolve()];
  await using eve = await JimClient.connect({
    ...{ firstMs: 1, maxMs: 1 },
    dial: async (signal) => {
      await open.at(-1);
      const link = await dial({ ...server.address, signal });
      links.push(link);
      return link;
    },
  });
  await eve.login("eve", { password: PASSWORD, register: true });
  await using bob = await JimClient.connect(server.address);
  await bob.login("bob", { password: PASSWORD, register: true });
  const events = eve.events();
  await bob.send("eve", "one");
  assertEquals((await next(events, "message")).message.message, "one");
  await eve.probe(); // confirms that it has arrived
  const { promise, resolve } = Promise.withResolvers<void>();
  open.push(promise);
  links.at(-1)!.close();
  await next(events, "offline");
  await eventually(() => server.log.of("interrupted").length === 1, () => "eve is interrupted");
  await bob.send("eve", "два 🍵");
  // The password ends the session that waits for eve: what she comes with then is worth nothing any more.
  const elsewhere = await JimClient.connect(server.address);
  await elsewhere.login("eve", { password: PASSWORD });
  const messages = elsewhere.messages();
  const { value: letter } = await messages.next();
  assertEquals(letter?.message, "два 🍵");
  await elsewhere.ack(letter!.stored!);
  await elsewhere.send("bob", "mine");
  await elsewhere.quit();
  await bob.send("eve", "three");
  resolve();
  const two = await next(events, "message");
  assertEquals([two.message.message, two.missed], ["два 🍵", true]);
  const three = await next(events, "message");
  assertEquals([three.message.message, three.missed], ["three", undefined]);
  assertEquals(three.message.stored !== undefined, true);
});
