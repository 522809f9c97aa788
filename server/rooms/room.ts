/**
 * One room.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { Registry } from "../people/registry.ts";
import type { User } from "../people/user.ts";
import type { OpenedRoom, StoredRoom } from "../store/room_store.ts";
import type { Gathering } from "./gathering.ts";
import { HeldFrames } from "./held_frames.ts";
import { RoomPolicy } from "./room_policy.ts";

/** What makes a room last. */
export interface Lasting {
  /** Its number in the store, never used again. */
  readonly id: number;
  /** Where its messages are kept; `undefined` if none are, or that is not known yet: the delivery's own. */
  conversation: number | undefined;
  /** The number of its newest message, which may be on its way to disk; 0 if there is none: the delivery's own. */
  last: number;
}

/** A room that somebody is in. */
export class Room {
  /** The name as its maker typed it. */
  readonly name: string;
  /** The name under which it is looked up. */
  readonly folded: string;
  /** The name as JSON text, made once for all frames that carry it. */
  readonly nameJson: string;
  /** Who is in. */
  readonly members: Registry<User> = new Registry<User>();
  /** Whether it is in memory no more: another one of its name may be. */
  isGone = false;
  /** How many are about to come in: it stays for them. */
  expected = 0;
  /** Who came and went and was not told to all yet, once somebody did: the delivery's own, until the room goes. */
  gathering: Gathering | undefined;
  #topic = "";
  #policy: RoomPolicy;
  #lasting: Lasting | undefined;
  #held: Map<User, HeldFrames> | undefined;

  /**
   * Makes a room without members.
   *
   * @param name A valid room name.
   * @param stored What the store has of it; a room without that goes with its last member.
   */
  constructor(name: string, stored?: OpenedRoom) {
    this.name = stored?.name ?? name;
    this.folded = foldName(name);
    this.nameJson = JSON.stringify(this.name);
    this.#policy = new RoomPolicy(stored);
    if (stored === undefined) return;
    this.#topic = stored.topic;
    const { id, conversation, last } = stored;
    this.#lasting = { id, conversation, last };
  }

  /** Set if the room exists without members, too. */
  get lasting(): Lasting | undefined {
    return this.#lasting;
  }

  /** What it is about. */
  get topic(): string {
    return this.#topic;
  }

  /** What holds in it, and who is what. */
  get policy(): RoomPolicy {
    return this.#policy;
  }

  /** It is as the store has it from now on. */
  update(stored: StoredRoom): void {
    this.#topic = stored.topic;
    this.#follow(new RoomPolicy(stored));
  }

  /** It went with its last member, and exists without any from now on. What was said so far is not kept. */
  becomeLasting(stored: StoredRoom): void {
    this.#lasting = { id: stored.id, conversation: undefined, last: 0 };
    this.update(stored);
  }

  /** An account is no more. */
  forgetAccount(folded: string): void {
    this.#follow(this.#policy.without(folded));
  }

  /** Whose frames are held; `undefined` if nobody's are. */
  get held(): ReadonlyMap<User, HeldFrames> | undefined {
    return this.#held;
  }

  /**
   * Holds the messages for a user, who need not be a member yet, until the result is disposed of; a member's notices, too.
   *
   * @param user Whoever comes back after a lost connection may ask anew while the first question is not answered: what
   * is held for that one is released.
   */
  hold(user: User): HeldFrames {
    const earlier = this.#held?.get(user);
    if (earlier !== undefined) this.release(user, earlier);
    const onEnd = (): void => {
      if (this.#held?.get(user) !== frames) return;
      this.#held.delete(user);
      if (this.#held.size === 0) this.#held = undefined;
    };
    const frames = new HeldFrames(user, onEnd, earlier);
    this.#held ??= new Map();
    this.#held.set(user, frames);
    return frames;
  }

  /**
   * What is held waits for an answer no longer: a member gets it, nobody else does.
   *
   * @returns Settles when it is out. Never rejects.
   */
  release(user: User, frames: HeldFrames): Promise<void> | undefined {
    if (this.members.has(user)) return frames.putOut();
    frames[Symbol.dispose]();
    return undefined;
  }

  /** What is said of guests of that name holds for the account. */
  adopt(folded: string): void {
    this.#follow(this.#policy.adopting(folded));
  }

  #follow(policy: RoomPolicy): void {
    this.#policy = policy;
    this.members.changed(); // lists tell roles
  }
}

/** The rooms that last which a user is in, by number. */
export function lastingRooms({ rooms }: Pick<User, "rooms">): number[] {
  return [...rooms].flatMap(({ lasting }) => lasting?.id ?? []);
}
