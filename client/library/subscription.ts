/**
 * A stream of things that happen, as an async iterator.
 *
 * @module
 */

/** One thing in a {@linkcode Subscription}. */
export interface Entry<Source> {
  /** What happened. */
  readonly source: Source;
  /** Called when the consumer comes for the next one: it has handled this one. */
  readonly onHandled?: (() => void) | undefined;
  /**
   * How much it takes, in any unit.
   *
   * @default {0}
   */
  readonly size?: number;
}

/** What a {@linkcode Subscription} says about its consumer. */
export interface SubscriptionOptions<Source> {
  /** An entry was taken out of the queue. */
  onTaken?: () => void;
  /** The consumer left: with the entry that it had in hand, and those that it never took. */
  onLeave?: (inHand: Entry<Source> | undefined, untaken: Entry<Source>[]) => void;
}

/** What `next` gives. */
export type Result<Item> = IteratorResult<Item, undefined>;

/**
 * A queue with one producer and one consumer. It collects from the moment when it is made, not from the first
 * `next`. What is in it at its end is still handed out; then it throws the error that ended it, once, or is done.
 *
 * @typeParam Source What is pushed.
 * @typeParam Item What is handed out.
 */
export class Subscription<Source, Item> implements AsyncIterableIterator<Item, undefined, void> {
  readonly #read: (source: Source) => Item;
  readonly #options: SubscriptionOptions<Source>;
  /** From `#taken` on, oldest first; nothing before that. */
  #queue: (Entry<Source> | undefined)[] = [];
  #taken = 0;
  #queuedSize = 0;
  #inHand: Entry<Source> | undefined;
  #waiting: PromiseWithResolvers<Result<Item>>[] = [];
  #end: { error: Error | undefined } | undefined;

  /**
   * Makes an empty stream.
   *
   * @param read What the consumer gets of what was pushed.
   * @param options See {@linkcode SubscriptionOptions}.
   */
  constructor(read: (source: Source) => Item, options: SubscriptionOptions<Source> = {}) {
    this.#read = read;
    this.#options = options;
  }

  /** How many wait to be taken. */
  get queued(): number {
    return this.#queue.length - this.#taken;
  }

  /** How much they take. */
  get queuedSize(): number {
    return this.#queuedSize;
  }

  /** Adds one. Does nothing after the end. */
  push(entry: Entry<Source>): void {
    if (this.#end !== undefined) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#queue.push(entry);
      this.#queuedSize += entry.size ?? 0;
    } else {
      this.#inHand = entry;
      waiting.resolve({ done: false, value: this.#read(entry.source) });
    }
  }

  /**
   * Ends the stream.
   *
   * @param error Thrown at the consumer after the last item; without it the loop just ends.
   */
  end(error?: Error): void {
    if (this.#end !== undefined) return;
    const [first, ...others] = this.#waiting.splice(0);
    this.#end = { error: first === undefined ? error : undefined };
    if (error === undefined) first?.resolve({ done: true, value: undefined });
    else first?.reject(error);
    for (const waiting of others) waiting.resolve({ done: true, value: undefined });
  }

  /** Takes the next one. */
  next(): Promise<Result<Item>> {
    const handled = this.#inHand;
    this.#inHand = undefined;
    handled?.onHandled?.();
    const entry = this.#queue[this.#taken];
    if (entry !== undefined) {
      this.#queue[this.#taken++] = undefined;
      this.#queuedSize -= entry.size ?? 0;
      // Many are dropped at once: moving a long queue at each one would be slow.
      if (this.#taken > 256 && this.#taken * 2 > this.#queue.length) {
        this.#queue = this.#queue.slice(this.#taken);
        this.#taken = 0;
      }
      this.#inHand = entry;
      this.#options.onTaken?.();
      return Promise.resolve({ done: false, value: this.#read(entry.source) });
    }
    if (this.#end !== undefined) {
      const { error } = this.#end;
      this.#end = { error: undefined };
      if (error !== undefined) return Promise.reject(error);
      return Promise.resolve({ done: true, value: undefined });
    }
    const waiting = Promise.withResolvers<Result<Item>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  /** The consumer leaves. */
  return(): Promise<Result<Item>> {
    const inHand = this.#inHand;
    const untaken = this.#queue.slice(this.#taken) as Entry<Source>[];
    this.#inHand = undefined;
    this.#queue = [];
    this.#taken = this.#queuedSize = 0;
    this.end();
    this.#options.onLeave?.(inHand, untaken);
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The same as `return`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
