import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import { foldName } from "../../../common/names.ts";
import type { Shares } from "../mailbox_limits.ts";
import type { SizeLimit } from "../size_limit.ts";
import type {
  Letter,
  MailboxRefusal,
  SentAs,
  StoredLetter,
  StoreLetterOptions,
  StoreOutcome,
} from "../store.ts";
import type { SqliteConversations } from "./conversations.ts";
import type { SqliteCorrespondents } from "./correspondents.ts";
import { refusalOfRow, type SharesRow } from "./letter_sizes.ts";
import { type MessageBody, type SqliteMessages, writeBody } from "./messages.ts";

/** What {@linkcode SqliteMailboxes} are made of. */
export interface SqliteMailboxesOptions {
  /** Who may have how much of a mailbox. */
  readonly limits: Shares;
  /** Whether the database may grow. */
  readonly size: SizeLimit;
  /** Told who writes to whom. */
  readonly correspondents: SqliteCorrespondents;
  /** Where the letters' texts are. */
  readonly messages: SqliteMessages;
  /** Where what accounts write to each other is kept; `undefined` if none is. */
  readonly conversations: SqliteConversations | undefined;
}

/** A mailbox, and whether its owner and the sender have written to each other. */
interface MailboxRow extends SharesRow {
  readonly id: number;
  readonly last_stored: number;
  /** The sender's account; `null` for a guest. */
  readonly sender: number | null;
  /** Whether the owner has written to the sender. */
  readonly knows_sender: 0 | 1;
  /** Whether it is known that the sender has written to the owner. */
  readonly is_noted: 0 | 1;
  /** Whether the owner takes no messages from the sender. */
  readonly is_blocked: 0 | 1;
}

/**
 * Letters that nobody fetched yet: marks on messages. A letter goes with its mark if it is nothing else; what is kept
 * stays. Synchronous; what changes something belongs into a
 * transaction.
 */
