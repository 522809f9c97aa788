import type { OpenedRoom, StoredRoom, StoredSanction } from "../../server/store/room_store.ts";

/** A room as a store has it: #dev, of eve, where everybody may do everything, but for what a test says. */
export function storedRoom(more: Partial<StoredRoom> = {}): StoredRoom {
  return {
    ...{ id: 1, folded: "#dev", name: "#dev", topic: "", isLasting: true },
    ...{ isPrivate: false, isModerated: false, slow: 0, invited: [], sanctions: [] },
    roles: [{ folded: "eve", name: "eve", role: "owner" }],
    ...more,
  };
}

/** The same when somebody has opened it; nothing is kept of it. */
export function openedRoom(more: Partial<OpenedRoom> = {}): OpenedRoom {
  return { ...storedRoom(), isNew: false, conversation: undefined, last: 0, ...more };
}

/** A ban of the account bob, for good, but for what a test says. */
export function storedSanction(more: Partial<StoredSanction> = {}): StoredSanction {
  return {
    ...{ kind: "ban", folded: "bob", name: "bob", isAccount: true, network: undefined },
    ...{ until: undefined, reason: "", by: "eve" },
    ...more,
  };
}
