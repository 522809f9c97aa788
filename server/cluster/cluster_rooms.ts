import type {
  ListedRoom,
  OpenedRoom,
  RoomMaker,
  RoomOrder,
  RoomStore,
  RoomViewer,
  StoredRoom,
  WriteRefusal,
} from "../store/room_store.ts";
import { StoreError } from "../store/store.ts";
import type { Replication } from "./replication.ts";

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

  /**
   * Decisions are made where they stand in the log, by nodes that have no function of this one: rooms are changed by
   * `moderate` operations.
   *
   * @throws {StoreError} Always.
   */
  change<Refused>(
    _folded: string,
    _decide: (room: StoredRoom) => { readonly order: RoomOrder } | { readonly refused: Refused },
  ): Promise<
    | { readonly before: StoredRoom; readonly after: StoredRoom }
    | { readonly refused: Refused | WriteRefusal }
    | undefined
  > {
    return Promise.reject(new StoreError("Rooms of several nodes are changed by deeds"));
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

  /** See {@linkcode RoomStore.watch}: what an administrator does to this node's file. */
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
