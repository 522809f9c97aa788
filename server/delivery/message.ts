/**
 * A message as one object, from the sender's request to the last line that carries it.
 *
 * @module
 */

import { encodeDelivery, encodeDeliveryHead } from "../../common/wire/encode.ts";
import type { EventKey, RequestId } from "../../common/wire/protocol.ts";
import type { Letter } from "../store/store.ts";

/** A user or a room, as a message names it. */
export interface Address {
  /** The name as shown. */
  readonly name: string;
  /** The same as JSON text. */
  readonly nameJson: string;
}

/** From whom, to whom, when: what messages of one second between the same two share, written out once per dialect. */
export class Envelope {
  /** The sender. */
  readonly from: Address;
  /** The addressee: a user or a room. */
  readonly to: Address;
  /** Unix seconds at which the server accepted it. */
  readonly time: number;
  #event: string | undefined;
  #action: string | undefined;

  /** Makes an envelope. */
  constructor(from: Address, to: Address, time: number) {
    this.from = from;
    this.to = to;
    this.time = time;
  }

  /** How a line begins in a dialect, up to the text. */
  headFor(key: EventKey): string {
    return key === "event"
      ? this.#event ??= encodeDeliveryHead(key, this.time, this.to.nameJson, this.from.nameJson)
      : this.#action ??= encodeDeliveryHead(key, this.time, this.to.nameJson, this.from.nameJson);
  }
}

/** A message. */
export class Message {
  /** From whom, to whom, when. */
  readonly envelope: Envelope;
  /** The request's id, if it had one. */
  readonly id: RequestId | undefined;
  /** Its number in the mailbox, if it comes from there. */
  readonly stored: number | undefined;
  #textJson: string;

  /**
   * Makes a message.
   *
   * @param textJson The text as JSON; a lone surrogate is a `\uXXXX` escape.
   * @param id The request's id, if it had one.
   * @param stored Its number in the mailbox, if it comes from there.
   */
  constructor(envelope: Envelope, textJson: string, id?: RequestId, stored?: number) {
    this.envelope = envelope;
    this.#textJson = textJson;
    this.id = id;
    this.stored = stored;
  }

  /** Makes the line for a dialect, with its end. */
  lineFor(key: EventKey): string {
    return encodeDelivery(this.envelope.headFor(key), this.#textJson, this.id, this.stored);
  }

  /** Lets go of the larger text that this one's is a part of: for messages that are kept. */
  detach(): void {
    this.#textJson = JSON.stringify(JSON.parse(this.#textJson));
  }

  /**
   * The message as it goes to a mailbox.
   *
   * @param folded Whose, folded.
   */
  toLetter(folded: string): Letter {
    const { from, to, time } = this.envelope;
    const message = JSON.parse(this.#textJson);
    return { folded, to: to.name, from: from.name, message, time, id: this.id };
  }
}
