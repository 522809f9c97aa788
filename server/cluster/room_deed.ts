/**
 * What somebody who runs a room asks for, with all that the decision depends on besides the room itself.
 *
 * @module
 */

import type { ModerationRequest, Target } from "../rooms/acts.ts";

/** Who does something: plain values of a `User`. */
export interface Actor {
  /** The name as shown. */
  readonly name: string;
  /** The folded name. */
  readonly folded: string;
  /** Whether it is an account's. */
  readonly isAccount: boolean;
  /** See `User.network`. */
  readonly network: string;
  /** See `User.origin`. */
  readonly origin: string;
}

/** A deed, as plain JSON values: every node decides on it alike. */
export interface RoomDeed {
  /** Who. */
  readonly by: Actor;
  /** What. */
  readonly request: ModerationRequest;
  /** To whom. */
  readonly target?: Target;
  /** Who is in under the target's name, as far as the asked node knows. */
  readonly member?: {
    /** The folded name. */
    readonly folded: string;
    /** Whether it is an account's. */
    readonly isAccount: boolean;
    /** See `User.origin`. */
    readonly origin: string;
  };
  /** Where the target is or was last seen in the room, if it is a guest and that is known. */
  readonly network?: string;
  /** Unix seconds, with fractions. */
  readonly now: number;
  /** Rooms that an account may own; 0 is no limit. */
  readonly maxRooms: number;
}
