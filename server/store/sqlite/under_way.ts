/** Messages that were given out under their numbers and are on their way to disk. */
export class MessagesUnderWay {
  readonly #numbers = new Map<number, Set<number>>();
  #bytes = 0;

  /** About how large they are. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one of that number is. */
  has(conversation: number, seq: number): boolean {
    return this.#numbers.get(conversation)?.has(seq) ?? false;
  }

  /** One more is. */
  add(conversation: number, seq: number, bytes: number): void {
    const numbers = this.#numbers.get(conversation);
    if (numbers === undefined) this.#numbers.set(conversation, new Set([seq]));
    else numbers.add(seq);
    this.#bytes += bytes;
  }

  /** One is on disk, or never will be. */
  delete(conversation: number, seq: number, bytes: number): void {
    const numbers = this.#numbers.get(conversation);
    if (!numbers?.delete(seq)) return;
    this.#bytes -= bytes;
    if (numbers.size === 0) this.#numbers.delete(conversation);
  }
}
