import { assertEquals, assertMatch } from "@std/assert";

import { Chat } from "../../../client/chat/chat.ts";
import type { ChatMemory } from "../../../client/chat/chat_memory.ts";
import { ConnectionLostError, RefusedError } from "../../../client/library/errors.ts";
import type { ClientEvent } from "../../../client/library/events.ts";
import type { JimClient } from "../../../client/library/jim_client.ts";
import { Profile } from "../../../client/profile/profile.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { Delivery } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeUi } from "../../support/fake_ui.ts";
import { NOON } from "../../support/kept_server.ts";
import { eventually } from "../../support/server_fixture.ts";
import { settle } from "../../support/settle.ts";
import { withKeptChat } from "../../support/start_chat.ts";

/** A chat over a client that hands out what it is told to, and is asked for nothing. */
function start(more: Partial<FakeUi> = {}, memory: ChatMemory | undefined = undefined): {
  ui: FakeUi;
  clock: FakeClock;
  chat: Chat;
  happens: (...events: ClientEvent[]) => Promise<void>;
  client: { isOnline: boolean };
} {
  const ui = Object.assign(new FakeUi(), more);
  const clock = new FakeClock(NOON * 1000);
  const { readable, writable } = new TransformStream<ClientEvent, ClientEvent>();
  const writer = writable.getWriter();
  const client = { name: "eve", isOnline: true, rooms: [], events: () => readable.values() };
  const chat = new Chat(client as unknown as JimClient, {
    ...{
      ui,
      clock,
      speaker: speakerOf("en"),
      profile: new Profile({ command: { "notify.how": "bell" } }),
      memory,
    },
  });
  chat.run();
  const happens = async (...events: ClientEvent[]): Promise<void> => {
    for (const event of events) await writer.write(event);
    await settle();
  };
  return { ui, clock, chat, happens, client };
}

function missed(seq: number, more: Partial<Delivery> = {}): ClientEvent {
  const message: Delivery = { event: "msg", time: NOON, to: "eve", from: "bob", message: "", seq };
  return {
    type: "message",
    message: { ...message, message: `text ${seq}`, ...more },
    line: "",
    missed: true,
  };
}

function live(seq: number, more: Partial<Delivery> = {}): ClientEvent {
  const { missed: _, ...event } = missed(seq, more) as ClientEvent & { type: "message" };
  return event;
}

Deno.test("what was missed comes in one block behind one line, dim and without a bell", async () => {
  const { ui, clock, happens, chat } = start();
  const styles: string[] = [];
  const show = ui.show.bind(ui);
  ui.show = (...lines) => {
    styles.push(...lines.flatMap(({ spans }) => spans.map(({ style }) => style)));
    show(...lines);
  };
  await happens(missed(1), missed(2, { to: "#dev", message: "Eve?" }), missed(3, { reply: 1 }));
  assertEquals(ui.shown, []);
  clock.advance(300);
  assertEquals(ui.shown, [
    "3 messages came meanwhile.",
    "bob: text 1",
    "#dev bob: Eve?",
    "           ↪ bob: text 1",
    "bob: text 3",
  ]);
  assertEquals([new Set(styles.slice(1)), ui.bells], [new Set(["faint"]), 0]);
  assertEquals([chat.conversations.unread.length, chat.replyTo], [2, "bob"]);
});

Deno.test("what comes after it stands behind it, and nothing comes twice", async () => {
  const { ui, happens } = start();
  await happens(missed(1), live(2), missed(1), live(2));
  assertEquals(ui.shown, ["1 message came meanwhile.", "bob: text 1", "bob: text 2"]);
  assertEquals(ui.bells, 1);
});

Deno.test("a gap says where the rest is", async () => {
  const { ui, happens } = start();
  const gap = { type: "gap", with: "#dev", after: 3, sentence: "\x1b" } as const;
  await happens(missed(1), { ...gap, reason: "many" }, { ...gap, reason: "renumbered" });
  assertEquals(ui.shown, [
    "1 message came meanwhile.",
    "bob: text 1",
    "In #dev more came meanwhile than is shown here: see 'history #dev 100' and PgUp.",
    "What was said in #dev before is gone: under this name there is another room now.",
  ]);
});

Deno.test("messages without a number are all shown", async () => {
  const { ui, happens } = start();
  const message: Delivery = { event: "msg", time: 1, to: "eve", from: "bob", message: "hi" };
  await happens({ type: "message", message, line: "" }, { type: "message", message, line: "" });
  assertEquals(ui.shown.filter((line) => line === "bob: hi").length, 2);
});

