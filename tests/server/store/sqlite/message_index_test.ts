import { assert, assertEquals } from "@std/assert";
import type { DatabaseSync } from "node:sqlite";

import {
  accountScope,
  conversationMark,
  MessageIndex,
  renewIndex,
  roomScope,
  senderMark,
} from "../../../../server/store/sqlite/message_index.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import { parseQuery, WORD_RULES } from "../../../../server/store/search_text.ts";
import { inTransaction } from "../../../../server/store/transaction.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { seededRandom } from "../../../support/random.ts";

const DIRECT = 1;
const ROOM = 2;
/** Code units of more rows than there are. */
const ALL = 1e9;

/** A database with a direct conversation of the accounts 10 and 11, and that of the room 20. */
function open(path = ":memory:"): DatabaseSync {
  const db = openDatabase(path);
  db.exec("INSERT INTO conversations (kind, a, b) VALUES ('direct', 10, 11), ('room', 20, 0)");
  return db;
}

function put(db: DatabaseSync, conversation: number | null, message: string, from = "Eve"): number {
  const row = db.prepare(
    "INSERT INTO messages (conversation, seq, time, body) VALUES (?, 1, 0, ?) RETURNING id",
  ).get(conversation, JSON.stringify({ to: "bob", from, message }));
  return row!.id as number;
}

const rewrite = (db: DatabaseSync, id: number, message: string | undefined): void => {
  const body = JSON.stringify({ to: "bob", from: "Eve", message });
  db.prepare("UPDATE messages SET body = ? WHERE id = ?").run(body, id);
};

const found = (index: MessageIndex, scope: string, text: string, ...marks: string[]): number[] =>
  index.index.find({ scopes: [scope], marks, terms: parseQuery(text)!, limit: 100 });

/** Throws if the index does not say of itself that it is whole. */
const check = (db: DatabaseSync): void =>
  db.exec("INSERT INTO search_index (search_index) VALUES ('integrity-check')");

Deno.test("kept messages are indexed up to a watermark: for both people, or for the room", () => {
  using db = open();
  const index = new MessageIndex(db);
  const [direct, _letter, room] = [
    put(db, DIRECT, "apple tree"),
    put(db, null, "apple letter"),
    put(db, ROOM, "apple pie", "ＢＯＢ"),
  ];
  assertEquals([index.indexed, index.add(250), index.indexed], [0, false, 2]);
  for (const account of [10, 11]) {
    assertEquals(found(index, accountScope(account), "apple"), [direct]);
  }
  assertEquals(found(index, roomScope(20), "apple"), []);
  assertEquals([index.add(1), index.indexed, index.add(1)], [true, 3, true]);
  assertEquals(found(index, roomScope(20), "apple"), [room]);
  assertEquals(found(index, roomScope(20), "apple", senderMark("bob")), [room]);
  assertEquals(found(index, roomScope(20), "apple", senderMark("eve")), []);
  assertEquals(found(index, accountScope(10), "apple", conversationMark(DIRECT)), [direct]);
  assertEquals(found(index, accountScope(10), "apple", conversationMark(ROOM)), []);
  check(db);
});

Deno.test("a step ends with the code units that it is given, and has at least one message", () => {
  using db = open();
  const index = new MessageIndex(db);
  for (let n = 0; n < 3; n++) put(db, ROOM, "x".repeat(4_000));
  for (let n = 0; n < 3; n++) put(db, ROOM, "short");
  const steps: number[] = [];
  for (let isDone = false; !isDone;) {
    isDone = index.add(1_000);
    steps.push(index.indexed);
  }
  assertEquals(steps, [1, 2, 3, 6]);
});

