import { assertEquals, assertRejects } from "@std/assert";

import { JimClient, RefusedError } from "../../../client/library/jim_client.ts";
import { PASSWORD, TestServer } from "../../support/server_fixture.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";
import { connect } from "./support.ts";

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
  const about = { room: "#Dev", topic: "tea", isLasting: true, owners: ["eve"], moderators: [] };
  assertEquals(await eve.setTopic("#dev", "tea"), about);
  assertEquals(await bob.room("#DEV"), about);
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
