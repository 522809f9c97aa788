import type {
  ListedRoom,
  OpenedRoom,
  RoomMaker,
  RoomStore,
  StoredRoom,
} from "../../server/store/room_store.ts";

/** When a call is carried out: a read of one name, or a write. */
export type When = <T>(queue: string, work: () => T) => Promise<T>;

/** Rooms that are kept in memory, without messages. Every name is an account's, unless a test says otherwise. */
export class MemoryRooms implements RoomStore {
  /** By folded name. */
  readonly stored: Map<string, StoredRoom> = new Map();
  /** The numbers of those that are open. */
  readonly opened: Set<number> = new Set();
  /** Accounts and the numbers of the rooms that they are in. */
  readonly members: Set<string> = new Set();
  readonly #when: When;
  #lastId = 0;

  /** @param when By default at once. */
  constructor(when: When = (_, work) => Promise.try(work)) {
    this.#when = when;
  }

  find(folded: string): Promise<StoredRoom | undefined> {
    return this.#when(`read ${folded}`, () => this.stored.get(folded));
  }

  open(folded: string, maker?: RoomMaker): Promise<OpenedRoom | "too-many" | undefined> {
    return this.#when("write", () => {
      const known = this.stored.get(folded);
      if (known === undefined && maker === undefined) return undefined;
      const room = known ?? this.#make(folded, maker!);
      if (room === "too-many") return room;
      this.opened.add(room.id);
      return { ...room, isNew: known === undefined, conversation: undefined, last: 0 };
    });
  }

  close(id: number): void {
    this.opened.delete(id);
  }

  setTopic(id: number, by: string, topic: string): Promise<boolean> {
    return this.#when("write", () => {
      const room = this.#owned(id, by);
      if (room !== undefined) this.stored.set(room.folded, { ...room, topic });
      return room !== undefined;
    });
  }

  remove(id: number, by: string): Promise<boolean> {
    return this.#when("write", () => {
      const room = this.#owned(id, by);
      if (room === undefined) return false;
      this.opened.delete(id);
      return this.stored.delete(room.folded);
    });
  }

  remember(id: number, folded: string): Promise<void> {
    return this.#when("write", () => void this.members.add(`${folded} ${id}`));
  }

  forgetMember(id: number, folded: string): Promise<void> {
    return this.#when("write", () => void this.members.delete(`${folded} ${id}`));
  }

  list(limit: number): Promise<{ rooms: ListedRoom[]; total: number }> {
    return this.#when("read", () => {
      const rooms = [...this.stored.values()].sort((a, b) => a.folded < b.folded ? -1 : 1);
      return { rooms: rooms.slice(0, limit), total: rooms.length };
    });
  }

  #make(folded: string, { folded: owner, roomName, maxRooms }: RoomMaker): StoredRoom | "too-many" {
    const owned = [...this.stored.values()].filter(({ owners }) => owners.includes(owner));
    if (maxRooms > 0 && owned.length >= maxRooms) return "too-many";
    const room = { id: ++this.#lastId, folded, name: roomName, topic: "", owners: [owner] };
    this.stored.set(folded, room);
    return room;
  }

  #owned(id: number, by: string): StoredRoom | undefined {
    return [...this.stored.values()].find((room) => room.id === id && room.owners.includes(by));
  }
}
