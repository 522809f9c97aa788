import { LIMITS } from "../../common/limits.ts";
import { refusalOf } from "../../server/rooms/roles.ts";
import { RoomPolicy } from "../../server/rooms/room_policy.ts";
import type {
  Act,
  ListedRoom,
  OpenedRoom,
  RoomMaker,
  RoomOrder,
  RoomStore,
  RoomViewer,
  RoomWrite,
  StoredRoom,
  WriteRefusal,
} from "../../server/store/room_store.ts";

/** When a call is carried out: a read of one name, or a write. */
export type When = <T>(queue: string, work: () => T) => Promise<T>;

type Decision<Refused> = { readonly order: RoomOrder } | { readonly refused: Refused };

/** Rooms that are kept in memory, without messages. Every name is an account's, unless a test says otherwise. */
export class MemoryRooms implements RoomStore {
  /** By folded name. */
  readonly stored: Map<string, StoredRoom> = new Map();
  /** The numbers of those that are open. */
  readonly opened: Set<number> = new Set();
  /** Accounts and the numbers of the rooms that they are in. */
  readonly members: Set<string> = new Set();
  /** What was noted, the oldest first. */
  readonly acts: Act[] = [];
  /** Tells of a change that another process has made. */
  onChange: ((change: { readonly id: number; readonly folded: string }) => void) | undefined;
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

  change<Refused>(
    folded: string,
    decide: (room: StoredRoom) => Decision<Refused>,
  ): Promise<
    | { readonly before: StoredRoom; readonly after: StoredRoom }
    | { readonly refused: Refused | WriteRefusal }
    | undefined
  > {
    return this.#when("write", () => {
      const before = this.stored.get(folded);
      if (before === undefined) return undefined;
      const decision = decide(before);
      if ("refused" in decision) return decision;
      const { write, act } = decision.order;
      const after = this.#written(before, write);
      if (typeof after === "string") return { refused: after };
      this.acts.push(act);
      if (write.kind === "remove") {
        this.opened.delete(before.id);
        this.stored.delete(folded);
      } else {
        this.stored.set(folded, after);
      }
      return { before, after };
    });
  }

  adopt(ids: readonly number[], folded: string): Promise<void> {
    return this.#when("write", () => {
      for (const [key, room] of this.stored) {
        if (!ids.includes(room.id)) continue;
        const sanctions = room.sanctions.map((it) =>
          it.folded === folded ? { ...it, isAccount: true, network: undefined } : it
        );
        this.stored.set(key, { ...room, sanctions });
      }
    });
  }

  remember(id: number, folded: string): Promise<void> {
    return this.#when("write", () => void this.members.add(`${folded} ${id}`));
  }

  forgetMember(id: number, folded: string): Promise<void> {
    return this.#when("write", () => void this.members.delete(`${folded} ${id}`));
  }

  list(
    viewer: RoomViewer,
    limit: number,
    now: number,
  ): Promise<{ rooms: ListedRoom[]; total: number }> {
    return this.#when("read", () => {
      const rooms = [...this.stored.values()].sort((a, b) => a.folded < b.folded ? -1 : 1)
        .filter((room) => {
          const presence = { isMember: viewer.rooms.has(room.id) };
          const standing = new RoomPolicy(room).standingOf(viewer, presence);
          return refusalOf("see", room, standing, now) === undefined;
        });
      return { rooms: rooms.slice(0, limit), total: rooms.length };
    });
  }

  watch(onChange: (change: { readonly id: number; readonly folded: string }) => void): void {
    this.onChange = onChange;
  }

  #make(folded: string, { folded: owner, roomName, maxRooms }: RoomMaker): StoredRoom | "too-many" {
    if (maxRooms > 0 && this.#owned(owner) >= maxRooms) return "too-many";
    const room: StoredRoom = {
      ...{ id: ++this.#lastId, folded, name: roomName, topic: "" },
      ...{ isLasting: true, isPrivate: false, isModerated: false, slow: 0 },
      roles: [{ folded: owner, name: owner, role: "owner" }],
      invited: [],
      sanctions: [],
    };
    this.stored.set(folded, room);
    return room;
  }

  #owned(account: string): number {
    return [...this.stored.values()].filter(({ roles }) =>
      roles.some(({ folded, role }) => folded === account && role === "owner")
    ).length;
  }

  #written(room: StoredRoom, write: RoomWrite): StoredRoom | WriteRefusal {
    switch (write.kind) {
      case "set": {
        const { kind: _, ...settings } = write;
        return { ...room, ...settings };
      }
      case "invite": {
        const others = room.invited.filter(({ folded }) => folded !== write.account);
        const one = { folded: write.account, name: write.account };
        const invited = write.on ? [...others, one].sort(byName) : others;
        return invited.length > LIMITS.maxRoomInvitations ? "too-many" : { ...room, invited };
      }
      case "sanction": {
        const { folded, kind } = write.sanction;
        const others = room.sanctions.filter((it) => it.folded !== folded || it.kind !== kind);
        return { ...room, sanctions: [...others, write.sanction].sort(byName) };
      }
      case "lift": {
        const isOther = (it: { folded: string; kind: string }): boolean =>
          it.folded !== write.folded || it.kind !== write.sanction;
        return { ...room, sanctions: room.sanctions.filter(isOther) };
      }
      case "grant": {
        const { account: folded, role, maxRooms } = write;
        const others = room.roles.filter((it) => it.folded !== folded);
        const roles = role === "member"
          ? others
          : [...others, { folded, name: folded, role }].sort(byName);
        if (!roles.some(({ role }) => role === "owner")) return "last-owner";
        const isFurther = role === "owner" && maxRooms > 0 && this.#owned(folded) >= maxRooms;
        return isFurther ? "too-many" : { ...room, roles };
      }
      default:
        return room;
    }
  }
}

function byName(a: { folded: string }, b: { folded: string }): number {
  return a.folded < b.folded ? -1 : 1;
}
