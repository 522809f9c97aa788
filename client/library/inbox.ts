/**
 * Tells new messages from those that came before, and knows which stored ones may be acknowledged.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { Delivery } from "../../common/wire/protocol.ts";

/** How an {@linkcode Inbox} behaves. */
export interface InboxOptions {
  /** All stored messages up to this number were handled: time for an `ack`. */
  onAcknowledge: (stored: number) => void;
  /**
   * How many messages are remembered.
   *
   * @default {4096}
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

/**
 * The receiving side of "at least once".
 *
 * A sender whose connection broke sends again what was not answered, under the same `id`. The server delivers again
 * what was not acknowledged, and, as a stored message, what it handed over directly and this client did not confirm
 * by a request before the connection ended. Both copies come in here, and only the first goes on.
 *
 * Guarantees:
 * 1. A message with a text as `id` is handed on once: the same sender, addressee, id and text is the same
 *    message. A number as `id` may be a counter that starts anew with its program, so it proves nothing:
 *    then, as without `id`, the mailbox number together with the whole message does; and of a message that came
 *    directly on an earlier connection, the first stored one of the same second that is word for word the same is
 *    the copy.
 * 2. `onAcknowledge(n)` is called only after every stored message up to n that came on this connection was
 *    handled.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #memory: number;
  /** Receipts by the message's identity, oldest first. */
  readonly #seen = new Map<string, Receipt>();
  /** Messages without a text as `id` that came directly, counted: on this connection, and on earlier ones. */
  #direct = new Map<string, number>();
  readonly #directBefore = new Map<string, number>();
  /** Stored messages of this connection that are not acknowledged, in order. */
  #unacknowledged: Receipt[] = [];

  /**
   * Makes an empty inbox.
   *
   * @param options See {@linkcode InboxOptions}.
   */
  constructor(options: InboxOptions) {
    this.#options = options;
    this.#memory = options.memory ?? MEMORY;
  }

  /**
   * Takes a message.
   *
   * @param message As it came.
   * @param handlers How many listeners get it; each calls {@linkcode Inbox.handled} once.
   * @returns `undefined` if it came before.
   */
  accept(message: Delivery, handlers: number): Receipt | undefined {
    const key = identity(message);
    if (key === undefined) this.#count(this.#direct, contentOf(message));
    const before = key === undefined
      ? undefined
      : this.#seen.get(key) ?? this.#copyOfDirect(message);
    const receipt = before ?? { stored: undefined, open: handlers };
    if (key !== undefined && !this.#seen.has(key)) this.#remember(key, receipt);
    if (message.stored !== undefined) {
      receipt.stored = message.stored;
      this.#unacknowledged.push(receipt);
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
    this.#unacknowledged = [];
    for (const [content, count] of this.#direct) this.#count(this.#directBefore, content, count);
    this.#direct = new Map();
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

  #count(counts: Map<string, number>, content: string, by = 1): void {
    counts.set(content, (counts.get(content) ?? 0) + by);
    if (counts.size > this.#memory) counts.delete(counts.keys().next().value!);
  }

  #remember(key: string, receipt: Receipt): void {
    this.#seen.set(key, receipt);
    if (this.#seen.size > this.#memory) {
      for (const oldest of this.#seen.keys()) {
        this.#seen.delete(oldest);
        break;
      }
    }
  }

  #acknowledge(): void {
    let upTo: number | undefined;
    let count = 0;
    for (const receipt of this.#unacknowledged) {
      if (receipt.open > 0) break;
      upTo = receipt.stored;
      count++;
    }
    if (upTo === undefined) return;
    this.#unacknowledged.splice(0, count);
    this.#options.onAcknowledge(upTo);
  }
}

function contentOf({ from, to, id, message, time }: Delivery): string {
  return JSON.stringify([foldName(from), foldName(to), id ?? null, message, time]);
}

function identity(message: Delivery): string | undefined {
  const { from, to, id, stored } = message;
  if (typeof id === "string") {
    return JSON.stringify([foldName(from), foldName(to), id, message.message]);
  }
  if (stored === undefined) return undefined;
  return `${stored} ${contentOf(message)}`;
}
