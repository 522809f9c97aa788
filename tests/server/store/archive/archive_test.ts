// What is found while messages come, change and go, compared with a plain list of them.
import { assert, assertEquals } from "@std/assert";
import type { DatabaseSync } from "node:sqlite";

import { Archive } from "../../../../server/store/archive/archive.ts";
import type { Hits, Lead } from "../../../../server/store/archive/look.ts";
import type { KeptMessage, SearchPlace } from "../../../../server/store/messages.ts";
import { tokenize } from "../../../../server/store/search_text.ts";
import { MessageIndex } from "../../../../server/store/sqlite/message_index.ts";
import { MessageTexts } from "../../../../server/store/sqlite/message_texts.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import { inTransaction } from "../../../../server/store/transaction.ts";
import { seededRandom } from "../../../support/random.ts";

/** Code units of more rows than there are. */
const ALL = 1e9;
/** Throws if the index does not say of itself that it is whole. */
const CHECK = "INSERT INTO search_index (search_index) VALUES ('integrity-check')";

interface Fixture {
  readonly db: DatabaseSync;
  readonly archive: Archive;
  readonly texts: MessageTexts;
}

/** A database with the accounts ann and bob, and their conversation. */
function open(): Fixture {
  const db = openDatabase(":memory:");
  db.exec(`
    INSERT INTO accounts (folded, name, password_hash, created)
      VALUES ('ann', 'ann', '', 0), ('bob', 'bob', '', 0);
    INSERT INTO conversations (kind, a, b, last) VALUES ('direct', 1, 2, 1000000);`);
  const index = new MessageIndex(db);
  const texts = new MessageTexts(db, (id, change) => index.changing(id, change));
  return { db, archive: new Archive(db), texts };
}

const bodyOf = (message: string | undefined): string =>
  JSON.stringify({ to: "bob", from: "ann", message });

function put({ db }: Fixture, seq: number, message: string, time = 0): void {
  db.prepare("INSERT INTO messages (conversation, seq, time, sender, body) VALUES (1, ?, ?, 1, ?)")
    .run(seq, time, bodyOf(message));
}

function rowOf({ db }: Fixture, seq: number): number {
  return db.prepare("SELECT id FROM messages WHERE conversation = 1 AND seq = ?").get(seq)!
    .id as number;
}

function rewrite(fixture: Fixture, seq: number, message: string): void {
  const id = rowOf(fixture, seq);
  inTransaction(fixture.db, () => fixture.texts.replace(id, bodyOf(message)));
}

function indexAll({ archive }: Fixture): void {
  while (!archive.indexSome(ALL).isDone);
}

/** What a search of ann's finds, all pages of it, newest first. */
function find({ archive }: Fixture, text: string, limit = 100): KeptMessage[] {
  const found: KeptMessage[] = [];
  let after: SearchPlace | undefined;
  for (;;) {
    const who = { account: "ann", rooms: [], other: undefined, from: undefined };
    const range = archive.findRange({ ...who, after })!;
    const hits: number[] = [];
    let next: number | undefined = range.before;
    let lead: Lead | undefined;
    // In the smallest steps, which go different ways from the second one on.
    for (let isFirst = true; next !== undefined && hits.length <= limit; isFirst = false) {
      const part = { ...range, before: next, above: 0, limit: limit + 1 - hits.length };
      const found: Hits = archive.findHits({ ...part, text, lead, isFirst, ms: 0 });
      hits.push(...found.hits);
      ({ next, lead } = found);
    }
    const page = archive.readHits(hits, limit);
    found.push(...page.messages);
    if (!page.more) return found;
    after = { account: "bob", seq: found.at(-1)!.seq };
  }
}

const seqsOf = (messages: readonly KeptMessage[]): number[] => messages.map(({ seq }) => seq);

Deno.test("a message that gets another text stays where it is, however often and long", () => {
  for (const isIndexed of [true, false]) {
    const fixture = open();
    using db = fixture.db;
    for (let seq = 1; seq <= 5; seq++) put(fixture, seq, `apple ${seq}`);
    if (isIndexed) indexAll(fixture);
    rewrite(fixture, 2, `apple pear ${"x".repeat(100)}`);
    rewrite(fixture, 4, "pear");
    rewrite(fixture, 2, `apple pear ${"y".repeat(300)}`);
    rewrite(fixture, 2, "apple pear z");
    indexAll(fixture);
    for (const limit of [100, 2, 1]) {
      assertEquals(seqsOf(find(fixture, "apple", limit)), [5, 3, 2, 1]);
      assertEquals(seqsOf(find(fixture, "pear", limit)), [4, 2]);
    }
    for (const gone of ["x".repeat(100), "y".repeat(300), "2"]) {
      assertEquals(find(fixture, gone), []);
    }
    db.exec(CHECK);
    const rest = db.prepare("SELECT first, message FROM moves").all();
    assertEquals(rest.map(({ first, message }) => [first, message]), [[2, rowOf(fixture, 2)]]);
  }
});

