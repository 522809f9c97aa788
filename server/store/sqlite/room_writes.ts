import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import { foldName } from "../../../common/names.ts";
import {
  ADMINISTRATOR,
  type RoomWrite,
  type StoredRoom,
  type WriteRefusal,
} from "../room_store.ts";
import type { SizeLimit } from "../size_limit.ts";
import type { SqliteRoomInvitations } from "./room_invitations.ts";
import type { SqliteRoomRoles } from "./room_roles.ts";
import type { SqliteRoomSanctions } from "./room_sanctions.ts";

/** Who is named in rooms. */
export interface RoomPeople {
  /** Owners and moderators. */
  readonly roles: SqliteRoomRoles;
  /** Who may enter though it is private. */
  readonly invitations: SqliteRoomInvitations;
  /** Bans and mutes. */
  readonly sanctions: SqliteRoomSanctions;
}

/** What is written of a room that was decided on. Synchronous; belongs into a transaction. */
export class SqliteRoomWrites {
  readonly #size: SizeLimit;
  readonly #people: RoomPeople;
  readonly #account: StatementSync;
  readonly #set: StatementSync;
  readonly #remove: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, size: SizeLimit, people: RoomPeople) {
    this.#size = size;
    this.#people = people;
    this.#account = db.prepare("SELECT id FROM accounts WHERE folded = ?");
    this.#set = db.prepare(
      `UPDATE rooms SET topic = coalesce(?2, topic), private = coalesce(?3, private),
         moderated = coalesce(?4, moderated), slow = coalesce(?5, slow) WHERE id = ?1`,
    );
    this.#remove = db.prepare("DELETE FROM rooms WHERE id = ?");
  }

  /**
   * Writes something of a room.
   *
   * @param room As it is.
   * @param by Who does it, as shown.
   * @param now Unix seconds.
   * @returns Why it is not done; nothing was changed then but bans and mutes that were over.
   * @throws {StoreFullError} If it takes room and the database may not grow; nothing was changed then.
   */
  apply(
    room: StoredRoom,
    write: RoomWrite,
    { by, now }: { readonly by: string; readonly now: number },
  ): WriteRefusal | undefined {
    const { id } = room;
    switch (write.kind) {
      case "set":
        return this.#setRoom(id, write);
      case "remove":
        this.#remove.run(id);
        return undefined;
      case "invite": {
        const account = this.#accountOf(write.account);
        if (account === undefined) return "no-account";
        if (write.on) {
          return this.#people.invitations.add(room, { id: account, folded: write.account });
        }
        this.#people.invitations.delete(id, account);
        return undefined;
      }
      case "sanction": {
        const { isAccount, folded } = write.sanction;
        const account = isAccount ? this.#accountOf(folded) : undefined;
        if (isAccount && account === undefined) return "no-account";
        const author = by === ADMINISTRATOR ? undefined : this.#accountOf(foldName(by));
        return this.#people.sanctions.put(id, write.sanction, { account, author, now });
      }
      case "lift":
        this.#people.sanctions.lift(id, write.sanction, write.folded);
        return undefined;
      case "grant": {
        const account = this.#accountOf(write.account);
        return account === undefined
          ? "no-account"
          : this.#people.roles.grant(room, account, write);
      }
      case "note":
        return undefined;
    }
  }

  #setRoom(
    id: number,
    { topic, isPrivate, isModerated, slow }: RoomWrite & { kind: "set" },
  ): undefined {
    if (topic) this.#size.check(Buffer.byteLength(topic)); // an empty one takes no room
    const bit = (on: boolean | undefined): number | null => on === undefined ? null : Number(on);
    this.#set.run(id, topic ?? null, bit(isPrivate), bit(isModerated), slow ?? null);
  }

  #accountOf(folded: string): number | undefined {
    return this.#account.get(folded)?.id as number | undefined;
  }
}
