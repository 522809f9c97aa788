/**
 * Whom one talks to: the conversation that is open, those that wait, and whom `reply` answers.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { BoundedMap } from "../library/bounded_map.ts";
import { type Delivery, isRoomAddress } from "../../common/wire/protocol.ts";
import { ConversationNumbers } from "./conversation_numbers.ts";

/** A conversation with messages that were neither answered nor opened. */
export interface Unread {
  /** With whom, or in which room. */
  readonly name: string;
  /** How many messages. */
  readonly count: number;
  /** Whether one's name is in one of them. */
  readonly isMentioned?: true;
}

/** What came to a conversation since nothing was unread there. */
interface Counted {
  name: string;
  /** How many messages. */
  came: number;
  /** How many of them were answered: the first so many. */
  answered: number;
  /** Which of them had one's name in it last; 0 if none had. */
  mention: number;
}

/**
 * With whom, or in which room, a message is a part of a conversation.
 *
 * @param ownName Who looks at it.
 */
export function conversationOf(
  { from, to }: Pick<Delivery, "from" | "to">,
  ownName: string,
): string {
  return isRoomAddress(to) || foldName(from) === foldName(ownName) ? to : from;
}

/** More than a person reads through; the oldest are forgotten. */
const MAX_UNREAD = 1_000;

/** The conversations of one person; names are the same whatever their case. */
export class Conversations {
  #current: string | undefined;
  #lastSender: string | undefined;
  #lastAddressee: string | undefined;
  readonly #unread = new BoundedMap<Counted>({ entries: MAX_UNREAD });
  /** By which numbers keys reach them. */
  readonly numbers = new ConversationNumbers();

  /** With whom or in which room the open conversation is; `undefined` while lines are commands. */
  get current(): string | undefined {
    return this.#current;
  }

  /** Who wrote last directly, or in a room if nobody did directly. */
  get lastSender(): string | undefined {
    return this.#lastSender;
  }

  /** To whom the person wrote last. */
  get lastAddressee(): string | undefined {
    return this.#lastAddressee;
  }

  /** Conversations with messages that were neither answered nor opened, oldest first. */
  get unread(): Unread[] {
    return [...this.#unread.values()].map(unreadOf);
  }

  /** Whether the conversation with that name is open. */
  isOpen(name: string): boolean {
    return this.#current !== undefined && foldName(this.#current) === foldName(name);
  }

  /**
   * Opens a conversation in the place of the one that is open.
   *
   * @returns What was unread there.
   */
  open(name: string): Unread | undefined {
    const unread = this.unreadIn(name);
    this.#current = name;
    this.numbers.add(name);
    this.#unread.delete(foldName(name));
    return unread;
  }

  /** What was unread has not been shown after all. */
  restore({ name, count, isMentioned }: Unread): void {
    this.#count(name, count, isMentioned === true);
  }

  /**
   * Ends the open conversation. One stays in a room, and so does its number.
   *
   * @returns Whether there was one.
   */
  close(): boolean {
    const name = this.#current;
    this.#current = undefined;
    if (name !== undefined && !isRoomAddress(name)) this.numbers.remove(name);
    return name !== undefined;
  }

  /** One is in a room. */
  entered(room: string): void {
    this.numbers.add(room);
  }

  /** One is in a room no more. */
  left(room: string): void {
    this.numbers.remove(room);
    this.#unread.delete(foldName(room));
  }

  /** What is unread in a conversation, if anything is. */
  unreadIn(name: string): Unread | undefined {
    const counted = this.#unread.get(foldName(name));
    return counted && unreadOf(counted);
  }

  /**
   * The person writes to that name.
   *
   * @returns To be called when that was taken: what had come by now is unread no more.
   */
  answering(name: string): () => void {
    this.#lastAddressee = name;
    this.numbers.add(name);
    const counted = this.#unread.get(foldName(name));
    const { came = 0 } = counted ?? {};
    return () => {
      // What was opened meanwhile is counted anew.
      if (counted === undefined || this.#unread.get(foldName(name)) !== counted) return;
      counted.answered = Math.max(counted.answered, came);
      if (counted.answered === counted.came) this.#unread.delete(foldName(name));
    };
  }

  /** The server says that so many messages wait that have not come to this client. */
  waiting(name: string, count: number): void {
    if (!this.isOpen(name)) this.#count(name, count, false);
  }

  /**
   * A message came.
   *
   * @param isMentioned Whether one's name is in it.
   */
  received({ from, to }: Pick<Delivery, "from" | "to">, isMentioned = false): void {
    const isRoom = isRoomAddress(to);
    if (!isRoom || this.#lastSender === undefined) this.#lastSender = from;
    const name = isRoom ? to : from;
    if (!this.isOpen(name)) this.#count(name, 1, isMentioned);
  }

  #count(name: string, more: number, isMentioned: boolean): void {
    this.numbers.add(name);
    const counted = this.#unread.get(foldName(name)) ?? { name, came: 0, answered: 0, mention: 0 };
    counted.name = name;
    counted.came += more;
    if (isMentioned) counted.mention = counted.came;
    this.#unread.set(foldName(name), counted);
  }
}

function unreadOf({ name, came, answered, mention }: Counted): Unread {
  return { name, count: came - answered, ...(mention > answered && { isMentioned: true }) };
}
