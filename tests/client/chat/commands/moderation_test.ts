import { assertEquals } from "@std/assert";

import { type Language, speakerOf } from "../../../../client/texts/texts.ts";
import type { Request } from "../../../../common/wire/protocol.ts";
import { eventually } from "../../../support/server_fixture.ts";
import { type KeptChat, withKeptChat } from "../../../support/start_chat.ts";

/** What was asked for since the last look, without what all requests have. */
function asked({ server }: KeptChat): object[] {
  const requests: Request[] = server.peer.requests.splice(0);
  return requests.map(({ id: _, ...request }) => request);
}

/** Runs a test with eve's chat, in which #dev is open. */
async function inDev(
  run: (fixture: KeptChat) => Promise<void>,
  language: Language = "en",
): Promise<void> {
  await withKeptChat(async (fixture) => {
    await fixture.enter("join #dev", "chat #dev");
    asked(fixture);
    await run(fixture);
  }, { speaker: speakerOf(language) });
}

/** How a line, without its `/`, goes out. */
type Row = readonly [typed: string, request: object];

const [room, user] = ["#dev", "bob"];
const there = { room, user };

const ROWS: readonly Row[] = [
  ["invite bob", { event: "invite", ...there }],
  ["invite bob #ops off", { event: "invite", room: "#ops", user, on: false }],
  ["пригласить bob выкл", { event: "invite", ...there, on: false }],
  ["kick bob", { event: "kick", ...there }],
  ["kick #ops bob", { event: "kick", room: "#ops", user }],
  ["kick bob #ops", { event: "kick", room: "#ops", user }],
  ["kick bob no  ads #here ", { event: "kick", ...there, reason: "no  ads #here" }],
  ["выгнать bob", { event: "kick", ...there }],
  ["ban bob", { event: "ban", ...there }],
  ["ban bob 2h", { event: "ban", ...there, seconds: 7_200 }],
  ["ban bob 2h spamming", { event: "ban", ...there, seconds: 7_200, reason: "spamming" }],
  ["ban bob 2 hours", { event: "ban", ...there, seconds: 7_200 }],
  ["ban bob spamming", { event: "ban", ...there, reason: "spamming" }],
  ["ban #ops bob 1w ads", { event: "ban", room: "#ops", user, seconds: 604_800, reason: "ads" }],
  ["забанить bob 2ч спам", { event: "ban", ...there, seconds: 7_200, reason: "спам" }],
  ["unban bob", { event: "ban", ...there, seconds: 0 }],
  ["разбан #ops bob", { event: "ban", room: "#ops", user, seconds: 0 }],
  ["mute bob", { event: "mute", ...there }],
  ["mute bob 10m", { event: "mute", ...there, seconds: 600 }],
  ["заглушить bob 10мин", { event: "mute", ...there, seconds: 600 }],
  ["unmute bob", { event: "mute", ...there, seconds: 0 }],
  ["grant bob moderator", { event: "grant", ...there, role: "moderator" }],
  ["grant bob #ops Owner", { event: "grant", room: "#ops", user, role: "owner" }],
  ["назначить bob модератором", { event: "grant", ...there, role: "moderator" }],
  ["room", { event: "room", room }],
  ["room #ops", { event: "room", room: "#ops" }],
  ["room private on", { event: "room", room, private: true }],
  ["room #ops moderated off", { event: "room", room: "#ops", moderated: false }],
  ["room slow 10s", { event: "room", room, slow: 10 }],
  ["room slow 1 minute", { event: "room", room, slow: 60 }],
  ["room slow off", { event: "room", room, slow: 0 }],
  ["комната закрытая вкл", { event: "room", room, private: true }],
  ["комната #ops медленно выкл", { event: "room", room: "#ops", slow: 0 }],
];

Deno.test("commands about a room and somebody in it, as they go out", async () => {
  await inDev(async (fixture) => {
    for (const [typed, request] of ROWS) {
      await fixture.enter(`/${typed}`);
      assertEquals([typed, asked(fixture)], [typed, [request]]);
    }
  });
});

