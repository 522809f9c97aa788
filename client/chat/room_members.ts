/**
 * Who is in the rooms that one is in, as far as that was told.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { JimClient } from "../library/jim_client.ts";

/** Members of rooms, each once, in the spelling that was told last. As many rooms as one is in. */
export class RoomMembers {
  readonly #client: Pick<JimClient, "isOnline" | "who">;
  readonly #rooms = new Map<string, Map<string, string>>();
  readonly #learning = new Set<string>();

  /**
   * Knows nobody yet.
   *
   * @param client Whom to ask who is in a room.
   */
  constructor(client: Pick<JimClient, "isOnline" | "who">) {
    this.#client = client;
  }

  /** The members of a room; nobody if they are not known. */
  of(room: string): string[] {
    return [...this.#rooms.get(foldName(room))?.values() ?? []];
  }

  /** How many they are; 0 if they are not known. */
  count(room: string): number {
    return this.#rooms.get(foldName(room))?.size ?? 0;
  }

  /** Whether somebody is known to be in a room. */
  has(room: string, name: string): boolean {
    return this.#rooms.get(foldName(room))?.has(foldName(name)) ?? false;
  }

  /** These are in a room, and no others. */
  set(room: string, names: readonly string[]): void {
    this.#rooms.set(foldName(room), new Map(names.map((name) => [foldName(name), name])));
  }

  /** These have come into a room, and those have gone. If its members are not known, they stay unknown. */
  moved(room: string, came: readonly string[], went: readonly string[]): void {
    const members = this.#rooms.get(foldName(room));
    for (const name of went) members?.delete(foldName(name));
    for (const name of came) members?.set(foldName(name), name);
  }

  /** One is in that room no more; without a room: what was told does not hold any more. */
  forget(room?: string): void {
    if (room === undefined) this.#rooms.clear();
    else this.#rooms.delete(foldName(room));
  }

  /** Asks the server who is in a room, unless that is known or being asked; what it answers is not shown. */
  async learn(room: string): Promise<void> {
    const folded = foldName(room);
    if (this.#rooms.has(folded) || this.#learning.has(folded) || !this.#client.isOnline) return;
    this.#learning.add(folded);
    try {
      const { users } = await this.#client.who(room);
      this.set(room, users.map(({ account_name }) => account_name));
    } catch {
      // Then Tab knows fewer names.
    } finally {
      this.#learning.delete(folded);
    }
  }
}
