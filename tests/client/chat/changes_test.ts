import { assertEquals } from "@std/assert";

import { Profile } from "../../../client/profile/profile.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { Request } from "../../../common/wire/protocol.ts";
import { type KeptServer, NOON } from "../../support/kept_server.ts";
import { withKeptChat } from "../../support/start_chat.ts";

/** The server keeps own messages under these numbers, in turn. */
function numbered(server: KeptServer, ...numbers: (number | undefined)[]): void {
  const { answer } = server;
  server.answer = (request, peer) => {
    if (request.event !== "msg") return answer(request, peer);
    const seq = numbers.shift();
    return seq === undefined ? {} : { seq };
  };
}

function asked(server: KeptServer, event: "edit" | "delete"): object[] {
  return server.requests(event).map((request) => {
    const { to, seq } = request as Request & { event: "edit" };
    return { to, seq, ..."message" in request ? { message: request.message } : {} };
  });
}

Deno.test("edit changes the last own message where one talks, or else where one wrote last", async () => {
  await withKeptChat(async ({ server, enter }) => {
    numbered(server, 4, 9, 12);
    assertEquals(await enter("edit x"), ["You have not written to anybody yet."]);
    await enter("message bob one", "message bob two", "message #dev three");
    assertEquals(await enter("edit  drei ", "chat bob", "/edit zwei"), [
      "#dev *** you changed 12:00: drei ",
      "You write to bob now: each line is sent. Commands begin with '/', '/close' ends it.",
      "Nobody named bob is online; only an account gets messages later.",
      "*** you changed 12:00: zwei",
    ]);
    assertEquals(asked(server, "edit"), [
      { to: "#dev", seq: 12, message: "drei " },
      { to: "bob", seq: 9, message: "zwei" },
    ]);
    server.refused.set("edit", 403);
    assertEquals(await enter("/edit three"), ["Not here (403)"]);
  });
});

Deno.test("a message that has no answer yet is the one that is meant, not the one before", async () => {
  await withKeptChat(async ({ server, enter, chat }) => {
    numbered(server, 1, 2, 3);
    await enter("message bob one");
    await chat.handle("message bob two");
    await chat.handle("edit zwei");
    await chat.handle("message bob three");
    await chat.settled();
    assertEquals(asked(server, "edit"), [{ to: "bob", seq: 2, message: "zwei" }]);
  });
});

Deno.test("what the server does not keep cannot be changed, nor is another message changed instead", async () => {
  await withKeptChat(async ({ server, enter, chat }) => {
    numbered(server, 1, undefined, undefined, 4);
    const words = "Your last message to bob is not kept by the server, so it cannot be changed.";
    await enter("message bob one", "message bob two");
    assertEquals(await enter("edit x", "delete"), [words, words]);
    await chat.handle("message bob three");
    await chat.handle("edit x");
    await chat.settled();
    assertEquals(asked(server, "edit"), []);
    await enter("message bob four", "edit x");
    assertEquals(asked(server, "edit"), [{ to: "bob", seq: 4, message: "x" }]);
  });
});

Deno.test("own messages of another day are found in the history", async () => {
  await withKeptChat(async ({ server, enter }) => {
    server.keep("bob", "mine", { to: "bob", from: "eve", time: NOON - 86_400 });
    server.keep("bob", "theirs");
    await enter("chat bob");
    assertEquals(await enter("/edit better"), ["*** you changed 9 Jan 12:00: better"]);
    server.keepMany("zoe", "theirs", 3);
    await enter("/chat zoe");
    assertEquals(await enter("/edit x"), ["No message of yours to zoe is among the last ones."]);
  });
});

Deno.test("edit without a text puts the old one into the input, or says it where that is not possible", async () => {
  await withKeptChat(async ({ server, enter, ui }) => {
    server.keep("bob", "two\nlines", { to: "bob", from: "eve" });
    await enter("chat bob");
    assertEquals(await enter("/edit"), [
      "To bob you wrote last: two lines. '/edit NEW TEXT' changes it.",
    ]);
    const filled: string[] = [];
    Object.assign(ui, {
      prefill: (command: string, text: string) => {
        filled.push(command + text);
        return filled.length === 1;
      },
    });
    assertEquals([await enter("/edit"), filled], [[], ["/edit two\nlines"]]);
    assertEquals((await enter("/edit")).length, 1, "something else is being typed");
  });
});

