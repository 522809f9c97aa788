import type {
  DeedOutcome,
  ListedRoom,
  OpenedRoom,
  RoomMaker,
  RoomStore,
  RoomViewer,
  StoredRoom,
} from "../store/room_store.ts";
import type { Replication } from "./replication.ts";
import type { RoomDeed } from "./room_deed.ts";

/** {@linkcode RoomStore} of all nodes. */
export class ClusterRooms implements RoomStore {
  readonly #replication: Replication;
  /** The rooms that somebody of this node is in, by number: their folded names. */
  readonly #open = new Map<number, string>();

  /** Reads from the copy, and writes to the log. */
  constructor(replication: Replication) {
    this.#replication = replication;
  }

  /** See {@linkcode RoomStore.find}. */
  async find(folded: string): Promise<StoredRoom | undefined> {
    await this.#replication.fresh();
    return await this.#copy.rooms.find(folded);
  }

  /** See {@linkcode RoomStore.open}. */
  async open(folded: string, maker?: RoomMaker): Promise<OpenedRoom | "too-many" | undefined> {
    await this.#replication.fresh();
    const room = this.#copy.knows.openedToday(folded) ?? await this.#enter(folded, maker);
    if (typeof room === "object") this.#open.set(room.id, room.folded);
    return room;
  }

  /** See {@linkcode RoomStore.close}. */
  close(id: number): void {
    this.#open.delete(id);
  }

  /** See {@linkcode RoomStore.change}: every node decides, where the deed stands in the log. */
  async change<Refused>(folded: string, deed: RoomDeed): Promise<DeedOutcome<Refused>> {
    const done = await this.#replication.perform({ do: "moderate", folded, deed });
    if (done === undefined || "refused" in done) return done as DeedOutcome<Refused>;
    if ("thrown" in done) throw done.thrown;
    return { ...done, isFollowed: true };
  }

  /** See {@linkcode RoomStore.adopt}. */
  async adopt(ids: readonly number[], folded: string): Promise<void> {
    if (ids.length === 0) return;
    await this.#replication.perform({ do: "call", method: "rooms.adopt", args: [ids, folded] });
  }

  /** See {@linkcode RoomStore.remember}. */
  async remember(id: number, folded: string): Promise<void> {
    if (this.#copy.knows.isMember(id, folded)) return;
    this.#copy.checkRoom(0);
    await this.#replication.perform({ do: "call", method: "rooms.remember", args: [id, folded] });
  }

  /** See {@linkcode RoomStore.forgetMember}. */
  async forgetMember(id: number, folded: string): Promise<void> {
    await this.#replication
      .perform({ do: "call", method: "rooms.forgetMember", args: [id, folded] });
  }

  /** See {@linkcode RoomStore.list}. */
  async list(
    viewer: RoomViewer,
    limit: number,
    now: number,
  ): Promise<{ rooms: ListedRoom[]; total: number }> {
    await this.#replication.fresh();
    return await this.#copy.rooms.list(viewer, limit, now);
  }

  /** See {@linkcode RoomStore.watch}: what administrators do, in the order of the log. */
  watch(onChange: (change: { readonly id: number; readonly folded: string }) => void): void {
    this.#copy.rooms.watch(onChange);
  }

  /** Writes down of the rooms that somebody of this node is in that it is so, at most once a day. */
  async touch(): Promise<void> {
    for (const folded of this.#open.values()) {
      if (this.#copy.knows.openedToday(folded) === undefined) {
        await this.#replication.perform({ do: "enter", folded });
      }
    }
  }

  get #copy(): Replication["copy"] {
    return this.#replication.copy;
  }

  async #enter(folded: string, maker?: RoomMaker): Promise<OpenedRoom | "too-many" | undefined> {
    if (await this.#copy.rooms.find(folded) === undefined) {
      if (maker === undefined) return undefined;
      this.#copy.checkRoom(0);
    }
    return await this.#replication.perform({ do: "enter", folded, ...(maker && { maker }) });
  }
}
