/**
 * What was missed in one conversation, on its way.
 *
 * @module
 */

import { detached } from "../../common/detached.ts";
import { type Delivery, isRoomAddress, type KeptDelivery } from "../../common/wire/protocol.ts";
import type { ClientEvent } from "./events.ts";
import type { Receipt } from "./inbox.ts";

/** What has to come behind the messages that were missed. */
export interface Arrival {
  /** A message or what has become of one. */
  readonly event: ClientEvent & { type: "message" | "change" };
  /** Of a message: what the inbox gave for it. */
  readonly receipt?: Receipt | undefined;
}

/**
 * One conversation in which messages were missed. What arrives there meanwhile waits in here, also across further lost
 * connections, until its turn comes in the order of the numbers.
 */
export class Gap {
  /** With whom: a name, or a room. */
  readonly name: string;
  /** The last message that has gone through here. */
  cursor: number;
  /** The last one that is missing, if that is known: what is numbered higher is delivered. */
  upTo: number | undefined;
  /** How many messages have gone through here. */
  count = 0;
  /** Whether the next page may be asked for on the connection that there is. */
  isReady = false;
  #waiting: Arrival[] = [];
  #units = 0;

  /**
   * Makes a gap that nothing has gone through yet.
   *
   * @param after The last message that was seen.
   */
  constructor(name: string, after: number) {
    this.name = name;
    this.cursor = after;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** How many UTF-16 units their lines have. */
  get units(): number {
    return this.#units;
  }

  /** The lowest number that waits, if any does. */
  get next(): number | undefined {
    return this.#waiting.map(seqOf).find((seq) => seq !== undefined);
  }

  /** Something has arrived that comes behind what is missing. */
  hold(arrival: Arrival): void {
    arrival.event.line = detached(arrival.event.line);
    this.#waiting.push(arrival);
    this.#units += arrival.event.line.length;
  }

  /**
   * Takes out what waits, in the order in which it came, up to the first message with a higher number.
   *
   * @default {Infinity} All.
   */
  take(seq: number = Infinity): Arrival[] {
    const found = this.#waiting.findIndex((arrival) => (seqOf(arrival) ?? 0) > seq);
    const taken = this.#waiting.splice(0, found === -1 ? this.#waiting.length : found);
    for (const { event } of taken) this.#units -= event.line.length;
    return taken;
  }
}

/** The number by which an arrival has its place; none for what takes the place at which it came. */
export function seqOf({ event }: Arrival): number | undefined {
  return event.type === "message" ? event.message.seq : undefined;
}

/** With whom the conversation is in which something has arrived. */
export function partnerOf({ event }: Arrival, isOwn: (name: string) => boolean): string {
  const { to, from } = event.type === "message" ? event.message : event.change;
  return isRoomAddress(to) || isOwn(from) ? to : from;
}

/** A kept message as if it were delivered now; nothing for one that was deleted. */
export function toDelivery(kept: KeptDelivery): Delivery | undefined {
  const { time, to, from, message, id, reply, kind, seq, deleted } = kept;
  if (deleted || message === undefined) return undefined;
  return {
    ...{ event: "msg", time, to, from, message },
    ...(id === undefined ? {} : { id }),
    ...(reply === undefined ? {} : { reply }),
    ...(kind === undefined ? {} : { kind }),
    seq,
  };
}
