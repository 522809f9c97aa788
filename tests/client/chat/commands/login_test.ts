import { assertEquals } from "@std/assert";

import { Chat } from "../../../../client/chat/chat.ts";
import type { ChatMemory } from "../../../../client/chat/chat_memory.ts";
import { JimClient } from "../../../../client/library/jim_client.ts";
import { speakerOf } from "../../../../client/texts/texts.ts";
import { FakeUi } from "../../../support/fake_ui.ts";
import { PASSWORD, TestServer } from "../../../support/server_fixture.ts";

/** The chat of eve, a guest in #dev; bob and tim have accounts, and bob is online. */
async function withEve(
  run: (fixture: { chat: Chat; ui: FakeUi; bob: JimClient }) => Promise<void>,
  memory?: ChatMemory,
): Promise<void> {
  await using server = new TestServer();
  const account = async (name: string): Promise<JimClient> => {
    const client = await JimClient.connect({ ...server.address, name });
    await client.login(name, { password: PASSWORD, register: true });
    return client;
  };
  await using bob = await account("bob");
  await (await account("tim")).quit();
  await using client = await JimClient.connect({ ...server.address, name: "eve" });
  await client.join("#dev");
  const ui = new FakeUi();
  const connect = (): Promise<JimClient> => JimClient.connect(server.address);
  const chat = new Chat(client, { ui, speaker: speakerOf("en"), connect, memory });
  const running = chat.run();
  await run({ chat, ui, bob });
  await chat.leave();
  assertEquals(await running, undefined);
}

Deno.test("login tries first and leaves after: whom the server refuses stays who they are", async () => {
  await withEve(async ({ chat, ui, bob }) => {
    const attempts: [line: string, answers: string[], shown: string[]][] = [
      ["login bob", [PASSWORD, "n"], ["Checking …", "bob is online already."]],
      ["login", ["tim", ""], []],
      ["login tim", ["wrong horse", ""], [
        "Checking …",
        "Wrong password, or nobody has registered tim. To be a guest of that name, start the " +
        "client with -n tim.",
      ]],
    ];
    for (const [typed, answers, shown] of attempts) {
      ui.answers = answers;
      await chat.handle(typed);
      assertEquals(ui.shown.splice(0), [...shown, "You are still eve."]);
    }
    await chat.handle("login EVE");
    assertEquals(ui.shown.splice(0), ["You are eve already."]);
    assertEquals([chat.isLeaving, chat.client.isOnline, chat.next], [false, true, undefined]);
    assertEquals((await bob.who()).users.map(({ account_name }) => account_name), ["bob", "eve"]);
  });
});

Deno.test("login of a name that nobody registered makes no guest of that name", async () => {
  await withEve(async ({ chat, ui, bob }) => {
    ui.answers = ["short", PASSWORD, ""];
    await chat.handle("login zoe");
    assertEquals(ui.questions, ["Password for zoe: ", "Password for zoe: ", "Password for zoe: "]);
    assertEquals(ui.shown.slice(0, 2), ["A password has 8–128 characters.", "Checking …"]);
    assertEquals((await bob.send("zoe", "there?")).code, 404);
  });
});

Deno.test("login to an account that is online elsewhere asks, and takes over", async () => {
  await withEve(async ({ chat, ui, bob }) => {
    ui.answers = [PASSWORD, "y"];
    await chat.handle("login bob");
    await using next = chat.next!;
    assertEquals([next.name, next.rooms, chat.isLeaving], ["bob", ["#dev"], true]);
    assertEquals(ui.questions, [
      "Password for bob: ",
      "You are online elsewhere. Take over? [y/N] ",
    ]);
    assertEquals((await bob.closed)?.name, "ConnectionLostError");
  });
});

Deno.test("a good login keeps the rooms, and the old name is free afterwards", async () => {
  await withEve(async ({ chat, ui, bob }) => {
    ui.answers = [PASSWORD];
    await chat.handle("login tim");
    await using next = chat.next!;
    assertEquals([next.name, next.rooms, chat.isLeaving], ["tim", ["#dev"], true]);
    await bob.join("#dev");
    const { users } = await bob.who("#dev");
    assertEquals(users.map(({ account_name }) => account_name), ["bob", "tim"]);
  });
});

Deno.test("nick: a guest goes on under another name, in their rooms, with what they say of themselves", async () => {
  await withEve(async ({ chat, ui, bob }) => {
    await chat.client.setStatus("busy");
    await chat.client.setAway("lunch");
    await chat.handle("nick Zoe");
    await using next = chat.next!;
    assertEquals([next.name, next.rooms, next.isAccount], ["Zoe", ["#dev"], false]);
    assertEquals([chat.isLeaving, ui.questions], [true, []]);
    const { status, away, isAccount } = await bob.whois("zoe");
    assertEquals([status, away, isAccount], ["busy", "lunch", false]);
    assertEquals((await bob.whois("eve")).isOnline, false);
  });
});

