/**
 * Which accounts are in which rooms, as the store remembers it.
 *
 * @module
 */

import { messageOf } from "../../common/errors.ts";
import type { Log } from "../../common/log.ts";
import type { User } from "../people/user.ts";
import type { RoomStore } from "../store/room_store.ts";
import { StoreFullError } from "../store/store.ts";
import type { Room } from "./room.ts";

/**
 * Has the store remember the rooms of accounts, for the list of their conversations: from coming in until leaving for
 * good, whatever connections come and go meanwhile. Of guests and of rooms that do not last nothing is written.
 */
export class Memberships {
  readonly #store: RoomStore;
  readonly #log: Log;

  /** Remembers nothing by itself. */
  constructor(store: RoomStore, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** Somebody is in a room. Nobody waits for the store, and nobody is kept out if it fails. Never rejects. */
  async begin(user: User, { lasting, name }: Room): Promise<void> {
    if (lasting === undefined || !user.isAccount) return;
    try {
      await this.#store.remember(lasting.id, user.folded);
    } catch (error) {
      // That the store is full is said once, by the store.
      if (error instanceof StoreFullError) return;
      const reason = messageOf(error);
      this.#log.error("member not remembered", { name: user.name, room: name, reason });
    }
  }

  /**
   * Somebody leaves a room for good: durable when it resolves.
   *
   * @returns `undefined` if there is nothing to be written.
   * @throws {StoreError} If the store fails.
   */
  end(user: User, { lasting }: Room): Promise<void> | undefined {
    return lasting !== undefined && user.isAccount
      ? this.#store.forgetMember(lasting.id, user.folded)
      : undefined;
  }
}
