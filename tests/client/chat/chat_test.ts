import { assertEquals } from "@std/assert";

import { Chat, type ChatOptions } from "../../../client/chat/chat.ts";
import { JimClient } from "../../../client/library/jim_client.ts";
import { Profile } from "../../../client/profile/profile.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import { hashOfInvite } from "../../../server/accounts/invites.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeUi } from "../../support/fake_ui.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";
import { settle } from "../../support/settle.ts";
import { PASSWORD, TestServer, type TestServerOptions } from "../../support/server_fixture.ts";

/** A chat of eve's, and bob, on a server. */
async function withChat(
  options: Partial<ChatOptions>,
  run: (fixture: { chat: Chat; ui: FakeUi; bob: JimClient; server: TestServer }) => Promise<void>,
  serverOptions: TestServerOptions = {},
): Promise<void> {
  await using server = new TestServer(serverOptions);
  await using client = await JimClient.connect({ ...server.address, name: "eve" });
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  const ui = new FakeUi();
  const chat = new Chat(client, { ui, speaker: speakerOf("en"), ...options });
  const running = chat.run();
  await run({ chat, ui, bob, server });
  await chat.leave();
  assertEquals(await running, undefined);
}

/** Carries out lines, each after the answers to the one before, and gives what was shown. */
async function enter(chat: Chat, ui: FakeUi, ...lines: string[]): Promise<string[]> {
  for (const line of lines) {
    await chat.handle(line);
    await chat.settled();
  }
  return ui.shown.splice(0);
}

Deno.test("message takes all on the line, or asks for what is missing", async () => {
  await withChat({}, async ({ chat, ui, bob }) => {
    const messages = bob.messages();
    ui.answers = ["bob", "asked for", " only the text", undefined, "bob", undefined];
    const shown = await enter(
      chat,
      ui,
      "message bob  two  spaces ",
      "message",
      "/MSG bob",
      "message",
      "message",
      "сообщение bob да",
    );
    assertEquals(shown, [
      "→ bob: two  spaces  · sent",
      "→ bob: asked for · sent",
      "→ bob:  only the text · sent",
      "Nothing was sent.",
      "Nothing was sent.",
      "→ bob: да · sent",
    ]);
    const texts = [];
    for (let i = 0; i < 4; i++) texts.push((await messages.next()).value?.message);
    assertEquals(texts, ["two  spaces ", "asked for", " only the text", "да"]);
  });
});

Deno.test("what a server refuses about rooms, history and changes is said in Russian", async () => {
  await withChat({ speaker: speakerOf("ru") }, async ({ chat, ui, bob }) => {
    await bob.login("bob", { password: PASSWORD, register: true });
    await bob.join("#dev");
    const notIn = "вы не в #dev (403)";
    const shown: [line: string, shown: string][] = [
      ["message #dev hi", `→ #dev: hi · не отправлено: ${notIn}`],
      ["who #dev", notIn],
      ["leave #dev", "вы и так не в этой комнате (404)"],
      ["topic #dev x", "это может только владелец или модератор #dev (403)"],
      [
        "kick #dev bob",
        "это может только владелец или модератор #dev, и только с тем, чья роль ниже (403)",
      ],
      ["history #dev", notIn],
      ["search in:#dev x", notIn],
      ["history #nowhere", "такого имени или такой комнаты нет, или там ничего не хранится (404)"],
    ];
    for (const [line, words] of shown) assertEquals(await enter(chat, ui, line), [words], line);
    const { seq } = await bob.send("#dev", "mine") as { seq: number };
    await chat.client.join("#dev");
    for (
      const [asked, words] of [
        [chat.client.edit("#dev", seq, "x"), "изменить можно только своё сообщение"],
        [chat.client.delete("#dev", seq), "удалить можно только своё сообщение"],
        [chat.client.delete("#dev", 999), "такого сообщения здесь нет, или оно удалено (404)"],
      ] as const
    ) {
      await chat.later(() => asked);
      assertEquals(ui.shown.splice(0).map((line) => line.startsWith(words)), [true], words);
    }
  });
});

Deno.test("join, who, status and leave show what the server says, errors as well", async () => {
  await withChat({}, async ({ chat, ui, bob }) => {
    await bob.setStatus("at sea");
    const shown = await enter(
      chat,
      ui,
      ...["join dev", "who #dev", "join #dev", "status all well", "who", "who #dev"],
      ...["leave", "leave #dev", "status", "who somebody"],
    );
    assertEquals(shown, [
      "A room's name begins with '#', as in #dev; received 'dev'.",
      "There is no such room; join makes one (404)",
      "In #dev: eve",
      "There was no room #dev before: you have made it.",
      "Your status: all well",
      "2 online",
      "  name  status",
      "  bob   at sea",
      "  eve   all well",
      "1 in #dev",
      "  name  status",
      "  eve   all well",
      "Left #dev.",
      "You are not a member of this room (404)",
      "Your status is empty now.",
      "A room's name begins with '#', as in #dev; received 'somebody'.",
    ]);
  });
});

