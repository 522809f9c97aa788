/**
 * Kept messages that were on the screen.
 *
 * @module
 */

import { detached } from "../../common/detached.ts";
import { foldName } from "../../common/names.ts";
import type { KeptDelivery } from "../../common/wire/protocol.ts";
import { BoundedMap } from "../library/bounded_map.ts";

/** A message that was shown. */
export interface KnownMessage extends Pick<KeptDelivery, "seq" | "time" | "from" | "kind"> {
  /** The text, perhaps only its beginning; absent if it was deleted. */
  readonly message?: string | undefined;
}

interface Shown {
  readonly message: KnownMessage;
  /** Which of all messages that were shown it was, when it was shown last. */
  readonly turn: number;
}

/** More than a person goes back to; the oldest are forgotten. */
const MAX_MESSAGES = 5_000;
/** UTF-16 units of a text that are remembered: an own message, whole, is no longer. */
const MAX_TEXT = 8_192;

/** The kept messages that were on the screen in this session, by their conversations and numbers. */
export class KnownMessages {
  readonly #messages = new BoundedMap<Shown>({ entries: MAX_MESSAGES });
  #turns = 0;

  /**
   * A message was shown.
   *
   * @param name With whom the conversation is, or in which room.
   */
  add(name: string, { seq, time, from, message, kind }: KnownMessage): void {
    const text = {
      ...(message !== undefined && { message: detached(message.slice(0, MAX_TEXT)) }),
      ...(kind !== undefined && { kind }),
    };
    const key = keyOf(name, seq);
    // As new: a message that is changed or seen again is the last to be forgotten.
    this.#messages.delete(key);
    this.#messages.set(key, { message: { seq, time, from, ...text }, turn: ++this.#turns });
  }

  /** The message of that number, if it was shown. */
  find(name: string, seq: number): KnownMessage | undefined {
    return this.#messages.get(keyOf(name, seq))?.message;
  }

  /**
   * Whether this very message was shown. The number alone does not tell: a room that was removed and made anew may count
   * from the beginning.
   */
  has(name: string, { seq, time, from }: KnownMessage): boolean {
    const known = this.find(name, seq);
    return known !== undefined && known.time === time && foldName(known.from) === foldName(from);
  }

  /** The messages of a conversation that were shown and whose numbers lie between two others. */
  between(name: string, after: number, before: number): KnownMessage[] {
    return this.#of(name).filter(({ seq }) => seq > after && seq < before);
  }

  /** Whether all these messages are among the last so many that were shown; one that was shown twice counts twice. */
  areLast(name: string, messages: readonly { seq: number }[], count: number): boolean {
    const since = this.#turns - count;
    const turnOf = (seq: number): number => this.#messages.get(keyOf(name, seq))?.turn ?? -Infinity;
    return messages.every(({ seq }) => turnOf(seq) > since);
  }

  /**
   * The newest message of a conversation.
   *
   * @param from Only of those that this user has written and that are not deleted.
   */
  newest(name: string, from?: string): KnownMessage | undefined {
    let newest: KnownMessage | undefined;
    for (const known of this.#of(name)) {
      if (known.seq < (newest?.seq ?? 0)) continue;
      const isTheirs = known.message !== undefined && foldName(known.from) === foldName(from ?? "");
      if (from === undefined || isTheirs) newest = known;
    }
    return newest;
  }

  /** The conversation is over: under its name there may be another one. */
  forget(name: string): void {
    const place = keyOf(name, "");
    for (const [key] of this.#messages.entries()) {
      if (key.startsWith(place)) this.#messages.delete(key);
    }
  }

  #of(name: string): KnownMessage[] {
    const place = keyOf(name, "");
    return [...this.#messages.entries()]
      .filter(([key]) => key.startsWith(place))
      .map(([, { message }]) => message);
  }
}

/** No name has a space in it. */
function keyOf(name: string, seq: number | ""): string {
  return `${foldName(name)} ${seq}`;
}
