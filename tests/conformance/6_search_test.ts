import { assert, assertEquals } from "@std/assert";

import type { Store } from "../../server/store/store.ts";
import { type AccountFixture, withAccounts } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { seededRandom } from "../support/random.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";

const msg = (to: string, message: string, more: object = {}): object => ({
  event: "msg",
  to,
  message,
  ...more,
});

const join = (room: string): object => ({ event: "join", room });

const find = (client: RawClient, text: string, more: object = {}): Promise<Frame> =>
  client.ask({ event: "search", text, ...more });

const textsOf = ({ messages }: Frame): string[] =>
  (messages as Frame[]).map(({ message }) => message as string);

/** What a search finds, newest first; it must be answered 200. */
async function found(client: RawClient, text: string, more: object = {}): Promise<string[]> {
  const answer = await find(client, text, more);
  assertEquals(answer.response, 200, `${text}: ${answer.error}`);
  return textsOf(answer);
}

/** All pages of a search. */
async function walk(client: RawClient, text: string, more: object): Promise<string[]> {
  const all: string[] = [];
  let cursor: unknown;
  for (;;) {
    const page = await find(client, text, { ...more, ...(cursor !== undefined && { cursor }) });
    assertEquals(page.response, 200, `${page.error}`);
    all.push(...textsOf(page));
    if (page.next === undefined) return all;
    assertEquals(typeof page.next, "string");
    cursor = page.next;
  }
}

/** On a file as well as in memory: there the archive works elsewhere. */
function everywhere(
  name: string,
  run: (fixture: AccountFixture) => Promise<void>,
): void {
  const settings = { rate: 0, work: 0 };
  Deno.test(`${name} (memory)`, () => withAccounts({ settings }, run));
  Deno.test(`${name} (file)`, () => withDatabasePath((db) => withAccounts({ db, settings }, run)));
}

everywhere("words, prefixes, phrases; case, accents, ё; what people write", async ({ server }) => {
  const [eve, bob] = [await server.registered("Eve"), await server.registered("Bob")];
  const said = [
    "Ёлка зелёная, café crème",
    "東京タワー is tall",
    "call foo.bar with a-b and snake_case",
    "see https://example.org/docs?page=2#top",
    "#release is near 🎉",
    "the quick brown fox",
    "brown the fox quick",
    "version 2.9.6 AND more",
  ];
  for (const text of said) assertEquals((await eve.ask(msg("bob", text))).response, 200);
  const expected: [query: string, ...texts: number[]][] = [
    ["елка", 0],
    ["ЁЛКА", 0],
    ["ёл*", 0],
    ["CAFE", 0],
    ["cre\u0300me", 0],
    ["東京", 1],
    ["タワー", 1],
    ["京東"],
    ["foo.bar", 2],
    ["foo", 2],
    ["bar.foo"],
    ["a-b", 2],
    ["snake_case", 2],
    ["https://example.org/docs?page=2#top", 3],
    ["example.org", 3],
    ["#release", 4],
    ["🎉 near", 4],
    ["quick brown", 6, 5],
    ['"quick brown"', 5],
    ['"brown fox', 5],
    ['"fox fox"'],
    ['fox "fox f"*'],
    ["f* fo* fox*", 6, 5],
    ["quick -brown", 6, 5],
    ["brow*", 6, 5],
    ["brow"],
    ["and", 7, 2],
    ["2.9", 7],
    ["fox AND quick"],
    ["quick fox absent"],
  ];
  for (const [query, ...texts] of expected) {
    for (const client of [eve, bob]) {
      assertEquals(await found(client, query), texts.map((n) => said[n]!), query);
    }
  }
  // As it was delivered, and as history lists it.
  const { messages: [hit], alert, next } = await find(bob, "tall") as unknown as {
    messages: Frame[];
    alert: string;
    next: unknown;
  };
  const listed = (await bob.ask({ event: "history", with: "eve" })).messages as Frame[];
  assertEquals([hit, alert, next], [listed[1], "1 message found", undefined]);
});

