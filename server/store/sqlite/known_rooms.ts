import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { StoredRoom } from "../room_store.ts";

/** People that are named in all rooms that are in memory; about 15 MB. */
const MAX_NAMED = 50_000;

/**
 * The rooms that were read last, since a room may name thousands of people, and whoever has its rights may change it
 * many times a second: reading it each time would take milliseconds.
 *
 * A room is as the connection sees it: what another connection commits makes all of them unknown; what this one writes,
 * the caller says.
 */
export class KnownRooms {
  readonly #version: StatementSync;
  /** By folded name; the latest used last. */
  readonly #rooms = new Map<string, StoredRoom>();
  #seen: number | undefined;
  #named = 0;

  /** Prepares a statement on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#version = db.prepare("PRAGMA data_version");
  }

  /**
   * The room of that folded name, if it is known as it is now.
   *
   * @param now Unix seconds: bans and mutes that are over are left out.
   */
  get(folded: string, now: number): StoredRoom | undefined {
    const version = this.#version.get()!.data_version as number;
    if (version !== this.#seen) this.clear();
    this.#seen = version;
    const room = this.#rooms.get(folded);
    if (room === undefined) return undefined;
    this.set(room);
    const sanctions = room.sanctions.filter(({ until = Infinity }) => until > now);
    return sanctions.length === room.sanctions.length ? room : { ...room, sanctions };
  }

  /** A room was read or written, behind a {@linkcode KnownRooms.get}. */
  set(room: StoredRoom): void {
    this.delete(room.folded);
    this.#rooms.set(room.folded, room);
    this.#named += namedIn(room);
    for (const oldest of this.#rooms.keys()) {
      if (this.#named <= MAX_NAMED) break;
      this.delete(oldest);
    }
  }

  /** A room is no more. */
  delete(folded: string): void {
    const room = this.#rooms.get(folded);
    if (room === undefined) return;
    this.#rooms.delete(folded);
    this.#named -= namedIn(room);
  }

  /** All may be other ones: rooms were changed otherwise, or a transaction was not committed. */
  clear(): void {
    this.#rooms.clear();
    this.#named = 0;
  }
}

/** How much room it takes: one more, for a room itself. */
function namedIn({ roles, invited, sanctions }: StoredRoom): number {
  return 1 + roles.length + invited.length + sanctions.length;
}
