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
/** After a lost connection others may take as long to come back as it was lost; but nobody waits longer for them. */
const MAX_RETURN_MS = 10_000;

interface Gathering {
  readonly room: string;
  time: number;
  timer: Timer | undefined;
  /** The connection was lost: those who went with it may come back. */
  isSettling: boolean;
  /** Folded name → name, and whether they came. */
  readonly people: Map<string, { readonly name: string; readonly isIn: boolean }>;
}

/**
 * Gathers who comes and who leaves for three seconds, or until something is said in the room, so that a crowd is one line
 * and not hundreds. Who is back within that time, or gone again, is not told of.
 *
 * When the connection is lost, what has gathered waits for the return. If the session is gone, it is settled then against
 * who is in the room; who is not there has as long to come back as the connection was lost, between three and ten seconds.
 */
export class Moves {
  readonly #options: MovesOptions;
  readonly #rooms = new Map<string, Gathering>();
  #lostMs: number | undefined;
  /** How long it gathers after the last return. */
  #returnMs = GATHER_MS;

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
    const gathering = this.#at(room, time);
    for (const name of came) note(gathering, name, true);
    for (const name of went) note(gathering, name, false);
  }

  /** The connection is lost. */
  lost(): void {
    const { clock } = this.#options;
    this.#lostMs ??= clock.monotonicMs();
    for (const gathering of this.#rooms.values()) {
      clock.clearTimeout(gathering.timer);
      gathering.isSettling = true;
    }
  }

  /**
   * The connection is back.
   *
   * @param isResumed Whether the session goes on; else it is told of each room who is there.
   */
  back(isResumed: boolean): void {
    const { clock } = this.#options;
    const lostForMs = this.#lostMs === undefined ? 0 : clock.monotonicMs() - this.#lostMs;
    this.#lostMs = undefined;
    this.#returnMs = Math.min(MAX_RETURN_MS, Math.max(GATHER_MS, lostForMs));
    for (const gathering of this.#rooms.values()) {
      gathering.isSettling = !isResumed;
      this.#start(gathering, isResumed ? GATHER_MS : this.#returnMs);
    }
  }

  /**
   * One is in a room again, in a new session.
   *
   * @param before Who was in before, as far as that was told; nobody if it is not known.
   * @param now Who is in.
   */
  returned(room: string, before: readonly string[], now: readonly string[]): void {
    const time = this.#options.clock.epochMs() / 1_000;
    const gathering = this.#at(room, time);
    const { people } = gathering;
    const waiting = [...people.values()];
    // If it is not known who was in, those alone are settled who wait to be told of.
    const isKnown = before.length > 0;
    const were = isKnown ? before : waiting.filter(({ isIn }) => isIn).map(({ name }) => name);
    const gone = waiting.filter(({ isIn }) => !isIn).map(({ name }) => name);
    const came = isKnown ? without(now, were) : without(gone, without(gone, now));
    this.add(room, came, without(were, now), time);
    if (people.size === 0) return this.forget(room);
    Object.assign(gathering, { time, isSettling: true });
    this.#start(gathering, this.#returnMs);
  }

  /** One is in a room no more. */
  forget(room: string): void {
    this.#options.clock.clearTimeout(this.#rooms.get(foldName(room))?.timer);
    this.#rooms.delete(foldName(room));
  }

  /**
   * Something else is to be shown now of a room, or of all: shows what has gathered there, but not who may still come
   * back.
   */
  flush(room?: string): void {
    const keys = room === undefined ? [...this.#rooms.keys()] : [foldName(room)];
    for (const key of keys) {
      const gathering = this.#rooms.get(key);
      if (gathering === undefined) continue;
      const { room, time, people, isSettling } = gathering;
      const namesOf = (isIn: boolean): string[] =>
        [...people.values()].filter((one) => one.isIn === isIn).map(({ name }) => name);
      const came = namesOf(true);
      const went = isSettling ? [] : namesOf(false);
      for (const name of came) people.delete(foldName(name));
      if (!isSettling) this.forget(room);
      if (came.length + went.length > 0) this.#options.show({ room, came, went, time });
    }
  }

  #at(room: string, time: number): Gathering {
    const found = this.#rooms.get(foldName(room));
    if (found !== undefined) return found;
    const made = { room, time, timer: undefined, isSettling: false, people: new Map() };
    this.#rooms.set(foldName(room), made);
    this.#start(made, GATHER_MS);
    return made;
  }

  #start(gathering: Gathering, forMs: number): void {
    const { clock } = this.#options;
    clock.clearTimeout(gathering.timer);
    gathering.timer = clock.setTimeout(() => {
      gathering.isSettling = false;
      this.flush(gathering.room);
    }, forMs);
  }
}

function note({ people }: Gathering, name: string, isIn: boolean): void {
  const folded = foldName(name);
  const before = people.get(folded);
  if (before === undefined) people.set(folded, { name, isIn });
  else if (before.isIn !== isIn) people.delete(folded);
}

/** The names that are not among others. */
function without(names: readonly string[], others: readonly string[]): string[] {
  const folded = new Set(others.map(foldName));
  return names.filter((name) => !folded.has(foldName(name)));
}