Deno.test("in a conversation lines are sent as they are; what looks like a command only if that is meant", async () => {
  await withChat({}, async ({ chat, ui, bob }) => {
    const messages = bob.messages();
    await enter(chat, ui, "chat bob");
    assertEquals([chat.conversations.current, chat.prompt], ["bob", "eve → bob> "]);
    ui.answers = ["n", "y", undefined];
    const shown = await enter(chat, ui, " hi ", "exit", "//etc", "/etc", " /etc", "/jion #x", "");
    assertEquals(shown, [
      "→ bob:  hi  · sent",
      "→ bob: exit · sent",
      "→ bob: /etc · sent",
      "Nothing was sent.",
      "→ bob:  /etc · sent",
      "Did you mean '/join'?",
      "Nothing was sent.",
    ]);
    ui.isInteractive = false;
    assertEquals(await enter(chat, ui, "/etc"), ["That looks like a command and was not sent."]);
    await enter(chat, ui, "/close");
    assertEquals(chat.prompt, "eve> ");
    const texts = [];
    for (let i = 0; i < 4; i++) texts.push((await messages.next()).value?.message);
    assertEquals(texts, [" hi ", "exit", "/etc", " /etc"]);
  });
});

Deno.test("a conversation with nobody, or in a room that was not there, may be a typing error", async () => {
  await withChat({}, async ({ chat, ui, bob }) => {
    await bob.join("#dev");
    const opened = (to: string): string =>
      `You write to ${to} now: each line is sent. Commands begin with '/', '/close' ends it.`;
    assertEquals(await enter(chat, ui, "chat BOB", "/chat nobody", "/chat #typo", "/chat #dev"), [
      opened("BOB"),
      opened("nobody"),
      "Nobody named nobody is online; only an account gets messages later.",
      opened("#typo"),
      "In #typo: eve",
      "There was no room #typo before: you have made it.",
      opened("#dev"),
      "In #dev: bob, eve",
    ]);
    await enter(chat, ui, "/chat bob");
    ui.isInteractive = false;
    assertEquals(await enter(chat, ui, " /who", "/jion #x"), [
      "Did you mean '/who'?",
      "That looks like a command and was not sent.",
      "Did you mean '/join'?",
      "That looks like a command and was not sent.",
    ]);
  });
});

Deno.test("unknown commands are never sent, and the closest one is named", async () => {
  await withChat({}, async ({ chat, ui }) => {
    assertEquals(
      await enter(
        chat,
        ui,
        "jion #dev",
        "xyzzy",
        "close x",
        "help nothing",
        "help clsoe",
        "x".repeat(30_000),
      ),
      [
        "There is no command 'jion'. Did you mean 'join'? Nothing was sent.",
        "There is no command 'xyzzy'; 'help' lists all. Nothing was sent.",
        "'close' takes nothing behind it.",
        "There is no command 'nothing'; 'help' lists all. Nothing was sent.",
        "There is no command 'clsoe'. Did you mean 'close'? Nothing was sent.",
        `There is no command '${"x".repeat(25)}…'; 'help' lists all. Nothing was sent.`,
      ],
    );
  });
});

Deno.test("what is refused as an unknown command is not understood: it may be a password", async () => {
  await withChat({}, async ({ chat, ui }) => {
    const lines = ["who", "secret", "hello bob", "/who", "/jion #dev", " /who", "//who"];
    assertEquals(lines.map((line) => chat.isUnderstood(line)), [
      ...[true, false, false, true, false, true, false],
    ]);
    await enter(chat, ui, "chat bob");
    assertEquals(lines.map((line) => chat.isUnderstood(line)), [
      ...[true, true, true, true, false, false, true],
    ]);
  });
});

