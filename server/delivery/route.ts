/**
 * The way of a sender's last direct message, kept for the next one.
 *
 * @module
 */

import type { User } from "../people/user.ts";
import { Envelope } from "./message.ts";

/**
 * Saves looking up an addressee and writing out the head of a message for each of many to the same user: nearly all
 * direct messages follow another one to the same addressee.
 */
export class Route {
  readonly #from: User;
  readonly #to: User;
  #envelope: Envelope;
  /** Whether it is seen to that the addressee counts as one whom the sender has written to: the delivery's own. */
  isNoted = false;
  /**
   * Where messages of two accounts are kept; `null` if they are not, `undefined` as long as that is not known: the
   * delivery's own.
   */
  conversation: number | null | undefined;

  /**
   * Makes a route.
   *
   * @param time Unix seconds.
   */
  constructor(from: User, to: User, time: number) {
    this.#from = from;
    this.#to = to;
    this.#envelope = new Envelope(from, to, time);
  }

  /** Whether it leads to a user, however the name was typed. */
  leadsTo(to: User): boolean {
    return this.#to === to;
  }

  /** The addressee, if that is still the name of somebody connected as it was typed. */
  find(name: string): User | undefined {
    return this.#to.state === "attached" && name === this.#to.name ? this.#to : undefined;
  }

  /** The envelope for a message that is accepted now. */
  envelopeAt(time: number): Envelope {
    if (time !== this.#envelope.time) this.#envelope = new Envelope(this.#from, this.#to, time);
    return this.#envelope;
  }
}
