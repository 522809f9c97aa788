/**
 * Who is in the rooms that a client is in, as far as that tells what is news.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { namesIn, type Notice } from "../../common/wire/protocol.ts";

/** How {@linkcode Rosters} behave. */
export interface RostersOptions {
  /** The name under which the client is online. */
  ownName: () => string | undefined;
  /**
   * UTF-16 units of all names together.
   *
   * @default {8388608}
   */
  maxUnits?: number;
}

const MAX_UNITS = 8_388_608;
/** What a name takes besides its text, in UTF-16 units, roughly. */
const NAME_UNITS = 32;

/**
 * Takes out of lists of who came and went what is no news: the client's own name, and what the answer to `join` has told
 * already.
 *
 * At most `maxUnits` are remembered. A room for which there is no place is forgotten, and all that is said of it is news
 * until it is entered anew.
 */
export class Rosters {
  readonly #ownName: () => string | undefined;
  readonly #maxUnits: number;
  /** Folded names of the members, by the room's folded name. */
  readonly #rooms = new Map<string, Set<string>>();
  #units = 0;

  /** Knows of no room. */
  constructor({ ownName, maxUnits = MAX_UNITS }: RostersOptions) {
    this.#ownName = ownName;
    this.#maxUnits = maxUnits;
  }

  /** The client has come into a room, where these are. */
  entered(room: string, users: readonly string[]): void {
    this.left(room);
    this.#rooms.set(foldName(room), new Set());
    for (const name of users) this.#add(foldName(room), foldName(name));
  }

  /** The client is no longer in a room. */
  left(room: string): void {
    const folded = foldName(room);
    for (const name of this.#rooms.get(folded) ?? []) this.#units -= name.length + NAME_UNITS;
    this.#rooms.delete(folded);
  }

  /** What is news of a notice; `undefined` if nothing is. */
  newsOf(notice: Notice): Notice | undefined {
    const { room, joined, left } = notice;
    if (room === undefined || (joined === undefined && left === undefined)) return notice;
    const folded = foldName(room);
    const went = namesIn(left).filter((name) => this.#remove(folded, foldName(name)));
    const came = namesIn(joined).filter((name) => this.#add(folded, foldName(name)));
    const news = { ...notice };
    if (Array.isArray(left)) this.#setNews(news, "left", went);
    if (Array.isArray(joined)) this.#setNews(news, "joined", came);
    return news.joined === undefined && news.left === undefined ? undefined : news;
  }

  #setNews(notice: Notice, field: "joined" | "left", names: readonly string[]): void {
    const own = foldName(this.#ownName() ?? "");
    const news = names.filter((name) => foldName(name) !== own);
    if (news.length > 0) notice[field] = news;
    else delete notice[field];
  }

  /** `false` if that was known. */
  #add(room: string, name: string): boolean {
    const names = this.#rooms.get(room);
    if (names === undefined) return true;
    if (names.has(name)) return false;
    this.#units += name.length + NAME_UNITS;
    names.add(name);
    if (this.#units > this.#maxUnits) this.left(room);
    return true;
  }

  /** `false` if that was known. */
  #remove(room: string, name: string): boolean {
    const names = this.#rooms.get(room);
    if (names === undefined) return true;
    if (!names.delete(name)) return false;
    this.#units -= name.length + NAME_UNITS;
    return true;
  }
}