export class SqliteMailboxes {
  readonly #options: SqliteMailboxesOptions;
  readonly #list: StatementSync;
  readonly #mailbox: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #forget: StatementSync;
  readonly #mark: StatementSync;
  readonly #drop: StatementSync;
  readonly #numbers: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, options: SqliteMailboxesOptions) {
    this.#options = options;
    this.#list = db.prepare(
      `SELECT l.stored, l.session, l.n, m.time, m.body, m.conversation, m.seq
         FROM letters l JOIN accounts a ON a.id = l.account JOIN messages m ON m.id = l.message
         WHERE a.folded = ? AND l.stored > ? ORDER BY l.stored LIMIT ?`,
    );
    this.#mailbox = db.prepare(
      `SELECT a.id, a.last_stored, a.letter_count, a.letter_bytes, a.guest_count, a.guest_bytes,
              a.stranger_count, a.stranger_bytes, f.id AS sender,
              coalesce(s.letter_count, 0) AS sender_count, coalesce(s.letter_bytes, 0) AS sender_bytes,
              EXISTS (SELECT 1 FROM correspondents WHERE account = a.id AND other = f.id) AS knows_sender,
              EXISTS (SELECT 1 FROM correspondents WHERE account = f.id AND other = a.id) AS is_noted,
              EXISTS (SELECT 1 FROM user_blocks WHERE account = a.id AND other = f.id) AS is_blocked
         FROM accounts a LEFT JOIN accounts f ON f.folded = ?2
         LEFT JOIN shares s ON s.account = a.id AND s.sender = ?2
         WHERE a.folded = ?1`,
    );
    this.#insert = db.prepare(
      `INSERT INTO letters
           (account, stored, time, bytes, message, sender, is_guest, is_stranger, session, n)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const account = "account = (SELECT id FROM accounts WHERE folded = ?1)";
    this.#numbers = db.prepare(`SELECT stored FROM letters WHERE ${account}`);
    this.#mark = db.prepare(
      `UPDATE letters SET session = ?3, n = ?4 WHERE ${account} AND stored = ?2`,
    );
    this.#drop = db.prepare(`DELETE FROM letters WHERE ${account} AND session = ?2 AND n <= ?3`);
    this.#delete = db.prepare(
      `DELETE FROM letters
         WHERE account = (SELECT id FROM accounts WHERE folded = ?) AND stored <= ?`,
    );
    this.#forget = db.prepare(
      `DELETE FROM letters WHERE rowid IN (SELECT rowid FROM letters WHERE time < ? LIMIT ?)`,
    );
  }

  /** See `Store.listLetters`. */
  list(folded: string, after: number, limit: number): StoredLetter[] {
    return this.#list.all(folded, after, limit).map((row) => ({
      folded,
      ...readBody(row.body as string),
      time: row.time as number,
      stored: row.stored as number,
      ...(row.conversation !== null && {
        place: { conversation: row.conversation as number, seq: row.seq as number },
      }),
      ...(row.session !== null && {
        sent: { session: row.session as string, n: row.n as number },
      }),
    }));
  }

  /** The numbers of all letters of a mailbox. */
  numbersOf(folded: string): number[] {
    return this.#numbers.all(folded).map(({ stored }) => stored as number);
  }

  /**
   * See `Store.storeLetter`.
   *
   * @param number In the copy of a node: its number in the mailbox, and in a conversation. Then {@linkcode SqliteMailboxes.refusal}
   * was asked before, and {@linkcode SqliteCorrespondents} are told otherwise: neither a text that is not there any more,
   * nor what is known to one process alone, decides.
   * @throws {StoreFullError} If the database may not grow.
   */
  store(letter: Letter, options: StoreLetterOptions, number?: number): StoreOutcome {
    const { isRescue = false, repeats, onKept } = options;
    const { limits, size, correspondents, messages, conversations } = this.#options;
    const sender = foldName(letter.from);
    const row = this.#mailbox.get(letter.folded, sender) as MailboxRow | undefined;
    if (row === undefined) return "no-account";
    if (repeats !== undefined && conversations !== undefined && row.sender !== null) {
      const conversation = conversations.directOf(row.sender, row.id);
      const find = number === undefined ? "earlier" : "earlierRow";
      const earlier = conversation &&
        messages[find](conversation, repeats.fingerprint, repeats.since);
      if (earlier) {
        onKept?.(earlier);
        return "stored";
      }
    }
    if (row.is_blocked === 1 && !isRescue) return "blocked";
    const isDecided = isRescue || number !== undefined;
    if (letter.reply !== undefined && !isDecided && !this.#hasAnswered(letter.reply, row)) {
      return "no-message";
    }
    const { place } = letter;
    const kept = place && messages.find(place);
    // Nobody may read it any more.
    if (place && (kept?.isDeleted || !messages.takes(place.conversation))) return "stored";
    const body = writeBody(letter);
    const bytes = kept?.bytes ?? Buffer.byteLength(body);
    const isGuest = row.sender === null;
    const isStranger = row.knows_sender === 0;
    if (!isDecided) {
      const refusal = refusalOfRow({ bytes, isGuest, isStranger }, row, limits);
      if (refusal !== undefined) return refusal;
      size.check(bytes);
    }
    const { id, last_stored } = row;
    const [guest, stranger] = [Number(isGuest), Number(isStranger)];
    const message = kept?.id ?? this.#messageOf(letter, row, body, options, number);
    const { session = null, n = null } = letter.sent ?? {};
    this.#insert.run(
      ...[
        id,
        number ?? last_stored + 1,
        letter.time,
        bytes,
        message,
        sender,
        guest,
        stranger,
        session,
        n,
      ],
    );
    if (row.sender !== null && row.is_noted === 0 && number === undefined) {
      correspondents.note(row.sender, id);
    }
    return "stored";
  }

  /**
   * Why a letter that is not there yet would be refused for what is in the mailbox, or for what it answers.
   *
   * @param underWay Other letters that are on their way into mailboxes.
   */
  refusal(
    letter: Omit<Letter, "place">,
    underWay: Iterable<Omit<Letter, "place">>,
  ): MailboxRefusal | "no-message" | undefined {
    const sender = foldName(letter.from);
    const row = this.#mailbox.get(letter.folded, sender) as MailboxRow | undefined;
    if (row === undefined || row.is_blocked === 1) return undefined; // it is refused for that
    if (letter.reply !== undefined && !this.#hasAnswered(letter.reply, row)) return "no-message";
    let sum: SharesRow = row;
    for (const other of underWay) {
      if (other.folded !== letter.folded) continue;
      const { sender: account, knows_sender } = this.#mailbox
        .get(letter.folded, foldName(other.from)) as unknown as MailboxRow;
      const bytes = Buffer.byteLength(writeBody(other));
      const [guest, stranger] = [Number(account === null), 1 - knows_sender];
      const same = Number(foldName(other.from) === sender);
      sum = {
        letter_count: sum.letter_count + 1,
        letter_bytes: sum.letter_bytes + bytes,
        guest_count: sum.guest_count + guest,
        guest_bytes: sum.guest_bytes + guest * bytes,
        stranger_count: sum.stranger_count + stranger,
        stranger_bytes: sum.stranger_bytes + stranger * bytes,
        sender_count: sum.sender_count + same,
        sender_bytes: sum.sender_bytes + same * bytes,
      };
    }
    const incoming = {
      bytes: Buffer.byteLength(writeBody(letter)),
      isGuest: row.sender === null,
      isStranger: row.knows_sender === 0,
    };
    return refusalOfRow(incoming, sum, this.#options.limits);
  }

  /** Deletes the letters of a mailbox up to that number. */
  delete(folded: string, upTo: number): void {
    this.#delete.run(folded, upTo);
  }

  /** See `Store.markLetters`. */
  mark(folded: string, session: string, marks: readonly { stored: number; n: number }[]): void {
    for (const { stored, n } of marks) this.#mark.run(folded, stored, session, n);
  }

  /** See `Store.dropLetters`. */
  drop(folded: string, { session, n }: SentAs): void {
    this.#drop.run(folded, session, n);
  }

  /** Deletes letters from before a time (Unix seconds); at most `limit`. Returns how many. */
  forget(before: number, limit: number): number {
    return Number(this.#forget.run(before, limit).changes);
  }

  /** A row for a letter's text. */
  #messageOf(
    { place, time }: Letter,
    { id, sender }: MailboxRow,
    body: string,
    { isRescue, repeats, onKept }: StoreLetterOptions,
    number: number | undefined,
  ): number {
    const { messages, conversations } = this.#options;
    if (place !== undefined) {
      return messages.insert({ ...place, time, sender, delivered: 1 }, body);
    }
    if (isRescue || conversations === undefined || sender === null) {
      return messages.insert({ conversation: null, seq: null, time, sender, delivered: 0 }, body);
    }
    const conversation = conversations.directOf(sender, id) ?? conversations.makeDirect(sender, id);
    const seq = number ?? conversations.take(conversation);
    onKept?.({ seq, delivered: 0 });
    const row = { conversation, seq, time, sender, delivered: 0 };
    return messages.insert({ ...row, fingerprint: repeats?.fingerprint }, body);
  }

  /** Whether the message that a letter answers is there. */
  #hasAnswered(reply: number, { id, sender }: MailboxRow): boolean {
    const { messages, conversations } = this.#options;
    const conversation = sender === null ? undefined : conversations?.directOf(sender, id);
    return conversation !== undefined && messages.has({ conversation, seq: reply });
  }
}

function readBody(text: string): MessageBody {
  const { to, from, message, id, reply, kind } = JSON.parse(text) as MessageBody;
  return {
    ...{ to, from, message, id },
    ...(reply !== undefined && { reply }),
    ...(kind !== undefined && { kind }),
  };
}
