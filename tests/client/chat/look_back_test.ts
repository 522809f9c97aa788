import { assertEquals } from "@std/assert";

import { withKeptChat } from "../../support/start_chat.ts";

const RULE = "─".repeat(40);

function numbers(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${prefix} ${from + i}`);
}

Deno.test("history goes back page by page, says what it shows and where the conversation begins", async () => {
  await withKeptChat(async ({ server, enter }) => {
    server.keepMany("bob", "message", 15);
    server.read.set("bob", 15);
    await enter("chat bob");
    assertEquals((await enter("/history 3")).map((line) => line.replace("day,", "day")), [
      "bob, earlier: 3 messages, 12:00 – 12:00",
      "— Saturday 10 January 2026 —",
      ...numbers("bob: message", 3, 5),
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

Deno.test("looking back twice at once asks once; outside a conversation it does nothing", async () => {
  await withKeptChat(async ({ server, enter, chat, ui }) => {
    chat.lookBack();
    await chat.settled();
    assertEquals(ui.shown, []);
    server.keepMany("bob", "message", 40);
    server.read.set("bob", 40);
    await enter("chat bob");
    const before = server.requests("history").length;
    chat.lookBack();
    chat.lookBack();
    await chat.settled();
    assertEquals(server.requests("history").length, before + 1);
    assertEquals(ui.shown.splice(0).length, 23);
    for (let i = 0; i < 5; i++) {
      chat.lookBack();
      await chat.settled();
    }
    assertEquals(ui.shown.slice(-2), [RULE, "Nothing older is kept of bob."], "told once");
    assertEquals(server.requests("history").length, before + 2);
  });
});