function noTime(word: string): string {
  return "Nothing was done: a duration is a number with s, m, h, d or w, as in 90s, 2h or 1h30m, up " +
    `to ten years; received '${word}'. None means for good.`;
}

const NO_REASON = " A reason that begins with a digit needs a duration before it.";

const WRONG: readonly (readonly [typed: string, shown: string])[] = [
  ["ban bob 2", noTime("2") + NO_REASON],
  ["ban bob 2 strikes", noTime("2") + NO_REASON],
  ["ban bob 1h 30m", noTime("1h 30m") + NO_REASON],
  ["ban bob 11y", noTime("11y") + NO_REASON],
  [
    "ban bob 2h #ops",
    "The room stands before the name or right behind it: '/ban #dev bob'.",
  ],
  ["mute bob a while", noTime("a")],
  ["mute bob 2x", noTime("2x")],
  ["mute bob 2h please", "Nothing was done: 'please' does not belong there. See 'help mute'."],
  [
    "kick bob 2h",
    "Nothing was done: a kick takes no time. '/ban bob 2h' keeps somebody out for so long.",
  ],
  ["unban bob 2h", "Nothing was done: '2h' does not belong there. See 'help unban'."],
  ["invite bob kim", "Nothing was done: 'kim' does not belong there. See 'help invite'."],
  ["invite bob off now", "Nothing was done: 'now' does not belong there. See 'help invite'."],
  ["grant bob king", "A role is owner, moderator or member; received 'king'."],
  ["grant bob", "A role is owner, moderator or member; received ''."],
  ["kick", "Whom? For example '/kick bob' or '/kick #dev bob'."],
  ["kick #dev", "Whom? For example '/kick bob' or '/kick #dev bob'."],
  [
    "kick @bob",
    "A name has 1–25 letters, digits, '_', '-' or '.', and begins with a letter or a digit.",
  ],
  ["kick #! bob", "A room's name begins with '#', as in #dev; received '#!'."],
  [
    "room open",
    "A room has private, moderated, slow and remove, as in '/room #dev private on'; received 'open'.",
  ],
  ["room private", "'private' takes 'on' or 'off'; received ''."],
  ["room moderated maybe", "'moderated' takes 'on' or 'off'; received 'maybe'."],
  ["room slow", "Slow mode takes 'off' or a time from 1s to 1h, as in 10s; received ''."],
  ["room slow 2h", "Slow mode takes 'off' or a time from 1s to 1h, as in 10s; received '2h'."],
  ["room slow 9s x", "Slow mode takes 'off' or a time from 1s to 1h, as in 10s; received '9s x'."],
  ["room remove now", "Nothing was done: 'now' does not belong there. See 'help room'."],
];

Deno.test("what is not understood is said in one line, and nothing goes out", async () => {
  await inDev(async (fixture) => {
    for (const [typed, shown] of WRONG) {
      assertEquals([typed, await fixture.enter(`/${typed}`)], [typed, [shown]]);
    }
    assertEquals(asked(fixture), []);
  });
});

Deno.test("without a room it is the one that is open, or the only one; else it is asked for", async () => {
  await withKeptChat(async (fixture) => {
    const { enter, ui } = fixture;
    ui.answers = ["#ops", undefined];
    await enter("kick bob", "kick bob");
    assertEquals([ui.questions, asked(fixture).length], [["Room: ", "Room: "], 2]);
    await enter("join #dev");
    asked(fixture);
    await enter("kick bob");
    assertEquals(asked(fixture), [{ event: "kick", ...there }]);
    await enter("join #ops", "chat #ops");
    asked(fixture);
    await enter("/kick bob");
    assertEquals(asked(fixture), [{ event: "kick", room: "#ops", user }]);
  });
});

