import { assertEquals } from "@std/assert";

import { withKeptChat } from "../../support/start_chat.ts";

const RULE = "─".repeat(40);

function numbers(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${prefix} ${from + i}`);
}

Deno.test("history goes back page by page, says what it shows and where the conversation begins", async () => {
  await withKeptChat(async ({ server, enter }) => {
    server.keepMany("bob", "message", 32);
    server.read.set("bob", 32);
    await enter("chat bob");
    assertEquals(await enter("/history"), [
      "bob, earlier: 20 messages, 12:00 – 12:00",
      ...numbers("bob: message", 3, 22),
      RULE,
    ]);
    const last = await enter("/history");
    assertEquals([last[1], last.slice(-3)], [
      "Here bob begins, as far as it is kept.",
      [...numbers("bob: message", 1, 2), RULE],
    ]);
    const asked = server.requests("history").length;
    assertEquals(await enter("/history"), ["Nothing older is kept of bob."]);
    assertEquals(server.requests("history").length, asked);
    assertEquals(await enter("/history 0", "/history 101", "/history zoe x", "/history zoe"), [
      "A number of messages from 1 to 100 is needed; received '0'.",
      "A number of messages from 1 to 100 is needed; received '101'.",
      "A number of messages from 1 to 100 is needed; received 'x'.",
      "Nothing is kept of zoe.",
    ]);
  });
});

Deno.test("history with a number shows the newest again, each time; what goes back goes on before them", async () => {
  await withKeptChat(async ({ server, enter, chat, ui }) => {
    server.keepMany("#dev", "message", 30);
    server.read.set("#dev", 30);
    await enter("chat #dev");
    const newest = [
      "#dev, newest: 2 messages, 12:00 – 12:00",
      ...numbers("#dev bob: message", 29, 30),
      RULE,
    ];
    assertEquals(await enter("/history 2", "/history #dev 2"), [...newest, ...newest]);
    assertEquals((await enter("/history")).slice(1, -1), numbers("#dev bob: message", 9, 28));
    await enter("/history", "/history");
    assertEquals(await enter("/history 100", "/history"), [
      "#dev, newest: 30 messages, 12:00 – 12:00",
      "Here #dev begins, as far as it is kept.",
      ...numbers("#dev bob: message", 1, 30),
      RULE,
      "Nothing older is kept of #dev.",
    ]);
    // Two at once, as in a paste, are both answered.
    server.keepMany("bob", "hi", 3);
    await Promise.all(["/history #dev 1", "/history bob 1"].map((line) => chat.handle(line)));
    await chat.settled();
    assertEquals(ui.shown.splice(0).filter((line) => line.includes(": ") && !/newest/.test(line)), [
      "#dev bob: message 30",
      "bob: hi 3",
    ]);
    assertEquals(await enter("/history zoe 3"), ["Nothing is kept of zoe."]);
  });
});

Deno.test("outside a conversation history needs a name, which may be a number", async () => {
  await withKeptChat(async ({ server, enter, ui }) => {
    server.keepMany("30", "message", 2);
    ui.answers = ["30"];
    const shown = await enter("history 30", "история", "history b!b", "history #");
    assertEquals(shown.filter((line) => /message \d|begins with|has/.test(line)), [
      ...numbers("bob: message", 1, 2),
      "A name has 1–25 letters, digits, '_', '-' or '.', and begins with a letter or a digit.",
      "A room's name begins with '#', as in #dev; received '#'.",
    ]);
    server.refused.set("history", 403);
    assertEquals(await enter("history bob"), ["Not here (403)"]);
  });
});

Deno.test("looking back twice at once asks once", async () => {
  await withKeptChat(async ({ server, enter, chat, ui }) => {
    server.keepMany("bob", "message", 40);
    server.read.set("bob", 40);
    await enter("chat bob");
    const before = server.requests("history").length;
    await Promise.all([chat.handle("/history"), chat.handle("/history")]);
    await chat.settled();
    assertEquals(server.requests("history").length, before + 1);
    assertEquals(ui.shown.splice(0).length, 22);
    await enter("/history");
    assertEquals(await enter("/history"), ["Nothing older is kept of bob."]);
    assertEquals(server.requests("history").length, before + 2);
  });
});
