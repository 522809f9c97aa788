// Changes of kept messages, on real files.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { MessageTexts } from "../../../../server/store/sqlite/message_texts.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../../../server/store/sqlite.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import { type Letter, type Store, StoreFullError } from "../../../../server/store/store.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { filesOf, filesWith } from "../../../support/files_with.ts";
import { seededRandom } from "../../../support/random.ts";

const NOW = Math.floor(Date.now() / 1_000);
const by = { account: "ann", session: "s" };

function withStore(
  run: (store: Store, path: string) => Promise<void>,
  options: SqliteStoreOptions = {},
): Promise<void> {
  return withDatabasePath(async (path) => {
    await using store = openSqliteStore(path, options);
    for (const name of ["ann", "bob"]) await store.createAccount(name, name, "hash");
    await run(store, path);
  });
}

/** Stores a letter of ann's to bob; gives the conversation. */
async function put(store: Store, message: string): Promise<number> {
  const letter: Letter = {
    ...{ folded: "bob", to: "bob", from: "ann", message, id: undefined, time: NOW },
  };
  assertEquals(await store.storeLetter(letter), "stored");
  return (await store.findDirect("ann", "bob"))!;
}

/** That all counts are what counting gives. */
function checkCounts(path: string): { letters: number; bytes: number } {
  using db = new DatabaseSync(path, { readOnly: true });
  const sums = db.prepare(
    `SELECT count(*) AS letters, coalesce(sum(bytes), 0) AS bytes,
            coalesce(sum(is_guest * bytes), 0) AS guests,
            coalesce(sum(is_stranger * bytes), 0) AS strangers FROM letters`,
  ).get();
  assertEquals(
    db.prepare(
      `SELECT letter_count AS letters, letter_bytes AS bytes, guest_bytes AS guests,
              stranger_bytes AS strangers FROM accounts WHERE folded = 'bob'`,
    ).get(),
    sums,
  );
  const shares = db.prepare(
    "SELECT coalesce(sum(letter_count), 0) AS letters, coalesce(sum(letter_bytes), 0) AS bytes FROM shares",
  ).get()!;
  assertEquals([shares.letters, shares.bytes], [sums!.letters, sums!.bytes]);
  const texts = db.prepare(
    "SELECT coalesce(sum(length(CAST(m.body AS BLOB))), 0) AS bytes FROM letters l JOIN messages m ON m.id = l.message",
  ).get()!;
  assertEquals(texts.bytes, sums!.bytes);
  return { letters: sums!.letters as number, bytes: sums!.bytes as number };
}

Deno.test("counts of mailboxes follow every change", () =>
  withStore(async (store, path) => {
    const random = seededRandom(99);
    let conversation = 0;
    for (let n = 0; n < 60; n++) conversation = await put(store, `${n}`);
    const guest = { folded: "bob", to: "bob", from: "guest", message: "hi", id: 1, time: NOW };
    await store.storeLetter(guest);
    for (let n = 0; n < 200; n++) {
      const place = { conversation, seq: 1 + Math.floor(random() * 60), by, time: NOW };
      if (random() < 0.2) await store.deleteMessage(place);
      else {
        const message = "я".repeat(1 + Math.floor(random() * 300));
        await store.editMessage({ ...place, message, since: 0 });
      }
    }
    const { letters } = checkCounts(path);
    assert(letters < 61 && letters > 10, `${letters}`);
    const rest = await store.listLetters("bob", 0, 100);
    await store.deleteLetters("bob", rest.at(-1)!.stored);
    assertEquals(checkCounts(path), { letters: 0, bytes: 0 });
  }));

Deno.test("a letter grows only within everybody's shares of the mailbox", () =>
  withStore(
    async (store, path) => {
      let conversation = 0;
      for (const text of ["one", "two"]) conversation = await put(store, text);
      const edit = (seq: number, length: number) =>
        store.editMessage({
          ...{ conversation, seq, by, time: NOW, since: 0, message: "x".repeat(length) },
        });
      assertEquals(await edit(1, 700), { to: "bob", from: "ann" });
      assertEquals(await edit(2, 700), "mailbox-full");
      assertEquals(await edit(1, 100), { to: "bob", from: "ann" });
      assertEquals(await edit(2, 700), { to: "bob", from: "ann" });
      checkCounts(path);
      await store.deleteLetters("bob", 2);
      assertEquals(await edit(1, 4_000), { to: "bob", from: "ann" });
    },
    // As many letters as there may be: one that grows is none more.
    { mailbox: { sender: { letters: 2, bytes: 1_000 } } },
  ));

