import type { DatabaseSync, StatementSync } from "node:sqlite";

import { type Incoming, refusalOf, type Shares } from "../mailbox_limits.ts";
import type { MailboxRefusal } from "../store.ts";

/** What each has of a mailbox. */
export interface SharesRow {
  /** All letters. */
  readonly letter_count: number;
  /** Their bytes. */
  readonly letter_bytes: number;
  /** Those of guests. */
  readonly guest_count: number;
  /** Their bytes. */
  readonly guest_bytes: number;
  /** Those of strangers. */
  readonly stranger_count: number;
  /** Their bytes. */
  readonly stranger_bytes: number;
  /** Those of the letter's sender. */
  readonly sender_count: number;
  /** Their bytes. */
  readonly sender_bytes: number;
}

/** How large messages are where they wait in mailboxes. Synchronous; what changes something belongs into a transaction. */
export class LetterSizes {
  readonly #marked: StatementSync;
  readonly #resize: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    // As if it were not there, but for its bytes.
    this.#marked = db.prepare(
      `SELECT l.bytes, l.is_guest, l.is_stranger,
              a.letter_count - 1 AS letter_count, a.letter_bytes,
              a.guest_count - l.is_guest AS guest_count, a.guest_bytes,
              a.stranger_count - l.is_stranger AS stranger_count, a.stranger_bytes,
              s.letter_count - 1 AS sender_count, s.letter_bytes AS sender_bytes
         FROM letters l JOIN accounts a ON a.id = l.account
         JOIN shares s ON s.account = l.account AND s.sender = l.sender
         WHERE l.message = ?`,
    );
    this.#resize = db.prepare("UPDATE letters SET bytes = ?2 WHERE message = ?1");
  }

  /** Whether a message may get so many bytes: one that waits in a mailbox only within everybody's shares of it. */
  admits(message: number, bytes: number, limits: Shares): boolean {
    const row = this.#marked.get(message);
    if (row === undefined) return true;
    const { bytes: before, is_guest: isGuest, is_stranger: isStranger } = row;
    const more = bytes - (before as number);
    const incoming = { bytes: more, isGuest: isGuest === 1, isStranger: isStranger === 1 };
    return refusalOfRow(incoming, row as unknown as SharesRow, limits) === undefined;
  }

  /** A message has so many bytes now: they count where it waits. */
  resize(message: number, bytes: number): void {
    this.#resize.run(message, bytes);
  }
}

/** Why a mailbox does not take a letter: see {@linkcode refusalOf}. */
export function refusalOfRow(
  letter: Incoming,
  row: SharesRow,
  limits: Shares,
): MailboxRefusal | undefined {
  const held = {
    whole: { letters: row.letter_count, bytes: row.letter_bytes },
    sender: { letters: row.sender_count, bytes: row.sender_bytes },
    guests: { letters: row.guest_count, bytes: row.guest_bytes },
    strangers: { letters: row.stranger_count, bytes: row.stranger_bytes },
  };
  return refusalOf(letter, held, limits);
}
