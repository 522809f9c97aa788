/**
 * What a room is set to, and who is what there.
 *
 * @module
 */

import { createHash } from "node:crypto";

import type { RoomRole } from "../../common/wire/protocol.ts";
import type { StoredRoom, StoredSanction } from "../store/room_store.ts";
import type { RoomRules, Standing } from "./roles.ts";

/** Somebody whose standing is asked for. */
export interface Person {
  /** The folded name. */
  readonly folded: string;
  /** Whether it is an account's: what was said of a guest of the same name does not hold for it. */
  readonly isAccount: boolean;
  /** The network that they come from, as `networkKey` gives it; `undefined` if they are not here. */
  readonly network?: string;
}

/** What {@linkcode RoomPolicy.standingOf} cannot know. */
export interface Presence {
  /** Whether they are in. */
  readonly isMember: boolean;
  /** Unix seconds at which they last said something there; `undefined` if that is long ago. */
  readonly spokeAt?: number | undefined;
}

/** What a guest's room is set to. */
const PASSING: RoomRules = { isLasting: false, isPrivate: false, isModerated: false, slow: 0 };

/**
 * What holds in a room, as the store had it at one moment; never changed. `refusalOf` says what follows from it.
 *
 * Bans and mutes are of an account or of a guest. A guest's ban holds for guests of that name, and for all guests of the
 * network where they were last seen in the room; a guest's mute for guests of that name from there.
 */
export class RoomPolicy {
  /** Settings. */
  readonly rules: RoomRules;
  /** Whether what one may say has to be looked into at all. */
  readonly limitsSpeech: boolean;
  readonly #room: StoredRoom | undefined;
  readonly #roles: ReadonlyMap<string, RoomRole>;
  readonly #invited: ReadonlySet<string>;
  readonly #bans: readonly StoredSanction[];
  readonly #mutes: readonly StoredSanction[];

  /** Of a room that lasts; without one, of a room that goes with its last member. */
  constructor(room?: StoredRoom) {
    this.rules = room ?? PASSING;
    this.#room = room;
    this.#roles = new Map(room?.roles.map(({ folded, role }) => [folded, role]));
    this.#invited = new Set(room?.invited.map(({ folded }) => folded));
    const sanctions = room?.sanctions ?? [];
    this.#bans = sanctions.filter(({ kind }) => kind === "ban");
    this.#mutes = sanctions.filter(({ kind }) => kind === "mute");
    const { isModerated, slow } = this.rules;
    this.limitsSpeech = isModerated || slow > 0 || this.#mutes.length > 0;
  }

  /** What somebody is there, in the room or not. */
  roleOf({ folded, isAccount }: Pick<Person, "folded" | "isAccount">): RoomRole {
    return isAccount ? this.#roles.get(folded) ?? "member" : "member";
  }

  /** All that decides on what somebody may do. */
  standingOf(person: Person, { isMember, spokeAt }: Presence): Standing {
    return {
      role: this.roleOf(person),
      isMember,
      isInvited: person.isAccount && this.#invited.has(person.folded),
      ban: this.#termOf(this.#bans, person),
      mute: this.#termOf(this.#mutes, person),
      spokeAt,
    };
  }

  /** The same when an account is no more: who makes one of that name is nothing yet. */
  without(account: string): RoomPolicy {
    const room = this.#room;
    if (room === undefined) return this;
    return new RoomPolicy({
      ...room,
      roles: room.roles.filter(({ folded }) => folded !== account),
      invited: room.invited.filter(({ folded }) => folded !== account),
      sanctions: room.sanctions.filter(({ folded, isAccount }) => !isAccount || folded !== account),
    });
  }

  /** The sanction that holds the longest. */
  #termOf(sanctions: readonly StoredSanction[], person: Person): StoredSanction | undefined {
    if (sanctions.length === 0) return undefined;
    const mark = person.network === undefined || person.isAccount
      ? undefined
      : networkMark(this.#room!.id, person.network);
    return sanctions
      .filter((sanction) => isMeant(sanction, person, mark))
      .reduce<StoredSanction | undefined>(
        (longest, sanction) => endOf(sanction) > endOf(longest) ? sanction : longest,
        undefined,
      );
  }
}

/**
 * A network as a room remembers it: whoever reads the database does not see where people are, though somebody
 * determined can try out all IPv4 addresses.
 *
 * @param room The room's number.
 * @param network As `networkKey` gives it.
 * @returns Text that begins with the {@linkcode networkBucket}.
 */
export function networkMark(room: number, network: string): string {
  return networkBucket(network) + hashOf(`${room} ${network}`);
}

/**
 * What the marks of a network have in common in all rooms, so that those that may be of it are found by an index. Of
 * 4096 networks one has the same, so that it does not say which one it is.
 *
 * @param network As `networkKey` gives it.
 * @returns Two characters.
 */
export function networkBucket(network: string): string {
  return hashOf(network).slice(0, 2);
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** @param mark Where a guest comes from. */
function isMeant(sanction: StoredSanction, person: Person, mark: string | undefined): boolean {
  if (sanction.isAccount !== person.isAccount) return false;
  const isNamed = sanction.folded === person.folded;
  if (person.isAccount || sanction.network === undefined) return isNamed;
  const isFromThere = sanction.network === mark;
  return sanction.kind === "ban" ? isNamed || isFromThere : isNamed && isFromThere;
}

function endOf(sanction: StoredSanction | undefined): number {
  return sanction === undefined ? -Infinity : sanction.until ?? Infinity;
}
