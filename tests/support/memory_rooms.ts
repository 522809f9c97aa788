import type { RoomDeed } from "../../server/cluster/room_deed.ts";
import { LIMITS } from "../../common/limits.ts";
import { refusalOf } from "../../server/rooms/roles.ts";
import { RoomPolicy } from "../../server/rooms/room_policy.ts";
import type {
  Act,
  DecideDeed,
  DeedOutcome,
  ListedRoom,
  OpenedRoom,
  RoomMaker,
  RoomStore,
  RoomViewer,
  RoomWrite,
  StoredRole,
  StoredRoom,
  StoredSanction,
  WriteRefusal,
} from "../../server/store/room_store.ts";

/** When a call is carried out: a read of one name, or a write. */
export type When = <T>(queue: string, work: () => T) => Promise<T>;

/** Rooms that are kept in memory, without messages: what `RoomStore` promises, in as few words as possible. */
export class MemoryRooms implements RoomStore {
  /** By folded name. */
  readonly stored: Map<string, StoredRoom> = new Map();
  /** The numbers of those that are open. */
  readonly opened: Set<number> = new Set();
  /** Accounts and the numbers of the rooms that they are in. */
  readonly members: Set<string> = new Set();
  /** What was done, the latest last. */
  readonly acts: Act[] = [];
  /** Tells the room what another process would have done to it. */
  tell: (change: { readonly id: number; readonly folded: string }) => void = () => {};
  readonly #when: When;
  readonly #isAccount: (folded: string) => boolean;
  #lastId = 0;

  /**
   * @param when By default at once.
   * @param isAccount By default every name is an account's.
   */
  constructor(
    when: When = (_, work) => Promise.try(work),
    isAccount: (folded: string) => boolean = () => true,
  ) {
    this.#when = when;
    this.#isAccount = isAccount;
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
    deed: RoomDeed,
    decide: DecideDeed<Refused>,
  ): Promise<DeedOutcome<Refused>> {
    return this.#when("write", () => {
      const before = this.stored.get(folded);
      if (before === undefined) return undefined;
      const decided = decide(deed, before);
      if ("refused" in decided) return decided;
      const { write, act } = decided.order;
      const after = this.#written(before, write);
      if (typeof after === "string") return { refused: after };
      this.acts.push(act);
      if (write.kind === "remove") {
        this.stored.delete(folded);
        this.opened.delete(before.id);
      } else {
        this.stored.set(folded, after);
      }
      return { before, after };
    });
  }

  adopt(ids: readonly number[], folded: string): Promise<void> {
    return this.#when("write", () => {
      for (const room of this.stored.values()) {
        if (!ids.includes(room.id)) continue;
        const guests = room.sanctions.filter((one) => one.folded === folded && !one.isAccount);
        let sanctions = room.sanctions.filter((one) => !guests.includes(one));
        for (const guest of guests) {
          const own = sanctions.find((one) => one.folded === folded && one.kind === guest.kind);
          if (own !== undefined && endOf(own) >= endOf(guest)) continue;
          sanctions = sanctions.filter((one) => one !== own);
          sanctions.push({ ...guest, isAccount: true, network: undefined });
        }
        sanctions.sort(bySanction);
        this.stored.set(room.folded, { ...room, sanctions });
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
      const rooms = [...this.stored.values()]
        .filter((room) => {
          const policy = new RoomPolicy(room);
          const standing = policy.standingOf(viewer, { isMember: viewer.rooms.has(room.id) });
          return refusalOf("see", policy.rules, standing, now) === undefined;
        })
        .map(({ folded, name, topic }) => ({ folded, name, topic }))
        .sort(byFolded);
      return { rooms: rooms.slice(0, limit), total: rooms.length };
    });
  }

  watch(onChange: (change: { readonly id: number; readonly folded: string }) => void): void {
    this.tell = onChange;
  }

  #make(folded: string, { folded: owner, roomName, maxRooms }: RoomMaker): StoredRoom | "too-many" {
    if (!this.#mayOwn(owner, maxRooms)) return "too-many";
    const room: StoredRoom = {
      ...{ id: ++this.#lastId, folded, name: roomName, topic: "", isLasting: true },
      ...{ isPrivate: false, isModerated: false, slow: 0, invited: [], sanctions: [] },
      roles: [{ folded: owner, name: owner, role: "owner" }],
    };
    this.stored.set(folded, room);
    return room;
  }

  #mayOwn(owner: string, maxRooms: number): boolean {
    const owned = [...this.stored.values()].filter(({ roles }) =>
      roles.some(({ folded, role }) => folded === owner && role === "owner")
    );
    return maxRooms === 0 || owned.length < maxRooms;
  }

  #written(room: StoredRoom, write: RoomWrite): StoredRoom | WriteRefusal {
    switch (write.kind) {
      case "set": {
        const { kind: _, ...settings } = write;
        return { ...room, ...settings };
      }
      case "remove":
      case "note":
        return room;
      case "invite": {
        const { account: folded, on } = write;
        if (!this.#isAccount(folded)) return "no-account";
        const others = room.invited.filter((one) => one.folded !== folded);
        if (!on) return { ...room, invited: others };
        if (others.length >= LIMITS.maxRoomInvitations) return "too-many";
        const invited = [...others, { folded, name: folded }].sort(byFolded);
        return { ...room, invited };
      }
      case "sanction": {
        const { sanction } = write;
        if (sanction.isAccount && !this.#isAccount(sanction.folded)) return "no-account";
        const others = room.sanctions.filter((one) =>
          one.kind !== sanction.kind || one.folded !== sanction.folded ||
          one.isAccount !== sanction.isAccount
        );
        if (others.length >= LIMITS.maxRoomSanctions) return "too-many";
        return { ...room, sanctions: [...others, sanction].sort(bySanction) };
      }
      case "lift":
        return {
          ...room,
          sanctions: room.sanctions.filter((one) =>
            one.kind !== write.sanction || one.folded !== write.folded
          ),
        };
      case "grant":
        return this.#granted(room, write);
    }
  }

  #granted(
    room: StoredRoom,
    { account: folded, role, maxRooms }: RoomWrite & { kind: "grant" },
  ): StoredRoom | WriteRefusal {
    if (!this.#isAccount(folded)) return "no-account";
    const before = room.roles.find((one) => one.folded === folded)?.role ?? "member";
    if (before === role) return room;
    const owners = room.roles.filter((one) => one.role === "owner").length;
    if (before === "owner" && owners === 1) return "last-owner";
    if (role === "owner" && !this.#mayOwn(folded, maxRooms)) return "too-many";
    if (before === "member" && room.roles.length >= LIMITS.maxRoomRoles) return "too-many";
    const others = room.roles.filter((one) => one.folded !== folded);
    const own: StoredRole[] = role === "member" ? [] : [{ folded, name: folded, role }];
    return { ...room, roles: [...others, ...own].sort(byFolded) };
  }
}

function byFolded(a: { readonly folded: string }, b: { readonly folded: string }): number {
  return a.folded < b.folded ? -1 : 1;
}

function bySanction(a: StoredSanction, b: StoredSanction): number {
  const keyOf = ({ folded, kind, isAccount }: StoredSanction): string =>
    `${folded} ${kind} ${isAccount ? 0 : 1}`;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

function endOf({ until }: StoredSanction): number {
  return until ?? Infinity;
}
