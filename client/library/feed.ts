/**
 * What happens to a client, handed to all who listen.
 *
 * @module
 */

import { detached } from "../../common/detached.ts";
import type { ClientEvent } from "./events.ts";
import { type Entry, Subscription } from "./subscription.ts";

/** What a listener wants. */
export interface Selection<Item> {
  /** Whether messages are wanted. They are kept until somebody listens; other events are not. */
  takesMessages: boolean;
  /** Whether an event is wanted. */
  accepts: (event: ClientEvent) => boolean;
  /** What the listener gets of an event that it accepts. */
  read: (event: ClientEvent) => Item;
}

interface Listener {
  readonly takesMessages: boolean;
  readonly accepts: (event: ClientEvent) => boolean;
  readonly subscription: Pick<
    Subscription<ClientEvent, unknown>,
    "push" | "end" | "queued" | "queuedSize"
  >;
}

/** What an event takes besides its texts, in UTF-16 units, roughly: objects, the memory of having seen it. */
const EVENT_UNITS = 256;

/** What waits to be taken. */
export interface Backlog {
  /** Events. */
  readonly events: number;
  /** UTF-16 units that they take, all in all. */
  readonly units: number;
}

/**
 * Fan-out of events to any number of iterators.
 *
 * Guarantees:
 * 1. Each listener gets the events that it selects, in order, from the call of `subscribe` on.
 * 2. A message that comes while nobody listens for messages is kept for the next who does, and so are the
 *    messages that a listener left untaken when it was the only one.
 */
export class Feed {
  readonly #listeners = new Set<Listener>();
  readonly #onRoomy: () => void;
  /** Messages that nobody has listened to yet. */
  #kept: Entry<ClientEvent>[] = [];
  #keptUnits = 0;
  /** Messages in the hands of listeners who left; they count as handled when somebody listens again. */
  #leftInHand: Entry<ClientEvent>[] = [];
  #end: { error: Error | undefined } | undefined;

  /**
   * Makes a feed that nobody listens to yet.
   *
   * @param onRoomy Called when a listener took something.
   */
  constructor(onRoomy: () => void) {
    this.#onRoomy = onRoomy;
  }

  /** How many listeners a message goes to; at least 1, since it is kept for the next one if there is none. */
  get messageListeners(): number {
    let count = 0;
    for (const listener of this.#listeners) if (listener.takesMessages) count++;
    return Math.max(count, 1);
  }

  /** What waits for the slowest listener, or, if there is none, the messages that wait for the first one. */
  get backlog(): Backlog {
    let events = this.#kept.length;
    let units = this.#keptUnits;
    for (const { subscription } of this.#listeners) {
      events = Math.max(events, subscription.queued);
      units = Math.max(units, subscription.queuedSize);
    }
    return { events, units };
  }

  /** Begins to listen. */
  subscribe<Item>(selection: Selection<Item>): Subscription<ClientEvent, Item> {
    const { takesMessages, accepts } = selection;
    const subscription: Subscription<ClientEvent, Item> = new Subscription(selection.read, {
      onTaken: this.#onRoomy,
      onLeave: (inHand, untaken) => this.#leave(listener, inHand, untaken),
    });
    const listener: Listener = { takesMessages, accepts, subscription };
    if (takesMessages) {
      for (const entry of this.#leftInHand.splice(0)) entry.onHandled?.();
      for (const entry of this.#kept.splice(0)) subscription.push(entry);
      this.#keptUnits = 0;
    }
    if (this.#end === undefined) this.#listeners.add(listener);
    else subscription.end(this.#end.error);
    return subscription;
  }

  /**
   * Hands out an event.
   *
   * @param onHandled For a message: called by each of its listeners that has handled it.
   */
  publish(event: ClientEvent, onHandled?: () => void): void {
    if (this.#end !== undefined) return;
    const entry = { source: event, onHandled, size: unitsOf(event) };
    let hasListener = event.type !== "message";
    for (const listener of this.#listeners) {
      hasListener ||= listener.takesMessages;
      if (listener.accepts(event)) listener.subscription.push(entry);
    }
    if (!hasListener) this.#keep(entry);
    // Whoever waited has it already, and lets go of it soon.
    if ("line" in event && this.backlog.events > 0) event.line = detached(event.line);
  }

  /** Ends all streams, and those that are asked for later. */
  end(error: Error | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    for (const { subscription } of this.#listeners) subscription.end(error);
    this.#listeners.clear();
  }

  #leave(
    listener: Listener,
    inHand: Entry<ClientEvent> | undefined,
    untaken: Entry<ClientEvent>[],
  ): void {
    this.#listeners.delete(listener);
    if (inHand !== undefined) this.#leftInHand.push(inHand);
    for (const other of this.#listeners) if (other.takesMessages) return;
    for (const entry of untaken) if (entry.source.type === "message") this.#keep(entry);
    this.#onRoomy();
  }

  #keep(entry: Entry<ClientEvent>): void {
    this.#kept.push(entry);
    this.#keptUnits += entry.size ?? 0;
  }
}

/** What an event takes. A message's fields are about as long as its line. */
function unitsOf(event: ClientEvent): number {
  switch (event.type) {
    case "message":
    case "notice":
    case "change":
      return EVENT_UNITS + 2 * event.line.length;
    case "outcome":
      return EVENT_UNITS + event.message.length + event.outcome.sentence.length;
    case "gap":
      return EVENT_UNITS + event.sentence.length;
    case "room-back":
      return EVENT_UNITS + event.users.reduce((sum, name) => sum + name.length, 0);
    case "offline":
    case "room-lost":
      return EVENT_UNITS + event.error.message.length;
    default:
      return EVENT_UNITS;
  }
}
