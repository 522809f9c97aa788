import type { DatabaseSync, StatementSync } from "node:sqlite";

import { printable } from "../../../common/printable.ts";
import type { ConversationName, MessageRemains } from "../replica_store.ts";
import type { Place } from "../messages.ts";
import { SchemaError } from "../schema_error.ts";
import { StoreError } from "../store.ts";
import type { StoredBody } from "./messages.ts";

const ANOTHER_FILE = "choose another file with --db FILE, which is filled from the log";

/**
 * How far a node's copy is in its log, and what it knows of the log's entries. Synchronous; what changes something belongs
 * into a transaction.
 */
export class SqliteReplicaTable {
  readonly #position: StatementSync;
  readonly #noteEntry: StatementSync;
  readonly #entries: StatementSync;
  readonly #forgetEntries: StatementSync;
  readonly #expel: StatementSync;
  readonly #isExpelled: StatementSync;
  readonly #forgetExpulsions: StatementSync;
  readonly #direct: StatementSync;
  readonly #room: StatementSync;
  readonly #name: StatementSync;
  readonly #remains: StatementSync;
  /** The last entry that was given, that is in the transaction under way, and that is on disk. */
  #given: number;
  #reached: number;
  #committed: number;

  /**
   * Prepares the statements on an open connection, which stays the caller's.
   *
   * @param log Names the log.
   * @throws {SchemaError} If the database is no copy made of that log.
   */
  constructor(db: DatabaseSync, log: string) {
    this.#given = this.#reached = this.#committed = claim(db, log);
    this.#position = db.prepare("UPDATE replica SET position = ?");
    this.#noteEntry = db.prepare(
      "INSERT INTO message_entries (entry, conversation, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    );
    this.#entries = db.prepare(
      "SELECT entry FROM message_entries WHERE conversation = ? AND seq = ? ORDER BY entry",
    );
    this.#forgetEntries = db.prepare(
      `DELETE FROM message_entries WHERE NOT EXISTS (
         SELECT 1 FROM messages m
           WHERE m.conversation = message_entries.conversation AND m.seq = message_entries.seq)`,
    );
    this.#expel = db.prepare(
      `INSERT INTO expulsions (room, folded, entry, time) SELECT id, ?2, ?3, ?4 FROM rooms WHERE id = ?1
         ON CONFLICT DO UPDATE SET entry = excluded.entry, time = excluded.time`,
    );
    this.#isExpelled = db.prepare(
      "SELECT 1 FROM expulsions WHERE room = ? AND folded = ? AND entry > ?",
    );
    this.#forgetExpulsions = db.prepare("DELETE FROM expulsions WHERE time < ?");
    this.#direct = db.prepare(
      `SELECT c.id FROM accounts p, accounts q, conversations c
         WHERE p.folded = ?1 AND q.folded = ?2
           AND c.kind = 'direct' AND c.a = min(p.id, q.id) AND c.b = max(p.id, q.id)`,
    );
    this.#room = db.prepare(
      "SELECT id FROM conversations WHERE kind = 'room' AND a = ? AND b = 0 AND ended = 0",
    );
    this.#name = db.prepare(
      `SELECT c.kind, c.a, p.folded AS first, q.folded AS second FROM conversations c
         LEFT JOIN accounts p ON c.kind = 'direct' AND p.id = c.a
         LEFT JOIN accounts q ON c.kind = 'direct' AND q.id = c.b
         WHERE c.id = ? AND c.ended = 0`,
    );
    this.#remains = db.prepare(
      `SELECT m.time, m.guest, m.body, a.folded FROM messages m LEFT JOIN accounts a ON a.id = m.sender
         WHERE m.conversation = ? AND m.seq = ?`,
    );
  }

  /**
   * A database is used by a server alone from now on: it is no copy any more, since it goes its own way. Belongs into a
   * transaction.
   */
  static leave(db: DatabaseSync): void {
    if (db.prepare("SELECT 1 FROM replica").get() === undefined) return;
    // All numbers that were ever given out are up to the position.
    db.exec(`
      UPDATE accounts SET last_stored = max(last_stored, (SELECT position FROM replica));
      UPDATE conversations SET reserved = max(reserved, (SELECT position FROM replica));
      DELETE FROM replica; DELETE FROM message_entries; DELETE FROM expulsions`);
  }

  /**
   * Makes sure that a database may become a copy.
   *
   * @throws {SchemaError} If a server alone has used it: it is not empty, and no copy.
   */
  static refuseAlone(db: DatabaseSync): void {
    const used = db.prepare(
      `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM replica) AND (
         EXISTS (SELECT 1 FROM sqlite_sequence
           WHERE name IN ('accounts', 'rooms', 'conversations') AND seq > 0)
         OR EXISTS (SELECT 1 FROM names))`,
    ).get();
    if (used === undefined) return;
    throw new SchemaError(`it belongs to a server without --nats; ${ANOTHER_FILE}`);
  }

  /** The number of the last entry of which the effects are on disk. */
  get position(): number {
    return this.#committed;
  }

  /** An entry is to be applied. Gives the one behind which that has to be. */
  give(seq: number): number {
    const before = this.#given;
    this.#given = seq;
    return before;
  }

  /**
   * The effects of an entry are in the transaction under way.
   *
   * @throws {StoreError} If those of the one before it are not: to go on would make another copy than the others have.
   */
  reached(seq: number, before: number): void {
    if (this.#reached !== before) {
      throw new StoreError("An earlier entry of the log was not applied");
    }
    this.#reached = seq;
  }

  /** A transaction ends: writes down how far it has come. */
  settle(): void {
    if (this.#reached > this.#committed) this.#position.run(this.#reached);
  }

  /** The transaction was committed. */
  committed(): void {
    this.#committed = this.#reached;
  }

  /** It was not. */
  rolledBack(): void {
    this.#reached = this.#committed;
  }

  /** An entry has a text of that message. */
  noteEntry(entry: number, { conversation, seq }: Place): void {
    this.#noteEntry.run(entry, conversation, seq);
  }

  /** The entries that have a text of a message. */
  entriesOf({ conversation, seq }: Place): number[] {
    return [seq, ...this.#entries.all(conversation, seq).map(({ entry }) => entry as number)];
  }

  /** What somebody says in a room without knowing of that entry is not kept. @param time Unix seconds. */
  expel(room: number, folded: string, entry: number, time: number): void {
    this.#expel.run(room, folded, entry, time);
  }

  /** Whether somebody was expelled by an entry behind that one. */
  isExpelled(room: number, folded: string, behind: number): boolean {
    return this.#isExpelled.get(room, folded, behind) !== undefined;
  }

  /** Forgets expulsions from before a time (Unix seconds), and entries of messages that are gone. */
  forget(before: number): void {
    this.#forgetExpulsions.run(before);
    this.#forgetEntries.run();
  }

  /** The conversation of that name. */
  conversationOf(name: ConversationName): number | undefined {
    const row = "room" in name ? this.#room.get(name.room) : this.#direct.get(...name.accounts);
    return row?.id as number | undefined;
  }

  /** What a conversation is called; `undefined` if it has ended. */
  nameOf(conversation: number): ConversationName | undefined {
    const row = this.#name.get(conversation);
    if (row === undefined) return undefined;
    if (row.kind === "room") return { room: row.a as number };
    return { accounts: [row.first as string, row.second as string] };
  }

  /** What is to stay of a message. */
  remainsOf({ conversation, seq }: Place): MessageRemains | undefined {
    const row = this.#remains.get(conversation, seq);
    if (row === undefined) return undefined;
    const { to, from, id, reply } = JSON.parse(row.body as string) as StoredBody;
    return {
      ...{ to, from, time: row.time as number },
      ...(id !== undefined && { id }),
      ...(reply !== undefined && { reply }),
      ...(row.folded !== null && { sender: row.folded as string }),
      ...(row.guest !== null && { guest: row.guest as string }),
    };
  }
}

/** Makes a new database a copy, or finds out how far a copy is. */
function claim(db: DatabaseSync, log: string): number {
  const row = db.prepare("SELECT log, position FROM replica").get();
  if (row === undefined) {
    SqliteReplicaTable.refuseAlone(db);
    db.prepare("INSERT INTO replica VALUES (1, ?, 0)").run(log);
    return 0;
  }
  if (row.log === log) return row.position as number;
  throw new SchemaError(
    `it is a copy of another log ('${printable(row.log as string)}', not '${printable(log)}'); ` +
      ANOTHER_FILE,
  );
}
