import { assert, assertEquals, assertRejects } from "@std/assert";

import { JimClient, RefusedError } from "../../../client/library/jim_client.ts";
import { PASSWORD, TestServer } from "../../support/server_fixture.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";
import { connect, next } from "./support.ts";

Deno.test("join, who and leave give what the server says", async () => {
  await using server = new ScriptedServer();
  server.answer = (request) => {
    if (request.event === "join") {
      return { response: 201, room: "#Dev", users: ["eve"] };
    }
    if (request.event === "who") {
      return { users: [{ account_name: "bob", status: "here" }], total: 12 };
    }
    return {};
  };
  await using client = await connect(server);
  // A server of an earlier protocol says no more of a room.
  assertEquals(await client.join("#dev"), {
    ...{ room: "#Dev", users: ["eve"], isNew: true },
    ...{ topic: "", isLasting: false, role: "member", messages: [], more: false },
  });
  assertEquals(client.rooms, ["#Dev"]);
  assertEquals(await client.who(), { users: [{ account_name: "bob", status: "here" }], total: 12 });
  await client.leave("#dev");
  assertEquals(client.rooms, []);
  server.answer = (request) => request.event === "leave" ? { response: 404, error: "no" } : {};
  await assertRejects(() => client.leave("#dev"), RefusedError);
});

Deno.test("join asks for what was said before, and gives it with the number of the newest", async () => {
  await using server = new ScriptedServer();
  const messages = [
    { time: 3, to: "#dev", from: "bob", message: "tea?", seq: 4 },
    { time: 4, to: "#dev", from: "bob", seq: 6, deleted: true as const },
  ];
  server.answer = ({ event }) =>
    event === "join" ? { room: "#dev", users: ["eve"], last: 9, messages, more: true } : {};
  await using client = await connect(server);
  const answer = await client.join("#dev", { after: 3 });
  assertEquals([answer.last, answer.messages, answer.more], [9, messages, true]);
  await client.join("#dev", { history: 20 });
  const asked = server.requests("join").map(({ id: _, ...request }) => request);
  assertEquals(asked, [
    { event: "join", room: "#dev", after: 3 },
    { event: "join", room: "#dev", history: 20 },
  ]);
});

Deno.test("rooms that last: list, topic and removal, as the server says", async () => {
  await using server = new TestServer();
  const { address } = server;
  await using eve = await JimClient.connect(address);
  await eve.login("eve", { password: PASSWORD, register: true });
  await using bob = await JimClient.connect({ ...address, name: "bob" });
  const notices = bob.notices();
  assertEquals(await eve.join("#Dev"), {
    ...{ room: "#Dev", users: ["eve"], isNew: true },
    ...{ topic: "", isLasting: true, role: "owner", last: 0, messages: [], more: false },
  });
  await bob.join("#dev");
  const about = {
    ...{ room: "#Dev", topic: "tea", isLasting: true, owners: ["eve"], moderators: [] },
    ...{ isPrivate: false, isModerated: false, slow: 0 },
  };
  const inspected = { banned: [], muted: [], invited: [], sanctions: [] };
  const { time, ...known } = await eve.setTopic("#dev", "tea");
  assert(time > 0);
  assertEquals(known, { ...about, ...inspected });
  const room = await bob.room("#DEV");
  assertEquals(room, { time: room.time, ...about });
  assertEquals(await bob.listRooms(), {
    rooms: [{ room: "#Dev", topic: "tea", users: 2, lasting: true }],
    total: 1,
  });
  const { topic, by } = (await notices.next()).value!;
  assertEquals([topic, by], ["tea", "eve"]);
  await assertRejects(() => bob.setTopic("#dev", "mine"), RefusedError, "moderator");
  await assertRejects(() => bob.removeRoom("#dev"), RefusedError, "owner");
  await assertRejects(() => bob.room("#none"), RefusedError);
  await eve.removeRoom("#dev");
  assertEquals((await notices.next()).value?.remove, true);
  // Nobody enters it again after a lost connection.
  assertEquals([eve.rooms, bob.rooms], [[], []]);
});

