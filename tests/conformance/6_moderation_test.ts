import { assertEquals, assertMatch } from "@std/assert";

import { openSqliteStore } from "../../server/store/sqlite.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { FakeClock } from "../support/fake_clock.ts";
import {
  about,
  codeOf,
  datedBy,
  heard,
  say,
  STILL,
  withModeratedRoom,
} from "../support/moderated_room.ts";
import { numberedGuest } from "../support/resuming_client.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";

const NOTICE = { response: 100, room: "#Dev" };
const join = about("join");

Deno.test("kick: out, now; all are told with by and reason, the kicked one before anything else", () =>
  withModeratedRoom(async ({ eve, mod, ann, bob }) => {
    const answer = await mod.ask(about("kick", { user: "ANN", reason: "enough" }));
    assertEquals([answer.response, answer.room], [200, "#Dev"]);
    await eve.ask(say("she is gone"));
    const kicked = { ...NOTICE, left: "Ann", kicked: true, by: "mod", reason: "enough" };
    assertEquals(await heard(ann), [kicked]);
    assertEquals(await codeOf(ann, say("but")), [403, "not-member"]);
    for (const client of [mod, bob]) assertEquals((await heard(client))[0], kicked);
    assertEquals(await heard(eve), [kicked]);
    assertEquals(await codeOf(ann, join), 200, "may come back");
  }));

Deno.test("kick, ban, mute: moderators, against lower roles only; 404 for who is not there", () =>
  withModeratedRoom(async ({ server, eve, mod, ann, bob }) => {
    await server.registered("zoe");
    for (const event of ["kick", "ban", "mute"]) {
      for (const client of [ann, bob]) {
        assertEquals(await codeOf(client, about(event, { user: "bob" })), [403, "role"]);
        assertEquals(await codeOf(client, about(event, { user: "nobody" })), [403, "role"]);
      }
      for (const user of ["eve", "mod"]) {
        assertEquals(await codeOf(mod, about(event, { user })), [403, "role"]);
      }
      assertEquals(await codeOf(mod, about(event, { user: "nobody" })), 404);
      assertEquals(await codeOf(mod, { event, room: "#none", user: "bob" }), 404);
    }
    assertEquals(await codeOf(mod, about("kick", { user: "zoe" })), 404, "was here, is not in");
    assertEquals(await codeOf(mod, about("mute", { user: "zoe" })), 200);
    assertEquals(await codeOf(mod, about("ban", { user: "zoe" })), 200);
    assertEquals(await codeOf(eve, about("kick", { user: "mod" })), 200);
  }));

Deno.test("ban: kicked and kept out for so long, in words and in seconds; 0 lifts it; without seconds it is for good", () =>
  withModeratedRoom(async ({ clock, mod, ann, bob }) => {
    const ban = about("ban", { user: "ann", seconds: 7_140.5, reason: "spamming" });
    assertEquals(await codeOf(mod, ban), 200);
    const told = { ...NOTICE, left: "Ann", kicked: true, by: "mod", reason: "spamming" };
    for (const client of [ann, bob]) {
      assertEquals(await heard(client), [{ ...told, banned: true, seconds: 7_140.5 }]);
    }
    const refused = await ann.ask(join);
    assertEquals(refused.error, "You are banned from #Dev for another 2 h: spamming");
    assertEquals([refused.response, refused.refused, refused.retry, refused.reason], [
      ...[403, "banned", 7_141, "spamming"],
    ]);
    clock.advance(7_140_000);
    const late = await ann.ask(join);
    assertEquals([late.error, late.retry], [
      "You are banned from #Dev for another 1 s: spamming",
      1,
    ]);
    clock.advance(500);
    assertEquals(await codeOf(ann, join), 200);
    assertEquals(await codeOf(mod, about("ban", { user: "ann" })), 200);
    const forGood = await ann.ask(join);
    assertEquals([forGood.error, forGood.retry], ["You are banned from #Dev for good", undefined]);
    await bob.pending();
    assertEquals(await codeOf(mod, about("ban", { user: "ann", seconds: 0 })), 200);
    assertEquals(await heard(bob), [], "that it is lifted is told nobody");
    assertEquals(await codeOf(ann, join), 200);
  }));

