import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { RequestId } from "../../../common/wire/protocol.ts";
import { LIMITS } from "../../../common/limits.ts";
import type { Earlier, KeptMessage, NewMessage, Page, PageOptions, Place } from "../messages.ts";
import type { SqliteConversations } from "./conversations.ts";

/** Bytes of one page at most, so that it is one answer of at most 256 KiB. */
const MAX_PAGE_BYTES = 262_144 - 1_024;
/** What a message takes in an answer beside its body: its numbers and their names. */
const MESSAGE_BYTES = 100;

/** The parts of a message that are kept as JSON, since TEXT keeps neither NUL nor lone surrogates. */
export interface MessageBody {
  /** The addressee's name, as shown. */
  readonly to: string;
  /** The sender's name, as shown. */
  readonly from: string;
  /** The text. */
  readonly message: string;
  /** The request's id, if it had one. */
  readonly id: RequestId | undefined;
}

/** A body as it is read: one that was changed says so. */
export interface StoredBody extends Omit<MessageBody, "message"> {
  /** The text; absent if it was deleted. */
  readonly message?: string;
  /** Unix seconds of the last change. */
  readonly edited?: number;
  /** Whether it was deleted. */
  readonly deleted?: true;
}

/** A row that was changed, as a repeat of its request is answered. */
export interface Remembered extends Earlier {
  /** The conversation. */
  readonly conversation: number;
  /** Unix seconds of the message. */
  readonly time: number;
}

/** A row that is there already. */
export interface FoundMessage {
  /** The row. */
  readonly id: number;
  /** Of its body. */
  readonly bytes: number;
  /** Whether its text is gone. */
  readonly isDeleted: boolean;
}

/** Changed messages whose requests are remembered; about 2 MB. */
const MAX_REMEMBERED = 10_000;

/** What a row is made of beside its body. */
export interface MessageRow {
  /** The conversation; `null` for what is a letter only. */
  readonly conversation: number | null;
  /** The number in it. */
  readonly seq: number | null;
  /** Unix seconds. */
  readonly time: number;
  /** The sender's account; `null` for a guest. */
  readonly sender: number | null;
  /** See `NewMessage.fingerprint`. */
  readonly fingerprint?: string | undefined;
  /** See `NewMessage.delivered`. */
  readonly delivered: number;
}

/**
 * Messages: those that are kept, those that wait in a mailbox, and those that are both: one row each. Synchronous; what
 * changes something belongs into a transaction.
 *
 * A row goes when nothing needs it any more: no conversation, and no mark of a mailbox.
 */
