import { assertEquals } from "@std/assert";

import { arrive } from "../../../client/chat/arrival.ts";
import type { Request } from "../../../common/wire/protocol.ts";
import { type KeptServer, NOON } from "../../support/kept_server.ts";
import { type KeptChat, withKeptChat } from "../../support/start_chat.ts";
import { Profile } from "../../../client/profile/profile.ts";

const DAY = 86_400;
const RULE = "─".repeat(40);
const OPENED = /^You write to \S+ now/;

/** Without what opening says in any case; the day without the comma that depends on the version of ICU. */
function shownOf(lines: string[]): string[] {
  return lines.filter((line) => !OPENED.test(line)).map((line) => line.replace("day,", "day"));
}

function numbers(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${prefix} ${from + i}`);
}

/** What the server was told to be read, so far. */
async function marks(
  { chat, server }: Pick<KeptChat, "chat" | "server">,
): Promise<[string, number][]> {
  await chat.client.probe();
  return told(server);
}

function told(server: KeptServer): [string, number][] {
  return server.requests("read").map((request) => {
    const { with: name, seq } = request as Request & { event: "read" };
    return [name, seq];
  });
}

Deno.test("a conversation opens with the last ten messages, a rule, and what is new, once", async () => {
  await withKeptChat(async ({ server, enter, ui, chat }) => {
    server.keepMany("bob", "old", 15);
    for (const kept of server.kept.get("bob")!) kept.time -= DAY;
    server.keep("bob", "mine", { to: "bob", from: "eve", time: NOON - DAY });
    server.read.set("bob", 15);
    server.keep("bob", "new 17", { time: NOON - DAY });
    server.keep("bob", "mine too", { to: "bob", from: "eve", time: NOON - DAY });
    server.keep("bob", "new 19");
    assertEquals(shownOf(await enter("chat bob")), [
      "— Friday 9 January 2026 —",
      ...numbers("bob: old", 7, 15),
      "→ bob: mine",
      "──────────────── 2 new ────────────────",
      "bob: new 17",
      "→ bob: mine too",
      "— Saturday 10 January 2026 —",
      "bob: new 19",
    ]);
    assertEquals([await marks({ chat, server }), ui.bells], [[["bob", 19]], 0]);
    // What is new once is not so again.
    server.keepMany("zoe", "other", 15);
    await enter("/chat zoe");
    assertEquals(shownOf(await enter("/chat bob")).slice(-2), ["bob: new 19", RULE]);
    assertEquals((await marks({ chat, server })).filter(([name]) => name === "bob").length, 1);
  }, { profile: new Profile({ command: { "notify.how": "bell" } }) });
});

Deno.test("what is on the screen already is not shown once more: join, then chat", async () => {
  await withKeptChat(async ({ server, enter, ui, chat }) => {
    server.keepMany("#dev", "message", 12);
    server.keep("#dev", "mine", { from: "eve" });
    server.read.set("#dev", 13);
    assertEquals((await enter("join #dev")).length, 12);
    await enter("history #dev 1");
    assertEquals(shownOf(await enter("chat #dev")), []);
    // What was said since the conversation was turned away from is read when it is opened again.
    await enter("/close");
    await server.deliver(server.keep("#dev", "live"));
    await ui.until("live");
    ui.shown.splice(0);
    assertEquals(shownOf(await enter("chat #dev")), []);
    assertEquals((await marks({ chat, server })).at(-1), ["#dev", 14]);
    // Of a room that was made anew under the name all is shown.
    server.kept.set("#dev", []);
    server.keep("#dev", "anew", { time: NOON + 500 });
    assertEquals(shownOf(await enter("/join #dev")).includes("#dev bob: anew"), true);
  });
});

Deno.test("new messages that were shown as they came are not said to be above", async () => {
  await withKeptChat(async ({ server, enter, ui, chat }) => {
    await chat.later(() => arrive(chat));
    server.keepMany("bob", "seen", 70);
    for (const kept of server.kept.get("bob")!) await server.deliver(kept);
    await ui.until("seen 70");
    server.keepMany("zoe", "other", 15);
    await enter("chat zoe");
    assertEquals(shownOf(await enter("/chat bob")), [...numbers("bob: seen", 61, 70), RULE]);
  });
});

Deno.test("what an account that was just made answers is read", async () => {
  await withKeptChat(async ({ server, enter, ui, chat }) => {
    server.refused.set("conversations", 403);
    await chat.later(() => arrive(chat));
    server.refused.delete("conversations");
    await chat.past.becameAccount();
    await server.deliver(server.keep("bob", "hi"));
    await ui.until("hi");
    await enter("message bob hello");
    await chat.leave();
    assertEquals(told(server), [["bob", 1]]);
  });
});

Deno.test("what came live is not new once more, and stands among the last ten", async () => {
  await withKeptChat(async ({ server, enter, ui }) => {
    server.keepMany("bob", "before", 2);
    await server.deliver(server.keep("bob", "live"));
    await ui.until("live");
    ui.shown.splice(0);
    assertEquals(shownOf(await enter("chat bob")), [
      "──────────────── 2 new ────────────────",
      "bob: before 1",
      "bob: before 2",
    ]);
    server.keepMany("zoe", "other", 15);
    await enter("/chat zoe");
    assertEquals(shownOf(await enter("/chat bob")), [
      "bob: before 1",
      "bob: before 2",
      "bob: live",
      RULE,
    ]);
  });
});

Deno.test("a message that is delivered after it was listed is shown once; another of its number is not it", async () => {
  await withKeptChat(async ({ server, enter, ui }) => {
    const kept = server.keep("#dev", "listed");
    server.read.set("#dev", 0);
    await enter("join #dev");
    await server.deliver(kept);
    await server.deliver({ ...kept, time: NOON + 500, message: "of a room that was made anew" });
    await ui.until("anew");
    assertEquals(shownOf(ui.shown), ["#dev bob: of a room that was made anew"]);
  });
});

Deno.test("of very many new ones the newest fifty come, and it is said how many there are besides", async () => {
  await withKeptChat(async ({ server, enter, chat }) => {
    server.keepMany("#dev", "message", 80);
    server.read.set("#dev", 7);
    const [room, rule, hint, ...shown] = await enter("join #dev");
    assertEquals([room, rule, hint, shown], [
      "In #dev: bob, eve",
      "──────────────── 50 new ────────────────",
      "23 new messages before these: 'history #dev' or PgUp",
      numbers("#dev bob: message", 31, 80),
    ]);
    assertEquals(await marks({ chat, server }), [["#dev", 80]]);
    const older = await enter("history #dev");
    assertEquals(older.slice(1), [...numbers("#dev bob: message", 11, 30), RULE]);
  });
});

Deno.test("in a room where one never was nothing is new", async () => {
  await withKeptChat(async ({ server, enter, chat }) => {
    const { answer } = server;
    server.keepMany("#dev", "message", 3);
    server.answer = (request, peer) =>
      request.event === "conversations" ? { conversations: [] } : answer(request, peer);
    assertEquals(shownOf(await enter("chat #dev")), [
      "In #dev: bob, eve",
      ...numbers("#dev bob: message", 1, 3),
      RULE,
    ]);
    assertEquals(await marks({ chat, server }), [["#dev", 3]]);
  });
});

Deno.test("where nothing is kept, opening looks as ever", async () => {
  await withKeptChat(async ({ server, enter, chat }) => {
    for (const event of ["conversations", "history"]) server.refused.set(event, 403);
    await enter("chat zoe", "/chat #dev", "/chat #dev", "/close");
    assertEquals(await enter("chat bob", "/join #dev", "/chat #dev"), [
      "You write to bob now: each line is sent. Commands begin with '/', '/close' ends it.",
      "Nobody named bob is online; only an account gets messages later.",
      "In #dev: bob, eve",
      "You write to #dev now: each line is sent. Commands begin with '/', '/close' ends it.",
    ]);
    assertEquals([await marks({ chat, server }), server.requests("conversations").length], [[], 1]);
  });
});

Deno.test("what is shown in the open conversation is read after a while, or when one leaves it", async () => {
  await withKeptChat(async ({ server, enter, ui, clock, chat }) => {
    server.keep("bob", "hi");
    await enter("chat bob");
    for (const text of ["one", "two", "three"]) await server.deliver(server.keep("bob", text));
    await server.deliver(server.keep("zoe", "elsewhere", { from: "zoe" }));
    await ui.until("elsewhere");
    assertEquals(await marks({ chat, server }), [["bob", 1]]);
    clock.advance(2_000);
    await server.until(() => told(server).length === 2);
    await server.deliver(server.keep("bob", "four"));
    await ui.until("four");
    await enter("/close");
    await server.until(() => told(server).length === 3);
    assertEquals(told(server), [["bob", 1], ["bob", 4], ["bob", 5]]);
    // An answer says that one has read what was there.
    await enter("message zoe yes");
    await chat.leave();
    assertEquals(told(server).at(-1), ["zoe", 1]);
    assertEquals(clock.pending, 0);
  });
});

Deno.test("unread is what the server says, and of what it does not keep what came", async () => {
  await withKeptChat(async ({ server, enter, ui, chat }) => {
    server.keepMany("bob", "message", 3);
    server.keepMany("#dev", "message", 12);
    server.keepMany("zoe", "message", 1);
    server.read.set("zoe", 1);
    await chat.later(() => arrive(chat));
    assertEquals(ui.shown.splice(0), ["Back in #dev.", "Unread: bob 3, #dev 12"]);
    await server.peer.write({ event: "msg", time: NOON, to: "eve", from: "guest", message: "hi" });
    await ui.until("hi");
    ui.shown.splice(0);
    assertEquals(await enter("unread"), ["Unread: bob 3, #dev 12, guest 1"]);
    await enter("chat guest", "/chat bob", "/join #dev");
    assertEquals(await enter("/unread"), ["Nothing is unread."]);
    await chat.later(() => arrive(chat));
    assertEquals(ui.shown, []);
  });
});

Deno.test("a message says whom it answers, if that is known", async () => {
  await withKeptChat(async ({ server, enter, ui }) => {
    server.keep("bob", "shall we\nmeet?");
    server.keep("bob", "yes", { to: "bob", from: "eve", reply: 1 });
    const shown = await enter("chat bob");
    assertEquals(shown.slice(-2), ["           ↪ bob: shall we meet?", "→ bob: yes"]);
    await server.deliver(server.keep("bob", "good", { reply: 2 }));
    await server.deliver(server.keep("bob", "what?", { reply: 77 }));
    await ui.until("what?");
    assertEquals(ui.shown, ["           ↪ eve: yes", "bob: good", "bob: what?"]);
  });
});

Deno.test("nothing of what others wrote steers the terminal, and endless pages are refused", async () => {
  await withKeptChat(async ({ server, enter }) => {
    const evil = "\x1b[2J\u202e\r\n[00:00:00] bob: forged";
    server.keep("bob", evil, { from: "b\x1bob" });
    server.keep("bob", "two", { reply: 1 });
    const shown = await enter("chat bob", "/history");
    assertEquals(shown.filter((line) => /\p{Cc}|\u202e/u.test(line)), []);
    assertEquals(shown.includes("           │ [00:00:00] bob: forged"), true);
    const { answer } = server;
    server.answer = (request, peer) =>
      request.event === "history" ? { messages: [], more: true } : answer(request, peer);
    assertEquals(await enter("/history zoe"), [
      "the server's answer makes no sense: The server sent a page without messages, and more behind it",
    ]);
  });
});

Deno.test("what was read in a room is told before one leaves it", async () => {
  await withKeptChat(async ({ server, enter, ui }) => {
    server.keep("#dev", "hi");
    await enter("chat #dev");
    await server.deliver(server.keep("#dev", "live"));
    await ui.until("live");
    await enter("/leave");
    const asked = server.peer.requests.map(({ event }) => event);
    assertEquals([told(server).at(-1), asked.slice(-2)], [["#dev", 2], ["read", "leave"]]);
  });
});

Deno.test("of a page that is longer than what was asked for only the end is shown", async () => {
  await withKeptChat(async ({ server, enter }) => {
    const { answer } = server;
    const messages = Array.from({ length: 5_000 }, (_, i) => {
      return {
        time: NOON,
        to: "#dev",
        from: i < 4_990 ? "bob" : "eve",
        message: `m${i}`,
        seq: i + 1,
      };
    });
    server.answer = (request, peer) =>
      request.event === "join" ? { room: "#dev", messages } : answer(request, peer);
    const shown = await enter("join #dev");
    assertEquals([shown.length, shown.at(-2)], [12, "→ #dev: m4999"]);
  });
});

Deno.test("a client that ends while a conversation is being opened ends quietly", async () => {
  for (const line of ["chat bob", "join #dev", "history bob", "search x", "unread"]) {
    await withKeptChat(async ({ server, chat, ui }) => {
      const { answer } = server;
      await chat.handle("message bob hi");
      await chat.settled();
      ui.shown.splice(0);
      server.answer = (request, peer) =>
        request.event === "quit" ? answer(request, peer) : undefined;
      await chat.handle(line);
      await server.until(() => server.peer.requests.length > 2);
      chat.client.close();
      await chat.settled();
      assertEquals(ui.shown.filter((shown) => !OPENED.test(shown)), []);
    });
  }
});

Deno.test("a room that one is let into stays open, also if the server cannot say what is new there", async () => {
  await withKeptChat(async ({ server, enter, chat }) => {
    server.keep("#dev", "hi");
    server.refused.set("conversations", 500);
    assertEquals(shownOf(await enter("chat #dev")), ["In #dev: bob, eve", "Not here (500)"]);
    assertEquals(chat.conversations.current, "#dev");
    server.refused.delete("conversations");
    assertEquals((await enter("/chat #dev")).at(-1), "#dev bob: hi", "a fault is not for ever");
  });
});

Deno.test("a pipe shows nothing that was not asked for, and marks nothing as read", async () => {
  await withKeptChat(async ({ server, enter, ui }) => {
    ui.isInteractive = false;
    server.keepMany("#dev", "message", 3);
    assertEquals(await enter("join #dev", "chat #dev"), [
      "In #dev: bob, eve",
      "You write to #dev now: each line is sent. Commands begin with '/', '/close' ends it.",
    ]);
    assertEquals((await enter("/history")).length, 6);
  });
});