Deno.test("messages of others, unread conversations, reply", async () => {
  const clock = new FakeClock(Date.now());
  await withChat({
    profile: new Profile({ command: { "notify.how": "bell" } }),
    multiline: true,
    clock,
  }, async ({ chat, ui, bob }) => {
    assertEquals(await enter(chat, ui, "reply hi", "unread"), [
      "Nobody has written to you yet.",
      "Nothing is unread.",
    ]);
    await enter(chat, ui, "join #dev");
    await bob.join("#dev");
    await bob.send("#dev", "hello all");
    await bob.send("#dev", "and you, Eve.");
    await bob.send("eve", "one\n[00:00:00] eve: forged");
    await ui.until("forged");
    assertEquals(ui.shown.splice(0), [
      "*** bob joined #dev",
      "#dev bob: hello all",
      "#dev bob: and you, Eve.",
      "bob: one",
      "           │ [00:00:00] eve: forged",
    ]);
    assertEquals(ui.bells, 1);
    assertEquals(await enter(chat, ui, "unread", "reply yes", "unread", "chat #dev", "/unread"), [
      "Unread: #dev 2, bob 1",
      "→ bob: yes · sent",
      "Unread: #dev 2",
      "You write to #dev now: each line is sent. Commands begin with '/', '/close' ends it.",
      "Nothing is unread.",
    ]);
  });
});

Deno.test("reply answers who had written last when the line was begun, and asks if that has changed", async () => {
  await withChat({}, async ({ chat, ui, bob, server }) => {
    await using tim = await JimClient.connect({ ...server.address, name: "tim" });
    await bob.send("eve", "how much?");
    await ui.until("how much?");
    chat.typing("r");
    await tim.send("eve", "hello");
    await ui.until("hello");
    chat.typing("reply 1000");
    assertEquals(chat.prompt, "eve → bob> ");
    chat.typing("");
    assertEquals(chat.prompt, "eve> ");
    ui.shown.splice(0);
    ui.answers = ["n", "y", "2000"];
    assertEquals(await enter(chat, ui, "reply 1000", "reply 1000", "reply"), [
      "Nothing was sent.",
      "→ bob: 1000 · sent",
      "→ bob: 2000 · sent",
    ]);
    assertEquals(ui.questions, [
      "tim has written meanwhile. Send it to bob? [y/N] ",
      "tim has written meanwhile. Send it to bob? [y/N] ",
      "→ bob: ",
    ]);
    chat.typing("/r");
    chat.typing("");
    assertEquals(await enter(chat, ui, "reply hi"), ["→ tim: hi · sent"]);
  });
});

Deno.test("reply asks nothing if the same person wrote again under another spelling", async () => {
  await withChat({}, async ({ chat, ui, server }) => {
    await using guest = await JimClient.connect({ ...server.address, name: "Αίας" });
    await guest.send("eve", "how much?");
    await ui.until("how much?");
    chat.typing("r");
    await guest.quit();
    await using again = await JimClient.connect({ ...server.address, name: "ΑΊΑσ" });
    await again.send("eve", "well?");
    await ui.until("well?");
    chat.typing("reply 1000");
    ui.shown.splice(0);
    assertEquals(await enter(chat, ui, "reply 1000"), ["→ Αίας: 1000 · sent"]);
    assertEquals(ui.questions, []);
  });
});

Deno.test("what had no answer at the end is shown as such, not as sent", async () => {
  await using server = new ScriptedServer();
  server.answer = (request) => request.event === "msg" ? undefined : {};
  const client = await JimClient.connect({ hostname: "127.0.0.1", port: server.port, name: "eve" });
  const ui = new FakeUi();
  const clock = new FakeClock();
  const chat = new Chat(client, { ui, speaker: speakerOf("en"), clock });
  const running = chat.run();
  await chat.handle("message bob hi");
  await server.until(() => server.requests("msg").length === 1);
  assertEquals([ui.shown, chat.prompt], [[], "eve> "]);
  clock.advance(500);
  assertEquals([ui.shown, chat.prompt], [[], "(1 waiting) eve> "]);
  client.close();
  assertEquals(await running, undefined);
  assertEquals(ui.shown, ["→ bob: hi · no answer: it may not have been sent"]);
  await chat.settled();
});

Deno.test("a name that somebody took meanwhile is said once, after 15 s, and stands in the prompt until it is free", async () => {
  await using server = new ScriptedServer();
  const clock = new FakeClock();
  const options = { hostname: "127.0.0.1", port: server.port, name: "eve", clock };
  const client = await JimClient.connect(options);
  const ui = new FakeUi();
  const chat = new Chat(client, { ui, speaker: speakerOf("en"), clock });
  const running = chat.run();
  server.answer = () => ({ response: 409, error: "Somebody else is eve" });
  server.peer.close();
  while (client.isOnline) await settle();
  await settle();
  assertEquals([chat.prompt, ui.shown], ["(no connection) eve> ", []]);
  const passUntil = async (test: () => boolean): Promise<void> => {
    while (!test()) {
      clock.advance(100);
      await settle();
    }
  };
  const calm = "Coming back online; that may take a few seconds …";
  await passUntil(() => ui.shown.length > 0);
  assertEquals([ui.shown, chat.prompt], [[calm], "(no connection) eve> "]);
  await passUntil(() => ui.shown.length > 2);
  assertEquals([ui.shown, chat.prompt], [
    [
      calm,
      "The server does not let eve in again: Somebody else is eve (409). Still trying …",
      "'login NAME' goes online under the name of an account instead.",
    ],
    "(name taken) eve> ",
  ]);
  server.answer = () => ({ response: 200 });
  await passUntil(() => client.isOnline);
  clock.advance(300);
  await ui.until("Interrupted ");
  assertEquals(chat.prompt, "eve> ");
  client.close();
  assertEquals(await running, undefined);
});

