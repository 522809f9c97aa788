/**
 * A message as one object, from the sender's request to the last line that carries it.
 *
 * @module
 */

import { detached } from "../../common/detached.ts";
import { encodeDelivery, encodeDeliveryHead } from "../../common/wire/encode.ts";
import type { EventKey, MessageKind, MsgRequest, RequestId } from "../../common/wire/protocol.ts";
import type { Place } from "../store/messages.ts";
import type { Letter, SentAs } from "../store/store.ts";

/** A user or a room, as a message names it. */
export interface Address {
  /** The name as shown. */
  readonly name: string;
  /** The same as JSON text. */
  readonly nameJson: string;
}

/** A name as a message has it, of somebody who need not be here. */
export function addressOf(name: string): Address {
  return { name, nameJson: JSON.stringify(name) };
}

/** From whom, to whom, when: what messages of one second between the same two share, written out once per dialect. */
export class Envelope {
  /** The sender's name as shown. */
  readonly from: string;
  /** The addressee's name as shown: a user or a room. */
  readonly to: string;
  /** Unix seconds at which the server accepted it. */
  readonly time: number;
  // Texts, not the users: a message that is kept must not keep its sender's connection.
  readonly #fromJson: string;
  readonly #toJson: string;
  #event: string | undefined;
  #action: string | undefined;

  /** Makes an envelope. */
  constructor(from: Address, to: Address, time: number) {
    this.from = from.name;
    this.to = to.name;
    this.time = time;
    this.#fromJson = from.nameJson;
    this.#toJson = to.nameJson;
  }

  /** How a line begins in a dialect, up to the text. */
  headFor(key: EventKey): string {
    return key === "event" ? this.#event ??= this.#head(key) : this.#action ??= this.#head(key);
  }

  #head(key: EventKey): string {
    return encodeDeliveryHead(key, this.time, this.#toJson, this.#fromJson);
  }
}

/** What a message says beside its text. */
export interface Remarks {
  /** The number of the message that it answers, if it answers one. */
  readonly reply?: number | undefined;
  /** How it is meant, if it is not just said. */
  readonly kind?: MessageKind | undefined;
}

/** A message. */
export class Message implements Remarks {
  /** From whom, to whom, when. */
  readonly envelope: Envelope;
  /** Its number in the mailbox, if it comes from there. */
  readonly stored: number | undefined;
  /** Where it is kept, if it is. */
  readonly place: Place | undefined;
  /** See {@linkcode Remarks}. */
  readonly reply: number | undefined;
  /** See {@linkcode Remarks}. */
  readonly kind: MessageKind | undefined;
  /** As what frame of which numbered session it was sent last, if that is known; set for a message that is to be saved. */
  sent: SentAs | undefined;
  #textJson: string;
  #id: RequestId | undefined;

  /**
   * Makes a message.
   *
   * @param textJson The text as JSON; a lone surrogate is a `\uXXXX` escape.
   * @param id The request's id, if it had one.
   * @param stored Its number in the mailbox, if it comes from there.
   * @param place Where it is kept, if it is.
   * @param remarks What it says beside its text, if anything; only that is kept of the object.
   */
  constructor(
    envelope: Envelope,
    textJson: string,
    id?: RequestId,
    stored?: number,
    place?: Place,
    remarks?: Remarks,
  ) {
    this.envelope = envelope;
    this.#textJson = textJson;
    this.#id = id;
    this.stored = stored;
    this.place = place;
    this.reply = remarks?.reply;
    this.kind = remarks?.kind;
  }

  /** Makes the line for a dialect, with its end. */
  lineFor(key: EventKey): string {
    const head = this.envelope.headFor(key);
    const { place, stored, reply, kind } = this;
    return encodeDelivery(head, this.#textJson, this.#id, stored, place?.seq, reply, kind);
  }

  /** The text as JSON. */
  get textJson(): string {
    return this.#textJson;
  }

  /** The request's id, if it had one. */
  get id(): RequestId | undefined {
    return this.#id;
  }

  /** UTF-16 units of the text as JSON: what a message that is kept takes, but for its fixed part. */
  get units(): number {
    return this.#textJson.length;
  }

  /** Lets go of the larger text that its own texts are parts of: for messages that are kept. */
  detach(): void {
    this.#textJson = detached(this.#textJson);
    if (typeof this.#id === "string") this.#id = detached(this.#id);
  }

  /**
   * The message as it goes to a mailbox.
   *
   * @param folded Whose, folded.
   */
  toLetter(folded: string): Letter {
    const { from, to, time } = this.envelope;
    const message = JSON.parse(this.#textJson);
    const { place, reply, kind, sent } = this;
    return {
      ...{ folded, to, from, message, time, id: this.#id },
      ...(place !== undefined && { place }),
      ...(place !== undefined && reply !== undefined && { reply }), // what is kept nowhere answers nothing
      ...(kind !== undefined && { kind }),
      ...(sent !== undefined && { sent }),
    };
  }
}

/**
 * The message that is asked for.
 *
 * @param place Where it is kept, if it is.
 */
export function messageIn(envelope: Envelope, request: MsgRequest, place?: Place): Message {
  return new Message(envelope, textOf(request), request.id, undefined, place, request);
}

/** The text of a request as JSON. */
export function textOf({ message, messageJson }: MsgRequest): string {
  return messageJson ?? JSON.stringify(message);
}
