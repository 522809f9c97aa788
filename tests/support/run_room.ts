import type { Act, RoomStore, RoomWrite, StoredSanction } from "../../server/store/room_store.ts";
import { roomDeed } from "./room_deed.ts";

/** Runs a room as the server does for whoever is in `act.by`. */
export async function runRoom(
  rooms: RoomStore,
  folded: string,
  write: RoomWrite,
  act: Act,
): Promise<void> {
  const changed = await rooms.change(folded, roomDeed(), () => ({ order: { write, act } }));
  if (changed === undefined || "refused" in changed) throw new Error("Not done");
}

/** A ban or a mute by Eve. */
export function sanctionOf(
  kind: StoredSanction["kind"],
  name: string,
  more: Partial<StoredSanction> = {},
): RoomWrite {
  const who = { folded: name.toLowerCase(), name, isAccount: true, network: undefined };
  return {
    kind: "sanction",
    sanction: { kind, ...who, until: undefined, reason: "", by: "Eve", ...more },
  };
}
