import type { RoomStore, RoomWrite, StoredRoom } from "../../server/store/room_store.ts";
import { roomDeed } from "./room_deed.ts";

/** What came of a write. */
export type Written =
  | { readonly before: StoredRoom; readonly after: StoredRoom }
  | { readonly refused: string }
  | undefined;

/** Writes something of a room, whoever asks for it. */
export function writeRoom(
  rooms: RoomStore,
  folded: string,
  write: RoomWrite,
  by = "eve",
): Promise<Written> {
  return rooms.change<string>(
    folded,
    roomDeed(),
    () => ({ order: { write, act: { by, action: write.kind } } }),
  );
}
