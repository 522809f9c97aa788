import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import type {
  Author,
  ChangedMessage,
  ChangeRefusal,
  MessageDeletion,
  MessageEdit,
  Place,
} from "../messages.ts";
import type { SizeLimit } from "../size_limit.ts";
import type { SqliteMailboxes } from "./mailboxes.ts";
import type { MessageTexts } from "./message_texts.ts";
import type { SqliteMessages, StoredBody } from "./messages.ts";

/** What {@linkcode SqliteMessageChanges} are made of. */
export interface SqliteMessageChangesOptions {
  /** Whether the database may grow. */
  readonly size: SizeLimit;
  /** Where messages may wait. */
  readonly mailboxes: SqliteMailboxes;
  /** Told of rows that come, and what repeats must still be recognised by. */
  readonly messages: SqliteMessages;
  /** Rewrites rows. */
  readonly texts: MessageTexts;
}

/** A message that somebody may change, as long as no other row says otherwise. */
interface Target {
  readonly id: number;
  readonly time: number;
  /** Of the body. */
  readonly bytes: number;
  readonly body: StoredBody;
  readonly fingerprint: string | null;
  readonly delivered: number;
}

/**
 * Changes of messages that are kept. Synchronous; belongs into a transaction: of two who change one message at once, the
 * second sees what the first has left.
 *
 * An account is known by its id, not by its name: who gets a removed account's name wrote none of its messages.
 */
export class SqliteMessageChanges {
  readonly #options: SqliteMessageChangesOptions;
  readonly #find: StatementSync;
  readonly #accountId: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, options: SqliteMessageChangesOptions) {
    this.#options = options;
    this.#find = db.prepare(
      `SELECT m.id, m.time, m.sender, m.guest, m.body, m.fingerprint, m.delivered
         FROM messages m JOIN conversations c ON c.id = m.conversation
         WHERE m.conversation = ? AND m.seq = ? AND c.ended = 0`,
    );
    this.#accountId = db.prepare("SELECT id FROM accounts WHERE folded = ?");
  }

  /**
   * See `Store.editMessage`.
   *
   * @throws {StoreFullError} If the text is longer and the database may not grow.
   */
  edit({ by, message, time, since, ...place }: MessageEdit): ChangedMessage | ChangeRefusal {
    const { size, mailboxes, messages, texts } = this.#options;
    const target = this.#target(place, by);
    if (typeof target === "string") return target;
    if (target.time < since) return "too-late";
    const body = JSON.stringify({ ...target.body, message, edited: time });
    const bytes = Buffer.byteLength(body);
    if (bytes > target.bytes) {
      if (!mailboxes.admits(target.id, bytes)) return "mailbox-full";
      size.check(bytes);
    }
    this.#rememberRepeats(place, target, time);
    const id = texts.replace(target.id, body);
    messages.written(id);
    mailboxes.resize(id, bytes);
    return changed(target);
  }

  /** See `Store.deleteMessage`. */
  delete({ by, time, ...place }: MessageDeletion): ChangedMessage | ChangeRefusal {
    const target = this.#target(place, by);
    if (typeof target === "string") return target;
    const { message: _text, edited: _time, ...rest } = target.body;
    this.#rememberRepeats(place, target, time);
    this.#options.texts.blank(target.id, JSON.stringify({ ...rest, deleted: true }));
    return changed(target);
  }

  #target({ conversation, seq }: Place, by: Author | "moderator"): Target | ChangeRefusal {
    const row = this.#find.get(conversation, seq);
    if (row === undefined) return "unknown";
    const text = row.body as string;
    const body = JSON.parse(text) as StoredBody;
    if (body.message === undefined) return "unknown";
    if (by !== "moderator" && !this.#isOwn(row, by)) return "not-own";
    return {
      id: row.id as number,
      time: row.time as number,
      bytes: Buffer.byteLength(text),
      body,
      fingerprint: row.fingerprint as string | null,
      delivered: row.delivered as number,
    };
  }

  #isOwn({ sender, guest }: Record<string, unknown>, { account, session }: Author): boolean {
    if (sender === null) return guest === session;
    return account !== undefined && this.#accountId.get(account)?.id === sender;
  }

  /** What the row is recognised by goes with its text; a repeat that is under way must still find its answer. */
  #rememberRepeats(
    place: Place,
    { fingerprint, delivered, time: sent }: Target,
    time: number,
  ): void {
    if (fingerprint === null) return;
    this.#options.messages.remember(fingerprint, { ...place, delivered, time: sent }, time);
  }
}

function changed({ body: { to, from } }: Target): ChangedMessage {
  return { to, from };
}
