import { assertEquals } from "@std/assert";

import type { PastPages } from "../../../client/chat/past_pages.ts";
import { paint } from "../../../client/chat/styled_line.ts";
import { NOON } from "../../support/kept_server.ts";
import { withKeptChat } from "../../support/start_chat.ts";

const DAY = 86_400;

/** The next page, as it is shown. */
async function page(pages: PastPages): Promise<string[] | undefined> {
  return (await pages.older())?.map((line) => paint(line, undefined).replace(/^\[[\d:]+\] /, ""));
}

Deno.test("page by page all comes once, with a mark where the day changes, also between two pages", async () => {
  await withKeptChat(async ({ chat, server, enter }) => {
    for (let i = 1; i <= 250; i++) {
      const day = i <= 40 ? 0 : i <= 150 ? 1 : 2;
      server.keep("bob", `message ${i}`, { time: NOON + day * DAY + i });
    }
    await enter("chat bob");
    const pages = chat.pages()!;
    assertEquals([pages.name, pages.isWhole], ["bob", false]);
    const name = (i: number): string => `bob: message ${i}`;
    const numbers = (first: number, last: number): string[] =>
      Array.from({ length: last - first + 1 }, (_, i) => name(first + i));
    assertEquals(await page(pages), numbers(151, 250));
    assertEquals(await page(pages), [...numbers(51, 150), "— Monday, 12 January 2026 —"]);
    assertEquals(pages.isWhole, false);
    assertEquals(await page(pages), [
      "Here bob begins, as far as it is kept.",
      "— Saturday, 10 January 2026 —",
      ...numbers(1, 40),
      "— Sunday, 11 January 2026 —",
      ...numbers(41, 50),
    ]);
    assertEquals([pages.isWhole, await page(pages)], [true, undefined]);
    assertEquals(server.read.get("bob"), 250, "by opening the conversation, no more");
  });
});

Deno.test("own and answered messages look as ever; where nothing is kept, or it is refused, that is told", async () => {
  await withKeptChat(async ({ chat, server, ui, enter }) => {
    assertEquals(chat.pages(), undefined, "there is no conversation");
    server.keep("bob", "tea?");
    server.keep("bob", "yes", { from: "eve", to: "bob", reply: 1 });
    await enter("chat bob");
    assertEquals((await page(chat.pages()!))?.slice(2), [
      "bob: tea?",
      "           ↪ bob: tea?",
      "→ bob: yes",
    ]);
    await enter("/chat kim");
    assertEquals(await page(chat.pages()!), undefined);
    server.refused.set("history", 404);
    assertEquals(await page(chat.pages()!), undefined);
    assertEquals(ui.shown, ["Nothing is kept of kim.", "Not here (404)"]);
  });
});

Deno.test("outside a conversation it is the one that was shown last, until that is over", async () => {
  await withKeptChat(async ({ server, enter, chat }) => {
    server.keepMany("#dev", "message", 15);
    await enter("join #dev");
    assertEquals(chat.pages()?.name, "#dev");
    await enter("leave #dev");
    assertEquals(chat.pages(), undefined);
  });
});
