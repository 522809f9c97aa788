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
import type { Frame } from "../../support/raw_client.ts";
import { PASSWORD } from "../../support/server_fixture.ts";

const join = (room: string, more: object = {}): object => ({ event: "join", room, ...more });
const msg = (to: string, message: string, more: object = {}): object => ({
  event: "msg",
  to,
  message,
  ...more,
});
const login = (name: string, more: object = {}): object => ({
  event: "authenticate",
  user: { account_name: name, password: PASSWORD },
  ...more,
});

/** What two nodes are asked within the same few milliseconds. */
export const MOMENTS: NodeTests = {
  "a name that a guest has on one node is registered by nobody on the other": async ({ a, b }) => {
    const here = await guest(a, "squatter");
    const there = await b.connect();
    assertEquals(await code(there, login("Squatter", { register: true })), 409);
    await quit(here);
    assertEquals(await code(there, login("Squatter", { register: true })), 201);
  },
  "a guest and an account that make one room at once are in one room": async ({ a, b }) => {
    for (let round = 0; round < 8; round++) {
      const [visitor, owner] = [
        await guest(a, `both-g${round}`),
        await account(b, `both-a${round}`),
      ];
      const room = `#both${round}`;
      const answers = await Promise.all([visitor, owner].map((client) => client.ask(join(room))));
      for (const { response, error } of answers) {
        assert(response === 200 || response === 201, error);
      }
      for (const client of [visitor, owner]) {
        await soon(client, { event: "who", room }, ({ total }) => total === 2);
      }
      await soon(
        visitor,
        { event: "room", room },
        ({ lasting }) => lasting === answers[1]!.lasting,
      );
      for (const client of [visitor, owner]) await client.pending();
      for (const [from, to] of [[visitor, owner], [owner, visitor]] as const) {
        const { response, delivered, seq } = await from.ask(msg(room, "hi"));
        const frame = await to.frame();
        assertEquals([response, delivered, frame.message, frame.seq], [200, 1, "hi", seq]);
      }
    }
  },
  "who has just joined on the other node is kicked, and hears what is said at once": async (
    { a, b },
  ) => {
    const owner = await account(a, "just-owner");
    await owner.ask(join("#just"));
    for (let round = 0; round < 10; round++) {
      const there = await guest(b, `just-${round}`);
      assertEquals((await there.ask(join("#just"))).response, 200);
      const said = await owner.ask(msg("#just", `hi ${round}`));
      assertEquals(said.response, 200);
      assertEquals((await upTo(there, ({ seq }) => seq !== undefined)).at(-1)!.seq, said.seq);
      const { response, error } = await owner.ask({
        event: "kick",
        room: "#just",
        user: `just-${round}`,
      });
      assertEquals([round, response], [round, 200], error);
      await upTo(there, ({ kicked }) => kicked === true);
      assertEquals(await code(there, msg("#just", "still here?")), 403);
    }
  },
  "slow mode is the same for who goes on at the other node": async ({ a, b }) => {
    const owner = await account(a, "slow-owner");
    const member = await account(b, "slow-member");
    await owner.ask(join("#slow"));
    await owner.ask({ event: "room", room: "#slow", slow: 600 });
    await member.ask(join("#slow"));
    assertEquals(await code(member, msg("#slow", "one")), 200);
    const moved = await back(a, "slow-member", { takeover: true });
    await moved.ask(join("#slow"));
    const second = await moved.ask(msg("#slow", "two"));
    assertEquals(second.response, 403);
    assert(Number(second.retry) > 500, `${second.retry}`);
  },
  "a login on the other node ends a session without a connection at once": async ({ a, b }) => {
    const first = await a.connect();
    const answer = await first.ask(login("ended", { register: true, resume: true }));
    const witness = await guest(b, "ended-witness");
    for (const client of [first, witness]) await client.ask(join("#ended"));
    await soon(witness, { event: "who", room: "#ended" }, ({ total }) => total === 2);
    await soon(witness, msg("ended", "unconfirmed"), ({ response }) => response === 200);
    first.reset();
    await soon(witness, msg("ended", "x"), ({ response }) => response === 410);
    assertEquals(
      await code(await b.connect(), { event: "presence", user: { account_name: "ended" } }),
      401,
    );
    await witness.pending();
    const second = await b.connect();
    assertEquals(await code(second, login("ended")), 200);
    assertEquals((await upTo(witness, ({ left }) => left !== undefined)).at(-1)!.left, "ended");
    assertEquals((await second.frame()).message, "unconfirmed");
    const late = await a.connect();
    const { resumed } = await late.ask({
      event: "authenticate",
      user: { account_name: "ended" },
      resume: answer.resume,
      seen: 0,
    });
    assertEquals(resumed, undefined);
  },
  "messages of 4096 characters, and ids of all kinds, arrive as they were": async ({ a, b }) => {
    const [here, there] = [await account(a, "long-a"), await account(b, "long-b")];
    const visitor = await guest(b, "long-guest");
    for (const client of [here, there, visitor]) await client.ask(join("#long"));
    await soon(here, { event: "who", room: "#long" }, ({ total }) => total === 3);
    for (const client of [here, there, visitor]) await client.pending();
    const text = "👩‍👩‍👧".repeat(819) + "\u2028";
    for (const to of ["long-b", "long-guest", "#long"]) {
      for (const id of [0, -7, Number.MAX_SAFE_INTEGER, "ы".repeat(64), "1"]) {
        const { response, id: answered } = await here.ask(msg(to, text, { id }));
        assertEquals([response, answered], [200, id]);
        const gets = to === "long-guest" ? visitor : there;
        const frame = await gets.frame();
        assertEquals([frame.to, frame.message, frame.id], [to, text, id]);
      }
    }
    assertEquals(await code(here, msg("long-b", text + text)), 400);
  },
  "of those who take an account over on both nodes at once, one has it in the end": async (
    { a, b },
  ) => {
    const witness = await guest(a, "contest-witness");
    let last = await account(a, "contested");
    for (let round = 0; round < 8; round++) {
      await last.ask(join("#contest"));
      const clients = await Promise.all([a, b, b].map((node) => node.connect()));
      const codes = await Promise.all(
        clients.map((client) => code(client, login("contested", { takeover: true }))),
      );
      assert(codes.includes(200), `${codes}`);
      for (const one of codes) assert(one === 200 || one === 409, `${codes}`);
      await last.ended();
      // All but one were replaced, or refused.
      const states = await Promise.all(clients.map(async (client, index) => {
        if (codes[index] !== 200) return undefined;
        const online = await client.ask({ event: "who" }).catch(() => undefined);
        return online?.response === 200 ? client : undefined;
      }));
      const winners = states.filter((client) => client !== undefined);
      assertEquals([round, winners.length], [round, 1]);
      last = winners[0]!;
      const { response } = await witness.ask(msg("contested", `round ${round}`));
      assertEquals([round, response], [round, 200]);
      assertEquals(
        (await upTo(last, ({ from }) => from === "contest-witness")).at(-1)!.to,
        "contested",
      );
    }
  },
  "a guest's messages to who moves between nodes arrive once each and in order": async (
    { a, b },
  ) => {
    const sender = await guest(a, "pursuer");
    let target = await account(b, "pursued");
    const got: unknown[] = [];
    let isOver = false;
    let sent = 0;
    const sending = (async () => {
      while (!isOver) {
        if (sent > got.length + 50) { // a mailbox takes a hundred of one sender
          await sender.ask({ event: "probe" });
          continue;
        }
        const texts = Array.from({ length: 5 }, () => `${sent++}`);
        await sender.send(...texts.map((text) => msg("pursued", text, { store: true })));
        for (const _ of texts) {
          const { response, error } = await sender.response();
          assert(response === 200 || response === 202, error);
        }
      }
    })();
    const take = (frames: readonly Frame[]): void => {
      // What was not confirmed comes again.
      for (const { message } of frames) {
        if (message !== undefined && !got.includes(message)) got.push(message);
      }
    };
    for (let round = 0; round < 8; round++) {
      await target.frame().then((frame) => take([frame]));
      const next = await back(round % 2 === 0 ? a : b, "pursued", { takeover: true });
      take((await target.ended()).frames);
      const frames = await next.pending();
      take(frames);
      const stored = frames.findLast(({ stored }) => stored !== undefined)?.stored;
      if (stored !== undefined) {
        await next.send({ event: "ack", stored });
        take(await next.pending());
      }
      target = next;
    }
    isOver = true;
    await sending;
    await soon(target, { event: "probe" }, () => true);
    take(await target.pending());
    await quit(target);
    const last = await back(a, "pursued");
    take(await last.pending());
    assertEquals(got, Array.from({ length: sent }, (_, index) => `${index}`));
  },
};
