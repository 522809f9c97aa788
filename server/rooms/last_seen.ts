/**
 * Where guests were when they went out of a room.
 *
 * @module
 */

import { RecentMap } from "./recent_map.ts";

/** Guests that are remembered, of all rooms together; about 1.5 MB. */
const MAX_GUESTS = 10_000;

/**
 * Remembers from which network a guest was in a room that lasts, so that who has just gone can still be kept out. Only in
 * memory: a guest's name and address are written nowhere unless a moderator has a reason.
 */
export class LastSeen {
  readonly #networks: RecentMap<string>;

  /**
   * Remembers nobody.
   *
   * @param limit Guests that are remembered, each room counted.
   */
  constructor(limit: number = MAX_GUESTS) {
    this.#networks = new RecentMap(limit);
  }

  /**
   * A guest goes out of a room.
   *
   * @param room The room's number; of one that is not in memory, its folded name.
   * @param folded The guest's name.
   * @param network As `networkKey` gives it.
   */
  note(room: number | string, folded: string, network: string): void {
    this.#networks.set(keyOf(room, folded), network);
  }

  /** Where a guest of that name was last seen in a room; `undefined` if that is not known. */
  find(room: number | string, folded: string): string | undefined {
    return this.#networks.get(keyOf(room, folded));
  }

  /** The rooms that a guest of that name has gone out of, from that network. */
  roomsOf(folded: string, network: string): number[] {
    const found: number[] = [];
    for (const [key, where] of this.#networks.entries()) {
      if (where !== network) continue;
      const [room, name] = key.split(" ");
      if (name === folded && !room!.startsWith("#")) found.push(Number(room));
    }
    return found;
  }
}

/** No name has a space, and all names of rooms begin with `#`. */
function keyOf(room: number | string, folded: string): string {
  return `${room} ${folded}`;
}
