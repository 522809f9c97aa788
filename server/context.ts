/**
 * What event handlers may use: people, rooms, the way to them, and what is remembered. Nothing of connections.
 *
 * @module
 */

import type { Clock } from "../common/clock.ts";
import type { Log } from "../common/log.ts";
import type { LoginThrottle } from "./accounts/login_throttle.ts";
import type { Newcomers } from "./accounts/newcomers.ts";
import type { Passwords } from "./accounts/passwords.ts";
import type { TrustedNetworks } from "./accounts/trusted_networks.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { Nodes } from "./cluster/nodes.ts";
import type { Counters } from "./metrics/counters.ts";
import type { LastOnline } from "./people/last_online.ts";
import type { Registry } from "./people/registry.ts";
import type { User } from "./people/user.ts";
import type { Moderation } from "./rooms/moderation.ts";
import type { RoomAccess } from "./rooms/room_access.ts";
import type { Rooms } from "./rooms/rooms.ts";
import type { ServerSettings } from "./flags.ts";
import type { Store } from "./store/store.ts";

/** The server, as its event handlers see it. */
export interface ServerContext {
  /** Who is online; `people/attendance.ts` changes it. */
  readonly registry: Registry<User>;
  /** When people were last online. */
  readonly lastOnline: LastOnline;
  /** The other nodes of the same server. */
  readonly nodes: Nodes;
  /** The rooms. */
  readonly rooms: Rooms;
  /** Says who may do what in them. */
  readonly access: RoomAccess;
  /** Does what those ask for who run them. */
  readonly moderation: Moderation;
  /** Hands messages and notices to people. */
  readonly delivery: Delivery;
  /** Names, accounts and mailboxes. */
  readonly store: Store;
  /** Hashes and checks passwords. */
  readonly passwords: Passwords;
  /** Slows down who guesses passwords. */
  readonly loginThrottle: LoginThrottle;
  /** Counts what each network brings that is new. */
  readonly newcomers: Newcomers;
  /** Knows where the owners of accounts have been. */
  readonly trustedNetworks: TrustedNetworks;
  /** Where time comes from. */
  readonly clock: Clock;
  /** What the operator set. */
  readonly settings: ServerSettings;
  /** Where to say what happens. */
  readonly log: Log;
  /** Counts what happens. */
  readonly counters: Counters;
}