Deno.test("what is rescued after a change is what the row says, or nothing", () =>
  withStore(async (store, path) => {
    const conversation = (await store.openDirect("ann", "bob"))!;
    const places: { conversation: number; seq: number }[] = [];
    for (const message of ["edited", "deleted", "as it was"]) {
      const place = { conversation, seq: store.nextSeq(conversation)! };
      const rest = { to: "bob", from: "ann", sender: "ann", id: undefined, fingerprint: undefined };
      await store.keepMessage({ ...place, ...rest, message, time: NOW, delivered: 1 });
      places.push(place);
    }
    const change = { by, time: NOW };
    await store.editMessage({ ...places[0]!, ...change, message: "x".repeat(500), since: 0 });
    await store.deleteMessage({ ...places[1]!, ...change });
    for (const place of places) {
      const letter = { folded: "bob", to: "bob", from: "ann", message: "as it was", id: undefined };
      const rescued = { ...letter, time: NOW, place };
      assertEquals(await store.storeLetter(rescued, { isRescue: true }), "stored");
    }
    assertEquals((await store.listLetters("bob", 0, 9)).map(({ message }) => message), [
      "x".repeat(500),
      "as it was",
    ]);
    assertEquals(checkCounts(path).letters, 2);
  }));

Deno.test("what is rescued of a conversation that has ended stays gone", () =>
  withStore(async (store, path) => {
    const conversation = await put(store, "first");
    await store.deleteLetters("bob", 1);
    {
      using db = new DatabaseSync(path, { timeout: 5_000 });
      db.exec("PRAGMA foreign_keys = ON; DELETE FROM accounts WHERE folded = 'ann'");
    }
    for (const seq of [1, 2]) {
      const letter = { folded: "bob", to: "bob", from: "ann", message: "late", id: undefined };
      const place = { conversation, seq };
      const rescued = { ...letter, time: NOW, place };
      assertEquals(await store.storeLetter(rescued, { isRescue: true }), "stored");
    }
    assertEquals(await store.listLetters("bob", 0, 9), []);
    const wish = { conversation, seq: 1, by: "moderator" as const, time: NOW };
    assertEquals(await store.deleteMessage(wish), "unknown");
  }));

Deno.test("a guest's messages are those of the session, whatever the name", () =>
  withStore(async (store, path) => {
    const conversation = await put(store, "x");
    {
      using db = new DatabaseSync(path, { timeout: 5_000 });
      db.exec("UPDATE messages SET sender = NULL, guest = 'mine'");
    }
    const wish = { conversation, seq: 1, time: NOW };
    for (
      const author of [{ account: "ann", session: "other" }, { account: undefined, session: "" }]
    ) {
      assertEquals(await store.deleteMessage({ ...wish, by: author }), "not-own");
    }
    const mine = { account: undefined, session: "mine" };
    assertEquals(await store.editMessage({ ...wish, by: mine, message: "y", since: 0 }), {
      ...{ to: "bob", from: "ann" },
    });
    assertEquals(await store.deleteMessage({ ...wish, by: mine }), { to: "bob", from: "ann" });
  }));

Deno.test("changes last; a text that is longer than the database may have is refused, and nothing else with it", () =>
  withStore(async (store, path) => {
    const conversation = await put(store, "one");
    await put(store, "two");
    await store.editMessage({ conversation, seq: 1, by, time: NOW, since: 0, message: "uno" });
    await store.deleteMessage({ conversation, seq: 2, by, time: NOW });
    {
      await using full = openSqliteStore(path, { maxBytes: 4_096 });
      const wish = { conversation, seq: 1, by, time: NOW, since: 0 };
      const edits = [
        full.editMessage({ ...wish, message: "x".repeat(999) }),
        full.editMessage({ ...wish, message: "no" }),
      ];
      await assertRejects(() => edits[0]!, StoreFullError);
      assertEquals(await edits[1], { to: "bob", from: "ann" });
    }
    const { messages } = await store.listMessages(conversation, { limit: 9 });
    assertEquals(messages, [
      { time: NOW, to: "bob", from: "ann", message: "no", edited: NOW, seq: 1 },
      { time: NOW, to: "bob", from: "ann", deleted: true, seq: 2 },
    ]);
  }));