everywhere("any text is a query, or 400 without a letter or digit", async ({ server }) => {
  const [eve] = [await server.registered("eve"), await server.registered("bob")];
  await eve.ask(msg("bob", "plain words"));
  const nothing = ["*", '"', '""', "***", "🎉", "-", " ", "!?", '"*"', "\0", "\ud800", "(((", "'"];
  for (const text of nothing) {
    const { response, error } = await find(eve, text);
    assertEquals(
      [response, error],
      [400, "text must have at least one letter or digit to search for"],
      text,
    );
  }
  for (const text of ["", "x".repeat(201), 7, null, ["x"]]) {
    assertEquals((await eve.ask({ event: "search", text })).response, 400, `${text}`);
  }
  const odd = [
    '"a'.repeat(100),
    "a*".repeat(100),
    `${'"'.repeat(199)}a`,
    `a${"*".repeat(199)}`,
    "NEAR(plain words, 5)",
    "plain OR words AND NOT words",
    "words:plain",
    "{words}: plain",
    "-words : plain",
    "^plain",
    "plain + words",
    "search_index",
    "'; DROP TABLE messages; --",
    "r1·plain",
    "··f0",
    "\0plain\0",
    "𝄞plain",
    "ﬁ".repeat(200),
    "plain\u200bwords",
  ];
  for (const text of odd) assert((await find(eve, text)).response === 200, text);
  const random = seededRandom(41);
  const parts = [
    '"',
    "*",
    "(",
    ")",
    ":",
    "^",
    "-",
    "+",
    "AND",
    "OR",
    "NOT",
    "NEAR",
    " ",
    "ё",
    "東",
  ];
  for (let n = 0; n < 100; n++) {
    let text = "w";
    while (text.length < 190) text += parts[Math.floor(random() * parts.length)];
    assertEquals((await find(eve, text)).response, 200, text);
  }
  assertEquals(await found(eve, "plain"), ["plain words"]);
});

everywhere("a search is narrowed by conversation and sender", async ({ server }) => {
  const [eve, bob, ann] = [
    await server.registered("Eve"),
    await server.registered("Bob"),
    await server.registered("Ann"),
  ];
  await eve.ask(msg("bob", "apple 1"));
  await bob.ask(msg("eve", "apple 2"));
  await ann.ask(msg("eve", "apple 3"));
  await eve.ask(msg("eve", "apple 4"));
  assertEquals(await found(eve, "apple"), ["apple 4", "apple 3", "apple 2", "apple 1"]);
  assertEquals(await found(eve, "apple", { with: "BOB" }), ["apple 2", "apple 1"]);
  assertEquals(await found(eve, "apple", { with: "eve" }), ["apple 4"]);
  assertEquals(await found(eve, "apple", { from: "eVe" }), ["apple 4", "apple 1"]);
  assertEquals(await found(eve, "apple", { from: "bob" }), ["apple 2"]);
  assertEquals(await found(eve, "apple", { with: "ann", from: "bob" }), []);
  assertEquals(await found(eve, "apple", { from: "nobody" }), []);
  assertEquals(await found(eve, "apple", { limit: 1 }), ["apple 4"]);
  const code = async (client: RawClient, more: object): Promise<unknown> =>
    (await find(client, "apple", more)).response;
  const guest = await server.online("guest");
  await guest.ask(join("#passing"));
  assertEquals(await code(guest, {}), 200);
  assertEquals(await code(guest, { with: "eve" }), 403);
  assertEquals(await code(guest, { with: "#passing" }), 404);
  assertEquals(await code(eve, { with: "#passing" }), 403);
  assertEquals(await code(eve, { with: "#none" }), 404);
  assertEquals(await code(eve, { with: "nobody" }), 404);
  assertEquals(await code(eve, { with: "guest" }), 404);
  for (
    const wrong of [{ limit: 0 }, { limit: 101 }, { with: "a b" }, { from: "#dev" }, { cursor: "" }]
  ) assertEquals(await code(eve, wrong), 400, JSON.stringify(wrong));
});

