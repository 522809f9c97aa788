/**
 * The parts of a server, put together.
 *
 * @module
 */

import { type Clock, systemClock } from "../common/clock.ts";
import { type Log, silentLog } from "../common/log.ts";
import { LoginThrottle } from "./accounts/login_throttle.ts";
import { Newcomers } from "./accounts/newcomers.ts";
import { Passwords } from "./accounts/passwords.ts";
import { TrustedNetworks } from "./accounts/trusted_networks.ts";
import type { Cluster } from "./cluster/cluster.ts";
import { ALONE } from "./cluster/nodes.ts";
import { Plumbing } from "./connection/plumbing.ts";
import type { Service } from "./connection/session.ts";
import type { ServerContext } from "./context.ts";
import { LocalKeeper } from "./delivery/keeper.ts";
import { LocalDelivery } from "./delivery/local.ts";
import { Counters } from "./metrics/counters.ts";
import type { Deliveries } from "./metrics/deliveries.ts";
import { leave } from "./people/attendance.ts";
import { LastOnline } from "./people/last_online.ts";
import { Registry } from "./people/registry.ts";
import type { User } from "./people/user.ts";
import { Moderation } from "./rooms/moderation.ts";
import { RoomAccess } from "./rooms/room_access.ts";
import { Rooms } from "./rooms/rooms.ts";
import { Router } from "./router.ts";
import { DEFAULT_SETTINGS, type ServerSettings } from "./flags.ts";
import type { Store } from "./store/store.ts";

/** What a server is made of. */
export interface AssemblyOptions {
  /** Names, accounts and mailboxes. The server does not close it. */
  store: Store;
  /**
   * What makes this server a node of several; its `store` is theirs.
   *
   * @default {undefined} It is alone.
   */
  cluster?: Cluster;
  /**
   * Hashes and checks passwords.
   *
   * @default {new Passwords()}
   */
  passwords?: Passwords;
  /** What differs from {@linkcode DEFAULT_SETTINGS}. */
  settings?: Partial<ServerSettings>;
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  clock?: Clock;
  /**
   * Where to say what happens.
   *
   * @default {silentLog}
   */
  log?: Log;
  /** Measures how long messages take; by default nothing does. */
  deliveries?: Deliveries;
}

/** A server without a listener. */
export interface Assembly {
  /** What handlers use. */
  readonly context: ServerContext;
  /** What connections share. */
  readonly plumbing: Plumbing;
  /** What sessions serve. */
  readonly service: Service;
}

/** Puts the parts of a server together. */
export function assemble(options: AssemblyOptions): Assembly {
  const { store, cluster, clock = systemClock, log = silentLog, deliveries } = options;
  const nodes = cluster?.nodes ?? ALONE;
  const keeper = cluster?.keeper ?? new LocalKeeper(store, clock);
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const counters = new Counters();
  const plumbing = new Plumbing({ clock, settings, log, counters, deliveries });
  const registry = new Registry<User>();
  const now = (): number => plumbing.turns.nowSeconds;
  const access = new RoomAccess(() => clock.epochMs() / 1_000);
  const delivery = new LocalDelivery({
    ...{ registry, store, keeper, nodes, access, clock, now, log },
    // Each needs the other, this one only when a message is put out.
    rooms: { findLasting: (named, later) => rooms.findLasting(named, later) },
  });
  const { maxRooms } = settings;
  const rooms: Rooms = new Rooms({ delivery, store: store.rooms, access, maxRooms, nodes, log });
  const context: ServerContext = {
    registry,
    lastOnline: new LastOnline({ store, clock, log }),
    nodes,
    rooms,
    access,
    moderation: new Moderation({ rooms, access, store, registry, delivery, maxRooms }),
    delivery,
    store,
    passwords: options.passwords ?? new Passwords(),
    loginThrottle: new LoginThrottle({ clock }),
    newcomers: new Newcomers({
      clock,
      limits: {
        // Settings may change while the server runs.
        get accounts() {
          return settings.maxAccountsPerIp;
        },
        get names() {
          return settings.maxNamesPerIp;
        },
      },
    }),
    trustedNetworks: new TrustedNetworks(store, log),
    clock,
    settings,
    log,
    counters,
  };
  const router = new Router(context);
  const service: Service = {
    requestLimits: {
      maxMessage: settings.maxMessage,
      maxLine: settings.maxLine,
      hasLegacyAccount: (folded) => store.hasLegacyAccount(folded),
    },
    route: router.route,
    overlaps: router.overlaps,
    isCostly: router.isCostly,
    listOnline: (max) => registry.sorted().slice(0, max).map(({ name }) => name),
    leave: (user, outlet, isLost) => leave(context, user, outlet, isLost),
  };
  return { context, plumbing, service };
}
