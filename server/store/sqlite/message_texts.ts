import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * Bytes of a body with which the row has no overflow pages for sure, and with which no part of it is larger than
 * that of any row with overflow pages, at pages of 4096 bytes (sqlite.org/fileformat2.html, "Cell Payload Overflow Pages").
 */
const WHOLE_BYTES = 3_800;
const SMALL_BYTES = 350;
/**
 * Does what changes or ends the text of a row, with what belongs before and behind it: whatever finds messages by their
 * texts takes the old one out while the row still is what it was.
 */
export type Changing = <T>(message: number, change: () => T) => T;

/** The body of a row that nobody reads any more. */
const HUSK = "{}";

/**
 * The one place where the text of a message's row changes or goes, whoever asks for it. Synchronous; belongs into a
 * transaction.
 *
 * The old text is overwritten in the database (`secure_delete`), and is in the write-ahead log until that is emptied:
 * see `Erasure`.
 *
 * No row ever grows. To make room SQLite would move the rows beside it to other pages, and it leaves copies of rows that
 * it moves in unused parts of pages: what is deleted later would still be in the file. So a text that is longer goes into
 * a row of its own at the end of the table, where nothing moves; what is left of the old row goes with the retention.
 */
export class MessageTexts {
  readonly #changing: Changing;
  readonly #body: StatementSync;
  readonly #replace: StatementSync;
  readonly #copy: StatementSync;
  readonly #remark: StatementSync;
  readonly #husk: StatementSync;
  readonly #unmark: StatementSync;
  readonly #delete: StatementSync;

  /**
   * Prepares the statements on an open connection, which stays the caller's.
   *
   * @param changing Called around each change, with the id of the row that changes.
   */
  constructor(db: DatabaseSync, changing: Changing = (_, change) => change()) {
    this.#changing = changing;
    this.#body = db.prepare("SELECT body FROM messages WHERE id = ?");
    // A hash of the old text tells whether one has guessed it.
    this.#replace = db.prepare("UPDATE messages SET body = ?2, fingerprint = NULL WHERE id = ?1");
    this.#copy = db.prepare(
      `INSERT INTO messages (conversation, seq, time, sender, body, delivered, guest)
         SELECT conversation, seq, time, sender, ?2, delivered, guest FROM messages WHERE id = ?1
         RETURNING id`,
    );
    this.#remark = db.prepare("UPDATE letters SET message = ?2 WHERE message = ?1");
    this.#husk = db.prepare(
      "UPDATE messages SET seq = NULL, body = ?2, fingerprint = NULL WHERE id = ?1",
    );
    this.#unmark = db.prepare("DELETE FROM letters WHERE message = ?");
    this.#delete = db.prepare("DELETE FROM messages WHERE id = ?");
  }

  /** Gives a kept message another body. Returns the id of its row from now on. */
  replace(id: number, body: string): number {
    const before = Buffer.byteLength(this.#body.get(id)!.body as string);
    return this.#changing(id, () => {
      if (mayGrow(before, Buffer.byteLength(body))) return this.#move(id, body);
      this.#replace.run(id, body);
      return id;
    });
  }

  /** Gives a kept message a body without a text, and takes it out of the mailbox that it waits in. */
  blank(id: number, body: string): void {
    this.#unmark.run(this.replace(id, body));
  }

  /** Deletes a row, and takes it out of the mailbox that it waits in. */
  delete(id: number): void {
    this.#changing(id, () => {
      this.#unmark.run(id);
      this.#delete.run(id);
    });
  }

  #move(id: number, body: string): number {
    const copy = this.#copy.get(id, body)!.id as number;
    this.#remark.run(id, copy);
    this.#husk.run(id, HUSK);
    return copy;
  }
}

/** Whether a row with another body may take more room on its page. */
function mayGrow(before: number, after: number): boolean {
  return after > before || (before > WHOLE_BYTES && after > SMALL_BYTES);
}
