import { assert, assertEquals } from "@std/assert";

import { arrive, enterAsked } from "../../../client/chat/arrival.ts";
import { Profile } from "../../../client/profile/profile.ts";
import type { ChatMemory } from "../../../client/chat/chat_memory.ts";
import type { Answer } from "../../support/scripted_server.ts";
import { NOON } from "../../support/kept_server.ts";
import { type KeptChat, withKeptChat } from "../../support/start_chat.ts";

const RULE = "─".repeat(40);

/** The rule with a name. */
function head(name: string): string {
  return `── ${name} ${"─".repeat(36 - name.length)}`;
}

function news(count: number): string {
  const side = "─".repeat(Math.floor((40 - ` ${count} new `.length) / 2));
  return `${side} ${count} new ${side}`;
}

const EXPLAINED = /^You write to \S+ now/;

interface OneView extends KeptChat {
  readonly memory: ChatMemory;
  /** Delivers something that is not kept, as guests write it. */
  say(from: string, text: string, to?: string): Promise<void>;
  /** What was shown since, when all that came is. */
  shown(): Promise<string[]>;
}

/** A chat in which the open conversation is shown alone. */
async function withOneView(run: (fixture: OneView) => Promise<void>): Promise<void> {
  const memory: ChatMemory = { view: "one", open: undefined };
  let second = 0;
  await withKeptChat(async (fixture) => {
    const { server, chat, ui } = fixture;
    const say = async (from: string, message: string, to = "eve"): Promise<void> => {
      await server.peer.write({ event: "msg", time: NOON + ++second, to, from, message });
    };
    const shown = async (): Promise<string[]> => {
      await chat.settled();
      // What comes is shown in its order: when this is, all is that came before.
      const last = `*** the server says: ${++second}`;
      await server.peer.write({ response: 100, time: NOON, alert: String(second) });
      await ui.until(last);
      return ui.shown.splice(0).filter((line) => line !== last && !EXPLAINED.test(line));
    };
    await run({ ...fixture, memory, say, shown });
  }, { memory, profile: new Profile({ command: { "notify.how": "bell" } }) });
}

/** How much is unread where. */
function unread({ chat }: Pick<KeptChat, "chat">): string[] {
  return chat.state.others.filter(({ count }) => count > 0)
    .map(({ name, count, isMentioned }) => `${name} ${count}${isMentioned ? "!" : ""}`);
}

Deno.test("what comes elsewhere is counted; direct messages and mentions show one row each, three at most", async () => {
  await withOneView(async ({ chat, enter, say, shown, ui }) => {
    await enter("join #dev", "join #ops", "chat #dev");
    await say("bob", "in dev", "#dev");
    await say("bob", "in ops", "#ops");
    await say("ann", "eve,\n look", "#ops");
    for (const text of ["one", "two", "three", "four"]) await say("bob", text);
    assertEquals(await shown(), [
      "#dev bob: in dev",
      "2:#ops ann » eve, look",
      "3:bob » one",
      "3:bob » two",
      "3:bob » three",
    ]);
    assertEquals([unread({ chat }), ui.bells], [["#ops 2!", "bob 4"], 1]);
    assertEquals((await enter("/chat bob")).slice(0, 6), [
      head("bob"),
      news(4),
      ...["one", "two", "three", "four"].map((text) => `bob: ${text}`),
    ]);
    assertEquals(unread({ chat }), ["#ops 2!"]);
    chat.switching.toNumber(2);
    assertEquals(await shown(), [
      head("#ops"),
      news(2),
      "#ops bob: in ops",
      "#ops ann: eve,",
      "           │  look",
    ]);
    assertEquals(unread({ chat }), []);
  });
});