const LOST: ClientEvent = {
  ...{ type: "offline", attempt: 1, retryMs: 1 },
  error: new ConnectionLostError("broken", "x"),
};
const BACK: ClientEvent = { type: "online", name: "eve", again: true, resumed: true };

Deno.test("an interruption is one line, when it is over, with how much came meanwhile", async () => {
  const { ui, clock, happens } = start();
  await happens(LOST);
  clock.advance(12_000);
  await happens(LOST);
  assertEquals(ui.shown, []);
  await happens(BACK, missed(1), missed(2), live(3));
  await happens(LOST);
  clock.advance(3_000);
  await happens(BACK);
  clock.advance(300);
  assertEquals(ui.shown, [
    "Interrupted 12:00:00, back 12:00:12; 2 messages came meanwhile.",
    ...["bob: text 1", "bob: text 2", "bob: text 3"],
    "Interrupted 12:00:12, back 12:00:15.",
  ]);
  assertEquals(ui.bells, 1);
});

Deno.test("stored messages are counted with what was missed, and all stands in the order of its times", async () => {
  const { ui, clock, happens, chat } = start();
  const stored = (seq: number, time: number): ClientEvent => live(seq, { time, stored: seq });
  await happens(stored(1, NOON));
  assertEquals(ui.shown.splice(0), ["bob: text 1 · kept for you"], "at the first login");
  await happens(LOST);
  clock.advance(12_000);
  const back: ClientEvent = { type: "online", name: "eve", again: true };
  const room = (seq: number, time: number): ClientEvent =>
    missed(seq, { to: "#dev", from: "zoe", time });
  await happens(back, room(8, NOON + 3), room(9, NOON + 5), stored(2, NOON + 1));
  await happens(stored(3, NOON + 4));
  clock.advance(299);
  assertEquals(ui.shown, []);
  clock.advance(1);
  assertEquals(ui.shown.splice(0), [
    "Interrupted 12:00:00, back 12:00:12; 4 messages came meanwhile.",
    "bob: text 2",
    "#dev zoe: text 8",
    "bob: text 3",
    "#dev zoe: text 9",
  ]);
  assertEquals([ui.bells, chat.conversations.lastSender], [1, "bob"]);
  // What is short is as if there had been nothing.
  await happens(LOST, back, stored(4, NOON + 6));
  assertEquals(ui.shown, ["bob: text 4 · kept for you"]);
});

Deno.test("what was shown of a conversation that was opened meanwhile is not shown again as missed", async () => {
  await withKeptChat(async ({ server, chat, ui, clock, enter }) => {
    const { answer } = server;
    const back = Promise.withResolvers<void>();
    server.answer = async (request, peer) => {
      if (request.event === "presence") await back.promise;
      return answer(request, peer);
    };
    server.peer.close();
    await eventually(() => !chat.client.isOnline, () => "the end of the connection");
    await settle();
    clock.advance(3_000);
    back.resolve();
    await eventually(() => chat.client.isOnline, () => "the next connection");
    await server.peer.write(
      { event: "msg", ...server.keep("bob", "letter"), stored: 1 },
      { event: "msg", ...server.keep("zoe", "other", { from: "zoe" }), stored: 2 },
    );
    await chat.client.probe();
    const shown = await enter("chat bob");
    assertEquals(shown.at(-1), "bob: letter");
    clock.advance(300);
    assertEquals(ui.shown, [
      "Interrupted 12:00:00, back 12:00:03; 1 message came meanwhile.",
      "zoe: other",
    ]);
  }, { client: { firstMs: 1, maxMs: 1 } });
});

