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
import type { Shares } from "../mailbox_limits.ts";
import { fits } from "../size_limit.ts";
import { LetterSizes } from "./letter_sizes.ts";
import type { MessageTexts } from "./message_texts.ts";
import { type StoredBody, writeRemains } from "./messages.ts";

/** What a change of a message may need. */
export interface ChangeTerms {
  /** Who may have how much of a mailbox. */
  readonly mailbox: Shares;
  /** Bytes by which the database may grow. */
  readonly room: number;
}

/** What became of a change; `"full"` if the text is longer and the database may not grow. Nothing was changed then. */
export type ChangeOutcome = ChangedMessage | ChangeRefusal | "full";

/** The end of a message that has come before: in the copy of a node that did not know. */
export interface MessageWithdrawal extends Omit<MessageDeletion, "by"> {
  /** Nothing of it stays. */
  readonly isWithdrawn: true;
}

/** A change that somebody asks for. */
export type MessageChange = MessageEdit | MessageDeletion | MessageWithdrawal;

/** A message that somebody may change, as long as no other row says otherwise. */
interface Target {
  readonly id: number;
  readonly time: number;
  /** Of the body. */
  readonly bytes: number;
  readonly body: StoredBody;
}

/**
 * Changes of messages that are kept. Synchronous; belongs into a transaction: of two who change one message at once, the
 * second sees what the first has left.
 *
 * An account is known by its id, not by its name: who gets a removed account's name wrote none of its messages.
 */
export class SqliteMessageChanges {
  readonly #texts: MessageTexts;
  readonly #sizes: LetterSizes;
  readonly #find: StatementSync;
  readonly #accountId: StatementSync;

  /**
   * Prepares the statements on an open connection, which stays the caller's.
   *
   * @param texts Rewrites rows.
   */
  constructor(db: DatabaseSync, texts: MessageTexts) {
    this.#texts = texts;
    this.#sizes = new LetterSizes(db);
    this.#find = db.prepare(
      `SELECT m.id, m.time, m.sender, m.guest, m.body
         FROM messages m JOIN conversations c ON c.id = m.conversation
         WHERE m.conversation = ? AND m.seq = ? AND c.ended = 0`,
    );
    this.#accountId = db.prepare("SELECT id FROM accounts WHERE folded = ?");
  }

  /** Changes a message, if that is allowed. */
  change(change: MessageChange, terms: ChangeTerms): ChangeOutcome {
    if ("message" in change) return this.#edit(change, terms);
    return "isWithdrawn" in change ? this.#withdraw(change) : this.#delete(change);
  }

  /** Whether a mailbox does not take a text that is longer, in which the message waits. */
  fills(
    { message, time, conversation, seq }: Omit<MessageEdit, "by" | "since">,
    limits: Shares,
  ): boolean {
    const target = this.#target({ conversation, seq }, "moderator");
    if (typeof target === "string") return false;
    const bytes = Buffer.byteLength(JSON.stringify({ ...target.body, message, edited: time }));
    return bytes > target.bytes && !this.#sizes.admits(target.id, bytes, limits);
  }

  #edit(
    { by, message, time, since, conversation, seq }: MessageEdit,
    { mailbox, room }: ChangeTerms,
  ): ChangeOutcome {
    const target = this.#target({ conversation, seq }, by);
    if (typeof target === "string") return target;
    if (target.time < since) return "too-late";
    const body = JSON.stringify({ ...target.body, message, edited: time });
    const bytes = Buffer.byteLength(body);
    if (bytes > target.bytes) {
      if (!this.#sizes.admits(target.id, bytes, mailbox)) return "mailbox-full";
      if (!fits(bytes, room)) return "full";
    }
    this.#sizes.resize(this.#texts.replace(target.id, body), bytes);
    return changed(target);
  }

  #delete({ by, conversation, seq }: MessageDeletion): ChangeOutcome {
    const target = this.#target({ conversation, seq }, by);
    if (typeof target === "string") return target;
    this.#texts.blank(target.id, writeRemains(target.body));
    return changed(target);
  }

  #withdraw(place: Place): ChangeOutcome {
    const target = this.#target(place, "moderator");
    if (typeof target === "string") return target;
    this.#texts.delete(target.id);
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
    };
  }

  #isOwn({ sender, guest }: Record<string, unknown>, { account, session }: Author): boolean {
    if (sender === null) return guest === session;
    return account !== undefined && this.#accountId.get(account)?.id === sender;
  }
}

function changed({ body: { to, from, kind } }: Target): ChangedMessage {
  return { to, from, ...(kind !== undefined && { kind }) };
}
