import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";

import { networkBucket, networkMark } from "../../rooms/room_policy.ts";
import type { ListedRoom, RoomViewer } from "../room_store.ts";
import { maySee, STANDING } from "./room_standing.ts";

/** What is asked of a list of rooms. */
export interface RoomListOptions {
  /** How many at most. */
  readonly limit: number;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * Lists of the rooms that somebody may know of. Synchronous; changes nothing.
 *
 * For nearly all rooms it is enough whether they are private: these are counted, and of them only those are read that
 * are shown. The others are those where somebody is somebody: a member, an owner, invited, banned. `refusalOf` decides
 * on each of them.
 */
export class SqliteRoomLists {
  readonly #account: StatementSync;
  readonly #known: StatementSync;
  readonly #guestBans: StatementSync;
  readonly #networkBans: StatementSync;
  readonly #public: StatementSync;
  readonly #list: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#account = db.prepare("SELECT id FROM accounts WHERE folded = ?");
    this.#known = db.prepare(
      `SELECT r.id, ${STANDING} FROM rooms r WHERE r.id IN (
         SELECT room FROM room_roles WHERE account = ?1 UNION
         SELECT room FROM room_invitations WHERE account = ?1 UNION
         SELECT room FROM room_sanctions WHERE account = ?1 AND kind = 'ban' UNION
         SELECT value FROM json_each(?2))`,
    );
    this.#guestBans = db.prepare(
      `SELECT room, coalesce(until, 9e999) AS until FROM room_sanctions
         WHERE folded = ? AND kind = 'ban' AND account IS NULL`,
    );
    this.#networkBans = db.prepare(
      `SELECT room, network, coalesce(until, 9e999) AS until FROM room_sanctions
         WHERE substr(network, 1, 2) = ?
           AND account IS NULL AND kind = 'ban' AND network IS NOT NULL`,
    );
    this.#public = db.prepare("SELECT count(*) AS count FROM rooms WHERE private = 0");
    this.#list = db.prepare(
      `SELECT folded, name, topic FROM rooms WHERE id IN (SELECT value FROM json_each(?1))
       UNION ALL
       SELECT folded, name, topic FROM rooms
         WHERE private = 0 AND id NOT IN (SELECT value FROM json_each(?2))
       ORDER BY folded LIMIT ?3`,
    );
  }

  /** See `RoomStore.list`. */
  list(
    viewer: RoomViewer,
    { limit, now }: RoomListOptions,
  ): { rooms: ListedRoom[]; total: number } {
    const account = viewer.isAccount
      ? this.#account.get(viewer.folded)?.id as number | undefined
      : undefined;
    const bans = viewer.isAccount ? new Map<number, number>() : this.#bansOf(viewer);
    const known: number[] = [];
    const seen: number[] = [];
    let total = this.#public.get()!.count as number;
    const ids = JSON.stringify([...viewer.rooms, ...bans.keys()]);
    for (const row of this.#known.all(account ?? null, ids)) {
      const id = row.id as number;
      known.push(id);
      if (row.private === 0) total--;
      const isMember = viewer.rooms.has(id);
      if (!maySee(row, { isMember, bannedUntil: bans.get(id) }, now)) continue;
      seen.push(id);
      total++;
    }
    const rooms = this.#list.all(JSON.stringify(seen), JSON.stringify(known), limit);
    return {
      rooms: rooms.map((row) => ({
        folded: row.folded as string,
        name: row.name as string,
        topic: row.topic as string,
      })),
      total,
    };
  }

  /** By room, the end of the ban that holds the longest for a guest. */
  #bansOf({ folded, network }: RoomViewer): Map<number, number> {
    const bans = new Map<number, number>();
    const add = (row: Record<string, SQLOutputValue>): void => {
      const room = row.room as number;
      bans.set(room, Math.max(row.until as number, bans.get(room) ?? -Infinity));
    };
    this.#guestBans.all(folded).forEach(add);
    for (const row of this.#networkBans.all(networkBucket(network))) {
      if (row.network === networkMark(row.room as number, network)) add(row);
    }
    return bans;
  }
}
