/**
 * Messages of a room that lasts, put in through the store.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

import type { Store } from "../../server/store/store.ts";

/** Keeps messages in one room. */
export class RoomMessages {
  readonly #store: Store;
  readonly #conversation: number;
  readonly #room: string;
  #seq = 0;

  private constructor(store: Store, conversation: number, room: string) {
    this.#store = store;
    this.#conversation = conversation;
    this.#room = room;
  }

  /**
   * Makes the conversation of a room.
   *
   * @param path The store's file.
   * @param room The room's name; it exists.
   */
  static async open(path: string, store: Store, room: string): Promise<RoomMessages> {
    const { id } = (await store.rooms.find(room.toLowerCase()))!;
    using db = new DatabaseSync(path);
    const row = db.prepare(
      "INSERT INTO conversations (kind, a) VALUES ('room', ?) RETURNING id",
    ).get(id);
    return new RoomMessages(store, row!.id as number, room);
  }

  /** Keeps a message, as if it had been delivered. */
  async keep(from: string, message: string): Promise<void> {
    await this.#store.keepMessage({
      conversation: this.#conversation,
      seq: ++this.#seq,
      from,
      sender: undefined,
      to: this.#room,
      message,
      time: Math.floor(Date.now() / 1000),
      id: undefined,
      fingerprint: undefined,
      delivered: 1,
    });
  }
}
