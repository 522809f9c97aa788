import { systemClock } from "../../common/clock.ts";
import { silentLog } from "../../common/log.ts";
import { LocalDelivery, type LocalDeliveryOptions } from "../../server/delivery/local.ts";
import { Registry } from "../../server/people/registry.ts";
import { RoomAccess } from "../../server/rooms/room_access.ts";

/** A delivery to nobody and without a store, at second 5, unless a test says otherwise. */
export function localDelivery(options: Partial<LocalDeliveryOptions> = {}): LocalDelivery {
  return new LocalDelivery({
    registry: new Registry(),
    store: undefined as never,
    access: new RoomAccess(() => 5),
    clock: systemClock,
    now: () => 5,
    log: silentLog,
    ...options,
  });
}
