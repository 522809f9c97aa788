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
export interface KnownMessage extends Pick<KeptDelivery, "seq" | "time" | "from"> {
  /** The text, perhaps only its beginning; absent if it was deleted. */
  readonly message?: string | undefined;
}

/** More than a person goes back to; the oldest are forgotten. */
const MAX_MESSAGES = 5_000;
/** UTF-16 units of a text that are remembered: an own message, whole, is no longer. */
const MAX_TEXT = 8_192;

/** The kept messages that were on the screen in this session, by their conversations and numbers. */
export class KnownMessages {
  readonly #messages = new BoundedMap<KnownMessage>({ entries: MAX_MESSAGES });

  /**
   * A message was shown.
   *
   * @param name With whom the conversation is, or in which room.
   */
  add(name: string, { seq, time, from, message }: KnownMessage): void {
    const text = message === undefined ? {} : { message: detached(message.slice(0, MAX_TEXT)) };
    const key = keyOf(name, seq);
    // As new: a message that is changed or seen again is the last to be forgotten.
    this.#messages.delete(key);
    this.#messages.set(key, { seq, time, from, ...text });
  }

  /** The message of that number, if it was shown. */
  find(name: string, seq: number): KnownMessage | undefined {
    return this.#messages.get(keyOf(name, seq));
  }

  /**
   * Whether this very message was shown. The number alone does not tell: a room that was removed and made anew may count
   * from the beginning.
   */
  has(name: string, { seq, time, from }: KnownMessage): boolean {
    const known = this.find(name, seq);
    return known !== undefined && known.time === time && foldName(known.from) === foldName(from);
  }

  /**
   * The newest message of a conversation.
   *
   * @param from Only of those that this user has written and that are not deleted.
   */
  newest(name: string, from?: string): KnownMessage | undefined {
    const place = keyOf(name, "");
    let newest: KnownMessage | undefined;
    for (const [key, known] of this.#messages.entries()) {
      if (!key.startsWith(place) || known.seq < (newest?.seq ?? 0)) continue;
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
}

/** No name has a space in it. */
function keyOf(name: string, seq: number | ""): string {
  return `${foldName(name)} ${seq}`;
}
