/**
 * Ways round a ban, a mute or slow mode that do not work, and what no measure holds for.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

import { RoomAdmin } from "../../server/store/room_admin.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { about, codeOf, heard, say, withModeratedRoom } from "../support/moderated_room.ts";
import { type RawClient, withDeadline } from "../support/raw_client.ts";
import { asGuest, numberedGuest } from "../support/resuming_client.ts";
import { PASSWORD, type TestServer } from "../support/server_fixture.ts";

const join = about("join");

/** Somebody comes from another address. */
async function fromElsewhere(server: TestServer, request: object): Promise<RawClient> {
  const client = await server.connect("127.0.0.2");
  assertEquals((await client.ask(request)).response, 200);
  return client;
}

const presence = (name: string): object => ({ event: "presence", user: { account_name: name } });
const login = (name: string, more: object = {}): object => ({
  event: "authenticate",
  user: { account_name: name, password: PASSWORD },
  ...more,
});

/** Says goodbye, and waits until the name is free. */
async function quit(server: TestServer, client: RawClient): Promise<void> {
  const { online } = server.server.counts;
  await client.send({ event: "quit" });
  await client.ended();
  await server.settlesAt({ online: online - 1 });
}

Deno.test("a ban holds in any spelling of name and room", () =>
  withModeratedRoom(async ({ server, mod, ann }) => {
    await mod.ask({ event: "ban", room: "#ＤＥＶ", user: "Ａnn" });
    await quit(server, ann);
    const again = await server.connect();
    assertEquals((await again.ask(login("ＡＮＮ"))).response, 200);
    for (const room of ["#dev", "#Dev", "#ｄｅｖ"]) {
      assertEquals(await codeOf(again, { event: "join", room }), [403, "banned"]);
    }
  }));

Deno.test("a guest's ban holds for all guests of the address, under any name; not elsewhere, not for accounts", () =>
  withModeratedRoom(async ({ server, mod, ann, bob }) => {
    const flo = await server.online("flo");
    await flo.ask(join);
    assertEquals(await codeOf(mod, about("ban", { user: "bob" })), 200);
    assertEquals(await codeOf(flo, say("I was in before")), 200);
    await quit(server, bob);
    for (const name of ["bob", "Bob", "bobby"]) {
      const again = await server.online(name);
      assertEquals(await codeOf(again, join), [403, "banned"], name);
      await quit(server, again);
    }
    await flo.ask(about("leave"));
    assertEquals(await codeOf(flo, join), [403, "banned"], "it holds at the door");
    const named = await fromElsewhere(server, presence("bob"));
    assertEquals(await codeOf(named, join), [403, "banned"], "the name is banned everywhere");
    assertEquals(await codeOf(await fromElsewhere(server, presence("gus")), join), 200);
    await ann.ask(about("leave"));
    assertEquals(await codeOf(ann, join), 200);
  }));

Deno.test("who leaves in time is kept out as well: where they were last seen is known for a while", () =>
  withModeratedRoom(async ({ server, mod, bob }) => {
    await quit(server, bob);
    assertEquals(await codeOf(mod, about("ban", { user: "bob" })), 200);
    assertEquals(await codeOf(await server.online("rob"), join), [403, "banned"]);
    assertEquals(await codeOf(await fromElsewhere(server, presence("gus")), join), 200);
  }));

Deno.test("a second connection, and a token of a session, are no way back in", () =>
  withModeratedRoom(async ({ server, mod }) => {
    const { client, token } = await numberedGuest(server, "carl");
    await client.ask(join);
    await mod.ask(about("ban", { user: "carl" }));
    const again = await fromElsewhere(server, asGuest("carl", token, { seen: 1 }));
    assertEquals(await codeOf(again, join), [403, "banned"]);
    assertEquals(await codeOf(await server.online("carla"), join), [403, "banned"]);
  }));

Deno.test("a muted guest stays so when the session goes on elsewhere, and when it goes back", () =>
  withModeratedRoom(async ({ server, mod }) => {
    const { client, token } = await numberedGuest(server, "carl");
    await client.ask(join);
    await mod.ask(about("mute", { user: "carl" }));
    const moved = await server.connect("127.0.0.2");
    const answer = await moved.ask(asGuest("carl", token, { seen: 0 }));
    assertEquals([answer.resumed, await codeOf(moved, say("hm"))], [true, [403, "muted"]]);
    await mod.ask(about("mute", { user: "carl", seconds: 0 }));
    assertEquals(await codeOf(moved, say("hm")), 200);
    await mod.ask(about("mute", { user: "carl" }));
    const back = await server.connect();
    const again = await back.ask(asGuest("carl", answer.resume, { seen: 0 }));
    assertEquals([again.resumed, await codeOf(back, say("hm"))], [true, [403, "muted"]]);
  }));

Deno.test("quitting and coming back helps neither against a mute nor against slow mode", () =>
  withModeratedRoom(async ({ server, mod, bob, ann }) => {
    await mod.ask(about("mute", { user: "bob" }));
    await quit(server, bob);
    const again = await server.online("ＢＯＢ");
    await again.ask(join);
    assertEquals(await codeOf(again, say("hm")), [403, "muted"]);
    await mod.ask(about("room", { slow: 60 }));
    assertEquals(await codeOf(ann, say("one")), 200);
    await quit(server, ann);
    const back = await server.connect();
    await back.ask(login("ann"));
    await back.ask(join);
    assertEquals(await codeOf(back, say("two")), [403, "slow"]);
  }));

