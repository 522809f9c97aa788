import { systemClock } from "../../common/clock.ts";
import { silentLog } from "../../common/log.ts";
import { ALONE } from "../../server/cluster/nodes.ts";
import { LocalKeeper } from "../../server/delivery/keeper.ts";
import { LocalDelivery, type LocalDeliveryOptions } from "../../server/delivery/local.ts";
import { Registry } from "../../server/people/registry.ts";
import { RoomAccess } from "../../server/rooms/room_access.ts";

/** A delivery to nobody and without a store, at second 5, unless a test says otherwise. */
export function localDelivery(options: Partial<LocalDeliveryOptions> = {}): LocalDelivery {
  const { store = undefined as never, clock = systemClock } = options;
  return new LocalDelivery({
    registry: new Registry(),
    store,
    keeper: new LocalKeeper(store, clock),
    nodes: ALONE,
    rooms: { findLasting: () => undefined },
    access: new RoomAccess(() => 5),
    clock,
    now: () => 5,
    log: silentLog,
    ...options,
  });
}
