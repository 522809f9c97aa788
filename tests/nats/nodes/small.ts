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
import type { Frame, RawClient } from "../../support/raw_client.ts";

const presence = (name: string, more: object = {}): object => ({
  event: "presence",
  user: { account_name: name, ...more },
});
const to = (name: string, more: object = {}): object => ({
  event: "msg",
  to: name,
  message: "hi",
  ...more,
});
const whois = (user: string): object => ({ event: "whois", user });
const isAway = (away: string | undefined) => (answer: Frame): boolean => answer.away === away;
const isOnline = (online: boolean) => (answer: Frame): boolean => answer.online === online;

/** It is not known to the second when this runs. */
function assertRecent(time: unknown): void {
  const now = Date.now() / 1_000;
  assertEquals([Number(time) % 60, Number(time) > now - 300, Number(time) <= now], [0, true, true]);
}

async function enter(room: string, ...clients: RawClient[]): Promise<void> {
  for (const client of clients) {
    const { response } = await client.ask({ event: "join", room });
    assertEquals(response === 200 || response === 201, true);
  }
}

/** Section 6, "small things": who is away, and what there is to know of somebody. */
export const SMALL: NodeTests = {
  "who writes from the other node learns that somebody is away, and is back": async ({ a, b }) => {
    const [guido, gustav] = [await guest(a, "Away-guido"), await guest(b, "Away-gustav")];
    const [anna, bert] = [await account(a, "Away-anna"), await account(b, "Away-bert")];
    for (
      const [writer, other, name] of [
        [guido, gustav, "Away-gustav"],
        [anna, bert, "Away-bert"],
      ] as const
    ) {
      assertEquals(
        (await soon(writer, to(name), ({ response }) => response === 200)).away,
        undefined,
      );
      assertEquals(await code(other, presence(name, { away: "lunch" })), 200);
      await soon(writer, to(name.toLowerCase()), isAway("lunch"));
      assertEquals(await code(other, presence(name)), 200);
      await soon(writer, to(name), isAway(undefined));
    }
    // Who was away before this node heard of them.
    const early = await b.connect();
    await early.ask(presence("Away-early", { away: "asleep" }));
    await soon(guido, to("away-early"), isAway("asleep"));
  },
  "whois finds who is on the other node: since, status, away, rooms, and when they went": async (
    { a, b },
  ) => {
    const [eve, bob] = [await account(a, "Who-eve"), await account(b, "Who-bob")];
    await enter("#who-both", eve, bob);
    await enter("#who-hers", eve);
    await enter("#who-his", bob);
    await bob.ask(presence("Who-bob", { status: "busy", away: "tea" }));
    const isThere = ({ away, rooms }: Frame): boolean =>
      away === "tea" && (rooms as string[]).length === 1;
    const { time: _time, alert: _alert, since, ...found } = await soon(
      eve,
      whois("who-bob"),
      isThere,
    );
    assertEquals(found, {
      ...{ response: 200, account_name: "Who-bob", account: true, online: true },
      ...{ status: "busy", away: "tea", rooms: ["#who-both"] },
    });
    assertRecent(since);
    assertEquals((await bob.ask(whois("who-bob"))).since, since);
    await bob.pending();
    await quit(bob);
    assertRecent((await soon(eve, whois("Who-bob"), isOnline(false))).last);
    assertEquals(await code(eve, whois("who-nobody")), 404);
  },
  "who is blocked learns from no node when to find somebody": async ({ a, b }) => {
    const [ann, eve] = [await account(a, "Shy-ann"), await account(b, "Shy-eve")];
    await ann.ask(presence("Shy-ann", { away: "tea" }));
    await soon(eve, whois("shy-ann"), isAway("tea"));
    assertEquals(await code(ann, { event: "block", user: "shy-eve", on: true }), 200);
    const { since, away, online } = await eve.ask(whois("shy-ann"));
    assertEquals([since, away, online], [undefined, undefined, true]);
  },
  "a session that goes on on the other node is away, and online since, as before": async (
    { a, b },
  ) => {
    const eve = await guest(a, "Moved-eve");
    await quit(await account(a, "Moved-bob"));
    const bob = await back(a, "Moved-bob");
    await bob.ask(presence("Moved-bob", { away: "train", status: "s" }));
    const user = { account_name: "Moved-bob", password: "correct horse" };
    const { resume } = await bob.ask({ event: "authenticate", user, resume: true });
    const { since } = await eve.ask(whois("moved-bob"));
    assertRecent(since);
    bob.close();
    const there = await b.connect();
    const answer = await there.ask({
      ...{ event: "authenticate", user: { account_name: "Moved-bob" }, resume, seen: 0 },
    });
    assertEquals([answer.response, answer.resumed], [200, true]);
    for (const client of [there, eve]) {
      const found = await soon(client, whois("moved-bob"), isAway("train"));
      assertEquals([found.online, found.since, found.status], [true, since, "s"]);
    }
    assertEquals(
      (await soon(eve, to("moved-bob"), ({ response }) => response === 200)).away,
      "train",
    );
  },
};