Deno.test("who registers while online takes bans and mutes along, in rooms that they are in or were in", () =>
  withModeratedRoom(async ({ server, eve, mod, bob }) => {
    await eve.ask({ event: "join", room: "#left" });
    await eve.ask({ event: "join", room: "#out" });
    for (const room of ["#left", "#out"]) await bob.ask({ event: "join", room });
    await mod.ask(about("mute", { user: "bob" }));
    await eve.ask({ event: "mute", room: "#left", user: "bob" });
    await bob.ask({ event: "leave", room: "#left" });
    await eve.ask({ event: "ban", room: "#out", user: "bob", reason: "noise" });
    assertEquals((await bob.ask(login("bob", { register: true }))).response, 201);
    assertEquals(await codeOf(bob, say("hm")), [403, "muted"]);
    await bob.ask({ event: "join", room: "#left" });
    assertEquals(await codeOf(bob, say("hm", { to: "#left" })), [403, "muted"]);
    const refused = await bob.ask({ event: "join", room: "#out" });
    assertEquals([refused.refused, refused.reason], ["banned", "noise"]);
    await quit(server, bob);
    const again = await server.connect("127.0.0.2");
    await again.ask(login("bob"));
    await again.ask(join);
    assertEquals(await codeOf(again, say("hm")), [403, "muted"], "it is the account's by now");
  }));

Deno.test("an account that is made later under a guest's name inherits nothing", () =>
  withModeratedRoom(async ({ server, eve, mod, bob }) => {
    await mod.ask(about("ban", { user: "bob" }));
    await quit(server, bob);
    const later = await server.connect("127.0.0.2");
    assertEquals((await later.ask(login("Bob", { register: true }))).response, 201);
    assertEquals(await codeOf(later, join), 200);
    const { banned, sanctions } = await eve.ask(about("room"));
    assertEquals([banned, (sanctions as unknown[]).length], [["bob"], 1], "the guest still is");
    await mod.ask(about("ban", { user: "bob", seconds: 0 }));
    assertEquals((await eve.ask(about("room"))).banned, [], "lifted of both");
  }));

Deno.test("who is taken out while the store reads for them is told nothing of the room any more", () =>
  withModeratedRoom(async ({ mod, eve, ann, store }) => {
    await eve.ask(say("before"));
    const { listMessages, search } = store;
    for (
      const [request, answered] of [
        [{ event: "history", with: "#dev" }, 403],
        [{ event: "search", text: "before", with: "#dev" }, 403],
        [{ event: "search", text: "behind before" }, 200],
      ] as const
    ) {
      await ann.ask(join);
      const asked = Promise.withResolvers<void>();
      const mayRead = Promise.withResolvers<void>();
      const late = async (): Promise<void> => {
        asked.resolve();
        await mayRead.promise;
      };
      store.listMessages = (...args) => late().then(() => listMessages.apply(store, args));
      store.search = (...args) => late().then(() => search.apply(store, args));
      await ann.send(request);
      await withDeadline(asked.promise, () => "the store was not asked");
      await mod.ask(about("kick", { user: "ann" }));
      await eve.ask(say("behind before"));
      mayRead.resolve();
      const { response, messages = [] } = await ann.response();
      assertEquals([response, messages], [answered, []]);
      Object.assign(store, { listMessages, search });
    }
  }));

Deno.test("a refused join makes nothing, keeps nothing alive and tells nobody", () =>
  withModeratedRoom(async ({ server, eve, mod, ann, bob }) => {
    await eve.ask(about("room", { private: true }));
    for (const client of [ann, bob]) await client.ask(about("leave"));
    for (const client of [eve, mod]) await client.ask(about("leave"));
    await server.settlesAt({ rooms: 0 });
    for (const more of [{}, { history: 5 }, { after: 1 }]) {
      assertEquals(await codeOf(ann, { ...join, ...more }), [403, "private"]);
      assertEquals(server.server.counts.rooms, 0);
    }
    await eve.ask(join);
    await eve.pending();
    for (const more of [{}, { history: 5 }, { after: 1 }]) {
      assertEquals(await codeOf(bob, { ...join, ...more }), [403, "private"]);
    }
    assertEquals(await heard(eve), []);
  }));

Deno.test("what an administrator does beside the server holds soon: a role, the end of a room", () =>
  withDatabasePath((path) =>
    withModeratedRoom(async ({ server, clock, ann, bob, eve }) => {
      using admin = RoomAdmin.open(path, () => clock.epochMs() / 1_000);
      admin.grantRoom("#dev", "ann", "moderator");
      const isGranted = async (): Promise<void> => {
        while ((await ann.ask(join)).role !== "moderator");
      };
      await withDeadline(isGranted(), () => "the role");
      assertEquals(await codeOf(ann, about("kick", { user: "bob" })), 200);
      admin.removeRoom("#dev");
      await server.settlesAt({ rooms: 0 });
      const [notice] = (await heard(eve)).slice(-1);
      assertEquals(notice, {
        ...{ response: 100, room: "#Dev", remove: true, by: "(administrator)" },
      });
      assertEquals(await codeOf(bob, join), 201);
    }, path)
  ));
