import type { RoomDeed } from "../../server/cluster/room_deed.ts";

/** A deed of eve's, an account: she sets the topic of #dev, but for what a test says. */
export function roomDeed(more: Partial<RoomDeed> = {}): RoomDeed {
  return {
    by: { name: "eve", folded: "eve", isAccount: true, network: "192.0.2.1", origin: "192.0.2.1" },
    request: { event: "room", room: "#dev", topic: "t" },
    ...{ now: 1e9, maxRooms: 0 },
    ...more,
  };
}