Deno.test("what was missed and is told of while its conversation is being opened is shown there, whole and once", async () => {
  const { ui, clock, happens, chat, client } = start({}, { view: "one", open: undefined });
  const who = Promise.withResolvers<{ users: []; total: number }>();
  Object.assign(client, {
    conversations: () => Promise.reject(new RefusedError("conversations", 401, "not for guests")),
    who: () => who.promise,
  });
  const texts = ["one", "two", "three", "four"];
  await happens(...texts.map((message) => {
    const { seq: _, ...rest } =
      (missed(1, { message }) as ClientEvent & { type: "message" }).message;
    return { type: "message", message: rest, line: "", missed: true } as const;
  }));
  await chat.handle("chat bob");
  await settle();
  ui.shown.length = 0;
  clock.advance(300);
  assertEquals(ui.shown.splice(0), ["4 messages came meanwhile."]);
  who.resolve({ users: [], total: 1 });
  await chat.settled();
  assertEquals(ui.shown.splice(0), texts.map((text) => `bob: ${text}`));
  chat.switching.to("zoe");
  await chat.settled();
  await happens(live(2, { from: "zoe", message: "hi" }));
  ui.shown.length = 0;
  chat.switching.to("bob");
  await chat.settled();
  assertEquals(ui.shown.slice(1), [...texts.map((text) => `bob: ${text}`), "─".repeat(40)]);
});

Deno.test("an interruption that lasts less than two seconds says nothing, and what came is as if it came now", async () => {
  const { ui, clock, happens } = start();
  await happens(LOST);
  clock.advance(1_900);
  await happens(BACK, missed(1));
  clock.advance(1_000);
  assertEquals([ui.shown, ui.bells], [["bob: text 1"], 1]);
});

Deno.test("without a prompt on the screen two seconds say that it is lost; in a pipe a line says that it is back", async () => {
  for (
    const [isInteractive, back] of [[true, /^Interrupted /], [
      false,
      /^Connected again\.$/,
    ]] as const
  ) {
    const { ui, clock, happens } = start({ isInteractive, repaintsPrompt: false });
    await happens(LOST);
    clock.advance(2_000);
    assertEquals(ui.shown.length, 1);
    await happens(BACK);
    clock.advance(300);
    assertEquals(ui.shown.length, 2);
    assertMatch(ui.shown[1]!, back);
  }
});

Deno.test("an interruption over night says the day", async () => {
  const { ui, clock, happens } = start();
  await happens(LOST);
  clock.advance(15 * 3_600_000);
  await happens(BACK);
  clock.advance(300);
  assertEquals(ui.shown, ["Interrupted 10 Jan 12:00, back 03:00:00."]);
});

Deno.test("why the server closes the connection is said once", async () => {
  const { ui, clock, happens } = start({ repaintsPrompt: false });
  const alert = "You did not answer";
  const error = new ConnectionLostError("closed", "x", { notice: alert, announced: "probe" });
  await happens(
    { type: "notice", notice: { response: 101, time: NOON, alert, reason: "probe" }, line: "" },
    { type: "offline", error, attempt: 1, retryMs: 1 },
  );
  clock.advance(2_000);
  assertEquals(ui.shown, [
    "*** the server says: You did not answer",
    "Connection lost: the server closed it. Trying again …",
  ]);
});

Deno.test("a restart of the server is one line, when it is over; the reason is another after half a minute", async () => {
  const { ui, clock, happens } = start();
  const alert = "The server is shutting down";
  const error = new ConnectionLostError("closed", "x", { notice: alert, announced: "shutdown" });
  const goes = [
    { type: "notice", notice: { response: 101, time: NOON, alert, reason: "shutdown" }, line: "" },
    { type: "offline", error, attempt: 1, retryMs: 1 },
  ] as const;
  await happens(...goes);
  clock.advance(1_000);
  await happens(BACK, missed(1));
  clock.advance(300);
  assertEquals(ui.shown.splice(0), [
    "Interrupted 12:00:00, back 12:00:01; 1 message came meanwhile.",
    "bob: text 1",
  ]);
  await happens(...goes);
  clock.advance(30_000);
  assertEquals(ui.shown, [`Connection lost: the server says: ${alert}. Trying again …`]);
});

Deno.test("a server that was killed and is back at once has lost the session: that is one line, too", async () => {
  const { ui, clock, happens } = start();
  await happens(LOST);
  clock.advance(1_000);
  await happens({ type: "online", name: "eve", again: true, resumed: false });
  clock.advance(300);
  assertEquals(ui.shown, ["Interrupted 12:00:00, back 12:00:01."]);
});

/** Somebody comes into #class or leaves it. */
function moved(how: "joined" | "left", name: string): ClientEvent {
  const notice = { response: 100, time: NOON, alert: "", room: "#class", [how]: name };
  return { type: "notice", notice, line: "" };
}

/** The server shuts down, and another one, which knows no sessions, takes its place. */
const RESTART: readonly ClientEvent[] = [
  {
    type: "notice",
    notice: { response: 101, time: NOON, alert: "bye", reason: "shutdown" },
    line: "",
  },
  LOST,
  { type: "online", name: "eve", again: true, resumed: false },
];

