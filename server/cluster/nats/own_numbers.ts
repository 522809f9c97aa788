/** Numbers at most that are remembered; about 1 MB. */
const MAX_WAITING = 10_000;

/**
 * Compares the numbers under which this node's entries were acknowledged with those under which it reads them.
 *
 * They are the same as long as the copies of the log that the NATS servers keep are: the leader acknowledges, and any of
 * them is read from. nats-server 2.9 can make its copies differ when it is killed, and tells nobody.
 */
export class OwnNumbers {
  readonly #onDiffer: (acknowledged: number, read: number) => void;
  /** By id: what is known of it, or nothing yet. */
  readonly #waiting = new Map<string, { acknowledged?: number; read?: number }>();

  /**
   * Knows of no entry.
   *
   * @param onDiffer Called for each entry that has two numbers.
   */
  constructor(onDiffer: (acknowledged: number, read: number) => void) {
    this.#onDiffer = onDiffer;
  }

  /** An entry is being appended. Of those that nothing more is heard of the oldest are forgotten. */
  expect(id: string): void {
    this.#waiting.set(id, {});
    if (this.#waiting.size > MAX_WAITING) this.#waiting.delete(this.#waiting.keys().next().value!);
  }

  /** It is in the log, as JetStream says. */
  acknowledged(id: string, seq: number): void {
    this.#learn(id, "acknowledged", seq);
  }

  /** An entry was read, of whichever node. */
  read(id: string, seq: number): void {
    this.#learn(id, "read", seq);
  }

  #learn(id: string, what: "acknowledged" | "read", seq: number): void {
    const numbers = this.#waiting.get(id);
    if (numbers === undefined) return;
    numbers[what] = seq;
    const { acknowledged, read } = numbers;
    if (acknowledged === undefined || read === undefined) return;
    this.#waiting.delete(id);
    if (acknowledged !== read) this.#onDiffer(acknowledged, read);
  }
}
