/**
 * Who came into a room and went out of it, gathered into lists.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import type { Notice } from "../../common/wire/protocol.ts";
import type { User } from "../people/user.ts";
import { gatheredNotice } from "./notices.ts";
import type { Room } from "./room.ts";

/** What somebody does who moves. */
export type Movement = "joined" | "left";

/** Somebody who has moved since the last lists. */
interface Mover {
  /** Who moved last under that name. */
  user: User;
  /** As whom the lists have to take them out first; `undefined` if they were not in at the beginning. */
  readonly leftAs: string | undefined;
  hasCome: boolean;
  isIn: boolean;
}

/** A list that is to be told. */
export interface GatheredNotice {
  /** The frame. */
  readonly notice: Notice;
  /** Whom alone it names, and who therefore need not get it. */
  readonly only: User | undefined;
}

/** How long lists are gathered. */
const WINDOW_MS = 1_000;
/** How many names a frame may have: they are then some 20 KiB at most. */
export const MAX_NAMES = 200;

/**
 * Gathers the comings and goings of one room. The first one after a quiet second is told at once; what follows is gathered
 * until a second has passed, and is told as lists.
 *
 * Guarantees:
 * 1. Whoever takes out, puts in and takes out the names of the lists, in their order, knows who is in: also of those who
 *    came and went several times, and whether or not they knew some of it before.
 * 2. There is one timer while something is gathered, and none otherwise.
 */
export class Gathering implements Disposable {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #movers = new Map<string, Mover>();
  /** Until when what happens is gathered, in the clock's monotonic milliseconds. */
  #untilMs = -Infinity;
  #timer: Timer | undefined;

  /**
   * Gathers nothing yet.
   *
   * @param onDue Called when what is gathered has to be told: calls {@linkcode Gathering.take}.
   */
  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /**
   * Somebody moves.
   *
   * @param isForAnybody Asked before something is gathered: whether there is anybody who will be told lists.
   * @returns Whether that is gathered; else it is to be told at once.
   */
  add(user: User, movement: Movement, isForAnybody: () => boolean): boolean {
    if (this.#movers.size === 0) {
      const nowMs = this.#clock.monotonicMs();
      if (nowMs >= this.#untilMs) {
        this.#untilMs = nowMs + WINDOW_MS;
        return false;
      }
      if (!isForAnybody()) return false;
      this.#timer = this.#clock.setTimeout(() => {
        this.#onDue();
        // It was not quiet: what comes now is gathered from its first one on.
        this.#untilMs = this.#clock.monotonicMs() + WINDOW_MS;
      }, this.#untilMs - nowMs);
    }
    const isIn = movement === "joined";
    const mover = this.#movers.get(user.folded);
    if (mover === undefined) {
      const leftAs = isIn ? undefined : user.name;
      this.#movers.set(user.folded, { user, leftAs, hasCome: isIn, isIn });
    } else {
      mover.user = user;
      mover.hasCome ||= isIn;
      mover.isIn = isIn;
    }
    return true;
  }

  /** Whether anything is gathered. */
  get isUnderWay(): boolean {
    return this.#movers.size > 0;
  }

  /** Whether somebody is in the lists. */
  names({ folded }: Pick<User, "folded">): boolean {
    return this.#movers.size > 0 && this.#movers.has(folded);
  }

  /**
   * The lists, in the order in which they have to be told: who was in and left, who came, and who of these went again.
   * From then on nothing is gathered.
   *
   * @param time Unix seconds.
   */
  take(room: Room, time: number): GatheredNotice[] {
    const movers = [...this.#movers.values()];
    this[Symbol.dispose]();
    const came = movers.filter(({ hasCome }) => hasCome);
    return [
      ...listed(room, "left", movers.map(asAtFirst).filter((named) => named !== undefined), time),
      ...listed(room, "joined", came.map(asLast), time),
      ...listed(room, "left", came.filter(({ isIn }) => !isIn).map(asLast), time),
    ];
  }

  /** Drops what is gathered: there is nobody to be told. */
  [Symbol.dispose](): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#movers.clear();
  }
}

/** Somebody under the name by which a list has them. */
interface Named {
  readonly user: User;
  readonly name: string;
}

function asAtFirst({ user, leftAs: name }: Mover): Named | undefined {
  return name === undefined ? undefined : { user, name };
}

function asLast({ user }: Mover): Named {
  return { user, name: user.name };
}

function listed(
  room: Room,
  movement: Movement,
  movers: readonly Named[],
  time: number,
): GatheredNotice[] {
  const notices: GatheredNotice[] = [];
  for (let at = 0; at < movers.length; at += MAX_NAMES) {
    const part = movers.slice(at, at + MAX_NAMES);
    const names = part.map(({ name }) => name);
    const only = part.length === 1 ? part[0]!.user : undefined;
    notices.push({ notice: gatheredNotice(room, movement, names, time), only });
  }
  return notices;
}