Deno.test("what those ask for who run a room, as it goes out", async () => {
  await using server = new ScriptedServer();
  server.answer = ({ event }) => event === "room" ? { private: true, slow: 10, invited: [] } : {};
  await using client = await connect(server);
  const room = "#dev";
  const { isPrivate, slow, invited } = await client.setRoom(room, { private: true, slow: 10 });
  assertEquals([isPrivate, slow, invited], [true, 10, []]);
  await client.invite(room, "bob");
  await client.invite(room, "bob", { on: false });
  await client.kick(room, "bob");
  await client.kick(room, "bob", { reason: "spam" });
  await client.ban(room, "bob", { seconds: 7_200, reason: "spam" });
  await client.ban(room, "bob", { seconds: 0 });
  await client.ban(room, "bob");
  await client.mute(room, "bob", { seconds: 600 });
  await client.mute(room, "bob");
  await client.grant(room, "bob", "moderator");
  const user = "bob";
  assertEquals(server.peer.requests.slice(1).map(({ id: _, ...request }) => request), [
    { event: "room", room, private: true, slow: 10 },
    { event: "invite", room, user },
    { event: "invite", room, user, on: false },
    { event: "kick", room, user },
    { event: "kick", room, user, reason: "spam" },
    { event: "ban", room, user, seconds: 7_200, reason: "spam" },
    { event: "ban", room, user, seconds: 0 },
    { event: "ban", room, user },
    { event: "mute", room, user, seconds: 600 },
    { event: "mute", room, user },
    { event: "grant", room, user, role: "moderator" },
  ]);
});

Deno.test("a refusal of a room says which rule speaks against it, and when it passes", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  server.answer = () => ({ response: 403, error: "no", refused: "banned", retry: 60, reason: "a" });
  const error = await assertRejects(() => client.join("#Dev"), RefusedError);
  assertEquals(error.about, { refused: "banned", room: "#Dev", retry: 60, reason: "a" });
  server.answer = () => ({ response: 403, error: "no", refused: "slow", retry: 7 });
  const outcome = await client.send("#dev", "hi");
  assertEquals("about" in outcome && outcome.about, { refused: "slow", room: "#dev", retry: 7 });
});

Deno.test("a kick that was carried out before the connection broke is no error", async () => {
  await using server = new ScriptedServer();
  const noSuchMember = { response: 404, error: "not there" };
  server.answer = ({ event }, peer) => {
    if (event !== "kick") return {};
    if (server.peers.length > 1) return noSuchMember;
    peer.close();
    return undefined;
  };
  await using client = await connect(server);
  await client.kick("#dev", "bob");
  assertEquals(server.requests("kick").length, 2);
  await assertRejects(() => client.kick("#dev", "bob"), RefusedError);
});

Deno.test("who was kicked or banned is out, and does not come back by itself; others stay", async () => {
  await using server = new ScriptedServer();
  server.answer = (request) => request.event === "join" ? { room: request.room } : {};
  await using client = await connect(server);
  const events = client.events();
  for (const room of ["#a", "#b", "#c", "#d"]) await client.join(room);
  const notice = { response: 100, time: 1, alert: "" };
  await server.peer.write(
    { ...notice, room: "#a", left: "EVE", kicked: true, by: "ann" },
    { ...notice, room: "#b", left: "eve", kicked: true, banned: true, seconds: 60, by: "ann" },
    { ...notice, room: "#c", left: "bob", kicked: true, by: "ann" },
    { ...notice, room: "#d", left: "eve" },
  );
  const news = [];
  for (let i = 0; i < 4; i++) news.push((await next(events, "notice")).news?.type);
  assertEquals(news, ["kicked", "banned", "kicked", undefined]);
  assertEquals(client.rooms, ["#c", "#d"]);
  server.peer.close();
  await next(events, "online");
  await client.probe();
  const entered = server.peer.requests.filter(({ event }) => event === "join");
  assertEquals(entered.map((request) => "room" in request && request.room), ["#c", "#d"]);
});

Deno.test("a room that keeps one out after a lost connection is dropped, and told once", async () => {
  await using server = new ScriptedServer();
  server.answer = ({ event }) => event === "join" ? { room: "#dev", last: 7 } : {};
  await using client = await connect(server);
  const events = client.events();
  await client.join("#dev");
  const refused = { response: 403, error: "no", refused: "banned" as const, reason: "spam" };
  server.answer = ({ event }) => event === "join" ? refused : {};
  server.peer.close();
  const { room, error } = await next(events, "room-lost");
  assertEquals([room, error.about?.refused, error.about?.reason], ["#dev", "banned", "spam"]);
  assertEquals(client.rooms, []);
  server.peer.close();
  await next(events, "online");
  await client.probe();
  assertEquals(server.requests("join").length, 2);
});
