/**
 * What all connections of one server share, handed to whoever needs it.
 *
 * @module
 */

import type { Clock } from "../common/clock.ts";
import type { Encoder } from "../common/wire/slab_encoder.ts";
import type { Log } from "../common/log.ts";
import type { SplitterPool } from "../common/wire/splitter.ts";
import type { AnswerEncoder } from "./connection/answer_encoder.ts";
import type { LoginThrottle } from "./accounts/login_throttle.ts";
import type { Member } from "./people/member.ts";
import type { Passwords } from "./accounts/passwords.ts";
import type { Rooms } from "./rooms/rooms.ts";
import type { Roster } from "./people/registry.ts";
import type { ServerSettings } from "./flags.ts";
import type { Store } from "./store/store.ts";
import type { Turns } from "./connection/turns.ts";

/** The server, as its sessions and event handlers see it. */
export interface ServerContext {
  /** Who is online. A name is claimed with `add` and freed with `remove`. */
  readonly registry: Roster<Member>;
  /** The rooms. */
  readonly rooms: Rooms;
  /** Names, accounts and mailboxes. */
  readonly store: Store;
  /** Hashes and checks passwords. */
  readonly passwords: Passwords;
  /** Slows down who guesses passwords. */
  readonly loginThrottle: LoginThrottle;
  /** Where time comes from. */
  readonly clock: Clock;
  /** What splits the lines of all connections. */
  readonly splitters: SplitterPool;
  /** Makes lines of answers. */
  readonly answers: AnswerEncoder;
  /** Makes bytes of frames, for all connections. */
  readonly encoder: Encoder;
  /** Fair shares of the event loop. */
  readonly turns: Turns;
  /** What the operator set. */
  readonly settings: ServerSettings;
  /** Where to say what happens. */
  readonly log: Log;
}