Deno.test("a change of the day is marked", async () => {
  await withChat({ clock: new FakeClock(Date.now() + 86_400_000) }, async ({ chat, ui, bob }) => {
    await bob.send("eve", "today, for the server");
    await ui.until("today");
    assertEquals(ui.shown.length, 2);
    assertEquals(/^— \w+day,? \d+ \w+ \d{4} —$/.test(ui.shown[0]!), true);
    ui.shown.splice(0);
    const shown = await enter(chat, ui, "message bob tomorrow, for eve");
    assertEquals(shown.length, 2);
  });
});

Deno.test("who comes at once is shown in one line, and Tab completes them all", async () => {
  // What gathers is shown when something is said.
  await withChat({ clock: new FakeClock(Date.now()) }, async ({ chat, ui, bob, server }) => {
    await enter(chat, ui, "join #dev");
    await bob.join("#dev");
    await bob.send("#dev", "hello");
    await ui.until("hello");
    ui.shown.splice(0);
    const others = await server.onlineAll("ann", "kim", "leo", "mia", "zoe");
    for (const other of others) await other.ask({ event: "join", room: "#dev" });
    await others[0].ask({ event: "msg", to: "#dev", message: "hi" });
    await ui.until("hi");
    assertEquals(ui.shown.splice(0), [
      "*** #dev + ann, kim, leo and 2 others",
      "#dev ann: hi",
    ]);
    const met = ["ann", "kim", "leo", "mia", "zoe"];
    assertEquals(chat.names.all.filter((name) => met.includes(name)), met);
    for (const other of others.slice(1)) await other.ask({ event: "leave", room: "#dev" });
    await bob.leave("#dev");
    await others[0].ask({ event: "leave", room: "#dev" });
    await others[0].ask({ event: "join", room: "#dev" });
    await others[0].ask({ event: "msg", to: "#dev", message: "back" });
    await ui.until("back");
    assertEquals(ui.shown.splice(0).slice(-2), [
      "*** #dev − kim, leo, mia and 2 others",
      "#dev ann: back",
    ]);
    assertEquals(chat.names.all.filter((name) => met.includes(name)), ["ann"]);
  }, { clock: new FakeClock() });
});

Deno.test("rooms, topic and remove: what is there, whose it is, and what becomes of it", async () => {
  await withChat({}, async ({ chat, ui, bob }) => {
    ui.answers = ["correct horse", "correct horse"];
    await enter(chat, ui, "register");
    assertEquals(await enter(chat, ui, "rooms", "topic #dev", "join #Dev", "topic"), [
      "0 rooms",
      "There is no such room; join makes one (404)",
      "In #Dev: eve",
      "There was no room #Dev before: you have made it. It is yours and stays until you remove it.",
      "#Dev has no topic.",
    ]);
    await bob.join("#dev");
    await ui.until("bob joined");
    ui.shown.splice(0);
    assertEquals(await enter(chat, ui, "topic tea  at five", "topic", "topic #dev", "rooms"), [
      "*** eve set the topic of #Dev: tea  at five",
      "Topic of #Dev: tea  at five",
      "Topic of #Dev: tea  at five",
      "1 room",
      "  room  people  topic",
      "  #Dev       2  tea  at five",
    ]);
    assertEquals(chat.names.all.includes("#Dev"), true, "Tab completes it");
    assertEquals(await enter(chat, ui, "leave", "join #dev", "chat #dev", "/topic -"), [
      "Left #Dev.",
      "In #Dev: bob, eve",
      "Topic of #Dev: tea  at five",
      "You write to #dev now: each line is sent. Commands begin with '/', '/close' ends it.",
      "*** eve cleared the topic of #Dev",
    ]);
    ui.answers = ["n"];
    assertEquals(await enter(chat, ui, "/remove #dev"), ["#dev stays."]);
    ui.answers = ["y"];
    assertEquals(await enter(chat, ui, "/remove #dev", "rooms"), [
      ...["*** eve removed #Dev", "Back to commands.", "0 rooms"],
    ]);
    assertEquals(ui.questions.at(-1), "Remove #dev for everybody? [y/N] ");
    assertEquals([chat.client.rooms, chat.names.all.includes("#Dev")], [[], false]);
    await enter(chat, ui, "join #tea", "leave");
    ui.answers = ["y"];
    assertEquals(await enter(chat, ui, "topic #tea green", "topic #tea -", "remove #tea"), [
      ...["Topic of #tea: green", "#tea has no topic.", "#tea is removed."],
    ]);
    ui.isInteractive = false;
    assertEquals(await enter(chat, ui, "remove #tea"), ["'remove' needs a terminal."]);
  });
});

