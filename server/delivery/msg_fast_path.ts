/**
 * The fast path of one message after the other to the same user.
 *
 * @module
 */

import { encodeDeliveryHead } from "../../common/wire/encode.ts";
import { foldName } from "../../common/names.ts";
import { PLAIN_ID, PLAIN_TEXT } from "../../common/wire/plain_msg.ts";
import { isRoomAddress, type MsgRequest, type RequestId } from "../../common/wire/protocol.ts";
import type { Member } from "../people/member.ts";

/** The end of a plain `msg` whose text is the last field but the id, from the text on. */
const TAIL = new RegExp(`"${PLAIN_TEXT}"\\}$`, "y");
const TAIL_WITH_ID = new RegExp(`"(${PLAIN_TEXT})","id":${PLAIN_ID}\\}$`, "y");

/** What stands before the text. */
const FIELD = '"message":';

/** Messages that begin in ever new ways are looked at more and more seldom, down to one in so many. */
const MAX_SKIPS = 64;

/** A message that {@linkcode MsgFastPath.serve} has served. */
export interface Served {
  /** Whether the addressee's connection took it. */
  readonly isDelivered: boolean;
  /** The request's id, if it had one. */
  readonly id: RequestId | undefined;
}

/** What a message was that needs nothing more: served, without an id. */
const DELIVERED: Served = { isDelivered: true, id: undefined };
const REFUSED: Served = { isDelivered: false, id: undefined };

/**
 * Remembers how the last message of a session began, up to its text, and to whom it went. A line that begins in the
 * same way says the same: what is left to check is its text, which is passed on as it stands (a quarter of a
 * message's time with 32 in flight, 6 % with one).
 *
 * What it does is what `parseRequest` and the event `msg` would do; whatever it is not sure of is left to them.
 */
export class MsgFastPath {
  readonly #sender: Member;
  readonly #maxMessage: number;
  /** How lines begin that are known; empty if none are. */
  #head = "";
  #addressee: Member | undefined;
  /** How their delivery begins, and in which second. */
  #deliveryHead = "";
  #time = 0;
  /** So many messages were looked at without meeting the same beginning again, and so many are not looked at. */
  #misses = 0;
  #skips = 0;

  /**
   * Makes one that knows nothing yet.
   *
   * @param sender Whose messages these are.
   * @param maxMessage Code points of a message.
   */
  constructor(sender: Member, maxMessage: number) {
    this.#sender = sender;
    this.#maxMessage = maxMessage;
  }

  /**
   * Serves a line if it begins like the last message.
   *
   * @param line One line without its end.
   * @param time Unix seconds.
   * @returns `undefined` if it has to go the long way; nothing has happened then.
   */
  serve(line: string, time: number): Served | undefined {
    const size = this.#head.length;
    if (size === 0 || line.slice(0, size) !== this.#head) return undefined;
    const addressee = this.#addressee!;
    if (!addressee.isOnline) {
      this.#head = "";
      this.#addressee = undefined; // nothing of a closed connection is kept
      return undefined;
    }
    if (addressee.isCatchingUp) return undefined;
    if (line.length - size > this.#maxMessage) return undefined; // or nearly so: the long way counts
    TAIL.lastIndex = TAIL_WITH_ID.lastIndex = size;
    const withId = TAIL.test(line) ? undefined : TAIL_WITH_ID.exec(line);
    if (withId === null) return undefined;
    if (time !== this.#time) {
      this.#time = time;
      const { key, nameJson } = addressee;
      this.#deliveryHead = encodeDeliveryHead(key, time, nameJson, this.#sender.nameJson);
    }
    this.#misses = 0;
    const isDelivered = addressee.send(this.#deliveryHead + line.slice(size) + "\n");
    if (withId === undefined) return isDelivered ? DELIVERED : REFUSED;
    return { isDelivered, id: withId[2] ?? Number(withId[3]) };
  }

  /**
   * Takes note of a message that was delivered the long way.
   *
   * @param line The line.
   * @param request What was in it.
   * @param find Finds who is online by their folded name.
   */
  learn(
    line: string,
    { to, messageJson }: MsgRequest,
    find: (folded: string) => Member | undefined,
  ): void {
    if (messageJson === undefined || isRoomAddress(to)) return;
    if (this.#skips > 0) {
      this.#skips--;
      return;
    }
    this.#skips = Math.min(MAX_SKIPS, this.#misses++);
    // The first place behind the field's name is where the text stands: the fields before hold no such name.
    const size = line.indexOf(messageJson, line.indexOf(FIELD) + FIELD.length);
    // A copy: a part of a text keeps all of it, and this one is kept for long.
    this.#head = JSON.parse(JSON.stringify(line.slice(0, size)));
    this.#addressee = find(foldName(to));
    this.#time = 0;
  }
}
