import { assertEquals } from "@std/assert";

import {
  account,
  back,
  code,
  guest,
  type NodeTests,
  quit,
  soon,
} from "../../support/node_group.ts";
import type { Frame } from "../../support/raw_client.ts";
import { PASSWORD } from "../../support/server_fixture.ts";

const presence = (name: string, more: object = {}): object => ({
  event: "presence",
  user: { account_name: name, ...more },
});

/** Section 4 and the names of section 6. */
export const NAMES: NodeTests = {
  "a guest's name is taken on the other node, however it is written": async ({ a, b }) => {
    await guest(a, "Ёжик-1");
    await guest(a, "nora");
    const other = await b.connect();
    for (
      const name of ["Ёжик-1", "ёжик-1", "ЁЖИК-1", "Ёжик-1".normalize("NFD"), "nora", "ＮＯＲＡ"]
    ) {
      const { response, error } = await other.ask(presence(name));
      assertEquals([name, response], [name, 409], error);
    }
    assertEquals(await code(other, presence("nora2")), 200);
  },
  "a name is free on the other node once quit is answered": async ({ a, b }) => {
    for (let round = 0; round < 20; round++) {
      const [from, to] = round % 2 === 0 ? [a, b] : [b, a];
      await quit(await guest(from, "hopper"));
      await quit(await guest(to, "Hopper"));
    }
  },
  "of many who want a name on all nodes, one gets it": async ({ a, b }) => {
    const clients = await Promise.all([a, b, a, b, a, b].map((node) => node.connect()));
    const codes = await Promise.all(clients.map((client) => code(client, presence("wanted"))));
    assertEquals(codes.toSorted(), [200, 409, 409, 409, 409, 409]);
  },
  "who and whois show people of the other node with their status": async ({ a, b }) => {
    const here = await guest(a, "watcher");
    const there = await guest(b, "Watched");
    const find = (frame: Frame) =>
      (frame.users as { account_name: string; status?: string }[] ?? [])
        .find(({ account_name }) => account_name === "Watched");
    await soon(here, { event: "who" }, (frame) => find(frame) !== undefined);
    assertEquals(await code(there, presence("Watched", { status: "busy, very" })), 200);
    await soon(here, { event: "who" }, (frame) => find(frame)?.status === "busy, very");
    await quit(there);
    await soon(here, { event: "who" }, (frame) => find(frame) === undefined);
  },
  "a name that was seen on one node is known on the other": async ({ a, b }) => {
    await quit(await guest(a, "seen-once"));
    const other = await guest(b, "asker");
    assertEquals(await code(other, { event: "msg", to: "seen-once", message: "hi" }), 410);
    assertEquals(await code(other, { event: "msg", to: "never-seen", message: "hi" }), 404);
  },
  "an account's name is nobody's on the other node": async ({ a, b }) => {
    await quit(await account(a, "Owned"));
    const other = await b.connect();
    assertEquals(await code(other, presence("owned")), 401);
    const user = { account_name: "OWNED", password: PASSWORD };
    assertEquals(await code(other, { event: "authenticate", user, register: true }), 409);
    const wrong = { ...user, password: "wrong horse" };
    assertEquals(await code(other, { event: "authenticate", user: wrong }), 402);
    assertEquals(await code(other, { event: "authenticate", user }), 200);
  },
  "of those who register a name at once, one gets it": async ({ a, b }) => {
    const clients = await Promise.all([a, b, a, b].map((node) => node.connect()));
    const answers = await Promise.all(clients.map((client, index) =>
      client.ask({
        event: "authenticate",
        register: true,
        user: { account_name: "raced", password: `password ${index}` },
      })
    ));
    assertEquals(answers.map(({ response }) => response).toSorted(), [201, 409, 409, 409]);
    const winner = answers.findIndex(({ response }) => response === 201);
    await quit(clients[winner]!);
    for (const node of [a, b]) {
      for (const [index] of clients.entries()) {
        const client = await node.connect();
        const user = { account_name: "raced", password: `password ${index}` };
        assertEquals(
          await code(client, { event: "authenticate", user }),
          index === winner ? 200 : 402,
        );
        if (index === winner) await quit(client);
        else client.close();
      }
    }
  },
  "a guest becomes an account, which the other node knows": async ({ a, b }) => {
    const here = await guest(a, "rising");
    const user = { account_name: "rising", password: PASSWORD };
    assertEquals(await code(here, { event: "authenticate", register: true, user }), 201);
    const other = await account(b, "rising-friend");
    const { response, seq } = await soon(
      other,
      { event: "msg", to: "rising", message: "kept now" },
      ({ seq }) => seq !== undefined,
    );
    assertEquals([response, typeof seq], [200, "number"]);
    await quit(here);
    await quit(await back(b, "rising"));
  },
  "a login probes the one on the other node, and takes over from who does not answer": async (
    { a, b },
  ) => {
    const here = await account(a, "moving");
    const there = await b.connect();
    const login = {
      event: "authenticate",
      user: { account_name: "moving", password: PASSWORD },
    };
    const asked = there.ask(login);
    assertEquals((await here.frame()).event, "probe");
    await here.send({ event: "probe" });
    assertEquals((await asked).response, 409);
    assertEquals((await here.response()).response, 200);
    // Now it is silent.
    const again = there.ask(login);
    assertEquals((await again).response, 200);
    const { frames, end } = await here.ended();
    assertEquals(frames.at(-1)!.reason, "replaced");
    assertEquals(end, "closed");
  },
  "takeover replaces the one on the other node at once": async ({ a, b }) => {
    let last = await account(a, "jumper");
    for (const node of [b, a, b, b, a]) {
      const next = await back(node, "jumper", { takeover: true });
      const { frames } = await last.ended();
      assertEquals(frames.map(({ reason }) => reason), ["replaced"]);
      assertEquals(await code(next, { event: "msg", to: "jumper", message: "me" }), 200);
      assertEquals((await next.pending()).map(({ message }) => message), ["me"]);
      last = next;
    }
  },
};
