/**
 * Up to where a client has seen its conversations.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { isRoomAddress } from "../../common/wire/protocol.ts";

/** A conversation and the number after which nothing was seen. */
export interface Seen {
  /** With whom: a name, or a room. */
  readonly name: string;
  /** Messages up to this one were seen. */
  readonly after: number;
}

interface Mark {
  readonly name: string;
  /** The last message that was handed out; nothing before the first number. */
  heard: number | undefined;
  /** The last message of one's own. */
  said: number;
}

/** Direct conversations that are remembered: after a lost connection each costs a request. */
const MAX_DIRECT = 50;
/**
 * Where messages are kept on many nodes, the answer to an own one may overtake messages of others that are numbered
 * lower. It overtakes no more than this.
 */
const OVERTAKEN = 100;

/**
 * Remembers, for each room that the client is in and for the direct conversations that were used last, the number of
 * the last message. Where no number was seen, nothing is remembered.
 */
export class LastSeen {
  /** Rooms that the client is in, by their folded names: no more than it has entered. */
  readonly #rooms = new Map<string, Mark>();
  /** The one that was used last is the last one. */
  readonly #directs = new Map<string, Mark>();

  /**
   * The client was let into a room, perhaps once more.
   *
   * @param last The newest message there; lower than what was seen if the room is numbered anew.
   */
  entered(room: string, last: number | undefined): void {
    const known = this.#rooms.get(foldName(room));
    const isKnown = known?.heard !== undefined && last !== undefined && last >= known.heard;
    if (!isKnown) this.#rooms.set(foldName(room), { name: room, heard: last, said: 0 });
  }

  /** A conversation is over, or was never numbered: nothing was seen there. */
  forget(name: string): void {
    this.#rooms.delete(foldName(name));
    this.#directs.delete(foldName(name));
  }

  /**
   * A message of a conversation was handed out.
   *
   * @param seq Its number; a lower one than before means that the conversation is numbered anew.
   */
  heard(name: string, seq: number): void {
    const mark = this.#markOf(name, seq);
    if (mark === undefined) return;
    if (mark.heard !== undefined && seq < mark.heard) mark.said = 0;
    mark.heard = seq;
  }

  /** A message of one's own is kept under that number. */
  said(name: string, seq: number): void {
    const mark = this.#markOf(name, seq);
    if (mark === undefined) return;
    mark.heard ??= seq - 1;
    mark.said = seq;
  }

  /** The number in a conversation after which nothing was seen, if any number was. */
  after(name: string): number | undefined {
    const folded = foldName(name);
    const { heard, said } = this.#rooms.get(folded) ?? this.#directs.get(folded) ?? NOTHING;
    return heard === undefined ? undefined : Math.max(heard, said - OVERTAKEN);
  }

  /** The direct conversations, the one that was used last first. */
  directs(): Seen[] {
    return [...this.#directs.values()].reverse().map(({ name }) => {
      return { name, after: this.after(name)! };
    });
  }

  #markOf(name: string, seq: number): Mark | undefined {
    const folded = foldName(name);
    if (isRoomAddress(name)) return this.#rooms.get(folded);
    const mark = this.#directs.get(folded) ?? { name, heard: seq - 1, said: 0 };
    this.#directs.delete(folded);
    this.#directs.set(folded, mark);
    if (this.#directs.size > MAX_DIRECT) this.#directs.delete(this.#directs.keys().next().value!);
    return mark;
  }
}

const NOTHING: Pick<Mark, "heard" | "said"> = { heard: undefined, said: 0 };
