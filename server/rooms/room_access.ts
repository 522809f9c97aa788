/**
 * What people may do in the rooms of this process.
 *
 * @module
 */

import type { RoomRole } from "../../common/wire/protocol.ts";
import type { User } from "../people/user.ts";
import { RecentMap } from "./recent_map.ts";
import { holds, type Refusal, refusalOf, type RoomAction } from "./roles.ts";
import type { Room } from "./room.ts";
import type { Presence, RoomPolicy } from "./room_policy.ts";

/** Members whose last word is remembered, of all rooms in slow mode together; about 10 MB. */
const MAX_SPEAKERS = 100_000;

/** Who asks. */
export type Asker = Pick<User, "folded" | "isAccount" | "network" | "origin">;

/**
 * Asks `refusalOf` with what the server knows at this moment. All that enters, speaks, reads or lists asks here.
 *
 * When somebody said their last word in a slow room is remembered here and not by the room, for who goes out and comes
 * back, or finds the room empty, has said it all the same.
 */
export class RoomAccess {
  readonly #now: () => number;
  readonly #lastWords: RecentMap<number>;

  /**
   * Knows nobody's last word.
   *
   * @param now Unix seconds, with fractions.
   * @param maxSpeakers Last words that are remembered.
   */
  constructor(now: () => number, maxSpeakers: number = MAX_SPEAKERS) {
    this.#now = now;
    this.#lastWords = new RecentMap(maxSpeakers);
  }

  /** Unix seconds, with fractions. */
  get now(): number {
    return this.#now();
  }

  /** Why a user may not do something in a room now; `undefined` if they may. */
  refusal(action: RoomAction, user: User, room: Room, target?: RoomRole): Refusal | undefined {
    const { policy, members } = room;
    const spokeAt = policy.rules.slow > 0 ? this.#lastWords.get(keyOf(room, user)) : undefined;
    return this.refusalIn(policy, action, user, { isMember: members.has(user), spokeAt }, target);
  }

  /** The same for who wants to speak, at next to no cost where all members may. */
  speechRefusal(user: User, room: Room): Refusal | undefined {
    if (!room.policy.limitsSpeech && room.members.has(user)) return undefined;
    return this.refusal("speak", user, room);
  }

  /**
   * The same where nobody is in, or from what the store says.
   *
   * @param target The role of whom it is done to.
   */
  refusalIn(
    policy: RoomPolicy,
    action: RoomAction,
    asker: Asker,
    presence: Presence = { isMember: false },
    target: RoomRole = "member",
  ): Refusal | undefined {
    return refusalAt(this.#now(), { policy, action, asker, presence, target });
  }

  /** Whether a ban or a mute holds for somebody. */
  isSanctioned(policy: RoomPolicy, asker: Asker): boolean {
    const { folded, isAccount } = asker;
    return networksOf(asker).some((network) => {
      const person = { folded, isAccount, network };
      const { ban, mute } = policy.standingOf(person, { isMember: false });
      return holds(ban, this.#now()) || holds(mute, this.#now());
    });
  }

  /** Somebody on another node has said something in a room that is not in memory here: it may be in slow mode. */
  spokeElsewhere({ folded }: Pick<User, "folded">, id: number): void {
    this.#lastWords.set(wordsKey(id, folded), this.#now());
  }

  /**
   * Somebody says something in a room now.
   *
   * @returns Takes that back: nothing has come of it.
   */
  spoke(user: Pick<User, "folded">, room: Room): () => void {
    if (room.policy.rules.slow === 0) return NOTHING;
    const key = keyOf(room, user);
    const before = this.#lastWords.get(key);
    this.#lastWords.set(key, this.#now());
    return () => {
      if (before === undefined) this.#lastWords.delete(key);
      else this.#lastWords.set(key, before);
    };
  }
}

const NOTHING = (): void => {};

/** What somebody wants to do in a room. */
export interface Question {
  /** What holds in the room. */
  readonly policy: RoomPolicy;
  /** What. */
  readonly action: RoomAction;
  /** Who. */
  readonly asker: Asker;
  /** See {@linkcode RoomPolicy.standingOf}. */
  readonly presence: Presence;
  /** The role of whom it is done to. */
  readonly target: RoomRole;
}

/**
 * Why somebody may not do something at a moment, from wherever their session was; `undefined` if they may.
 *
 * @param now Unix seconds, with fractions.
 */
export function refusalAt(
  now: number,
  { policy, action, asker, presence, target }: Question,
): Refusal | undefined {
  const { folded, isAccount } = asker;
  for (const network of networksOf(asker)) {
    const standing = policy.standingOf({ folded, isAccount, network }, presence);
    const refusal = refusalOf(action, policy.rules, standing, now, target);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/**
 * Where a user comes from. A guest's session that goes on from elsewhere is still the one that began where it did, so
 * that nobody shakes off a mute by it.
 */
function networksOf({ isAccount, network, origin }: Asker): readonly string[] {
  return isAccount || origin === network ? [network] : [network, origin];
}

/** A guest who becomes an account keeps the name, and so the last word. */
function keyOf({ lasting }: Room, { folded }: Pick<User, "folded">): string {
  return wordsKey(lasting!.id, folded);
}

/** No name has a space. */
function wordsKey(room: number, folded: string): string {
  return `${room} ${folded}`;
}