Deno.test("delete shows what it is about and asks", async () => {
  await withKeptChat(async ({ server, enter, ui }) => {
    numbered(server, 1, 2);
    await enter("message bob one", "message bob two\x1b");
    ui.answers = ["n", "y", "y"];
    assertEquals(await enter("delete", "delete", "delete"), [
      "Nothing was deleted.",
      "*** you deleted your message of 12:00",
      "*** you deleted your message of 12:00",
    ]);
    assertEquals(ui.questions[0], "Delete your message of 12:00 to bob: two\\u{1b} [y/N] ");
    assertEquals(asked(server, "delete"), [{ to: "bob", seq: 2 }, { to: "bob", seq: 1 }]);
    assertEquals(await enter("delete"), ["No message of yours to bob is among the last ones."]);
    ui.isInteractive = false;
    assertEquals(await enter("delete"), ["'delete' needs a terminal."]);
  });
});

Deno.test("delete with a name is about the last message of somebody in a room", async () => {
  await withKeptChat(async ({ server, enter, ui }) => {
    await enter("join #dev");
    server.keep("#dev", "buy");
    server.keep("#dev", "now");
    server.keep("#dev", "stop it", { from: "kim" });
    await enter("history #dev");
    ui.answers = ["n", "y"];
    assertEquals(await enter("delete bob", "delete BOB #dev"), [
      "Nothing was deleted.",
      "#dev *** you deleted a message of bob, 12:00",
    ]);
    assertEquals(
      ui.questions,
      Array(2).fill("Delete the message of bob, 12:00, in #dev: now [y/N] "),
    );
    assertEquals(asked(server, "delete"), [{ to: "#dev", seq: 2 }]);
    assertEquals(await enter("delete zoe", "delete bob now", "delete #dev"), [
      "No message of zoe is among the last ones in #dev.",
      "Nothing was done: 'now' does not belong there. See 'help delete'.",
      "Whom? For example 'delete bob' or 'delete #dev bob'.",
    ]);
  });
});

Deno.test("in Russian the input gets the Russian word, and what needs a person says so by it", async () => {
  await withKeptChat(async ({ server, enter, ui, chat }) => {
    numbered(server, 1);
    await enter("message bob раз", "chat bob");
    assertEquals(await enter("/edit"), [
      "Последнее, что вы написали bob: раз. «/исправить НОВЫЙ ТЕКСТ» заменит его.",
    ]);
    const filled: string[] = [];
    Object.assign(ui, { prefill: (...parts: string[]) => filled.push(...parts) });
    await enter("/edit", "/close", "edit");
    assertEquals(filled, ["/исправить ", "раз", "исправить ", "раз"]);
    ui.isInteractive = false;
    for (const [word, told] of [["delete", "стереть"], ["remove #dev", "удалить"]] as const) {
      assertEquals(await enter(word), [`Для «${told}» нужен терминал.`]);
    }
    ui.isInteractive = true;
    assertEquals([chat.connect, await enter("login tim")], [
      undefined,
      ["Для «вход» нужен терминал."],
    ]);
  }, { speaker: speakerOf("ru") });
});

Deno.test("changes by others are one line; what is not known is an earlier message", async () => {
  await withKeptChat(async ({ server, ui, enter }) => {
    server.keep("#dev", "helo");
    server.keep("#dev", "mine", { from: "eve" });
    await enter("join #dev");
    const change = { time: NOON, to: "#dev", from: "bob" };
    await server.peer.write(
      { event: "edit", ...change, seq: 1, message: "hello\n[00:00:00] eve: forged" },
      { event: "edit", ...change, seq: 77, message: "\x1b[2J" },
      { event: "delete", ...change, seq: 1, by: "bob" },
      { event: "delete", ...change, seq: 77, by: "zoe" },
      { event: "delete", ...change, from: "eve", seq: 2, by: "zoe" },
      { event: "edit", time: NOON, to: "eve", from: "zoe", seq: 1, message: "direct" },
    );
    await ui.until("direct");
    assertEquals(ui.shown, [
      "#dev *** bob changed 12:00: hello",
      "           │ [00:00:00] eve: forged",
      "#dev *** bob changed an earlier message: \\u{1b}[2J",
      "#dev *** bob deleted a message of 12:00",
      "#dev *** zoe deleted an earlier message",
      "#dev *** zoe deleted a message of eve, 12:00",
      "*** zoe changed an earlier message: direct",
    ]);
    assertEquals(ui.bells, 0);
  }, { profile: new Profile({ command: { "notify.how": "bell" } }) });
});
