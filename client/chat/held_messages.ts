/**
 * Messages that came while something else was open, until their conversation is.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { Deleted, Delivery, Edited } from "../../common/wire/protocol.ts";

/** What is held of a conversation. */
export interface Held {
  /** The last messages that were shown, if the server does not keep them; oldest first. */
  readonly seen: readonly Delivery[];
  /** Those that were not shown; oldest first. */
  readonly unseen: readonly Delivery[];
  /** How many came before these and were too many. */
  readonly lost: number;
}

interface Place {
  readonly name: string;
  seen: Delivery[];
  unseen: Delivery[];
  lost: number;
  /** UTF-16 units of all texts. */
  units: number;
}

/** Messages of one conversation that are held unseen. */
export const MAX_HELD = 500;
/** UTF-16 units of their texts. */
const MAX_UNITS = 262_144;
/** UTF-16 units of all conversations. */
const MAX_ALL_UNITS = 4_194_304;
/** Conversations; so many names write to nobody but to whom is flooded. */
const MAX_PLACES = 1_000;
/** Shown messages of one conversation that are remembered, as many as the server gives when one is opened. */
const MAX_SEEN = 10;

/**
 * Holds messages in memory. If that is too much the oldest of a conversation go, and it is known how many; if all of them
 * are too much, those of the conversation that has most, so that nobody drives out what others wrote.
 */
export class HeldMessages {
  readonly #places = new Map<string, Place>();
  #units = 0;

  /** A message was not shown. */
  add(name: string, message: Delivery): void {
    const place = this.#at(name);
    place.unseen.push(message);
    this.#grow(place, message.message.length);
    while (place.unseen.length > MAX_HELD || place.units > MAX_UNITS) this.#drop(place);
    while (this.#units > MAX_ALL_UNITS) this.#drop(this.#largest());
  }

  /** A message was shown, one's own perhaps; if the server keeps it, it need not be remembered here. */
  remember(name: string, message: Delivery): void {
    if (message.seq !== undefined) return;
    const place = this.#at(name);
    place.seen.push(message);
    this.#grow(place, message.message.length);
    if (place.seen.length > MAX_SEEN) this.#drop(place);
    while (this.#units > MAX_ALL_UNITS) this.#drop(this.#largest());
  }

  /** Whether this very message is held unseen; without a number nobody can tell. */
  has(name: string, { seq, time }: Delivery): boolean {
    if (seq === undefined) return false;
    return this.#get(name)?.unseen.some((one) => one.seq === seq && one.time === time) ?? false;
  }

  /** How many messages of a conversation are held unseen whose numbers are higher. */
  count(name: string, after: number): number {
    return this.#get(name)?.unseen.filter(({ seq = 0 }) => seq > after).length ?? 0;
  }

  /** Whether something of a conversation is unseen. */
  isWaiting(name: string): boolean {
    const place = this.#get(name);
    return place !== undefined && (place.unseen.length > 0 || place.lost > 0);
  }

  /** Gives what is held of a conversation: now it is seen. */
  take(name: string): Held {
    const { seen, unseen, lost } = this.#get(name) ?? { seen: [], unseen: [], lost: 0 };
    this.forget(name);
    for (const message of [...seen, ...unseen].slice(-MAX_SEEN)) this.remember(name, message);
    return { seen, unseen, lost };
  }

  /** A kept message was changed or deleted. */
  change(name: string, change: Edited | Deleted): void {
    const place = this.#get(name);
    const index = place?.unseen.findIndex(({ seq }) => seq === change.seq) ?? -1;
    if (place === undefined || index === -1) return;
    const before = place.unseen[index]!;
    this.#grow(place, -before.message.length);
    if (change.event === "delete") {
      place.unseen.splice(index, 1);
    } else {
      place.unseen[index] = { ...before, message: change.message };
      this.#grow(place, change.message.length);
    }
  }

  /** Direct messages that nobody has seen or can look up: with the program they are gone. */
  unseenOnly(isRoom: (name: string) => boolean): Delivery[] {
    return [...this.#places.values()].filter(({ name }) => !isRoom(name))
      .flatMap(({ unseen }) => unseen.filter(({ seq }) => seq === undefined));
  }

  /** The conversation is over: under its name there may be another one. */
  forget(name: string): void {
    const place = this.#get(name);
    if (place === undefined) return;
    this.#units -= place.units;
    this.#places.delete(foldName(name));
  }

  #get(name: string): Place | undefined {
    return this.#places.get(foldName(name));
  }

  #at(name: string): Place {
    const found = this.#get(name);
    if (found !== undefined) return found;
    if (this.#places.size >= MAX_PLACES) this.forget(this.#places.keys().next().value!);
    const place: Place = { name, seen: [], unseen: [], lost: 0, units: 0 };
    this.#places.set(foldName(name), place);
    return place;
  }

  #grow(place: Place, units: number): void {
    place.units += units;
    this.#units += units;
  }

  /** The oldest message of a conversation goes. */
  #drop(place: Place): void {
    const isSeen = place.seen.length > 0;
    const gone = isSeen ? place.seen.shift() : place.unseen.shift();
    if (!isSeen) place.lost++;
    this.#grow(place, -(gone?.message.length ?? 0));
  }

  #largest(): Place {
    const places = [...this.#places.values()];
    return places.reduce((one, other) => other.units > one.units ? other : one);
  }
}
