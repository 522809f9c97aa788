/**
 * Direct messages that go to one node together.
 *
 * @module
 */

import type { MsgRequest } from "../../common/wire/protocol.ts";
import type { Waiter } from "../later.ts";
import type { RemotePerson } from "../people/remote_user.ts";
import type { User } from "../people/user.ts";
import type { Batch } from "./bus.ts";
import {
  type DirectMessage,
  type DirectQuestion,
  readLate,
  readReply,
  type Told,
} from "./direct_words.ts";
import { UnavailableError } from "./operation_log.ts";

/**
 * Messages of many senders, and who waits for what becomes of them: each is told once, in whichever order the node knows.
 */
export class DirectBatch implements Batch {
  readonly #onClosed: () => void;
  readonly #people: RemotePerson[] = [];
  readonly #indexes = new Map<User, number>();
  #messages: DirectMessage[] = [];
  /** `undefined` for who was told. */
  readonly #waiting: (Waiter<Told> | undefined)[] = [];
  /** How many wait. */
  #left = 0;
  #isClosed = false;

  /**
   * There is nothing in it yet.
   *
   * @param onClosed Called once: it takes no further messages.
   */
  constructor(onClosed: () => void) {
    this.#onClosed = onClosed;
  }

  /**
   * Adds a message, behind all others.
   *
   * @param isAgain See {@linkcode DirectMessage.isAgain}.
   * @param waiter Is told what has become of it; an error is an {@linkcode UnavailableError}.
   */
  add(
    sender: User,
    { to, message, id, store, reply, kind }: MsgRequest,
    isAgain: boolean,
    waiter: Waiter<Told>,
  ): void {
    let from = this.#indexes.get(sender);
    if (from === undefined) {
      from = this.#people.push(personOf(sender)) - 1;
      this.#indexes.set(sender, from);
    }
    const again = isAgain || undefined;
    this.#messages.push({ from, to, message, id, store, reply, kind, isAgain: again });
    this.#waiting.push(waiter);
    this.#left++;
  }

  /** See {@linkcode Batch.close}. */
  close(): DirectQuestion {
    const messages = this.#messages;
    this.#messages = []; // what waits for answers needs no texts
    this.#close();
    return { ask: "direct", people: this.#people, messages };
  }

  /** See {@linkcode Batch.take}. An answer that cannot be read is the last. */
  take(answer: unknown): boolean {
    if (!this.#takeAll(answer) && !this.#takeOne(answer)) {
      this.fail(new UnavailableError("the answer says nothing about messages"));
    }
    return this.#left > 0;
  }

  /** See {@linkcode Batch.fail}. */
  fail(error: UnavailableError): void {
    this.#messages = []; // what has not left goes nowhere
    this.#close();
    for (let index = 0; index < this.#waiting.length; index++) this.#take(index)?.failed(error);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClosed();
  }

  #takeAll(answer: unknown): boolean {
    const told = readReply(answer, this.#waiting.length);
    if (told === undefined) return false;
    for (let index = 0; index < told.length; index++) {
      const it = told[index]!;
      if (it !== null) this.#take(index)?.settled(it);
    }
    return true;
  }

  #takeOne(answer: unknown): boolean {
    const late = readLate(answer);
    if (late === undefined) return false;
    this.#take(late.index)?.settled(late.told);
    return true;
  }

  /** Who waits there, once. */
  #take(index: number): Waiter<Told> | undefined {
    const waiter = this.#waiting[index];
    if (waiter === undefined) return undefined;
    this.#waiting[index] = undefined;
    this.#left--;
    return waiter;
  }
}

/** What other nodes know of somebody who is online here. */
export function personOf(user: User): RemotePerson {
  const { name, isAccount, session, network, status, away, moves, since } = user;
  return { name, isAccount, session, network, status, ...(away !== "" && { away }), moves, since };
}