export class SqliteMessages {
  readonly #conversations: SqliteConversations;
  /** By fingerprint, the latest change last; with the time until which it is needed. */
  readonly #changed = new Map<string, Remembered & { until: number }>();
  readonly #insert: StatementSync;
  readonly #accountId: StatementSync;
  readonly #find: StatementSync;
  readonly #earlier: StatementSync;
  readonly #pageUp: StatementSync;
  readonly #pageDown: StatementSync;
  readonly #old: StatementSync;
  readonly #ended: StatementSync;
  readonly #ofEnded: StatementSync;
  readonly #deleteEnded: StatementSync;
  readonly #deleteUnmarked: StatementSync;
  readonly #release: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, conversations: SqliteConversations) {
    this.#conversations = conversations;
    this.#insert = db.prepare(
      `INSERT INTO messages (conversation, seq, time, sender, body, fingerprint, delivered)
         VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    );
    this.#accountId = db.prepare("SELECT id FROM accounts WHERE folded = ?");
    this.#find = db.prepare("SELECT id, body FROM messages WHERE conversation = ? AND seq = ?");
    this.#earlier = db.prepare(
      `SELECT seq, delivered FROM messages
         WHERE fingerprint = ?2 AND conversation = ?1 AND time >= ?3 LIMIT 1`,
    );
    const page = (range: string): StatementSync =>
      db.prepare(
        `SELECT seq, time, body FROM messages WHERE conversation = ? AND ${range} LIMIT ?`,
      );
    this.#pageUp = page("seq > ? ORDER BY seq");
    this.#pageDown = page("seq < ? ORDER BY seq DESC");
    this.#old = db.prepare(
      "SELECT id FROM messages WHERE conversation IS NOT NULL AND time < ? ORDER BY time LIMIT ?",
    );
    this.#ended = db.prepare("SELECT id FROM conversations WHERE ended = 1 LIMIT 1");
    this.#ofEnded = db.prepare("SELECT id FROM messages WHERE conversation = ? LIMIT ?");
    this.#deleteEnded = db.prepare("DELETE FROM conversations WHERE id = ?");
    this.#deleteUnmarked = db.prepare(
      `DELETE FROM messages
         WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM letters WHERE message = ?1)`,
    );
    this.#release = db.prepare(
      "UPDATE messages SET conversation = NULL, seq = NULL, fingerprint = NULL WHERE id = ?",
    );
  }

  /** See `Store.keepMessage`. */
  keep(message: NewMessage): void {
    const { sender, ...rest } = message;
    const account = sender === undefined ? undefined : this.#accountId.get(sender);
    this.insert(
      { ...rest, sender: (account?.id as number | undefined) ?? null },
      writeBody(message),
    );
  }

  /**
   * Writes a row. Gives its id: rows in the order of their ids are in the order in which they came, or were made longer
   * within a day of that.
   */
  insert(row: MessageRow, body: string): number {
    const { conversation, seq, time, sender, fingerprint = null, delivered } = row;
    const id = this.#insert.get(conversation, seq, time, sender, body, fingerprint, delivered)!.id;
    if (conversation !== null) this.#conversations.added(conversation, seq!, time);
    return id as number;
  }

  /** The row of a kept message. */
  find({ conversation, seq }: Place): FoundMessage | undefined {
    const row = this.#find.get(conversation, seq);
    if (row === undefined) return undefined;
    const body = row.body as string;
    const { deleted = false } = JSON.parse(body) as StoredBody;
    return { id: row.id as number, bytes: Buffer.byteLength(body), isDeleted: deleted };
  }

  /** Whether a row may still come into a conversation. */
  isOpen({ conversation }: Place): boolean {
    return this.#conversations.isOpen(conversation);
  }

  /** See `Store.findEarlier`. */
  earlier(conversation: number, fingerprint: string, since: number): Earlier | undefined {
    const row = this.#earlier.get(conversation, fingerprint, since);
    if (row !== undefined) return { seq: row.seq as number, delivered: row.delivered as number };
    const changed = this.#changed.get(fingerprint);
    return changed !== undefined && changed.conversation === conversation && changed.time >= since
      ? { seq: changed.seq, delivered: changed.delivered }
      : undefined;
  }

  /**
   * Recognises a repeat, as long as the process lives, although the row will have no fingerprint any more. If the
   * transaction fails this is known twice, and the same.
   *
   * @param now Unix seconds.
   */
  remember(fingerprint: string, message: Remembered, now: number): void {
    this.#changed.set(fingerprint, { ...message, until: now + LIMITS.repeatSeconds });
    for (const [oldest, { until }] of this.#changed) {
      if (until >= now && this.#changed.size <= MAX_REMEMBERED) break;
      this.#changed.delete(oldest);
    }
  }

  /** See `Store.listMessages`. */
  list(conversation: number, { before, after, limit }: PageOptions): Page {
    const rows = after === undefined
      ? this.#pageDown.iterate(conversation, before ?? Number.MAX_SAFE_INTEGER, limit + 1)
      : this.#pageUp.iterate(conversation, after, limit + 1);
    const messages: KeptMessage[] = [];
    let bytes = 0;
    let more = false;
    for (const { seq, time, body } of rows) {
      bytes += Buffer.byteLength(body as string) + MESSAGE_BYTES;
      more = messages.length === limit || (messages.length > 0 && bytes > MAX_PAGE_BYTES);
      if (more) break;
      // In the order in which it was delivered.
      const parts = JSON.parse(body as string) as Omit<KeptMessage, "seq" | "time">;
      messages.push({ time: time as number, ...parts, seq: seq as number });
    }
    if (after === undefined) messages.reverse();
    return { messages, more };
  }

  /** Lets go of messages from before a time (Unix seconds), and of those of ended conversations; returns how many, at most `limit`. */
  forget(before: number, limit: number): number {
    const old = this.#letGo(this.#old.all(before, limit));
    const ended = this.#ended.get()?.id as number | undefined;
    if (old >= limit || ended === undefined) return old;
    const gone = this.#letGo(this.#ofEnded.all(ended, limit - old));
    if (old + gone < limit) this.#deleteEnded.run(ended);
    // One more round for the next ended one.
    return old + gone < limit ? limit : old + gone;
  }

  #letGo(rows: readonly Record<string, unknown>[]): number {
    for (const row of rows) {
      const id = row.id as number;
      if (this.#deleteUnmarked.run(id).changes === 0) this.#release.run(id);
    }
    return rows.length;
  }
}

/** The body of a message, as it is kept. */
export function writeBody({ to, from, message, id }: MessageBody): string {
  return JSON.stringify({ to, from, message, id });
}