Deno.test("a message that moves while it is being indexed is indexed once, at its place", () => {
  const fixture = open();
  using db = fixture.db;
  for (let seq = 1; seq <= 3; seq++) put(fixture, seq, "apple");
  rewrite(fixture, 2, `pear ${"x".repeat(50)}`);
  // Up to each row in turn, with a change behind each.
  for (let n = 1; n <= 4; n++) {
    fixture.archive.indexSome(1);
    rewrite(fixture, 2, `pear ${"x".repeat(50 + n * 50)}`);
    db.exec(CHECK);
  }
  indexAll(fixture);
  assertEquals(seqsOf(find(fixture, "pear")), [2]);
  assertEquals(seqsOf(find(fixture, "apple")), [3, 1]);
  // Nothing behind the last message is looked at again and again.
  const newest = db.prepare("SELECT max(id) AS id FROM messages").get()!.id;
  assertEquals(fixture.archive.indexSome(1), { indexed: newest as number, isDone: true });
  // The retention lets go of what was left behind, then of the message.
  while (fixture.archive.forgetSome(1, 1));
  db.exec(CHECK);
  const counts = "SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM moves) AS n";
  assertEquals(db.prepare(counts).get()?.n, 0);
  assertEquals(db.prepare("SELECT count(*) AS n FROM search_index_words").get()?.n, 0);
});

Deno.test("whatever is written, changed, deleted and forgotten: what is found is what a plain list says", () => {
  const fixture = open();
  using db = fixture.db;
  const { archive, texts } = fixture;
  const random = seededRandom(77);
  const pick = (count: number): number => Math.floor(random() * count);
  const words = ["foo", "bar", "Ёж", "東京", "a.b", "🎉x", "baz", "qux", "longerword"];
  const text = (): string =>
    Array.from({ length: 1 + pick(pick(10) === 0 ? 60 : 6) }, () => words[pick(words.length)])
      .join(" ");
  /** By number: what messages say and when they were sent; deleted ones say nothing. */
  const model = new Map<number, { text: string | undefined; time: number }>();
  let [last, searches, moves, forgotten] = [0, 0, 0, 0];
  for (let now = 1; now <= 2_000; now++) {
    const seq = [...model.keys()][pick(model.size)];
    const kept = seq === undefined ? undefined : model.get(seq);
    const what = pick(100);
    if (what < 35 || seq === undefined || kept === undefined) {
      model.set(++last, { text: text(), time: now });
      put(fixture, last, model.get(last)!.text!, now);
    } else if (what < 60 && kept.text !== undefined) {
      kept.text = text();
      const before = rowOf(fixture, seq);
      rewrite(fixture, seq, kept.text);
      if (rowOf(fixture, seq) !== before) moves++;
    } else if (what < 67) {
      const id = rowOf(fixture, seq);
      kept.text = undefined;
      inTransaction(db, () => texts.blank(id, bodyOf(undefined)));
    } else if (what < 70) {
      const id = rowOf(fixture, seq);
      model.delete(seq);
      inTransaction(db, () => texts.delete(id));
    } else if (what < 85) {
      archive.indexSome(70 * (1 + pick(10)));
    } else if (what < 88) {
      const before = now - 300;
      // Not all that is due: in the middle of a run others go on.
      const steps = 1 + pick(8);
      for (let n = 0; n < steps; n++) archive.forgetSome(70, before);
      const left = new Set(
        db.prepare("SELECT seq FROM messages WHERE seq IS NOT NULL").all()
          .map(({ seq }) => seq as number),
      );
      for (const seq of [...model.keys()].filter((seq) => !left.has(seq))) {
        assert(model.get(seq)!.time < before);
        model.delete(seq);
        forgotten++;
      }
    } else {
      indexAll(fixture);
      const word = words[pick(words.length)]!;
      const [wanted] = tokenize(word);
      const expected = [...model].filter(([, { text }]) =>
        text !== undefined && tokenize(text).includes(wanted!)
      );
      const found = find(fixture, `"${word}"`, 1 + pick(40));
      assertEquals(
        found.map(({ seq, message }) => [seq, message]),
        expected.toReversed().map(([seq, { text }]) => [seq, text]),
        `${now}: ${word}`,
      );
      searches++;
    }
    if (now % 100 === 0) db.exec(CHECK);
  }
  assert(searches > 150 && moves > 150 && forgotten > 100, `${searches} ${moves} ${forgotten}`);
  while (archive.forgetSome(ALL, Infinity));
  db.exec(CHECK);
  assertEquals(db.prepare("SELECT count(*) AS n FROM search_index_words").get()?.n, 0);
});