Deno.test("block, unblock and the list; who is blocked reads why their message is refused", async () => {
  await withChat({}, async ({ chat, ui, bob, server }) => {
    assertEquals(await enter(chat, ui, "block bob", "block"), [
      "Only accounts block others; yours is a guest's name (403)",
      "Only accounts block others; yours is a guest's name (403)",
    ]);
    await chat.client.login("eve", { password: PASSWORD, register: true });
    assertEquals(await enter(chat, ui, "block bob", "block Eve", "block b!", "unblock"), [
      "There is no account of that name (404)",
      "That is you.",
      chat.say("nameWrong"),
      "'unblock' needs a name; 'block' alone lists those whom you have blocked.",
    ]);
    await bob.login("bob", { password: PASSWORD, register: true });
    assertEquals(await enter(chat, ui, "block", "block Bob", "ignore bob", "/block"), [
      "You have blocked nobody.",
      "Bob can send you no direct messages any more.",
      "bob can send you no direct messages any more.",
      "You take no direct messages from: bob",
    ]);
    const other = new FakeUi();
    await using carl = await JimClient.connect(server.address);
    await carl.login("carl", { password: PASSWORD, register: true });
    await chat.client.block("carl");
    const theirs = new Chat(carl, { ui: other, speaker: speakerOf("ru") });
    const running = theirs.run();
    assertEquals(await enter(theirs, other, "message eve hi"), [
      "→ eve: hi · не отправлено: адресат не принимает ваших сообщений (403)",
    ]);
    await chat.client.block("carl", false);
    assertEquals(await enter(theirs, other, "message eve hi", "заблокировать"), [
      "→ eve: hi · доставлено",
      "Вы никого не заблокировали.",
    ]);
    await theirs.leave();
    await running;
    await ui.until("carl: hi");
    ui.shown.splice(0);
    assertEquals(await enter(chat, ui, "unblock bob", "block"), [
      "bob can send you direct messages.",
      "You have blocked nobody.",
    ]);
  });
});

Deno.test("register takes an invitation code, and says so where none was given", async () => {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path);
    await using server = new TestServer({ store, settings: { inviteOnly: true } });
    using users = UserAdmin.open(path, false, () => Date.now() / 1000);
    users.invite({ hash: hashOfInvite("abc-def"), uses: 1, days: 1, note: "" });
    await using client = await JimClient.connect({ ...server.address, name: "eve" });
    const ui = new FakeUi();
    const chat = new Chat(client, { ui, speaker: speakerOf("en") });
    const running = chat.run();
    ui.answers = Array.from({ length: 6 }, () => PASSWORD);
    assertEquals(await enter(chat, ui, "register", "register wrong", "register ABC def"), [
      "Registration is by invitation: ask whoever runs this server for a code (403)",
      "If the server wants an invitation code: 'register CODE'.",
      "This invitation code is unknown, used up or expired; ask whoever runs this server for " +
      "another one (403)",
      "If the server wants an invitation code: 'register CODE'.",
      "eve is an account now: from now on it needs the password, and messages wait for it.",
    ]);
    await chat.leave();
    await running;
  });
});

Deno.test("register asks twice, and again until it is a password of the right length", async () => {
  await withChat({}, async ({ chat, ui, server }) => {
    ui.answers = ["", "left at once", ""];
    assertEquals(await enter(chat, ui, "register", "register"), []);
    ui.answers = ["short", "correct horse", "correct house", "correct horse", "correct horse"];
    assertEquals(await enter(chat, ui, "register"), [
      "A password has 8–128 characters.",
      "The two passwords differ; nothing was changed.",
      "eve is an account now: from now on it needs the password, and messages wait for it.",
    ]);
    await chat.leave();
    await using back = await JimClient.connect({
      ...server.address,
      name: "eve",
      password: "correct horse",
    });
    assertEquals(back.isOnline, true);
  });
});
