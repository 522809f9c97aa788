import { assertEquals, assertThrows } from "@std/assert";

import { WrongAnswerError } from "../../../client/library/errors.ts";
import { type PageBounds, readPage } from "../../../client/library/history_page.ts";
import type { KeptDelivery } from "../../../common/wire/protocol.ts";

function messages(...seqs: number[]): KeptDelivery[] {
  return seqs.map((seq) => ({ time: 1, to: "#dev", from: "bob", message: "hi", seq }));
}

Deno.test("a page is what was asked for, in order; a server that says nothing has nothing", () => {
  const page = { messages: messages(4, 5, 9), more: true };
  for (const bounds of [{}, { after: 3 }, { before: 10 }, { limit: 3 }]) {
    assertEquals(readPage(page, bounds), page);
  }
  assertEquals(readPage({}, {}), { messages: [], more: false });
});

Deno.test("a page that no honest server sends is an error in one sentence", () => {
  const wrong: [number[], boolean, PageBounds, string][] = [
    [[5, 4], false, {}, "The server sent message 4 where it cannot be"],
    [[4, 4], false, {}, "The server sent message 4 where it cannot be"],
    [[4, 5], false, { after: 4 }, "The server sent message 4 where it cannot be"],
    [[4, 5], false, { before: 5 }, "The server sent message 5 where it cannot be"],
    [[4, 5], false, { limit: 1 }, "The server sent 2 messages in a page of 1"],
    [
      Array.from({ length: 101 }, (_, i) => i + 1),
      ...[false, { limit: 1_000 }, "The server sent 101 messages in a page of 100"] as const,
    ],
    [[], true, {}, "The server sent a page without messages, and more behind it"],
  ];
  for (const [seqs, more, bounds, sentence] of wrong) {
    const { message } = assertThrows(
      () => readPage({ messages: messages(...seqs), more }, bounds),
      WrongAnswerError,
    );
    assertEquals(message, sentence);
  }
});
