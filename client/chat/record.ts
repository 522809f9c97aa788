/**
 * What keeps what is said.
 *
 * @module
 */

/** A record of what is said: files on disk, or none. */
export interface ChatRecord {
  /**
   * Adds a line.
   *
   * @param owner Whose chat it is.
   * @param name With whom the conversation is, or in which room.
   * @param line Without its end; others' text in it need not be safe to print.
   * @param at When it was said.
   */
  add(owner: string, name: string, line: string, at: Date): void;
}