everywhere("what others write to each other is never found", async ({ server }) => {
  const [eve, bob, ann] = [
    await server.registered("eve"),
    await server.registered("bob"),
    await server.registered("ann"),
  ];
  for (let n = 0; n < 70; n++) {
    await eve.ask(msg("bob", `secret ${n}`));
    if (n % 10 === 0) await eve.ask(msg("ann", `secret for ann ${n}`));
  }
  const mine = [60, 50, 40, 30, 20, 10, 0].map((n) => `secret for ann ${n}`);
  // Neither found nor counted: with just as many as there are, there is no `next`.
  const all = await find(ann, "secret", { limit: 7 });
  assertEquals([textsOf(all), all.next], [mine, undefined]);
  assertEquals(await walk(ann, "secret", { limit: 2 }), mine);
  assertEquals(await found(ann, "secret", { with: "bob" }), []);
  assertEquals(await found(ann, "secret", { from: "bob" }), []);
  const guest = await server.online("guest");
  assertEquals(await found(guest, "secret"), []);
  // A cursor of somebody else names no place of one's own.
  const { next } = await find(bob, "secret", { limit: 1 });
  for (const client of [ann, guest]) {
    assertEquals((await find(client, "secret", { cursor: next })).response, 400);
  }
});

everywhere("a walk finds each message once, whatever is written meanwhile", async ({ server }) => {
  const [eve] = [await server.registered("Ёва"), await server.registered("bob")];
  const expected: string[] = [];
  for (let n = 0; n < 130; n++) {
    await eve.ask(msg("bob", `walk ${n}`));
    expected.unshift(`walk ${n}`);
  }
  for (const limit of [1, 7, 50, 100]) {
    assertEquals(await walk(eve, "walk", { limit }), expected, `${limit}`);
  }
  const first = await find(eve, "walk", { limit: 50 });
  await eve.ask(msg("bob", "walk on"));
  assertEquals(
    textsOf(await find(eve, "walk", { cursor: first.next, limit: 100 })),
    expected.slice(50),
  );
  const text = new TextDecoder().decode(
    Uint8Array.fromBase64(`${first.next}`, { alphabet: "base64url" }),
  );
  assertEquals(JSON.parse(text), ["bob", 81], "a cursor holds what its reader knows");
  const cursorOf = (value: unknown): string =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url" });
  const wrong = [
    "x",
    "!!!",
    "é",
    "\0",
    `${first.next}x`,
    cursorOf(7),
    cursorOf(null),
    cursorOf({}),
    cursorOf(["bob"]),
    cursorOf(["bob", "1"]),
    cursorOf(["bob", 0]),
    cursorOf(["bob", -1]),
    cursorOf(["bob", 1.5]),
    cursorOf(["bob", 1e300]),
    cursorOf(["bob", 132]),
    cursorOf(["nobody", 1]),
    cursorOf(["Ёва", 1]),
    cursorOf(["#none", 1]),
    cursorOf([["bob"], 1]),
    cursorOf(["bob", 1, 1]),
  ];
  for (const cursor of wrong) {
    const { response, error } = await find(eve, "walk", { cursor });
    assertEquals([response, error?.slice(0, 6)], [400, "cursor"], cursor);
  }
});

everywhere("one answer has at most 256 KiB", async ({ server }) => {
  const [eve] = [await server.registered("eve"), await server.registered("bob")];
  const texts = Array.from({ length: 30 }, (_, n) => `big ${n} ${"\u0001".repeat(4_000)}`);
  for (const text of texts) assertEquals((await eve.ask(msg("bob", text))).response, 200);
  const page = await find(eve, "big", { limit: 100 });
  assert(JSON.stringify(page).length <= 262_144 && textsOf(page).length > 5);
  assertEquals(await walk(eve, "big", { limit: 100 }), texts.toReversed());
});

/** Keeps texts in a room, as if somebody had said them there. */
async function keepInRoom(store: Store, room: string, texts: readonly string[]): Promise<void> {
  const { id } = (await store.rooms.find(room))!;
  const kept: Promise<boolean>[] = [];
  for (const message of texts) {
    let conversation: number;
    let seq: number | undefined;
    do {
      conversation = (await store.openRoom(id))!;
      seq = store.nextSeq(conversation);
    } while (seq === undefined);
    const time = Math.floor(Date.now() / 1_000);
    const rest = { id: undefined, fingerprint: undefined, delivered: 1, sender: undefined };
    kept.push(
      store.keepMessage({ conversation, seq, from: "eve", to: room, message, time, ...rest }),
    );
  }
  await Promise.all(kept);
}

