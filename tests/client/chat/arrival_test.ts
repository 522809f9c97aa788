import { assertEquals } from "@std/assert";

import { arrive } from "../../../client/chat/arrival.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { JoinRequest } from "../../../common/wire/protocol.ts";
import type { KeptServer } from "../../support/kept_server.ts";
import { type KeptChat, withKeptChat } from "../../support/start_chat.ts";

/** Eve has come online; what was shown. */
async function shownTo({ chat, ui }: KeptChat): Promise<string[]> {
  await chat.later(() => arrive(chat));
  return ui.shown.splice(0);
}

function asked(server: KeptServer): (string | number | undefined)[] {
  return server.requests("join").flatMap((request) => {
    const { room, history } = request as JoinRequest;
    return history === undefined ? [room] : [room, history];
  });
}

Deno.test("the rooms that the server lists are entered again, in one line and without their members", async () => {
  await withKeptChat(async (fixture) => {
    const { server, chat, enter, ui } = fixture;
    server.keepMany("bob", "hi", 1);
    server.keepMany("#dev", "message", 3);
    server.keepMany("#чай", "сообщение", 2);
    server.read.set("#чай", 2).set("bob", 1);
    assertEquals(await shownTo(fixture), ["Back in #dev, #чай.", "Unread: #dev 3"]);
    assertEquals([asked(server), chat.client.rooms], [["#dev", "#чай"], ["#dev", "#чай"]]);
    await server.deliver(server.keep("#dev", "live"));
    await ui.until("live");
    ui.shown.splice(0);
    // As after `join`: what is new stands behind the rule, and nothing twice.
    assertEquals((await enter("chat #dev")).slice(1, -1), [
      "──────────────── 3 new ────────────────",
      "#dev bob: message 1",
      "#dev bob: message 2",
    ]);
    assertEquals(chat.names.all.includes("bob"), true);
    assertEquals(asked(server).length, 2);
  });
});

Deno.test("a room that refuses is said in that line; one that was removed meanwhile is said to be made", async () => {
  await withKeptChat(async (fixture) => {
    const { server, chat } = fixture;
    for (const room of ["#dev", "#gone", "#shut"]) server.keep(room, "hi", { from: "eve" });
    const { answer } = server;
    server.answer = (request, peer) => {
      if (request.event !== "join") return answer(request, peer);
      if (request.room === "#shut") return { response: 403, error: "no\x1b" };
      if (request.room === "#gone") return { response: 201, room: "#gone", lasting: true };
      return answer(request, peer);
    };
    assertEquals(await shownTo(fixture), [
      "Back in #dev. Not back in #shut: the server refuses.",
      "There was no room #gone before: you have made it. It is yours and stays until you remove it.",
    ]);
    assertEquals(chat.client.rooms, ["#dev", "#gone"]);
    await chat.client.leave("#dev");
    await chat.client.leave("#gone");
    server.refused.set("join", 500);
    server.answer = answer;
    assertEquals(await shownTo(fixture), [
      "Not back in #dev, #gone, #shut: the server refuses.",
    ]);
  });
});

Deno.test("fifty rooms are entered at most, with those that one is in already; the line names twenty", async () => {
  await withKeptChat(async (fixture) => {
    const { server, chat } = fixture;
    for (let i = 1; i <= 70; i++) server.keep(`#room${i}`, "hi", { from: "eve" });
    server.keep("#b!d", "hi", { from: "eve" });
    await chat.client.join("#ROOM2");
    const [line = ""] = await shownTo(fixture);
    const named = [1, ...Array.from({ length: 19 }, (_, i) => i + 3)].map((i) => `#room${i}`);
    assertEquals(line, `Back in ${named.join(", ")}, 29 more.`);
    assertEquals([chat.client.rooms.length, asked(server).includes("#room2")], [50, false]);
    assertEquals(await shownTo(fixture), [], "there is no room for more");
  });
});

Deno.test("who has no conversations, a guest or where nothing is kept, sees nothing of this", async () => {
  await withKeptChat(async (fixture) => {
    const { server } = fixture;
    assertEquals(await shownTo(fixture), []);
    server.keep("#dev", "hi");
    server.refused.set("conversations", 403);
    assertEquals([await shownTo(fixture), asked(server)], [[], []]);
  });
});

Deno.test("stored messages, which were just shown, are not counted as unread there", async () => {
  await withKeptChat(async (fixture) => {
    const { server, chat, ui, enter } = fixture;
    server.keepMany("аня", "старое", 3);
    for (const kept of server.kept.get("аня")!) kept.from = "аня";
    server.keep("#dev", "old");
    server.keepMany("bob", "old", 2);
    const { answer } = server;
    server.answer = async (request, peer) => {
      if (request.event === "conversations") {
        // All in one write, with the answer right behind it.
        const letters = Array.from({ length: 100 }, (_, i) => {
          const kept = server.keep("аня", `письмо ${i}`, { from: "аня" });
          return { event: "msg", ...kept, stored: i + 1 };
        });
        const list = await answer(request, peer);
        await peer.write(...letters, { response: 200, time: 1, id: request.id, ...list });
        return undefined;
      }
      return answer(request, peer);
    };
    await chat.later(() => arrive(chat));
    assertEquals(ui.shown.length, 102);
    assertEquals(ui.shown.splice(0).slice(-2), ["Back in #dev.", "Unread: аня 3, #dev 1, bob 2"]);
    server.answer = answer;
    // They were not read in an open conversation.
    assertEquals(await enter("unread"), ["Unread: аня 103, #dev 1, bob 2"]);
    for (const name of ["bob", "#dev"]) server.read.set(name, 9);
    server.read.set("аня", 3);
    assertEquals(await shownTo(fixture), []);
  });
});

Deno.test("a client that ends meanwhile ends quietly", async () => {
  await withKeptChat(async ({ server, chat, ui }) => {
    server.keep("#dev", "hi");
    const { answer } = server;
    server.answer = (request, peer) => request.event === "join" ? undefined : answer(request, peer);
    const arriving = chat.later(() => arrive(chat));
    await server.until(() => server.requests("join").length === 1);
    chat.client.close();
    await arriving;
    assertEquals(ui.shown, []);
  });
});

Deno.test("it is said in Russian", async () => {
  await withKeptChat(async (fixture) => {
    fixture.server.keep("#чай", "hi");
    assertEquals(await shownTo(fixture), ["Вы снова в #чай.", "Непрочитано: #чай 1"]);
  }, { speaker: speakerOf("ru") });
});
