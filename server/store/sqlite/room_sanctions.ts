import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";

import { LIMITS } from "../../../common/limits.ts";
import type { StoredSanction, WriteRefusal } from "../room_store.ts";

/**
 * Bans and mutes. Synchronous; what changes something belongs into a transaction.
 *
 * They are written also when the database has reached its size, or whoever fills it could not be stopped: a row is no
 * larger than 2 KiB, and a room has so many at most.
 */
export class SqliteRoomSanctions {
  readonly #list: StatementSync;
  readonly #count: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteOver: StatementSync;
  readonly #insert: StatementSync;
  readonly #lift: StatementSync;
  readonly #ofGuest: StatementSync;
  readonly #ofAccount: StatementSync;
  readonly #deleteId: StatementSync;
  readonly #adopt: StatementSync;
  readonly #forget: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#list = db.prepare(
      `SELECT kind, folded, name, account, network, until, reason, by FROM room_sanctions
         WHERE room = ?1 AND (until IS NULL OR until > ?2) ORDER BY folded, kind, account IS NULL`,
    );
    this.#count = db.prepare("SELECT count(*) AS count FROM room_sanctions WHERE room = ?");
    this.#delete = db.prepare(
      `DELETE FROM room_sanctions
         WHERE room = ? AND kind = ? AND folded = ? AND (account IS NULL) = ?`,
    );
    this.#deleteOver = db.prepare("DELETE FROM room_sanctions WHERE room = ? AND until <= ?");
    this.#insert = db.prepare(
      `INSERT INTO room_sanctions
         (room, kind, account, folded, name, network, until, reason, by, by_account, time)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#lift = db.prepare(
      "DELETE FROM room_sanctions WHERE room = ? AND kind = ? AND folded = ?",
    );
    this.#ofGuest = db.prepare(
      "SELECT id, kind, until FROM room_sanctions WHERE folded = ? AND room = ? AND account IS NULL",
    );
    this.#ofAccount = db.prepare(
      "SELECT id, until FROM room_sanctions WHERE account = ? AND kind = ? AND room = ?",
    );
    this.#deleteId = db.prepare("DELETE FROM room_sanctions WHERE id = ?");
    this.#adopt = db.prepare(
      "UPDATE room_sanctions SET account = ?2, network = NULL WHERE id = ?1",
    );
    this.#forget = db.prepare(
      `DELETE FROM room_sanctions
         WHERE id IN (SELECT id FROM room_sanctions WHERE until <= ? LIMIT ?)`,
    );
  }

  /**
   * All of a room that hold, by folded name.
   *
   * @param now Unix seconds.
   */
  list(room: number, now: number): StoredSanction[] {
    return this.#list.all(room, now).map((row) => ({
      kind: row.kind as StoredSanction["kind"],
      folded: row.folded as string,
      name: row.name as string,
      isAccount: row.account !== null,
      network: row.network as string | null ?? undefined,
      until: row.until as number | null ?? undefined,
      reason: row.reason as string,
      by: row.by as string,
    }));
  }

  /**
   * Writes one down, instead of the one of this kind that the person had.
   *
   * @param account Whose it is; `undefined` for a guest's.
   * @param author The account that says so, if it is one's.
   * @param now Unix seconds.
   */
  put(
    room: number,
    { kind, folded, name, network, until, reason, by }: StoredSanction,
    { account, author, now }: {
      readonly account: number | undefined;
      readonly author: number | undefined;
      readonly now: number;
    },
  ): WriteRefusal | undefined {
    this.#deleteOver.run(room, now);
    this.#delete.run(room, kind, folded, account === undefined ? 1 : 0);
    if (this.#count.get(room)!.count as number >= LIMITS.maxRoomSanctions) return "too-many";
    this.#insert.run(
      ...[room, kind, account ?? null, folded, name],
      ...[account === undefined ? network ?? null : null, until ?? null],
      ...[reason, by, author ?? null, now],
    );
    return undefined;
  }

  /** Ends those of that kind and name: the account's and the guest's. */
  lift(room: number, kind: StoredSanction["kind"], folded: string): void {
    this.#lift.run(room, kind, folded);
  }

  /** Makes those of guests of that name the account's; of two of a kind the one stays that holds the longer. */
  adopt(room: number, folded: string, account: number): void {
    for (const guests of this.#ofGuest.all(folded, room)) {
      const own = this.#ofAccount.get(account, guests.kind!, room);
      if (own !== undefined) {
        const isLonger = endOf(guests) > endOf(own);
        this.#deleteId.run((isLonger ? own : guests).id as number);
        if (!isLonger) continue;
      }
      this.#adopt.run(guests.id as number, account);
    }
  }

  /**
   * Deletes some that are over.
   *
   * @param now Unix seconds.
   * @returns How many, at most `limit`.
   */
  forget(now: number, limit: number): number {
    return Number(this.#forget.run(now, limit).changes);
  }
}

function endOf({ until }: Record<string, SQLOutputValue>): number {
  return until as number | null ?? Infinity;
}