Deno.test("whatever finds messages by their texts sees each row before and behind its change", () =>
  withDatabasePath((path) => {
    using db = openDatabase(path);
    db.exec(
      `INSERT INTO messages (id, time, body) VALUES (1, 0, 'a'), (2, 0, 'b'), (3, 0, 'c'), (4, 0, 'd')`,
    );
    const seen: unknown[] = [];
    const body = db.prepare("SELECT body FROM messages WHERE id = ?");
    const texts = new MessageTexts(db, (id, change) => {
      const before = body.get(id)?.body;
      const result = change();
      seen.push([id, before, body.get(id)?.body]);
      return result;
    });
    assertEquals([texts.replace(1, "A"), texts.replace(2, "longer")], [1, 5]);
    texts.blank(3, "");
    texts.delete(4);
    assertEquals(seen, [[1, "a", "A"], [2, "b", "{}"], [3, "c", ""], [4, "d", undefined]]);
    const rows = db.prepare("SELECT id, body FROM messages ORDER BY id").all();
    assertEquals(rows.map(({ id, body }) => [id, body]), [[1, "A"], [2, "{}"], [3, ""], [
      5,
      "longer",
    ]]);
  }));

Deno.test("no text that is gone is in the files, however many were written, changed and deleted around it", () =>
  withStore(
    async (store, path) => {
      const random = seededRandom(31);
      /** By number: what a message says now; and all that was ever replaced or deleted. */
      const texts = new Map<number, string>();
      const gone = new Set<string>();
      let count = 0;
      const text = (): string => {
        const length = [20, 200, 1_500, 9_000][Math.floor(random() * 4)]!;
        return `<${count++}>${"x".repeat(Math.floor(random() * length))}`;
      };
      const head = (text: string): string => text.slice(0, text.indexOf(">") + 1);
      texts.set(1, text());
      const conversation = await put(store, texts.get(1)!);
      const writes: Promise<unknown>[] = [];
      for (let n = 0; n < 6_000; n++) {
        const seq = 1 + Math.floor(random() * texts.size);
        const before = texts.get(seq)!;
        const what = random();
        if (what < 0.4) {
          const message = text();
          const next = store.nextSeq(conversation);
          if (next === undefined) {
            await Promise.all(writes.splice(0));
            await store.openDirect("ann", "bob");
            continue;
          }
          texts.set(next, message);
          const rest = { to: "bob", from: "ann", sender: "ann", id: undefined, delivered: 1 };
          const kept = { ...rest, conversation, seq: next, message, time: NOW };
          writes.push(store.keepMessage({ ...kept, fingerprint: undefined }));
        } else if (before !== "") {
          const change = { conversation, seq, by, time: NOW };
          const message = what < 0.85 ? text() : "";
          gone.add(head(before));
          texts.set(seq, message);
          writes.push(
            message === ""
              ? store.deleteMessage(change)
              : store.editMessage({ ...change, message, since: 0 }),
          );
        }
        if (n % 50 === 0) await Promise.all(writes.splice(0));
      }
      await Promise.all(writes);
      assertEquals(await store.erase(), true);
      const found = new Set(
        [...filesOf(path).values()].flatMap((bytes) => bytes.match(/<\d+>/g) ?? []),
      );
      const alive = new Set([...texts.values()].filter((text) => text !== "").map(head));
      assert(gone.size > 2_000 && alive.size > 1_000);
      assertEquals([...gone].filter((text) => found.has(text)), []);
      assertEquals([...alive].filter((text) => !found.has(text)), []);
      const seen: string[] = [];
      for (let after = 0, more = true; more;) {
        const page = await store.listMessages(conversation, { after, limit: 100 });
        for (const { seq, message = "" } of page.messages) {
          assert(message === texts.get(after = seq), `${seq}`);
          seen.push(message);
        }
        ({ more } = page);
      }
      assertEquals(seen.length, texts.size);
    },
  ));

Deno.test("many texts that are deleted at once are gone at once", () =>
  withStore(
    async (store, path) => {
      let conversation = 0;
      for (let n = 0; n < 80; n++) conversation = await put(store, `secret ${n} `.repeat(30));
      await Promise.all(Array.from({ length: 80 }, async (_, n) => {
        await store.deleteMessage({ conversation, seq: n + 1, by, time: NOW });
        assertEquals(await store.erase(), true);
      }));
      assertEquals(filesWith(path, "secret"), []);
    },
  ));