Deno.test("of what the server does not keep the last messages are shown again, also one's own, and nothing twice", async () => {
  await withOneView(async ({ chat, enter, say, shown }) => {
    await enter("chat bob");
    await say("bob", "hi");
    await enter("hello");
    await shown();
    await enter("/chat zoe");
    await say("zoe", "it is me");
    await say("bob", "and you?");
    await shown();
    chat.switching.step(-1);
    assertEquals(await shown(), [
      head("bob"),
      "bob: hi",
      "→ bob: hello",
      news(1),
      "bob: and you?",
    ]);
    chat.switching.step(1);
    chat.switching.toNumber(2); // is open already
    assertEquals(await shown(), [head("zoe"), "zoe: it is me", RULE]);
    await enter("/chat kim");
    chat.switching.toNumber(2);
    assertEquals((await shown()).at(-1), head("zoe"), "nothing else came behind it");
    chat.switching.toNumber(9);
    assertEquals(await shown(), []);
  });
});

Deno.test("what the server keeps is shown as it keeps it, and is read then, not before", async () => {
  await withOneView(async ({ chat, server, enter, shown }) => {
    server.keepMany("#dev", "old", 3);
    server.keepMany("bob", "past", 12);
    server.read.set("bob", 12).set("#dev", 3);
    server.keepsOwn = true;
    await chat.later(() => arrive(chat));
    await enter("chat #dev");
    for (const n of [13, 14, 15, 16]) await server.deliver(server.keep("bob", `new ${n}`));
    await server.deliver(server.keep("#dev", "here"));
    await shown();
    // An answer from elsewhere says nothing of the fourth, which had no line.
    await enter("/message bob later");
    await chat.client.probe();
    assertEquals([unread({ chat }), server.read.get("bob")], [["bob 4"], 12]);
    const lines = await enter("/next");
    assertEquals(lines.slice(0, 1).concat(lines.slice(-7)), [
      head("bob"),
      "bob: past 12",
      news(4),
      "bob: new 13",
      "bob: new 14",
      "bob: new 15",
      "bob: new 16",
      "→ bob: later",
    ]);
    await chat.client.probe();
    assertEquals([unread({ chat }), server.read.get("bob")], [[], 17]);
  });
});

Deno.test("who answers what had a line each has read it, and finds the answer behind it", async () => {
  for (const isKept of [false, true]) {
    await withOneView(async ({ chat, server, enter, say, shown }) => {
      server.keepsOwn = true;
      if (isKept) server.keepMany("bob", "past", 1);
      server.read.set("bob", 1);
      await chat.later(() => arrive(chat));
      await enter("join #dev", "chat #dev");
      for (const text of ["are you there?", "well?"]) {
        await (isKept ? server.deliver(server.keep("bob", text)) : say("bob", text));
      }
      assertEquals([(await shown()).length, unread({ chat })], [2, ["bob 2"]]);
      await enter("/reply yes");
      await chat.client.probe();
      assertEquals(unread({ chat }), []);
      await enter("here");
      assertEquals((await enter("/chat bob")).slice(isKept ? 2 : 1), [
        "bob: are you there?",
        "bob: well?",
        "→ bob: yes",
        RULE,
      ]);
    });
  }
});

Deno.test("an answer to a room from elsewhere says nothing of what had no line there", async () => {
  await withOneView(async ({ chat, enter, say, shown }) => {
    await enter("join #ops", "join #dev", "chat #dev");
    await say("bob", "eve, look", "#ops");
    await shown();
    await enter("/message #ops yes");
    assertEquals(unread({ chat }), []);
    await say("bob", "eve, look again", "#ops");
    await say("bob", "and all of you", "#ops");
    await shown();
    await enter("/message #ops yes");
    assertEquals(unread({ chat }), ["#ops 2!"]);
  });
});