Deno.test("a change is right, whether or not the message was indexed", () => {
  for (const isIndexed of [true, false]) {
    using db = open();
    const index = new MessageIndex(db);
    const [edited, deleted, released, gone, other] = [
      put(db, DIRECT, "apple one"),
      put(db, DIRECT, "apple two"),
      put(db, ROOM, "apple three"),
      put(db, ROOM, "apple four"),
      put(db, ROOM, "apple five"),
    ];
    if (isIndexed) index.add(ALL);
    inTransaction(db, () => {
      assertEquals(
        index.changing(edited, () => (rewrite(db, edited, "pear ёлка"), "given")),
        "given",
      );
      index.changing(deleted, () => rewrite(db, deleted, undefined));
      index.changing(deleted, () => rewrite(db, deleted, undefined));
      index.changing(
        released,
        () => db.prepare("UPDATE messages SET conversation = NULL WHERE id = ?").run(released),
      );
      index.changing(gone, () => db.prepare("DELETE FROM messages WHERE id = ?").run(gone));
      index.changing(999, () => {});
    });
    if (isIndexed) {
      assertEquals(found(index, accountScope(10), "pear елка"), [edited]);
      assertEquals(found(index, roomScope(20), "apple"), [other]);
    }
    index.add(ALL);
    assertEquals(found(index, accountScope(11), "pear"), [edited]);
    assertEquals(found(index, accountScope(11), "apple"), []);
    assertEquals(found(index, roomScope(20), "apple"), [other]);
    check(db);
  }
});

Deno.test("random changes leave the index that the rows say", () => {
  using db = open();
  const index = new MessageIndex(db);
  const random = seededRandom(9);
  const pick = (count: number): number => Math.floor(random() * count);
  const words = ["foo", "bar", "Ёж", "еж", "東京", "a.b", "🎉x"];
  const text = (): string => Array.from({ length: 1 + pick(5) }, () => words[pick(7)]).join(" ");
  const ids: number[] = [];
  for (let n = 0; n < 400; n++) {
    const what = pick(10);
    if (what < 5 || ids.length === 0) ids.push(put(db, 1 + pick(2), text()));
    else if (what < 7) inTransaction(db, () => index.add(120 * (1 + pick(5))));
    else {
      const id = ids[pick(ids.length)]!;
      const isEdit = pick(3) > 0;
      inTransaction(
        db,
        () => index.changing(id, () => rewrite(db, id, isEdit ? text() : undefined)),
      );
    }
  }
  while (!index.add(ALL));
  check(db);
  using fresh = open();
  for (
    const { id, conversation, body } of db.prepare("SELECT * FROM messages ORDER BY id").iterate()
  ) {
    fresh.prepare("INSERT INTO messages (id, conversation, seq, time, body) VALUES (?, ?, 1, 0, ?)")
      .run(id as number, conversation as number, body as string);
  }
  const again = new MessageIndex(fresh);
  while (!again.add(ALL));
  for (const scope of [accountScope(10), accountScope(11), roomScope(20)]) {
    for (const word of words) {
      assertEquals(found(index, scope, word), found(again, scope, word), `${scope} ${word}`);
    }
  }
});

Deno.test("a change that is rolled back leaves the index as it was", () => {
  using db = open();
  const index = new MessageIndex(db);
  const id = put(db, ROOM, "apple");
  index.add(ALL);
  try {
    inTransaction(db, () => {
      index.changing(id, () => rewrite(db, id, "pear"));
      throw new Error("no");
    });
  } catch { /* as meant */ }
  assertEquals([found(index, roomScope(20), "apple"), found(index, roomScope(20), "pear")], [
    [id],
    [],
  ]);
  check(db);
});

Deno.test("an index that was made by other rules is emptied when the file is opened, and filled again", () =>
  withDatabasePath((path) => {
    {
      using db = open(path);
      put(db, ROOM, "apple");
      new MessageIndex(db).add(ALL);
      renewIndex(db);
      assertEquals(new MessageIndex(db).indexed, 1, "the same rules");
      renewIndex(db, "others");
      assertEquals(new MessageIndex(db).indexed, 0);
      new MessageIndex(db).add(ALL);
    }
    using db = openDatabase(path);
    const index = new MessageIndex(db);
    assertEquals([index.indexed, found(index, roomScope(20), "apple")], [0, []]);
    index.add(ALL);
    assertEquals(found(index, roomScope(20), "apple"), [1]);
    assertEquals(db.prepare("SELECT rules FROM search_state").get()?.rules, WORD_RULES);
    assert(/Unicode \d/.test(WORD_RULES));
    check(db);
  }));