Deno.test("members see what is done by its notice alone; who is not in, or bans who is not, by the answer", async () => {
  await inDev(async ({ enter }) => {
    // In the room are bob and eve.
    assertEquals(
      await enter("/kick bob", "/ban bob", "/mute bob", "/unmute zoe", "/room slow 9s"),
      [],
    );
    assertEquals(
      await enter("/ban zoe 2h ads", "/unban zoe", "/invite zoe", "/invite zoe off"),
      [
        "*** eve banned zoe from #dev for 2 h: ads",
        "zoe may enter #dev again.",
        "zoe is invited to #dev.",
        "zoe is not invited to #dev any more.",
      ],
    );
    const elsewhere = ["kick", "ban", "mute", "unmute"].map((word) => `/${word} #ops bob`);
    assertEquals(
      await enter(...elsewhere, "/grant #ops bob moderator", "/room #ops private on"),
      [
        "*** eve kicked bob from #ops",
        "*** eve banned bob from #ops for good",
        "*** eve muted bob in #ops",
        "*** eve lets bob speak in #ops again",
        "*** eve made bob a moderator of #ops",
        "*** eve made #ops private: only who was invited may enter",
      ],
    );
  });
});

Deno.test("notices of what is done are shown in the language of the chat", async () => {
  for (
    const [language, expected] of [
      ["en", [
        "*** ann banned bob from #dev for 2 h: spam",
        "*** ann muted you in #dev for 10 min",
      ]],
      ["ru", [
        "*** ann банит bob в #dev на 2 ч: spam",
        "*** ann лишает вас слова в #dev на 10 мин",
      ]],
    ] as const
  ) {
    await inDev(async ({ server, ui, chat }) => {
      const notice = { response: 100, time: 1, alert: "", room, by: "ann" };
      await server.peer.write(
        { ...notice, left: "bob", kicked: true, banned: true, seconds: 7_200, reason: "spam" },
        { ...notice, user: "eve", muted: true, seconds: 600 },
      );
      await ui.until(expected[1]);
      assertEquals(ui.shown.slice(-2), [...expected]);
      assertEquals(chat.members.of("#dev"), ["eve"]);
    }, language);
  }
});

Deno.test("who is taken out of the room that is open writes there no more", async () => {
  await inDev(async ({ server, ui, chat, enter }) => {
    const notice = { response: 100, time: 1, alert: "", room, by: "ann" };
    await server.peer.write({ ...notice, left: "eve", kicked: true, reason: "enough" });
    await ui.until("Back to commands.");
    assertEquals(ui.shown.splice(0).slice(-2), [
      "*** ann kicked you from #dev: enough",
      "Back to commands.",
    ]);
    assertEquals([chat.conversations.current, chat.client.rooms], [undefined, []]);
    await enter("join #dev");
    await server.peer.write({ ...notice, left: "eve", kicked: true, reason: "replaced" });
    await ui.until("kicked you from #dev: replaced");
    ui.shown.splice(0);
    await server.peer.write({ ...notice, invited: "eve" });
    await ui.until("invited you");
    assertEquals(ui.shown.splice(0), ["*** ann invited you to #dev: 'join #dev'"]);
    assertEquals(chat.names.all.includes("#dev"), true);
    assertEquals((await enter("join #dev"))[0], "In #dev: bob, eve");
  });
});

Deno.test("what a room refuses is said with how long and why, in both languages", async () => {
  for (
    const [language, expected] of [
      ["en", [
        "→ #dev: hi · not sent: you are muted in #dev for another 4 min (403)",
        "you are banned from #ops for another 2 h: ads (403)",
        "only an owner of #dev may do that (403)",
      ]],
      ["ru", [
        "→ #dev: hi · не отправлено: вы лишены слова в #dev ещё на 4 мин (403)",
        "вы забанены в #ops ещё на 2 ч: ads (403)",
        "это может только владелец #dev (403)",
      ]],
    ] as const
  ) {
    await inDev(async ({ server, enter }) => {
      const no = { response: 403, error: "No" };
      server.answer = ({ event }) =>
        event === "msg"
          ? { ...no, refused: "muted", retry: 239 }
          : event === "join"
          ? { ...no, refused: "banned", retry: 7_200, reason: "ads" }
          : event === "room"
          ? { ...no, refused: "role" }
          : {};
      assertEquals(await enter("hi", "/join #ops", "/room private on"), [...expected]);
    }, language);
  }
});

