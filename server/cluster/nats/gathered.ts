/**
 * What is said in one turn of the event loop, in few messages.
 *
 * @module
 */

import { setImmediate } from "node:timers";

import { cut } from "./pieces.ts";

/** Sends one piece. */
export type SendPiece = (subject: string, piece: Uint8Array, reply: string | undefined) => void;

/** What of a turn goes out together. */
interface Batch {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly items: string[];
}

/**
 * Gathers JSON values per subject and sends each turn's as one JSON array, cut into pieces if it is too long. What is said
 * to all keeps its place among what is said to one.
 */
export class Gathered {
  readonly #send: SendPiece;
  readonly #maxBytes: () => number;
  readonly #counts = new Map<string, number>();
  #batches: Batch[] = [];
  /** Those of them that still take more. */
  readonly #open = new Map<string, Batch>();
  #isOpenToAll = false;

  /**
   * Nothing is said yet.
   *
   * @param maxBytes How long a piece may be at the moment.
   */
  constructor(send: SendPiece, maxBytes: () => number) {
    this.#send = send;
    this.#maxBytes = maxBytes;
  }

  /** How many pieces have gone out on a subject. */
  count(subject: string): number {
    return this.#counts.get(subject) ?? 0;
  }

  /**
   * Says something on a subject.
   *
   * @param json The value.
   * @param options `isToAll`: whether all nodes hear that subject; `reply`: where to say that nobody does.
   */
  put(
    subject: string,
    json: string,
    { isToAll = false, reply }: { isToAll?: boolean; reply?: string } = {},
  ): void {
    if (this.#batches.length === 0) setImmediate(() => this.flush());
    if (isToAll !== this.#isOpenToAll) {
      this.#open.clear();
      this.#isOpenToAll = isToAll;
    }
    const open = this.#open.get(subject);
    if (open !== undefined) {
      open.items.push(json);
      return;
    }
    const batch = { subject, reply, items: [json] };
    this.#open.set(subject, batch);
    this.#batches.push(batch);
  }

  /** Sends what there is now. */
  flush(): void {
    const batches = this.#batches;
    this.#batches = [];
    this.#open.clear();
    for (const { subject, reply, items } of batches) {
      let count = this.count(subject);
      for (const piece of cut(`[${items.join(",")}]`, count, this.#maxBytes())) {
        this.#counts.set(subject, ++count);
        this.#send(subject, piece, reply);
      }
    }
  }

  /** Nothing is said on that subject any more. */
  forget(subject: string): void {
    this.#counts.delete(subject);
  }
}