Deno.test("rooms are searched as long as one is in them", () =>
  withDatabasePath((db) =>
    withAccounts({ db }, async ({ server }) => {
      const [eve, bob] = [await server.registered("Eve"), await server.registered("Bob")];
      for (const room of ["#dev", "#other"]) {
        assertEquals((await eve.ask(join(room))).response, 201);
      }
      await bob.ask(join("#dev"));
      const guest = await server.online("Guest");
      await guest.ask(join("#DEV"));
      await eve.ask(msg("#dev", "pear 1"));
      await guest.ask(msg("#dev", "pear 2"));
      await eve.ask(msg("#other", "pear 3"));
      await bob.ask(msg("Eve", "pear 4"));
      for (let n = 0; n < 5; n++) await eve.ask(msg("#other", "pear 5"));
      assertEquals(await found(bob, "pear"), ["pear 4", "pear 2", "pear 1"]);
      assertEquals(await found(guest, "pear"), ["pear 2", "pear 1"]);
      assertEquals(await found(guest, "pear", { with: "#dev", from: "guest" }), ["pear 2"]);
      assertEquals((await found(eve, "pear")).length, 9);
      assertEquals(await found(eve, "pear", { with: "#Other", limit: 1 }), ["pear 5"]);
      assertEquals((await find(bob, "pear", { with: "#other" })).response, 403);
      const { next } = await find(guest, "pear", { limit: 1 });
      assertEquals(await found(guest, "pear", { cursor: next }), ["pear 1"]);
      const foreign = (await find(eve, "pear", { with: "#other", limit: 1 })).next;
      assertEquals((await find(bob, "pear", { cursor: foreign })).response, 400);
      for (const client of [bob, guest]) {
        assertEquals((await client.ask({ event: "leave", room: "#dev" })).response, 200);
      }
      assertEquals(await found(bob, "pear"), ["pear 4"]);
      assertEquals(await found(guest, "pear"), []);
      assertEquals((await find(guest, "pear", { cursor: next })).response, 400);
      assertEquals((await find(guest, "pear", { with: "#dev" })).response, 403);
      await guest.ask(join("#dev"));
      assertEquals(await found(guest, "pear", { cursor: next }), ["pear 1"]);
    })
  ));

Deno.test("others are served while somebody's search takes long", () =>
  withDatabasePath((db) =>
    withAccounts({ db }, async ({ server, store }) => {
      const [eve, bob] = [await server.registered("eve"), await server.registered("bob")];
      await eve.ask(join("#dev"));
      // Beginnings of words that all are different: there is no longer search.
      const word = (n: number): string => `${"abcdefghijklmnop"[n % 16]}${n}`;
      const texts = Array.from(
        { length: 3_000 },
        (_, n) => Array.from({ length: 32 }, (_, m) => word(n * 32 + m)).join(" "),
      );
      await keepInRoom(store, "#dev", texts);
      await found(eve, "warm");
      let isOver = false;
      const searching = found(
        eve,
        [..."abcdefghijklmnop"].map((letter) => `${letter}*`).join(" "),
      )
        .then((texts) => {
          isOver = true;
          return texts;
        });
      let answered = 0;
      for (; !isOver && answered < 50; answered++) {
        assertEquals((await bob.ask({ event: "probe" })).response, 200);
      }
      assert(answered >= 10, `${answered} probes meanwhile`);
      assertEquals((await searching).length, 50);
    })
  ));

Deno.test("--history-days 0: search is 403", () =>
  withAccounts({ storeOptions: { historyDays: 0 } }, async ({ server }) => {
    const [eve] = [await server.registered("eve"), await server.registered("bob")];
    await eve.ask(msg("bob", "apple"));
    const { response, error } = await find(eve, "apple");
    assertEquals([response, error], [403, "This server keeps no messages"]);
  }));