Deno.test("in slow mode the text is back in the input, unless something else is there or it was no conversation", async () => {
  await inDev(async ({ server, ui, enter }) => {
    const filled: string[] = [];
    Object.assign(ui, { prefill: (command: string, text: string) => filled.push(command + text) });
    const no = { response: 403, error: "No" };
    server.answer = ({ event }) => event === "msg" ? { ...no, refused: "slow", retry: 7 } : {};
    assertEquals(await enter("too soon"), [
      "→ #dev: too soon · not sent: #dev is in slow mode: you may write again in 7 s (403)",
    ]);
    await enter("//who knows", "/message #ops hi");
    assertEquals(filled, ["too soon", "//who knows"]);
    server.answer = ({ event }) => event === "msg" ? { ...no, refused: "muted" } : {};
    await enter("mute me");
    assertEquals(filled.length, 2);
  });
});

Deno.test("a message that waited and is refused is told with its text, once the room is lost", async () => {
  await withKeptChat(async ({ server, ui, chat, enter }) => {
    server.answer = ({ event }) => event === "join" ? { room, users: ["eve"], last: 7 } : {};
    await enter("join #dev", "chat #dev");
    server.stopListening();
    server.peer.close();
    await eventually(() => !chat.client.isOnline, () => "a lost connection");
    chat.handle("still there?");
    const no = { response: 403, error: "No" };
    server.answer = ({ event }) =>
      event === "join"
        ? { ...no, refused: "banned", reason: "ads" }
        : event === "msg"
        ? { ...no, refused: "not-member" }
        : { features: ["history"] }; // then messages to rooms wait for nobody
    server.listenAgain();
    await ui.until("not sent");
    const told = ui.shown.filter((line) => /#dev/.test(line) && !line.startsWith("In "));
    assertEquals(told.slice(-3), [
      "→ #dev: still there? · waits for the connection",
      "No longer in #dev: you are banned from #dev for good: ads (403)",
      "→ #dev: still there? · not sent: you are not in #dev (403)",
    ]);
  }, { client: { firstMs: 1, maxMs: 1 } });
});

Deno.test("a room is shown with what those know who run it; its end is asked for", async () => {
  await inDev(async (fixture) => {
    const { server, ui, enter } = fixture;
    const time = 5_000; // by the server's clock, whatever this one says
    server.answer = ({ event }) =>
      event === "room"
        ? {
          ...{ time, room: "#Dev", topic: "tea", lasting: true, private: true, owners: ["eve"] },
          ...{ banned: ["bob"], muted: [], invited: ["kim"] },
          sanctions: [{ kind: "ban", user: "bob", by: "eve", until: time + 600, reason: "ads" }],
        }
        : {};
    assertEquals(await enter("/room"), [
      "#Dev: tea",
      "  Private: only who was invited may enter.",
      "  owners: eve",
      "  invited: kim",
      "  banned: bob for another 10 min, by eve: ads",
    ]);
    asked(fixture);
    ui.answers = ["n", "y"];
    assertEquals(await enter("/room #ops remove"), ["#ops stays."]);
    assertEquals(asked(fixture), []);
    assertEquals(await enter("/room #ops remove"), ["#ops is removed."]);
    assertEquals(asked(fixture), [{ event: "room", room: "#ops", remove: true }]);
    ui.isInteractive = false;
    assertEquals(await enter("/room #ops remove"), ["'room remove' needs a terminal."]);
  });
});
