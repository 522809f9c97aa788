import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

import { foldName } from "../../../common/names.ts";
import { type Act, ADMINISTRATOR } from "../room_store.ts";
import { fits, type SizeLimit } from "../size_limit.ts";

/** Of one room these many acts are kept when the database has reached its size: each further one replaces the oldest. */
const ACTS_WHEN_FULL = 1_000;
/** Rows that one act replaces at most. */
const MAX_REPLACED = 10;

/** In place of a room: for what an administrator does to an account or a name, in no room. */
export const SERVER_WIDE = { id: 0, folded: "", name: "" } as const;

/** An act that was noted. */
export interface NotedAct extends Act {
  /** Unix seconds. */
  readonly time: number;
  /** The room's name as it was shown; empty for {@linkcode SERVER_WIDE}. */
  readonly room: string;
  /** The room's number: there may have been several of that name. */
  readonly roomId: number;
}

/** Which acts are asked for. */
export interface ActFilter {
  /** Only in rooms of that folded name. */
  readonly room?: string;
  /** Only by the account of that folded name, or by {@linkcode ADMINISTRATOR}. */
  readonly by?: string;
  /** Unix seconds: none from before. */
  readonly since?: number;
  /** How many at most. */
  readonly limit: number;
}

/**
 * What was done in rooms that last, and by administrators, for whoever looks into it later. Synchronous; what changes something belongs into
 * a transaction.
 */
export class SqliteRoomActs {
  readonly #db: DatabaseSync;
  readonly #size: SizeLimit;
  readonly #insert: StatementSync;
  readonly #replace: StatementSync;
  readonly #forget: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, size: SizeLimit) {
    this.#db = db;
    this.#size = size;
    const idOf = (param: string): string => `(SELECT id FROM accounts WHERE folded = ${param})`;
    this.#insert = db.prepare(
      `INSERT INTO room_acts
           (time, room, folded, name, by, by_account, action, target, target_account, detail)
         VALUES (?1, ?2, ?3, ?4, ?5, ${idOf("?6")}, ?7, ?8, ${idOf("?9")}, ?10)`,
    );
    this.#replace = db.prepare(
      `DELETE FROM room_acts WHERE id IN (
         SELECT id FROM room_acts WHERE folded = ?1 AND id <= (
             SELECT id FROM room_acts WHERE folded = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
           ORDER BY id LIMIT ?3)`,
    );
    this.#forget = db.prepare(
      "DELETE FROM room_acts WHERE id IN (SELECT id FROM room_acts WHERE time < ? LIMIT ?)",
    );
  }

  /**
   * Writes an act down, also when the database has reached its size: see {@linkcode ACTS_WHEN_FULL}.
   *
   * @param time Unix seconds.
   */
  note(
    room: { readonly id: number; readonly folded: string; readonly name: string },
    { by, action, target, detail }: Act,
    time: number,
  ): void {
    if (!fits(0, this.#size.room)) {
      this.#replace.run(room.folded, ACTS_WHEN_FULL - 1, MAX_REPLACED);
    }
    const folded = by === ADMINISTRATOR ? null : foldName(by);
    this.#insert.run(
      ...[time, room.id, room.folded, room.name, by, folded, action],
      ...[target ?? null, target === undefined ? null : foldName(target)],
      detail === undefined ? null : JSON.stringify(detail),
    );
  }

  /** The latest acts, the newest first. */
  list({ room, by, since, limit }: ActFilter): NotedAct[] {
    const conditions: string[] = [];
    const values: SQLInputValue[] = [];
    const add = (condition: string, value: SQLInputValue): void => {
      conditions.push(condition);
      values.push(value);
    };
    if (room !== undefined) add("folded = ?", room);
    if (by === ADMINISTRATOR) add("by_account IS NULL AND by = ?", by);
    else if (by !== undefined) add("by_account = (SELECT id FROM accounts WHERE folded = ?)", by);
    if (since !== undefined) add("time >= ?", since);
    const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
    return this.#db.prepare(
      `SELECT time, room, name, by, action, target, detail FROM room_acts ${where}
         ORDER BY time DESC, id DESC LIMIT ?`,
    ).all(...values, limit).map((row) => ({
      time: row.time as number,
      room: row.name as string,
      roomId: row.room as number,
      by: row.by as string,
      action: row.action as string,
      ...(row.target !== null && { target: row.target as string }),
      ...(row.detail !== null && { detail: JSON.parse(row.detail as string) }),
    }));
  }

  /**
   * Deletes some from before a time (Unix seconds).
   *
   * @returns How many, at most `limit`.
   */
  forget(before: number, limit: number): number {
    return Number(this.#forget.run(before, limit).changes);
  }
}
