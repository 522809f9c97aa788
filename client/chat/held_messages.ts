/**
 * Messages that came while something else was open, until their conversation is.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { Deleted, Delivery, Edited } from "../../common/wire/protocol.ts";

/** What is held of a conversation. */
export interface Held {
  /**
   * The last messages that were shown before the first of these that were not, if the server does not keep them; oldest
   * first.
   */
  readonly seen: readonly Delivery[];
  /** Those that were not shown; oldest first. */
  readonly unseen: readonly Delivery[];
  /** The same with what was shown since the first of them, as one's own messages are. */
  readonly since: readonly Delivery[];
  /** How many came before these and were too many. */
  readonly lost: number;
}

interface Entry {
  message: Delivery;
  isSeen: boolean;
  /** It had a line, though its conversation was not shown. */
  readonly isHinted?: boolean;
}

interface Place {
  readonly name: string;
  /** In the order in which they came. */
  readonly entries: Entry[];
  /** How many of them were shown. */
  seen: number;
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

  /**
   * A message was not shown.
   *
   * @param isHinted Whether it had a line all the same.
   */
  add(name: string, message: Delivery, isHinted = false): void {
    const place = this.#at(name);
    place.entries.push({ message, isSeen: false, isHinted });
    this.#grow(place, message.message.length);
    while (place.entries.length - place.seen > MAX_HELD || place.units > MAX_UNITS) {
      this.#drop(place);
    }
    while (this.#units > MAX_ALL_UNITS) this.#drop(this.#largest());
  }

  /** A message was shown, one's own perhaps; if the server keeps it, it need not be remembered here. */
  remember(name: string, message: Delivery): void {
    if (message.seq !== undefined) return;
    const place = this.#at(name);
    place.entries.push({ message, isSeen: true });
    place.seen++;
    this.#grow(place, message.message.length);
    if (place.seen > MAX_SEEN) this.#drop(place);
    while (this.#units > MAX_ALL_UNITS) this.#drop(this.#largest());
  }

  /** Whether this very message is held unseen; without a number nobody can tell. */
  has(name: string, { seq, time }: Delivery): boolean {
    if (seq === undefined) return false;
    return this.#unseen(name).some((one) => one.seq === seq && one.time === time);
  }

  /** How many messages of a conversation are held unseen whose numbers are higher. */
  count(name: string, after: number): number {
    return this.#unseen(name).filter(({ seq = 0 }) => seq > after).length;
  }

  /** Whether something of a conversation is unseen. */
  isWaiting(name: string): boolean {
    const place = this.#get(name);
    return place !== undefined && (place.entries.length > place.seen || place.lost > 0);
  }

  /**
   * The person answers: if all that waits there had a line, that means that it is seen.
   *
   * @returns To be called when the answer was taken: gives what is seen then and was not before. `undefined` if something
   * had no line.
   */
  answering(name: string): (() => readonly Delivery[]) | undefined {
    const place = this.#get(name);
    const waiting = place?.entries.filter(({ isSeen }) => !isSeen) ?? [];
    const isAll = (place?.lost ?? 0) === 0 && waiting.every(({ isHinted }) => isHinted);
    return isAll ? () => waiting.flatMap((entry) => this.#see(name, entry)) : undefined;
  }

  /** Gives what is held of a conversation: now it is seen. */
  take(name: string): Held {
    const { entries, lost } = this.#get(name) ?? { entries: [], lost: 0 };
    const unseen = this.#unseen(name);
    const first = entries.findIndex(({ isSeen }) => !isSeen);
    const messages = entries.map(({ message }) => message);
    this.forget(name);
    for (const message of messages.slice(-MAX_SEEN)) this.remember(name, message);
    return first === -1
      ? { seen: messages, unseen, since: [], lost }
      : { seen: messages.slice(0, first), unseen, since: messages.slice(first), lost };
  }

  /** A kept message was changed or deleted. */
  change(name: string, change: Edited | Deleted): void {
    const place = this.#get(name);
    // Of what is kept only the unseen is here.
    const index = place?.entries.findIndex(({ message }) => message.seq === change.seq) ?? -1;
    if (place === undefined || index === -1) return;
    const { message } = place.entries[index]!;
    this.#grow(place, -message.message.length);
    if (change.event === "delete") {
      place.entries.splice(index, 1);
    } else {
      place.entries[index]!.message = { ...message, message: change.message };
      this.#grow(place, change.message.length);
    }
  }

  /** Direct messages that nobody has seen or can look up: with the program they are gone. */
  unseenOnly(isRoom: (name: string) => boolean): Delivery[] {
    return [...this.#places.values()].filter(({ name }) => !isRoom(name))
      .flatMap(({ name }) => this.#unseen(name).filter(({ seq }) => seq === undefined));
  }

  /** The conversation is over: under its name there may be another one. */
  forget(name: string): void {
    const place = this.#get(name);
    if (place === undefined) return;
    this.#units -= place.units;
    this.#places.delete(foldName(name));
  }

  /** An entry that may be gone by now; what the server keeps need not be remembered here. */
  #see(name: string, entry: Entry): Delivery[] {
    const place = this.#get(name);
    const index = place?.entries.indexOf(entry) ?? -1;
    if (place === undefined || index === -1 || entry.isSeen) return [];
    const { message } = entry;
    if (message.seq === undefined) {
      entry.isSeen = true;
      place.seen++;
      if (place.seen > MAX_SEEN) this.#drop(place);
    } else {
      place.entries.splice(index, 1);
      this.#grow(place, -message.message.length);
    }
    return [message];
  }

  #unseen(name: string): Delivery[] {
    const entries = this.#get(name)?.entries ?? [];
    return entries.flatMap(({ message, isSeen }) => isSeen ? [] : [message]);
  }

  #get(name: string): Place | undefined {
    return this.#places.get(foldName(name));
  }

  #at(name: string): Place {
    const found = this.#get(name);
    if (found !== undefined) return found;
    if (this.#places.size >= MAX_PLACES) this.forget(this.#places.keys().next().value!);
    const place: Place = { name, entries: [], seen: 0, lost: 0, units: 0 };
    this.#places.set(foldName(name), place);
    return place;
  }

  #grow(place: Place, units: number): void {
    place.units += units;
    this.#units += units;
  }

  /** The oldest message of a conversation goes; those that were shown go first. */
  #drop(place: Place): void {
    const index = Math.max(0, place.entries.findIndex(({ isSeen }) => isSeen));
    const [gone] = place.entries.splice(index, 1);
    if (gone?.isSeen) place.seen--;
    else place.lost++;
    this.#grow(place, -(gone?.message.message.length ?? 0));
  }

  #largest(): Place {
    const places = [...this.#places.values()];
    return places.reduce((one, other) => other.units > one.units ? other : one);
  }
}
