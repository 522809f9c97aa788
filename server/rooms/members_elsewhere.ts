/**
 * Who is in rooms that nobody of this node is in.
 *
 * @module
 */

import { RemoteUser } from "../people/remote_user.ts";
import type { Room } from "./room.ts";

/** Keeps who is, on other nodes, in rooms that last and are not in memory here: for lists, and for when they come into it. */
export class MembersElsewhere {
  readonly #rooms = new Map<string, Set<RemoteUser>>();

  /** How many are in a room. */
  count(folded: string): number {
    return this.#rooms.get(folded)?.size ?? 0;
  }

  /** Who of a folded name is in a room. */
  find(room: string, folded: string): RemoteUser | undefined {
    for (const user of this.#rooms.get(room) ?? []) if (user.folded === folded) return user;
    return undefined;
  }

  /** Somebody is in a room. */
  add(user: RemoteUser, folded: string): void {
    user.roomsAside.add(folded);
    const members = this.#rooms.get(folded);
    if (members === undefined) this.#rooms.set(folded, new Set([user]));
    else members.add(user);
  }

  /** Somebody is in a room no more. */
  remove(user: RemoteUser, folded: string): void {
    user.roomsAside.delete(folded);
    const members = this.#rooms.get(folded);
    if (members?.delete(user) && members.size === 0) this.#rooms.delete(folded);
  }

  /** A room has come into memory, without members: its own come into it, and nobody is told. */
  moveInto(room: Room): void {
    for (const user of this.#rooms.get(room.folded) ?? []) {
      user.roomsAside.delete(room.folded);
      user.rooms.add(room);
      room.members.add(user);
      room.elsewhere++;
    }
    this.#rooms.delete(room.folded);
  }

  /** A room goes out of memory that only people on other nodes are in. */
  takeFrom(room: Room): void {
    for (const user of room.members.values()) {
      user.rooms.delete(room);
      if (user instanceof RemoteUser) this.add(user, room.folded);
    }
  }
}