Deno.test("who is in a room before and after a restart has not moved, whoever comes back first", async () => {
  for (const isFirst of [true, false]) {
    const { ui, clock, happens, chat } = start();
    chat.members.set("#class", ["ann", "bob", "eve", "kim"]);
    await happens(moved("left", "bob"), ...RESTART);
    const users = isFirst ? ["eve"] : ["ann", "bob", "eve", "kim"];
    await happens({ type: "room-back", room: "#class", users });
    clock.advance(300);
    assertEquals(ui.shown.splice(0), ["Interrupted 12:00:00, back 12:00:00."]);
    if (isFirst) await happens(...["bob", "kim", "ann"].map((name) => moved("joined", name)));
    await happens(live(1, { to: "#class" }));
    clock.advance(10_000);
    assertEquals(ui.shown, ["#class bob: text 1"]);
    assertEquals(chat.members.of("#class").toSorted(), ["ann", "bob", "eve", "kim"]);
  }
});

Deno.test("who has come or gone with a restart is told of, those who might still come back last", async () => {
  const { ui, clock, happens, chat } = start();
  chat.members.set("#class", ["ann", "bob", "eve", "kim"]);
  await happens(moved("left", "bob"), ...RESTART);
  await happens({ type: "room-back", room: "#class", users: ["eve", "leo"] });
  clock.advance(300);
  ui.shown.length = 0;
  await happens(moved("joined", "ann"), live(1, { to: "#class", from: "leo" }));
  assertEquals(ui.shown.splice(0), ["*** leo joined #class", "#class leo: text 1"]);
  clock.advance(2_699);
  assertEquals(ui.shown, []);
  clock.advance(1);
  assertEquals(ui.shown.splice(0), ["*** #class − bob and kim"]);
  await happens(moved("joined", "bob"));
  clock.advance(3_000);
  assertEquals(ui.shown, ["*** bob joined #class"]);
});

Deno.test("where it is not known who was in a room, what waited to be told is settled all the same", async () => {
  const { ui, clock, happens } = start();
  await happens(moved("left", "bob"), moved("joined", "zoe"), moved("left", "kim"), ...RESTART);
  await happens({ type: "room-back", room: "#class", users: ["ann", "bob", "eve"] });
  clock.advance(3_000);
  assertEquals(ui.shown, ["Interrupted 12:00:00, back 12:00:00.", "*** kim left #class"]);
});

Deno.test("who comes and goes while a connection is lost whose session goes on is told of after the return", async () => {
  const { ui, clock, happens } = start();
  await happens(moved("left", "bob"), LOST);
  clock.advance(5_000);
  assertEquals(ui.shown, []);
  await happens(BACK, moved("joined", "ann"));
  clock.advance(3_000);
  assertEquals(ui.shown, ["Interrupted 12:00:00, back 12:00:05.", "*** #class + ann  − bob"]);
});

Deno.test("without a prompt the server's last word is shown as it comes", async () => {
  const { ui, happens } = start({ repaintsPrompt: false });
  const notice = { response: 101, time: NOON, alert: "bye", reason: "shutdown" };
  await happens({ type: "notice", notice, line: "" });
  assertEquals(ui.shown, ["*** the server says: bye"]);
});

Deno.test("what was missed elsewhere is counted and held, and shown without a connection, too", async () => {
  const { ui, clock, chat, happens, client } = start({}, { view: "one", open: undefined });
  chat.conversations.open("#dev");
  await happens(
    missed(1),
    missed(2, { to: "#dev" }),
    missed(3, { to: "#ops" }),
    missed(4, { to: "#ops", message: "Eve?" }),
  );
  clock.advance(300);
  await happens(missed(1), live(1));
  clock.advance(300);
  assertEquals(ui.shown.splice(0), [
    "4 messages came meanwhile.",
    "2:bob » text 1",
    "#dev bob: text 2",
    "3:#ops bob » Eve?",
  ]);
  assertEquals(ui.bells, 0);
  client.isOnline = false;
  chat.switching.to("bob");
  await chat.settled();
  assertEquals(ui.shown.slice(2), ["──────────────── 1 new ────────────────", "bob: text 1"]);
  // It comes once more when the connection is back.
  client.isOnline = true;
  await happens(live(1));
  assertEquals(ui.shown.length, 4);
});
