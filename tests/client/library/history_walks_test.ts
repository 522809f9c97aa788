import { assertEquals, assertRejects } from "@std/assert";

import { WrongAnswerError } from "../../../client/library/errors.ts";
import { eachHit, eachPage } from "../../../client/library/history_walks.ts";
import type {
  HistoryOptions,
  HistoryPage,
  SearchPage,
  SearchPageOptions,
} from "../../../client/library/options.ts";
import type { KeptDelivery } from "../../../common/wire/protocol.ts";

/** A conversation with the messages 1–7, and what was asked of it. */
class Conversation {
  readonly asked: HistoryOptions[] = [];
  readonly #all = Array.from({ length: 7 }, (_, i) => kept(i + 1));

  ask = ({ signal: _, ...options }: HistoryOptions): Promise<HistoryPage> => {
    this.asked.push(options);
    const { before = Infinity, after, limit = 50 } = options;
    const found = this.#all.filter(({ seq }) => seq < before && seq > (after ?? 0));
    const messages = after === undefined ? found.slice(-limit) : found.slice(0, limit);
    return Promise.resolve({ messages, more: found.length > messages.length });
  };
}

function kept(seq: number): KeptDelivery {
  return { time: 1, to: "#dev", from: "bob", message: `${seq}`, seq };
}

async function seqs(pages: AsyncIterable<KeptDelivery[]>): Promise<number[][]> {
  return (await Array.fromAsync(pages)).map((page) => page.map(({ seq }) => seq));
}

Deno.test("a conversation is walked from the newest page back, or on from a number; each page is in order", async () => {
  const { ask } = new Conversation();
  assertEquals(await seqs(eachPage(ask, { pageSize: 3 })), [[5, 6, 7], [2, 3, 4], [1]]);
  assertEquals(await seqs(eachPage(ask, { pageSize: 3, before: 5 })), [[2, 3, 4], [1]]);
  assertEquals(await seqs(eachPage(ask, { pageSize: 3, after: 2 })), [[3, 4, 5], [6, 7]]);
  assertEquals(await seqs(eachPage(ask, { after: 7 })), []);
});

Deno.test("no page is asked for before it is taken", async () => {
  const conversation = new Conversation();
  const pages = eachPage(conversation.ask, { pageSize: 3 });
  assertEquals(conversation.asked, []);
  await pages.next();
  assertEquals(conversation.asked, [{ limit: 3 }]);
  await pages.next();
  assertEquals(conversation.asked, [{ limit: 3 }, { before: 5, limit: 3 }]);
  await pages.return(undefined);
  assertEquals(conversation.asked.length, 2);
});

/** Answers with these pages, one after the other, and notes what was asked for. */
function searching(pages: SearchPage[]) {
  const asked: SearchPageOptions[] = [];
  const ask = ({ signal: _, ...options }: SearchPageOptions): Promise<SearchPage> => {
    const page = pages[asked.length]!;
    asked.push(options);
    return Promise.resolve(page);
  };
  return { asked, ask };
}

Deno.test("a search goes on where the page before ended, also behind one without hits", async () => {
  const { asked, ask } = searching([
    { messages: [kept(9), kept(8)], next: "a" },
    { messages: [], next: "b" },
    { messages: [kept(2)] },
  ]);
  const hits = await Array.fromAsync(eachHit(ask, { with: "#dev", from: "bob" }));
  assertEquals(hits.map(({ seq }) => seq), [9, 8, 2]);
  const place = { with: "#dev", from: "bob" };
  assertEquals(asked, [place, { ...place, cursor: "a" }, { ...place, cursor: "b" }]);
});

Deno.test("a search ends at its limit, and asks for no more than that", async () => {
  const { asked, ask } = searching([
    { messages: [kept(9), kept(8)], next: "a" },
    { messages: [kept(7), kept(6)], next: "b" },
  ]);
  const hits = await Array.fromAsync(eachHit(ask, { limit: 3 }));
  assertEquals(hits.map(({ seq }) => seq), [9, 8, 7]);
  assertEquals(asked, [{ limit: 3 }, { cursor: "a", limit: 1 }]);
  assertEquals(await Array.fromAsync(eachHit(ask, { limit: 0 })), []);
});

Deno.test("a search that gets nowhere ends with an error", async () => {
  const same = searching(Array(3).fill({ messages: [kept(1)], next: "a" }));
  await assertRejects(() => Array.fromAsync(eachHit(same.ask, {})), WrongAnswerError);
  assertEquals(same.asked.length, 2);
  let page = 0;
  const empty = (): Promise<SearchPage> => Promise.resolve({ messages: [], next: `${++page}` });
  await assertRejects(() => Array.fromAsync(eachHit(empty, {})), WrongAnswerError);
  assertEquals(page, 100);
});
