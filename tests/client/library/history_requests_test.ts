import { assertEquals, assertRejects } from "@std/assert";

import { JimClient, RefusedError, WrongAnswerError } from "../../../client/library/jim_client.ts";
import type { EventName } from "../../../common/wire/protocol.ts";
import { PASSWORD, TestServer } from "../../support/server_fixture.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";
import { connect } from "./support.ts";

const kept = (seq: number) => ({ time: 1, to: "eve", from: "bob", message: `${seq}`, seq });

/** The requests of a kind, without their ids. */
function asked(server: ScriptedServer, event: EventName): object[] {
  return server.requests(event).map(({ id: _, ...request }) => request);
}

Deno.test("history, read and conversations of a real server", async () => {
  await using server = new TestServer();
  await using eve = await JimClient.connect(server.address);
  await eve.login("eve", { password: PASSWORD, register: true });
  await using bob = await JimClient.connect(server.address);
  await bob.login("bob", { password: PASSWORD, register: true });
  const seqs = [];
  for (const text of ["одно", "two 🍵", "three"]) {
    const outcome = await eve.send("bob", text);
    seqs.push(outcome.state === "sent" ? outcome.seq! : 0);
  }
  const [first, second, third] = seqs as [number, number, number];
  const page = await bob.history("EVE", { limit: 2 });
  assertEquals(page.messages.map(({ message, seq }) => [message, seq]), [
    ["two 🍵", second],
    ["three", third],
  ]);
  assertEquals([page.more, (await bob.history("eve", { before: first })).more], [true, false]);
  const pages = await Array.fromAsync(bob.historyPages("eve", { after: first, pageSize: 1 }));
  assertEquals(pages.map((page) => page.map(({ seq }) => seq)), [[second], [third]]);
  await bob.markRead("eve", second);
  const [conversation, ...others] = await bob.conversations();
  const { time: _, ...about } = conversation!;
  assertEquals([about, others], [{ with: "eve", last: third, read: second, unread: 1 }, []]);
  await assertRejects(() => bob.history("nobody"), RefusedError, "no account");
  await assertRejects(() => bob.history("#none"), RefusedError);
});

Deno.test("a guest is refused what is for accounts", async () => {
  await using server = new TestServer();
  await using client = await JimClient.connect({ ...server.address, name: "eve" });
  for (
    const ask of [
      () => client.history("bob"),
      () => client.markRead("bob", 1),
      () => client.conversations(),
      () => client.historyPages("bob").next(),
    ]
  ) {
    const { code } = await assertRejects(ask, RefusedError);
    assertEquals(code, 403);
  }
});

Deno.test("a page that is not in order is refused, and the client goes on", async () => {
  await using server = new ScriptedServer();
  server.answer = ({ event }) => event === "history" ? { messages: [kept(2), kept(1)] } : {};
  await using client = await connect(server);
  await assertRejects(() => client.history("bob"), WrongAnswerError, "message 1");
  server.answer = ({ event }) => event === "history" ? { messages: [], more: true } : {};
  await assertRejects(() => client.historyPages("bob").next(), WrongAnswerError, "more behind it");
  await client.probe();
  assertEquals(server.peers.length, 1);
});

Deno.test("search asks page by page, and one page by its cursor", async () => {
  await using server = new ScriptedServer();
  server.answer = (request) => {
    if (request.event !== "search") return {};
    return request.cursor === undefined
      ? { messages: [kept(9), kept(4)], next: "c1" }
      : { messages: [kept(1)] };
  };
  await using client = await connect(server);
  const hits = await Array.fromAsync(client.search("tea*", { with: "bob", from: "eve" }));
  assertEquals(hits.map(({ seq }) => seq), [9, 4, 1]);
  assertEquals(await client.searchPage("tea", { limit: 7 }), {
    messages: [kept(9), kept(4)],
    next: "c1",
  });
  assertEquals(asked(server, "search"), [
    { event: "search", text: "tea*", with: "bob", from: "eve" },
    { event: "search", text: "tea*", with: "bob", from: "eve", cursor: "c1" },
    { event: "search", text: "tea", limit: 7 },
  ]);
});

Deno.test("edit and delete name the message by its number, and say why they were refused", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  await client.edit("bob", 4, "better");
  await client.delete("#dev", 5);
  assertEquals(asked(server, "edit"), [{ event: "edit", to: "bob", seq: 4, message: "better" }]);
  assertEquals(asked(server, "delete"), [{ event: "delete", to: "#dev", seq: 5 }]);
  server.answer = () => ({ response: 403, error: "not yours" });
  await assertRejects(() => client.edit("bob", 4, "x"), RefusedError, "not yours");
  await assertRejects(() => client.delete("bob", 4), RefusedError, "not yours");
});

Deno.test("what others change comes as a change", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  const events = client.events();
  const edit = {
    ...{ event: "edit", time: 1, to: "#dev" } as const,
    ...{ from: "bob", seq: 4, message: "better" },
  };
  await server.peer.write(edit);
  const { value } = await events.next();
  assertEquals(value, { type: "change", change: edit, line: JSON.stringify(edit) });
});