Deno.test("who is refused has answered nothing; an answer that is taken is one to what was there", async () => {
  await withOneView(async ({ chat, server, enter, shown, ui }) => {
    server.keepsOwn = true;
    server.keepMany("bob", "past", 1);
    server.read.set("bob", 1);
    await chat.later(() => arrive(chat));
    await enter("join #dev", "chat #dev");
    for (const text of ["q1", "q2"]) await server.deliver(server.keep("bob", text));
    await shown();
    server.refused.set("msg", 403);
    assertEquals(await enter("/message bob x"), ["→ bob: x · not sent: Not here (403)"]);
    await chat.client.probe();
    assertEquals([unread({ chat }), server.read.get("bob")], [["bob 2"], 1]);
    server.refused.clear();
    const { answer } = server;
    const [asked, taken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    server.answer = async (request, peer) => {
      if (request.event === "msg") {
        asked.resolve();
        await taken.promise;
      }
      return answer(request, peer);
    };
    await chat.handle("/message bob y");
    await asked.promise;
    await server.deliver(server.keep("bob", "q3"));
    await ui.until("q3");
    assertEquals(unread({ chat }), ["bob 3"]);
    taken.resolve();
    await chat.settled();
    await chat.client.probe();
    assertEquals(unread({ chat }), ["bob 1"]);
  });
});

Deno.test("next goes where one is mentioned first, then to direct messages, then to rooms", async () => {
  await withOneView(async ({ chat, enter, say, shown }) => {
    await enter("join #tea", "join #ops", "join #dev", "chat zoe");
    await say("bob", "a room", "#tea");
    await say("bob", "direct");
    await say("bob", "eve!", "#ops");
    await shown();
    const opened: (string | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      await enter("/next");
      opened.push(chat.conversations.current);
    }
    assertEquals(opened, ["#ops", "bob", "#tea"]);
    assertEquals(await enter("/next"), ["Nothing is unread."]);
  });
});

Deno.test("with all, or with nothing open, everything is in one stream", async () => {
  await withOneView(async ({ chat, enter, say, shown, memory }) => {
    await say("bob", "one");
    assertEquals(await shown(), ["bob: one"]);
    await enter("chat #dev");
    assertEquals(await enter("/all"), ["Everything is shown in one stream now."]);
    await say("bob", "two");
    assertEquals([await shown(), memory.view], [["bob: two"], "all"]);
    assertEquals((await enter("/все")).length, 1);
    await say("bob", "three");
    assertEquals([await shown(), memory.view], [["3"].map(() => "1:bob » three"), "one"]);
    await enter("/close");
    await say("bob", "four");
    assertEquals([await shown(), chat.conversations.current], [["bob: four"], undefined]);
  });
});

Deno.test("what was shown in the one stream does not come before what is older and still unseen", async () => {
  await withOneView(async ({ chat, enter, say, shown }) => {
    await enter("join #ops", "chat #dev");
    await say("bob", "old", "#ops");
    await shown();
    await enter("/close");
    await say("bob", "newer", "#ops");
    assertEquals((await shown()).at(-1), "#ops bob: newer");
    assertEquals(await enter("chat #ops"), [
      head("#ops"),
      news(1),
      "#ops bob: old",
      "#ops bob: newer",
    ]);
    await enter("/chat #dev");
    await say("bob", "here", "#dev");
    await shown();
    chat.switching.toNumber(1);
    assertEquals(await shown(), [head("#ops"), "#ops bob: old", "#ops bob: newer", RULE]);
  });
});

Deno.test("what others do in rooms elsewhere is not shown, but what is done to whoever reads", async () => {
  await withOneView(async ({ chat, server, enter, shown }) => {
    await enter("join #dev", "join #ops", "chat #dev");
    const notice = (more: object): Promise<void> =>
      server.peer.write({ response: 100, time: NOON, alert: "x", ...more });
    await notice({ room: "#ops", joined: "zoe" });
    await notice({ room: "#ops", user: "zoe", muted: true, by: "bob" });
    await notice({ room: "#dev", joined: "zoe" });
    await notice({ room: "#ops", user: "eve", muted: true, by: "bob" });
    await notice({ room: "#ops", left: "eve", kicked: true, by: "bob" });
    assertEquals(await shown(), [
      "*** bob muted you in #ops",
      "*** bob kicked you from #ops",
      // Gathered, since others might have come, too.
      "*** zoe joined #dev",
    ]);
    assertEquals(chat.members.has("#dev", "zoe"), true);
    assertEquals(chat.state.others, []);
  });
});

Deno.test("what happens in a conversation while it is being opened stands behind what was said before", async () => {
  await withOneView(async ({ chat, server, ui }) => {
    server.keepMany("bob", "past", 2);
    const { answer } = server;
    const [asked, page] = [Promise.withResolvers<void>(), Promise.withResolvers<Answer>()];
    server.answer = (request, peer) => {
      if (request.event !== "history") return answer(request, peer);
      asked.resolve();
      return page.promise;
    };
    await chat.handle("chat bob");
    await asked.promise;
    await chat.handle("my word");
    await server.deliver(server.keep("bob", "live", { time: NOON + 100 }));
    await server.peer.write({ event: "msg", time: NOON, to: "eve", from: "zoe", message: "hi" });
    await ui.until("zoe » hi");
    assertEquals(ui.shown.splice(0).slice(2), ["2:zoe » hi"]);
    page.resolve({ messages: server.kept.get("bob")!.slice(0, 2), more: false });
    await chat.settled();
    assertEquals(ui.shown, [
      news(2),
      "bob: past 1",
      "bob: past 2",
      "bob: live",
      "→ bob: my word · sent",
    ]);
  });
});

Deno.test("who turns on before a conversation is shown finds it as it was, unread", async () => {
  await withOneView(async ({ chat, server, enter, ui, say }) => {
    server.keepMany("bob", "past", 2);
    await chat.later(() => arrive(chat));
    await enter("chat zoe");
    assertEquals(unread({ chat }), ["bob 2"]);
    const { answer } = server;
    const [asked, page] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    server.answer = async (request, peer) => {
      if (request.event === "history") {
        asked.resolve();
        await page.promise;
      }
      return answer(request, peer);
    };
    await chat.handle("/chat bob");
    await asked.promise;
    await say("bob", "unkept");
    await say("ann", "hi");
    await ui.until("ann » hi");
    await chat.handle("/chat kim");
    page.resolve();
    await chat.settled();
    assertEquals(ui.shown.splice(0), [
      head("bob"),
      "3:ann » hi",
      head("kim"),
      "1:bob » unkept",
      "Nobody named kim is online; only an account gets messages later.",
    ]);
    assertEquals([unread({ chat }), server.read.get("bob")], [["bob 3", "ann 1"], undefined]);
    assertEquals(await enter("/chat bob"), [
      head("bob"),
      news(3),
      "bob: past 1",
      "bob: unkept",
      "bob: past 2",
    ]);
  });
});

Deno.test("where the server says of a room what was said, but not what is new, all is new that was not shown", async () => {
  await withOneView(async ({ server, enter, shown }) => {
    for (const event of ["conversations", "read"]) server.refused.set(event, 403);
    server.keepMany("#dev", "old", 3);
    await enter("join #dev", "chat zoe");
    for (let i = 1; i <= 55; i++) await server.deliver(server.keep("#dev", `new ${i}`));
    assertEquals(await shown(), []);
    const lines = await enter("/chat #dev");
    assertEquals([...lines.slice(0, 4), lines.length, lines.at(-1)], [
      head("#dev"),
      news(50),
      "5 new messages before these: '/history #dev' or PgUp",
      "#dev bob: new 6",
      53,
      "#dev bob: new 55",
    ]);
  });
});

Deno.test("without the server's word what came is shown from memory, with how much there was besides", async () => {
  await withOneView(async ({ chat, server, enter, say, shown }) => {
    await enter("join #dev", "chat zoe");
    for (let i = 1; i <= 503; i++) await say("bob", `no ${i}`, "#dev");
    await shown();
    server.refused.set("conversations", 500);
    const lines = await enter("/chat #dev");
    assertEquals(lines.slice(0, 4), [
      head("#dev"),
      news(500),
      "3 messages before these are gone: more than this client keeps.",
      "#dev bob: no 4",
    ]);
    assertEquals([lines.length, lines.at(-1)], [504, "Not here (500)"]);
    assertEquals(chat.conversations.current, "#dev");
  });
});

Deno.test("a kept message that is changed or deleted elsewhere is seen as it is then", async () => {
  await withOneView(async ({ server, enter, shown, chat }) => {
    server.keepMany("bob", "text", 2);
    server.read.set("bob", 0);
    await chat.later(() => arrive(chat));
    await enter("chat bob", "/chat zoe");
    await shown();
    const [first] = server.kept.get("bob")!;
    const change = {
      event: "edit",
      to: "eve",
      from: "bob",
      seq: 1,
      time: NOON + 9,
      message: "new",
    };
    Object.assign(first!, { message: "new", edited: NOON + 9 });
    await server.peer.write(change);
    assertEquals(await shown(), []);
    assertEquals(await enter("/chat bob"), [
      head("bob"),
      "bob: new · changed",
      "bob: text 2",
      RULE,
    ]);
  });
});

Deno.test("a direct message that nobody has seen and the server does not keep is shown at the end", async () => {
  await withKeptChat(async ({ chat, server, enter, ui }) => {
    await enter("join #tea", "chat #dev");
    const message = { event: "msg", time: NOON, to: "eve", from: "bob" };
    for (let i = 1; i <= 5; i++) await server.peer.write({ ...message, message: `text ${i}` });
    await server.peer.write({ ...message, to: "#tea", message: "small talk" });
    await ui.until("text 3");
    await server.peer.write({ response: 100, time: NOON, alert: "the end" });
    await ui.until("the end");
    ui.shown.splice(0);
    await chat.handle("/exit");
    await ui.until("text 5");
    assertEquals(ui.shown, [
      "5 direct messages you have not seen yet:",
      ...[1, 2, 3, 4, 5].map((i) => `bob: text ${i}`),
    ]);
  }, { memory: { view: "one", open: undefined } });
});

Deno.test("the conversation that was open is open again, when one has arrived", async () => {
  await withOneView(async ({ chat, server, memory, shown, say }) => {
    server.keepMany("#dev", "text", 2);
    server.read.set("#dev", 1);
    const arrived = chat.later(() => arrive(chat));
    chat.switching.goOn("#dev", arrived);
    assertEquals(chat.prompt, "eve → #dev> ", "from the first line on");
    await say("bob", "at once", "#dev");
    await arrived;
    await chat.settled();
    assertEquals(await shown(), [
      "Back in #dev.",
      "Unread: #dev 1",
      head("#dev"),
      "#dev bob: text 1",
      news(1),
      "#dev bob: text 2",
      "#dev bob: at once",
    ]);
    chat.switching.to("bob");
    assertEquals(memory.open, "bob");
    chat.close();
    assertEquals(memory.open, undefined);
  });
});

Deno.test("a room that was open and admits one no more is closed", async () => {
  await withOneView(async ({ chat, server, shown, memory }) => {
    memory.open = "#dev";
    server.refused.set("join", 403);
    chat.switching.goOn("#dev", Promise.resolve());
    await Promise.resolve();
    await chat.settled();
    assertEquals((await shown()).slice(-2), ["Back to commands.", "Not here (403)"]);
    assertEquals([memory.open, chat.prompt], [undefined, "eve> "]);
  });
});

Deno.test("rooms that are asked for are entered one after the other; each that refuses is one line", async () => {
  await withOneView(async ({ chat, server, enter, shown }) => {
    const { answer } = server;
    server.answer = (request, peer) =>
      request.event === "join" && request.room === "#no"
        ? { response: 403, error: "Not here" }
        : answer(request, peer);
    await enter("join #in");
    await enterAsked(chat, ["#a", "#no", "#IN", "#b"]);
    assertEquals(await shown(), [
      "In #a: bob, eve",
      "Not in #no: Not here (403)",
      "In #b: bob, eve",
    ]);
    assert(chat.isIn("#b"));
  });
});

Deno.test("in a pipe there is one stream, and that stays so", async () => {
  await withKeptChat(async ({ enter }) => {
    assertEquals(await enter("chat bob", "/all"), [
      "You write to bob now: each line is sent. Commands begin with '/', '/close' ends it.",
      "Nobody named bob is online; only an account gets messages later.",
      "Here everything is in one stream, always.",
    ]);
  });
});
