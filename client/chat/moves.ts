/**
 * Who comes into rooms and who leaves them, gathered.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";

/** Who came into a room and who left it within a few seconds. */
export interface Moved {
  /** The room. */
  readonly room: string;
  /** Who came, in order. */
  readonly came: readonly string[];
  /** Who left, in order. */
  readonly went: readonly string[];
  /** When the first of them did, in Unix seconds. */
  readonly time: number;
}

/** What {@linkcode Moves} are made of. */
export interface MovesOptions {
  /** Shows what has gathered. */
  readonly show: (moved: Moved) => void;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** For how long it gathers, from the first one on. */
const GATHER_MS = 3_000;

interface Gathering {
  readonly room: string;
  readonly time: number;
  readonly timer: Timer;
  /** Folded name → name, and whether they came. */
  readonly people: Map<string, { readonly name: string; readonly isIn: boolean }>;
}

/**
 * Gathers who comes and who leaves for three seconds, or until something is said in the room, so that a crowd is one line
 * and not hundreds. Who is back within that time, or gone again, is not told of.
 */
export class Moves {
  readonly #options: MovesOptions;
  readonly #rooms = new Map<string, Gathering>();

  /** Has gathered nothing yet. */
  constructor(options: MovesOptions) {
    this.#options = options;
  }

  /**
   * Somebody came or left.
   *
   * @param time When, in Unix seconds.
   */
  add(room: string, came: readonly string[], went: readonly string[], time: number): void {
    const folded = foldName(room);
    let gathering = this.#rooms.get(folded);
    if (gathering === undefined) {
      const timer = this.#options.clock.setTimeout(() => this.flush(room), GATHER_MS);
      gathering = { room, time, timer, people: new Map() };
      this.#rooms.set(folded, gathering);
    }
    for (const name of came) note(gathering, name, true);
    for (const name of went) note(gathering, name, false);
  }

  /** Something else is to be shown now of a room, or of all: shows what has gathered there. */
  flush(room?: string): void {
    const keys = room === undefined ? [...this.#rooms.keys()] : [foldName(room)];
    for (const key of keys) {
      const gathering = this.#rooms.get(key);
      if (gathering === undefined) continue;
      this.#rooms.delete(key);
      this.#options.clock.clearTimeout(gathering.timer);
      const people = [...gathering.people.values()];
      const namesOf = (isIn: boolean): string[] =>
        people.filter((one) => one.isIn === isIn).map(({ name }) => name);
      if (people.length === 0) continue;
      const { room, time } = gathering;
      this.#options.show({ room, came: namesOf(true), went: namesOf(false), time });
    }
  }
}

function note({ people }: Gathering, name: string, isIn: boolean): void {
  const folded = foldName(name);
  const before = people.get(folded);
  if (before === undefined) people.set(folded, { name, isIn });
  else if (before.isIn !== isIn) people.delete(folded);
}
