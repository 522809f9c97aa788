/**
 * Tells new messages from those that came before, and knows which stored ones may be acknowledged.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { Delivery } from "../../common/wire/protocol.ts";
import { BoundedMap } from "./bounded_map.ts";

/** How an {@linkcode Inbox} behaves. */
export interface InboxOptions {
  /** All stored messages up to this number were handled: time for an `ack`. */
  onAcknowledge: (stored: number) => void;
  /**
   * How many messages are remembered; fewer if they are very long, see {@linkcode BoundedMap}.
   *
   * @default {4096}, and 16 384 of those with a `seq`
   */
  memory?: number;
}

/** A message that was handed out. */
export interface Receipt {
  /** Its number in the mailbox, on the connection that is open now. */
  stored: number | undefined;
  /** How many listeners have not handled it yet. */
  open: number;
}

const MEMORY = 4_096;
/** More than are brought after a lost connection, with a full mailbox: each of these may come twice. */
const NUMBERED_MEMORY = 16_384;

/**
 * The receiving side of "at least once".
 *
 * A sender whose connection broke sends again what was not answered, under the same `id`. The server delivers again
 * what was not acknowledged, and, as a stored message, what it handed over directly and this client did not confirm
 * by a request before the connection ended. Both copies come in here, and only the first goes on.
 *
 * Guarantees:
 * 1. A message with a `seq` is handed on once: the same sender, addressee, number and time is the same message, be it
 *    direct, stored or from the history, and edited meanwhile or not. (The time, since a conversation that is made anew
 *    begins to count anew.) So is one with a text as `id`: the same sender, addressee, id and text is the same
 *    message. A number as `id` may be a counter that starts anew with its program, so it proves nothing:
 *    then, as without `id`, the mailbox number together with the whole message does; and of a message that came
 *    directly on an earlier connection, the first stored one of the same second that is word for word the same is
 *    the copy.
 * 2. `onAcknowledge(n)` is called only after every stored message up to n that came on this connection was
 *    handled.
 */
export class Inbox {
  readonly #options: InboxOptions;
  /** Receipts by the message's identity: its number, and what it says. */
  readonly #numbered: BoundedMap<Receipt>;
  readonly #seen: BoundedMap<Receipt>;
  /** Messages without a text as `id` that came directly, counted: on this connection, and on earlier ones. */
  readonly #direct: BoundedMap<number>;
  readonly #directBefore: BoundedMap<number>;
  /** Stored messages of this connection that are not acknowledged, in order. */
  readonly #unacknowledged = new Set<Receipt>();

  /**
   * Makes an empty inbox.
   *
   * @param options See {@linkcode InboxOptions}.
   */
  constructor(options: InboxOptions) {
    this.#options = options;
    const bounds = { entries: options.memory ?? MEMORY };
    this.#numbered = new BoundedMap({ entries: options.memory ?? NUMBERED_MEMORY });
    this.#seen = new BoundedMap(bounds);
    this.#direct = new BoundedMap(bounds);
    this.#directBefore = new BoundedMap(bounds);
  }

  /** How many stored messages of this connection wait until they, or those before them, are handled. */
  get unacknowledged(): number {
    return this.#unacknowledged.size;
  }

  /**
   * Takes a message.
   *
   * @param message As it came.
   * @param handlers How many listeners get it; each calls {@linkcode Inbox.handled} once.
   * @returns `undefined` if it came before.
   */
  accept(message: Delivery, handlers: number): Receipt | undefined {
    const number = numberOf(message);
    const key = identity(message);
    if (key === undefined && number === undefined) this.#count(this.#direct, contentOf(message));
    const before = (number === undefined ? undefined : this.#numbered.get(number)) ??
      (key === undefined ? undefined : this.#seen.get(key) ?? this.#copyOfDirect(message));
    const receipt = before ?? { stored: undefined, open: handlers };
    if (number !== undefined && !this.#numbered.has(number)) this.#numbered.set(number, receipt);
    if (key !== undefined && !this.#seen.has(key)) this.#seen.set(key, receipt);
    // One that waits already keeps its place and its number: a higher one would acknowledge those behind it.
    if (message.stored !== undefined && !this.#unacknowledged.has(receipt)) {
      receipt.stored = message.stored;
      this.#unacknowledged.add(receipt);
      if (receipt.open === 0) this.#acknowledge();
    }
    return before === undefined ? receipt : undefined;
  }

  /** A listener has handled the message. */
  handled(receipt: Receipt): void {
    receipt.open--;
    if (receipt.open === 0 && receipt.stored !== undefined) this.#acknowledge();
  }

  /** A new connection: what was not acknowledged on the old one will come again, with its number. */
  reset(): void {
    for (const receipt of this.#unacknowledged) receipt.stored = undefined;
    this.#unacknowledged.clear();
    for (const [content, count] of this.#direct.entries()) {
      this.#count(this.#directBefore, content, count);
    }
    this.#direct.clear();
  }

  /** A receipt if a stored message is the copy of one that came directly on an earlier connection. */
  #copyOfDirect(message: Delivery): Receipt | undefined {
    if (typeof message.id === "string") return undefined;
    const content = contentOf(message);
    const count = this.#directBefore.get(content);
    if (count === undefined) return undefined;
    if (count > 1) this.#directBefore.set(content, count - 1);
    else this.#directBefore.delete(content);
    return { stored: undefined, open: 0 };
  }

  #count(counts: BoundedMap<number>, content: string, by = 1): void {
    counts.set(content, (counts.get(content) ?? 0) + by);
  }

  #acknowledge(): void {
    let upTo: number | undefined;
    for (const receipt of this.#unacknowledged) {
      if (receipt.open > 0) break;
      upTo = receipt.stored;
      this.#unacknowledged.delete(receipt);
    }
    if (upTo === undefined) return;
    this.#options.onAcknowledge(upTo);
  }
}

function contentOf({ from, to, id, message, time }: Delivery): string {
  return JSON.stringify([foldName(from), foldName(to), id ?? null, message, time]);
}

function numberOf({ from, to, seq, time }: Delivery): string | undefined {
  return seq === undefined ? undefined : JSON.stringify([foldName(from), foldName(to), seq, time]);
}

function identity(message: Delivery): string | undefined {
  const { from, to, id, stored } = message;
  if (typeof id === "string") {
    return JSON.stringify([foldName(from), foldName(to), id, message.message]);
  }
  if (stored === undefined) return undefined;
  return `${stored} ${contentOf(message)}`;
}
