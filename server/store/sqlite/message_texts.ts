import type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * The one place where the text of a message's row changes or goes, whoever asks for it. Synchronous; belongs into a
 * transaction.
 *
 * The old text is overwritten in the database (`secure_delete`), and is in the write-ahead log until that is emptied:
 * see `Erasure`.
 */
export class MessageTexts {
  readonly #leaveIndex: ((message: number) => void) | undefined;
  readonly #replace: StatementSync;
  readonly #unmark: StatementSync;
  readonly #delete: StatementSync;

  /**
   * Prepares the statements on an open connection, which stays the caller's.
   *
   * @param leaveIndex Called with a row's id while the row still is what it was: takes its text out of whatever finds
   * messages by their texts.
   */
  constructor(db: DatabaseSync, leaveIndex?: (message: number) => void) {
    this.#leaveIndex = leaveIndex;
    // A hash of the old text tells whether one has guessed it.
    this.#replace = db.prepare("UPDATE messages SET body = ?, fingerprint = NULL WHERE id = ?");
    this.#unmark = db.prepare("DELETE FROM letters WHERE message = ?");
    this.#delete = db.prepare("DELETE FROM messages WHERE id = ?");
  }

  /** Gives a row another body. */
  replace(id: number, body: string): void {
    this.#leaveIndex?.(id);
    this.#replace.run(body, id);
  }

  /** Gives a row a body without a text, and takes it out of the mailbox that it waits in. */
  blank(id: number, body: string): void {
    this.replace(id, body);
    this.#unmark.run(id);
  }

  /** Deletes a row, and takes it out of the mailbox that it waits in. */
  delete(id: number): void {
    this.#leaveIndex?.(id);
    this.#unmark.run(id);
    this.#delete.run(id);
  }
}
