import type { Room } from "../../server/rooms/room.ts";
import type { Rooms } from "../../server/rooms/rooms.ts";
import type { DoneDeed, RoomWrite, WriteRefusal } from "../../server/store/room_store.ts";
import type { Refusal } from "../../server/rooms/roles.ts";
import { roomDeed } from "./room_deed.ts";

/** What was done, and the room in memory. */
export type Changed = DoneDeed & { readonly room: Room | undefined };

/**
 * Writes something of a room, whoever asks for it.
 *
 * @returns Has memory follow, as `Moderation` does; or why nothing was written.
 */
export async function changeRoom(
  rooms: Rooms,
  name: string,
  write: RoomWrite,
): Promise<(() => Changed) | { readonly refused: WriteRefusal | Refusal } | undefined> {
  const order = { write, act: { by: "eve", action: write.kind } };
  const changed = await rooms.change<never>(name, () => roomDeed(), () => ({ order }));
  if (changed === undefined || "refused" in changed) return changed;
  return () => {
    const done = changed.finish();
    const room = rooms.find(name);
    room?.update(done.after);
    return { ...done, room };
  };
}
