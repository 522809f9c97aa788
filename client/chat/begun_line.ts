/**
 * The line that a person is typing.
 *
 * @module
 */

/** Knows who had written last when the line was begun: `reply` answers that one, whoever writes meanwhile. */
export class BegunLine {
  #text = "";
  #addressee: { name: string | undefined } | undefined;

  /** What is in the line so far. */
  get text(): string {
    return this.#text;
  }

  /**
   * The line has changed.
   *
   * @param text All of it, empty when it was entered or cleared.
   * @param lastSender Who wrote last.
   */
  change(text: string, lastSender: string | undefined): void {
    if (this.#text === "" && text !== "") this.#addressee = { name: lastSender };
    this.#text = text;
  }

  /**
   * Whom `reply` answers: also after the line was entered, until another one is begun.
   *
   * @param lastSender Who wrote last; the answer where lines are not typed but come whole.
   */
  addressee(lastSender: string | undefined): string | undefined {
    return (this.#addressee ?? { name: lastSender }).name;
  }
}