Deno.test("nick: what a guest has not seen yet waits under the new name; a login of another account shows it", async () => {
  const memory: ChatMemory = { view: "one", open: undefined };
  const waits = async ({ chat, ui, bob }: { chat: Chat; ui: FakeUi; bob: JimClient }) => {
    await chat.handle("chat tim");
    await chat.settled();
    await bob.join("#dev");
    await bob.send("eve", "directly");
    await bob.send("#dev", "in the room");
    await bob.send("eve", "later");
    await ui.until("later");
    ui.shown.length = 0;
  };
  const direct = ["bob: directly", "bob: later"];
  await withEve(async ({ chat, ui, bob }) => {
    await waits({ chat, ui, bob });
    await chat.handle("/nick Zoe");
    await using next = chat.next!;
    await next.probe();
    assertEquals([chat.isRenamed, ui.shown], [true, []]);
    const after = new Chat(next, { ui, speaker: chat.speaker, memory, before: chat });
    const running = after.run();
    assertEquals(after.state.others.map(({ name, number, count }) => [name, number, count]), [
      ["#dev", 1, 1],
      ["bob", 3, 2],
    ]);
    assertEquals([after.state.open?.name, after.conversations.lastSender], ["tim", "bob"]);
    after.switching.toNumber(1);
    await after.settled();
    assertEquals(after.state.open?.members, 2);
    after.switching.toNumber(3);
    await after.settled();
    const shown = ui.shown.filter((line) => line.includes(": ") && !line.startsWith("You write"));
    assertEquals(shown, ["#dev bob: in the room", ...direct]);
    await after.leave();
    assertEquals(await running, undefined);
  }, memory);
  let last: string[] = [];
  await withEve(async ({ chat, ui, bob }) => {
    await waits({ chat, ui, bob });
    ui.answers = [PASSWORD];
    await chat.handle("/login tim");
    await using _next = chat.next!;
    assertEquals(chat.isRenamed, false);
    last = ui.shown;
  }, memory);
  assertEquals(last.slice(-3), ["2 direct messages you have not seen yet:", ...direct]);
});

Deno.test("nick: a room that does not admit the new name is over, and what waited there", async () => {
  const memory: ChatMemory = { view: "one", open: undefined };
  await withEve(async ({ chat, ui, bob }) => {
    await using zoe = await JimClient.connect({ ...chat.client.node, name: "zoe" });
    await zoe.quit();
    await bob.join("#own");
    await chat.handle("join #own");
    await chat.settled();
    await chat.handle("chat #own");
    await chat.settled();
    await bob.ban("#own", "zoe");
    await chat.handle("/nick Zoe");
    await using next = chat.next!;
    const after = new Chat(next, { ui, speaker: chat.speaker, memory, before: chat });
    assertEquals([after.state.open, after.state.others.map(({ name }) => name)], [
      undefined,
      ["#dev"],
    ]);
    await next.quit();
  }, memory);
});

Deno.test("nick: whom the server refuses stays who they are; an account's name stays", async () => {
  await withEve(async ({ chat, ui, bob }) => {
    await using guest = await JimClient.connect({ ...chat.client.node, name: "kim" });
    const name =
      "A name has 1–25 letters, digits, '_', '-' or '.', and begins with a letter or a digit.";
    const attempts: [line: string, shown: string[]][] = [
      ["nick", [name]],
      ["nick a b", [name]],
      ["nick EVE", ["You are eve already."]],
      ["nick bob", ["bob is an account: 'login bob' asks for its password.", "You are still eve."]],
      ["ник tim", ["tim is an account: 'login tim' asks for its password.", "You are still eve."]],
      ["nick Kim", ["Kim is online already.", "You are still eve."]],
    ];
    for (const [typed, shown] of attempts) {
      await chat.handle(typed);
      assertEquals(ui.shown.splice(0), shown, typed);
    }
    assertEquals([chat.isLeaving, chat.next, guest.isOnline], [false, undefined, true]);
    assertEquals((await bob.who()).users.map(({ account_name }) => account_name), [
      ...["bob", "eve", "kim"],
    ]);
    await chat.client.login("eve", { password: PASSWORD, register: true });
    await chat.handle("nick zoe");
    assertEquals(ui.shown.splice(0), [
      "eve is an account, whose name stays; 'login NAME' goes online with another one.",
    ]);
  });
});