Deno.test("mute: listens and does not speak; all are told with muted and by", () =>
  withModeratedRoom(async ({ clock, eve, mod, ann, bob }) => {
    assertEquals(await codeOf(mod, about("mute", { user: "bob", seconds: 30 })), 200);
    const muted = { ...NOTICE, user: "bob", muted: true, seconds: 30, by: "mod" };
    for (const client of [eve, ann, bob]) assertEquals(await heard(client), [muted]);
    const refused = await bob.ask(say("hm"));
    assertEquals([refused.response, refused.refused, refused.retry], [403, "muted", 30]);
    assertMatch(refused.error!, /^You are muted in #Dev for another 30 s/);
    await eve.ask(say("listen"));
    assertEquals((await bob.pending()).map(({ message }) => message), ["listen"]);
    clock.advance(30_000);
    assertEquals(await codeOf(bob, say("hm")), 200);
    await codeOf(mod, about("mute", { user: "bob" }));
    assertEquals(await codeOf(bob, say("hm")), [403, "muted"]);
    await mod.pending();
    await codeOf(mod, about("mute", { user: "bob", seconds: 0 }));
    assertEquals(await heard(mod), [{ ...NOTICE, user: "bob", muted: false, by: "mod" }]);
    assertEquals(await codeOf(bob, say("hm")), 200);
  }));

Deno.test("grant: owners, to accounts only; the last owner stays one; who, join and room tell of it", () =>
  withModeratedRoom(async ({ eve, mod, ann, bob }) => {
    const grant = (user: string, role: string) => about("grant", { user, role });
    assertEquals(await codeOf(mod, grant("ann", "moderator")), [403, "role"]);
    for (const user of ["bob", "nobody"]) {
      assertEquals(await codeOf(eve, grant(user, "owner")), 404);
    }
    const last = await eve.ask(grant("eve", "member"));
    assertEquals([last.response, last.refused], [403, undefined]);
    assertMatch(last.error!, /last owner/i);
    assertEquals(await codeOf(eve, grant("ann", "owner")), 200);
    assertEquals(await heard(bob), [{ ...NOTICE, user: "Ann", role: "owner", by: "eve" }]);
    const { users } = await bob.ask(about("who"));
    assertEquals(users, [
      { account_name: "Ann", status: "", role: "owner" },
      { account_name: "bob", status: "" },
      { account_name: "eve", status: "", role: "owner" },
      { account_name: "mod", status: "", role: "moderator" },
    ]);
    assertEquals((await ann.ask(join)).role, "owner");
    const facts = await bob.ask(about("room"));
    assertEquals([facts.owners, facts.moderators, facts.banned], [
      ["Ann", "eve"],
      ["mod"],
      undefined,
    ]);
    assertEquals(await codeOf(ann, grant("eve", "member")), 200);
    assertEquals(await codeOf(eve, about("room", { remove: true })), [403, "role"]);
  }));

Deno.test("private: only owners, moderators and invited accounts enter, and see that it is there", () =>
  withModeratedRoom(async ({ server, eve, mod, bob }) => {
    const [zoe, guest] = [await server.registered("zoe"), await server.online("zed")];
    assertEquals(await codeOf(mod, about("room", { private: true })), [403, "role"]);
    assertEquals(await codeOf(eve, about("room", { private: true })), 200);
    assertEquals(await heard(bob), [{ ...NOTICE, private: true, by: "eve" }]);
    const sees = async (client: typeof zoe): Promise<unknown> =>
      ((await client.ask({ event: "rooms" })).rooms as { room: string }[]).map(({ room }) => room);
    for (const client of [zoe, guest]) {
      assertEquals(await codeOf(client, join), [403, "private"]);
      assertEquals(await codeOf(client, about("room")), [403, "private"]);
      assertEquals(await sees(client), []);
    }
    assertEquals([await sees(bob), await sees(eve)], [["#Dev"], ["#Dev"]]);
    assertEquals(await codeOf(bob, say("who is in goes on")), 200);
    assertEquals(await codeOf(mod, about("invite", { user: "zed" })), 404, "accounts only");
    assertEquals(await codeOf(mod, about("invite", { user: "ZOE" })), 200);
    assertEquals(await heard(zoe), [{ ...NOTICE, invited: "zoe", by: "mod" }]);
    assertEquals([await sees(zoe), await codeOf(zoe, about("room"))], [["#Dev"], 200]);
    assertEquals(await codeOf(mod, about("invite", { user: "zoe", on: false })), 200);
    assertEquals(await heard(zoe), []);
    assertEquals(await codeOf(zoe, join), [403, "private"]);
    await codeOf(mod, about("invite", { user: "zoe", on: true }));
    assertEquals(await codeOf(zoe, join), 200);
  }));

Deno.test("moderated: only owners and moderators speak, change and delete their own", () =>
  withModeratedRoom(async ({ eve, mod, ann, bob }) => {
    const { seq } = await ann.ask(say("mine"));
    assertEquals(await codeOf(mod, about("room", { moderated: true })), 200);
    assertEquals((await heard(bob)).at(-1), { ...NOTICE, moderated: true, by: "mod" });
    for (const client of [ann, bob]) {
      assertEquals(await codeOf(client, say("hi")), [403, "moderated"]);
    }
    const change = { to: "#dev", seq };
    assertEquals(await codeOf(ann, { event: "edit", ...change, message: "x" }), [403, "moderated"]);
    assertEquals(await codeOf(ann, { event: "delete", ...change }), [403, "moderated"]);
    for (const client of [eve, mod]) assertEquals(await codeOf(client, say("hi")), 200);
    assertEquals(await codeOf(mod, { event: "delete", ...change }), 200);
    assertEquals((await ann.pending()).at(-1)!.by, "mod");
  }));

Deno.test("slow: one message per member in so many seconds, with retry; owners and moderators excepted", () =>
  withModeratedRoom(async ({ clock, mod, ann, bob }) => {
    assertEquals(await codeOf(mod, about("room", { slow: 2.5 })), 200);
    const sent = await ann.ask(say("one", { id: "1" }));
    assertEquals(sent.response, 200);
    const refused = await ann.ask(say("two", { id: "2" }));
    assertEquals([refused.response, refused.refused, refused.retry], [403, "slow", 3]);
    assertMatch(refused.error!, /slow mode: you may speak again in 3 s/);
    const again = await ann.ask(say("one", { id: "1" }));
    assertEquals(
      [again.response, again.seq],
      [200, sent.seq],
      "a repeat is answered like the first",
    );
    assertEquals(await codeOf(bob, say("mine")), 200, "each member for themselves");
    for (let n = 0; n < 3; n++) assertEquals(await codeOf(mod, say("as I like")), 200);
    const edit = { event: "edit", to: "#dev", seq: sent.seq, message: "won" };
    assertEquals(await codeOf(ann, edit), [403, "slow"]);
    clock.advance(2_500);
    assertEquals(await codeOf(ann, edit), 200);
    assertEquals(await codeOf(ann, say("three")), [403, "slow"], "a change counts");
    clock.advance(2_500);
    assertEquals(await codeOf(ann, { event: "delete", to: "#dev", seq: sent.seq }), 200);
    assertEquals(await codeOf(ann, say("three")), 200, "a deletion does not");
    assertEquals(await codeOf(ann, about("leave")), 200);
    assertEquals(await codeOf(ann, join), 200);
    const back = await ann.ask(say("four"));
    assertEquals([back.refused, back.retry], ["slow", 3], "nor does coming back help");
    assertEquals(await codeOf(mod, about("room", { slow: 0 })), 200);
    assertEquals(await codeOf(ann, say("four")), 200);
  }));

Deno.test("of several edits at once in slow mode one is served; what is refused does not count", () =>
  withModeratedRoom(async ({ mod, ann }) => {
    const { seq } = await ann.ask(say("one"));
    await mod.ask(about("room", { slow: 60 }));
    const edit = { event: "edit", to: "#dev", message: "x" };
    assertEquals(await codeOf(ann, { ...edit, seq: 999 }), 404);
    await ann.send({ ...edit, seq }, { ...edit, seq });
    const codes = [(await ann.response()).response, (await ann.response()).response];
    assertEquals(codes, [200, 403]);
  }));

Deno.test("a repeat is answered like the first time, though its sender is muted by now", () =>
  withModeratedRoom(async ({ mod, ann, bob }) => {
    const first = await ann.ask(say("once", { id: "a" }));
    await mod.ask(about("mute", { user: "ann" }));
    await bob.pending();
    const again = await ann.ask(say("once", { id: "a" }));
    assertEquals([again.response, again.seq, again.delivered], [200, first.seq, first.delivered]);
    assertEquals(await codeOf(ann, say("twice", { id: "a" })), [403, "muted"]);
    assertEquals(await codeOf(ann, say("once")), [403, "muted"]);
    assertEquals(await heard(bob), []);
  }));

Deno.test("room: several settings are one notice; fractions and wrong values", () =>
  withModeratedRoom(async ({ eve, bob }) => {
    const set = { topic: "tea", private: true, moderated: true, slow: 0.5 };
    const answer = await eve.ask(about("room", set));
    assertEquals(
      [answer.response, answer.topic, answer.private, answer.moderated, answer.slow],
      [200, "tea", true, true, 0.5],
    );
    assertEquals([answer.banned, answer.muted, answer.invited], [[], [], []]);
    assertEquals(await heard(bob), [{ ...NOTICE, ...set, by: "eve" }]);
    for (const wrong of [{ slow: -1 }, { slow: 3_601 }, { slow: "1" }, { private: 1 }]) {
      assertEquals(await codeOf(eve, about("room", wrong)), 400);
    }
    for (const wrong of [{ seconds: -1 }, { seconds: null }, { user: "#dev" }, { reason: 1 }]) {
      assertEquals(await codeOf(eve, about("ban", { user: "bob", ...wrong })), 400);
    }
    assertEquals(await codeOf(eve, about("grant", { user: "bob", role: "king" })), 400);
    assertEquals(await codeOf(eve, about("invite", { user: "bob", on: "yes" })), 400);
  }));

Deno.test("remove: ends the room with its history; members are out", () =>
  withModeratedRoom(async ({ eve, mod, ann }) => {
    await ann.ask(say("lost"));
    assertEquals(await codeOf(mod, about("room", { remove: true })), [403, "role"]);
    assertEquals(await codeOf(eve, about("room", { remove: true })), 200);
    assertEquals((await heard(ann)).at(-1), { ...NOTICE, remove: true, by: "eve" });
    assertEquals(await codeOf(ann, say("hm")), 404);
    assertEquals(await codeOf(mod, about("kick", { user: "ann" })), 404);
    const { messages } = await ann.ask(about("join", { history: 10 }));
    assertEquals([messages, (await ann.ask(about("room"))).owners], [[], ["Ann"]]);
  }));

Deno.test("a guest's room has no roles and no settings: 403, to everybody", () =>
  withModeratedRoom(async ({ eve, bob }) => {
    await bob.ask({ event: "join", room: "#guests" });
    const requests = [
      ...["kick", "ban", "mute", "invite"].map((event) => ({ event, user: "eve" })),
      { event: "grant", user: "eve", role: "owner" },
      { event: "room", slow: 1 },
      { event: "room", remove: true },
    ];
    for (const client of [eve, bob]) {
      for (const request of requests) {
        assertEquals(await codeOf(client, { ...request, room: "#guests" }), [403, "passing"]);
      }
    }
    assertEquals(await codeOf(eve, { event: "room", room: "#guests" }), 200);
  }));

Deno.test("who is banned reads and lists nothing: history, search, read, who, room, rooms, conversations", () =>
  withModeratedRoom(async ({ mod, ann, eve }) => {
    const { seq } = await eve.ask(say("secret plans"));
    const found = await ann.ask({ event: "search", text: "secret", limit: 1 });
    assertEquals((found.messages as unknown[]).length, 1);
    const has = async (): Promise<boolean> =>
      ((await ann.ask({ event: "conversations" })).conversations as { with: string }[])
        .some((conversation) => conversation.with === "#Dev");
    assertEquals(await has(), true);
    await mod.ask(about("ban", { user: "ann" }));
    assertEquals(await has(), false);
    for (
      const request of [
        { event: "history", with: "#dev" },
        { event: "read", with: "#dev", seq },
        { event: "search", text: "secret", with: "#dev" },
        about("who"),
        say("hi"),
        { event: "edit", to: "#dev", seq, message: "x" },
        { event: "delete", to: "#dev", seq },
      ]
    ) assertEquals(await codeOf(ann, request), [403, "not-member"], JSON.stringify(request));
    assertEquals((await ann.ask({ event: "search", text: "secret" })).messages, []);
    assertEquals(await codeOf(ann, about("room")), [403, "banned"]);
    assertEquals((await ann.ask({ event: "rooms" })).total, 0);
    await mod.ask(about("ban", { user: "ann", seconds: 0 }));
    assertEquals(await has(), true, "what one did not leave comes back");
  }));

Deno.test("a kick reaches a session without a connection: it stays out when its client comes back", () =>
  withModeratedRoom(async ({ server, mod, eve }) => {
    const { client, token } = await numberedGuest(server, "carl");
    await client.ask(join);
    const before = server.server.counts.connections;
    client.reset();
    await server.settlesAt({ connections: before - 1 });
    assertEquals(await codeOf(mod, about("kick", { user: "carl" })), 200);
    await eve.ask(say("he is gone"));
    const again = await server.connect();
    const user = { account_name: "carl" };
    const answer = await again.ask({ event: "presence", user, resume: token, seen: 0 });
    assertEquals([answer.resumed, answer.rooms], [true, []]);
    const frames = await again.pending();
    assertEquals(frames.map(({ left, kicked, n }) => [left, kicked, n]), [["carl", true, 1]]);
    assertEquals(await codeOf(again, say("hm")), [403, "not-member"]);
  }));

Deno.test("roles, settings, invitations, bans and mutes are there after a restart", () =>
  withDatabasePath(async (path) => {
    await withModeratedRoom(async ({ server, eve, mod }) => {
      await server.registered("zoe");
      await eve.ask(about("room", { topic: "tea", private: true, slow: 60, moderated: true }));
      await mod.ask(about("invite", { user: "zoe" }));
      await mod.ask(about("ban", { user: "bob", reason: "noise" }));
      await mod.ask(about("mute", { user: "ann", seconds: 3_600 }));
    }, path);
    await withDatabase(path, async (server) => {
      const login = async (name: string) => {
        const client = await server.connect();
        const user = { account_name: name, password: PASSWORD };
        assertEquals(await codeOf(client, { event: "authenticate", user }), 200);
        return client;
      };
      const [eve, ann, zoe] = [await login("eve"), await login("ann"), await login("zoe")];
      const bob = await server.online("bob");
      const { response: _, time: __, alert: ___, sanctions, ...rest } = await eve.ask(
        about("room"),
      );
      assertEquals<unknown>(rest, {
        ...{ room: "#Dev", topic: "tea", lasting: true, private: true, moderated: true },
        ...{ slow: 60, owners: ["eve"], moderators: ["mod"] },
        ...{ banned: ["bob"], muted: ["Ann"], invited: ["zoe"] },
      });
      assertEquals((sanctions as unknown[]).length, 2);
      assertEquals(await codeOf(bob, join), [403, "banned"]);
      assertEquals(await codeOf(ann, join), [403, "private"]);
      assertEquals(await codeOf(zoe, join), 200);
      assertEquals((await eve.ask(join)).role, "owner");
      await eve.ask(about("invite", { user: "ann" }));
      assertEquals(await codeOf(ann, join), 200);
      await eve.ask(about("room", { moderated: false }));
      assertEquals(await codeOf(ann, say("hm")), [403, "muted"]);
    });
  }));

async function withDatabase(
  path: string,
  test: (server: TestServer) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock();
  await using store = openSqliteStore(path, { clock: datedBy(clock) });
  await using server = new TestServer({ store, clock, settings: STILL });
  await test(server);
}
