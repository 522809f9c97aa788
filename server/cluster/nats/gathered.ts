/**
 * What is said in one turn of the event loop, in few messages.
 *
 * @module
 */

import { setImmediate } from "node:timers";

import { cut } from "./pieces.ts";

/** Sends one piece. */
export type SendPiece = (subject: string, piece: Uint8Array, reply: string | undefined) => void;

/** A value as JSON, or what gives it when it leaves, so that it may grow until then. */
export type Item = string | (() => string);

/** What of a turn goes out together. */
interface Parcel {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly items: string[];
  /** What comes behind those, and may grow. */
  growing: (() => string) | undefined;
}

/**
 * Gathers JSON values per subject and sends each turn's as one JSON array, cut into pieces if it is too long. What is said
 * to all keeps its place among what is said to one, and nothing that grows takes in what is said behind something else.
 */
export class Gathered {
  readonly #send: SendPiece;
  readonly #maxBytes: () => number;
  readonly #counts = new Map<string, number>();
  #parcels: Parcel[] = [];
  /** Those of them that still take more. */
  readonly #open = new Map<string, Parcel>();
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
   * @param item The value.
   * @param options `isToAll`: whether all nodes hear that subject; `reply`: where to say that nobody does.
   */
  put(
    subject: string,
    item: Item,
    { isToAll = false, reply }: { isToAll?: boolean; reply?: string } = {},
  ): void {
    if (this.#parcels.length === 0) setImmediate(() => this.flush());
    if (isToAll !== this.#isOpenToAll) {
      for (const parcel of this.#open.values()) complete(parcel);
      this.#open.clear();
      this.#isOpenToAll = isToAll;
    }
    let parcel = this.#open.get(subject);
    if (parcel === undefined) {
      parcel = { subject, reply, items: [], growing: undefined };
      this.#open.set(subject, parcel);
      this.#parcels.push(parcel);
    }
    complete(parcel);
    if (typeof item === "string") parcel.items.push(item);
    else parcel.growing = item;
  }

  /** Sends what there is now. */
  flush(): void {
    const parcels = this.#parcels;
    this.#parcels = [];
    this.#open.clear();
    for (const parcel of parcels) {
      complete(parcel);
      const { subject, reply, items } = parcel;
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

/** What may grow does so no more. */
function complete(parcel: Parcel): void {
  const { growing, items } = parcel;
  if (growing === undefined) return;
  parcel.growing = undefined;
  items.push(growing());
}
