import { assertEquals } from "@std/assert";

import { readQuery } from "../../../client/chat/search.ts";
import type { Style } from "../../../client/chat/theme.ts";
import { NOON } from "../../support/kept_server.ts";
import { type KeptChat, withKeptChat } from "../../support/start_chat.ts";

/** Bob's messages in #dev are found, the newest first. */
function find({ server }: Pick<KeptChat, "server">, count: number): void {
  server.keepMany("#dev", "lunch", count);
  server.hits = server.kept.get("#dev")!.toReversed();
}

Deno.test("places are read wherever they stand, in both languages; quotes keep their words", () => {
  const cases: [string, ReturnType<typeof readQuery>][] = [
    ["lunch", { text: "lunch" }],
    ["a in:#dev b from:bob", { text: "a b", with: "#dev", from: "bob" }],
    ["В:#дев ОТ:Зоя обед*", { text: "обед*", with: "#дев", from: "Зоя" }],
    ['"in:#dev" from:', { text: '"in:#dev" from:' }],
    ['say "two words"* "open', { text: 'say "two words"* "open' }],
    ["https://x.y to:z constructor:a", { text: "https://x.y to:z constructor:a" }],
    ["in:#dev", { text: "", with: "#dev" }],
  ];
  for (const [typed, query] of cases) assertEquals(readQuery(typed), query);
});

Deno.test("hits come ten at a time with their numbers, the words marked, until there are no more", async () => {
  await withKeptChat(async ({ server, enter, ui }) => {
    find({ server }, 12);
    server.hits[0] = { ...server.hits[0]!, to: "bob", from: "eve", time: NOON - 86_400 };
    assertEquals(await enter("more", "search", "around 1"), [
      "What do you look for? 'search lunch', 'search in:#dev from:bob lunch*'",
      "What do you look for? 'search lunch', 'search in:#dev from:bob lunch*'",
      "There are no hits yet: 'search WORDS' comes first.",
    ]);
    const shown = await enter("search in:#dev from:bob LUNCH");
    assertEquals([shown.length, shown[0], shown[1], shown[9], shown[10]], [
      11,
      "  1  bob  9 Jan 12:00  eve: lunch 12",
      "  2  #dev  12:00  bob: lunch 11",
      " 10  #dev  12:00  bob: lunch 3",
      "'more' shows the next hits, 'around 2' what was said around hit 2.",
    ]);
    const { id: _, ...request } = server.requests("search")[0]!;
    assertEquals(request as object, {
      ...{ event: "search", text: "LUNCH", with: "#dev", from: "bob", limit: 10 },
    });
    const styles: Style[] = [];
    ui.show = (...lines) => styles.push(...lines.flatMap(({ spans }) => spans.map((s) => s.style)));
    await enter("ещё");
    assertEquals(styles.slice(0, 7), [
      ...["strong", "strong", "faint", "name", "plain", "mention", "plain"] as const,
    ]);
  });
});

Deno.test("in an open conversation the hints begin with the slash that they need there", async () => {
  await withKeptChat(async ({ server, enter }) => {
    find({ server }, 70);
    const opened = await enter("chat #dev");
    assertEquals(opened[3], "20 new messages before these: '/history #dev' or PgUp");
    assertEquals(await enter("/more", "/around x", "/around 1"), [
      "What do you look for? '/search lunch', '/search in:#dev from:bob lunch*'",
      "The number of a hit is needed, as in '/around 2'; received 'x'.",
      "There are no hits yet: '/search WORDS' comes first.",
    ]);
    assertEquals(
      (await enter("/search lunch")).at(-1),
      "'/more' shows the next hits, '/around 2' what was said around hit 2.",
    );
    server.hits = server.hits.slice(0, 1);
    assertEquals(
      (await enter("/search lunch")).at(-1),
      "That is all; '/around 1' shows what was said around hit 1.",
    );
  });
});

Deno.test("the last page says so; nothing found says so; what is refused is said by the server", async () => {
  await withKeptChat(async ({ server, enter }) => {
    find({ server }, 12);
    await enter("search lunch");
    assertEquals(await enter("more", "more"), [
      " 11  #dev  12:00  bob: lunch 2",
      " 12  #dev  12:00  bob: lunch 1",
      "That is all; 'around 2' shows what was said around hit 2.",
      "There are no more hits.",
    ]);
    server.hits = [];
    assertEquals(await enter("search dinner", "search in:#dev dinner", "around 1"), [
      "Nothing found in direct conversations and the rooms that you are in.",
      "Nothing found.",
      "There are no hits yet: 'search WORDS' comes first.",
    ]);
    server.refused.set("search", 404);
    assertEquals(await enter("search in:nobody x", "search !? in:#dev"), [
      "Not here (404)",
      "What do you look for? 'search lunch', 'search in:#dev from:bob lunch*'",
    ]);
  });
});

Deno.test("around shows what was said before and after a hit, which is marked", async () => {
  await withKeptChat(async ({ server, enter }) => {
    find({ server }, 30);
    server.hits = [server.kept.get("#dev")![14]!];
    assertEquals(
      (await enter("search lunch")).at(-1),
      "That is all; 'around 1' shows what was said around hit 1.",
    );
    const shown = await enter("around 1");
    const said = (from: number, to: number): string[] =>
      Array.from({ length: to - from + 1 }, (_, i) => `#dev bob: lunch ${from + i}`);
    assertEquals(shown, [
      "#dev, around 12:00",
      ...said(5, 14),
      ...said(15, 15),
      "▲ found",
      ...said(16, 25),
      "─".repeat(40),
    ]);
    assertEquals(await enter("around 2", "around x", "around"), [
      "No hit has the number 2.",
      "The number of a hit is needed, as in 'around 2'; received 'x'.",
      "The number of a hit is needed, as in 'around 2'; received ''.",
    ]);
  });
});

Deno.test("a hit is marked below, so that its day, if it is not today, stands above it", async () => {
  await withKeptChat(async ({ server, enter }) => {
    server.hits = [server.keep("bob", "lunch", { time: NOON - 86_400 })];
    const shown = await enter("search lunch", "around 1");
    assertEquals(shown.slice(-5).map((line) => line.replace("day,", "day")), [
      "bob, around 9 Jan 12:00",
      "— Friday 9 January 2026 —",
      "bob: lunch",
      "▲ found",
      "─".repeat(40),
    ]);
  });
});

Deno.test("a server that finds without an end, and texts that steer, do no harm", async () => {
  await withKeptChat(async ({ server, enter }) => {
    const hit = {
      time: 1e300,
      to: "eve",
      from: "b\x1bob",
      message: "\x1b[2J\u202elunch\n",
      seq: 1,
    };
    server.answer = (request) =>
      request.event === "search" ? { messages: Array(500).fill(hit), next: "same" } : {};
    const shown = await enter("search lunch", ...Array(120).fill("more"));
    assertEquals(shown.length, 121 * 11);
    assertEquals(shown[0], "  1  b\\u{1b}ob  --:--  b\\u{1b}ob: \\u{1b}[2J\\u{202e}lunch ");
    assertEquals(await enter("around 1"), ["No hit has the number 1."], "the first are forgotten");
    server.answer = (request) => request.event === "search" ? { messages: [], next: "same" } : {};
    assertEquals(await enter("search lunch", "more"), [
      "Nothing found in direct conversations and the rooms that you are in.",
      "There are no more hits.",
    ]);
  });
});
