import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { MessageKind, RequestId } from "../../../common/wire/protocol.ts";
import { LIMITS } from "../../../common/limits.ts";
import {
  type Earlier,
  type KeptMessage,
  MAX_PAGE_BYTES,
  type NewMessage,
  type Page,
  type PageOptions,
  type Place,
} from "../messages.ts";
import type { SqliteConversations } from "./conversations.ts";

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
  /** The number of the message that it answers, if it answers one. */
  readonly reply?: number | undefined;
  /** How it is meant, if it is not just said. */
  readonly kind?: MessageKind | undefined;
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
interface Remembered extends Earlier {
  readonly conversation: number;
  /** Unix seconds of the message. */
  readonly time: number;
  /** Unix seconds until which it is needed. */
  readonly until: number;
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
  /** See `NewMessage.guest`. */
  readonly guest?: string | undefined;
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
  /** The highest id of a row that was written, or is being written. */
  #lastId: number;
  #committedId: number;
  /** By fingerprint, the latest change last. */
  readonly #changed = new Map<string, Remembered>();
  readonly #insert: StatementSync;
  readonly #accountId: StatementSync;
  readonly #find: StatementSync;
  readonly #earlier: StatementSync;
  readonly #fingerprint: StatementSync;
  readonly #pageUp: StatementSync;
  readonly #pageDown: StatementSync;
  /** Accounts that were looked up in the transaction under way: nobody else changes any meanwhile. */
  readonly #accountIds = new Map<string, number>();

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, conversations: SqliteConversations) {
    this.#conversations = conversations;
    // As SQLite counts: rows that are gone, too.
    const counted = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'messages'").get();
    this.#lastId = this.#committedId = (counted?.seq as number | undefined) ?? 0;
    this.#insert = db.prepare(
      `INSERT INTO messages (conversation, seq, time, sender, body, fingerprint, delivered, guest)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#accountId = db.prepare("SELECT id FROM accounts WHERE folded = ?");
    this.#find = db.prepare("SELECT id, body FROM messages WHERE conversation = ? AND seq = ?");
    this.#earlier = db.prepare(
      `SELECT seq, delivered FROM messages
         WHERE fingerprint = ?2 AND conversation = ?1 AND time >= ?3 LIMIT 1`,
    );
    this.#fingerprint = db.prepare(
      `SELECT fingerprint, delivered, time FROM messages
         WHERE conversation = ? AND seq = ? AND fingerprint IS NOT NULL`,
    );
    const page = (order: string): StatementSync =>
      db.prepare(
        `SELECT seq, time, body FROM messages
           WHERE conversation = ? AND seq > ? AND seq < ? ORDER BY ${order} LIMIT ?`,
      );
    this.#pageUp = page("seq");
    this.#pageDown = page("seq DESC");
  }

  /** See `Store.keepMessage`. */
  keep(message: NewMessage): boolean {
    const { conversation, seq, time, guest, fingerprint, delivered } = message;
    if (!this.takes(conversation)) return false;
    const row = { conversation, seq, time, guest, fingerprint, delivered };
    this.insertAs(message.sender, row, writeBody(message));
    return true;
  }

  /** Writes a row of an account, by its folded name, or of a guest. */
  insertAs(sender: string | undefined, row: Omit<MessageRow, "sender">, body: string): void {
    this.insert({ ...row, sender: sender === undefined ? null : this.#idOf(sender) }, body);
  }

  /** Whether there is an account of that folded name. */
  isAccount(folded: string): boolean {
    return this.#idOf(folded) !== null;
  }

  /** Whether messages may be kept in a conversation. */
  takes(conversation: number): boolean {
    return this.#conversations.takes(conversation);
  }

  /** Writes a row. Gives its id: rows in the order of their ids are in the order in which they came. */
  insert(row: MessageRow, body: string): number {
    const { conversation, seq, time, sender, fingerprint = null, delivered, guest = null } = row;
    const { lastInsertRowid } = this.#insert
      .run(conversation, seq, time, sender, body, fingerprint, delivered, guest);
    this.#lastId = Number(lastInsertRowid);
    if (conversation !== null) this.#conversations.added(conversation, seq!, time);
    return this.#lastId;
  }

  /** A transaction ends: writes down what depends on all of it. */
  settle(): void {
    this.#conversations.settle();
    this.#accountIds.clear();
  }

  /** A transaction was not committed: what is known of it is wrong. */
  rolledBack(): void {
    this.#lastId = this.#committedId;
    this.#conversations.rolledBack();
    this.#accountIds.clear();
  }

  /** The transaction of the latest rows was committed. */
  committed(): void {
    this.#committedId = this.#lastId;
  }

  /** The highest id that a row on the disk has or had; it is never given to another. */
  get committedId(): number {
    return this.#committedId;
  }

  /** The row of a kept message. */
  find({ conversation, seq }: Place): FoundMessage | undefined {
    const row = this.#find.get(conversation, seq);
    if (row === undefined) return undefined;
    const body = row.body as string;
    const { deleted = false } = JSON.parse(body) as StoredBody;
    return { id: row.id as number, bytes: Buffer.byteLength(body), isDeleted: deleted };
  }

  /** Whether there is a kept message, with its text. */
  has(place: Place): boolean {
    return this.find(place)?.isDeleted === false;
  }

  /** See `Store.findEarlier`. */
  earlier(conversation: number, fingerprint: string, since: number): Earlier | undefined {
    const row = this.earlierRow(conversation, fingerprint, since);
    if (row !== undefined) return row;
    const changed = this.#changed.get(fingerprint);
    return changed !== undefined && changed.conversation === conversation && changed.time >= since
      ? { seq: changed.seq, delivered: changed.delivered }
      : undefined;
  }

  /** The same, as far as it is in the database: messages that were changed since are not recognised. */
  earlierRow(conversation: number, fingerprint: string, since: number): Earlier | undefined {
    const row = this.#earlier.get(conversation, fingerprint, since);
    return row && { seq: row.seq as number, delivered: row.delivered as number };
  }

  /**
   * A message is going to change: recognises a repeat of it, as long as the process lives, although the row will have no
   * fingerprint any more. If it does not change, this is known twice, and the same.
   *
   * @param now Unix seconds.
   */
  remember({ conversation, seq }: Place, now: number): void {
    const row = this.#fingerprint.get(conversation, seq);
    if (row === undefined) return;
    const { fingerprint, delivered, time } = row as { [column: string]: string | number };
    const message = { conversation, seq, delivered: Number(delivered), time: Number(time) };
    this.#changed.delete(`${fingerprint}`);
    this.#changed.set(`${fingerprint}`, { ...message, until: now + LIMITS.repeatSeconds });
    for (const [oldest, { until }] of this.#changed) {
      if (until >= now && this.#changed.size <= MAX_REMEMBERED) break;
      this.#changed.delete(oldest);
    }
  }

  /** See `Store.listMessages`. */
  list(conversation: number, { before, after, limit }: PageOptions): Page {
    const pages = after === undefined ? this.#pageDown : this.#pageUp;
    const rows = pages
      .iterate(conversation, after ?? 0, before ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const page = readPage(rows, limit);
    if (after === undefined) page.messages.reverse();
    return page;
  }

  #idOf(folded: string): number | null {
    const known = this.#accountIds.get(folded);
    if (known !== undefined) return known;
    const id = this.#accountId.get(folded)?.id as number | undefined;
    if (id !== undefined) this.#accountIds.set(folded, id);
    return id ?? null;
  }
}

/** As many of these rows (`seq`, `time`, `body`) as one answer has room for, in their order; at least one, if there is one. */
export function readPage(rows: Iterable<Record<string, unknown>>, limit: number): Page {
  const messages: KeptMessage[] = [];
  let bytes = 0;
  for (const { seq, time, body } of rows) {
    bytes += Buffer.byteLength(body as string) + MESSAGE_BYTES;
    if (messages.length === limit || (messages.length > 0 && bytes > MAX_PAGE_BYTES)) {
      return { messages, more: true };
    }
    // In the order in which it was delivered.
    const parts = JSON.parse(body as string) as Omit<KeptMessage, "seq" | "time">;
    messages.push({ time: time as number, ...parts, seq: seq as number });
  }
  return { messages, more: false };
}

/** The body of a message that was deleted, as `SqliteMessageChanges` leaves it. */
export function writeRemains(
  { to, from, id, reply }: Pick<MessageBody, "to" | "from"> & Partial<MessageBody>,
): string {
  return JSON.stringify({ to, from, id, reply, deleted: true });
}

/** The body of a message, as it is kept. */
export function writeBody({ to, from, message, id, reply, kind }: MessageBody): string {
  return JSON.stringify({ to, from, message, id, reply, kind });
}
