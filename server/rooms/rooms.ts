/**
 * All rooms.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { User } from "../people/user.ts";
import { joinedNotice, leftNotice } from "./notices.ts";
import { Room } from "./room.ts";

/** All rooms by folded name. A room comes with its first member and goes with its last. */
export class Rooms {
  readonly #delivery: Pick<Delivery, "notify">;
  readonly #rooms = new Map<string, Room>();

  /**
   * Makes a server without rooms.
   *
   * @param delivery Tells members who comes and goes.
   */
  constructor(delivery: Pick<Delivery, "notify">) {
    this.#delivery = delivery;
  }

  /** How many rooms there are. */
  get size(): number {
    return this.#rooms.size;
  }

  /** The room of that name, however it is typed. */
  find(name: string): Room | undefined {
    return this.#rooms.get(foldName(name));
  }

  /**
   * Lets a user in, making the room if need be, and tells the others.
   *
   * @param time Unix seconds.
   */
  join(user: User, name: string, time: number): { room: Room; isNew: boolean } {
    const known = this.find(name);
    const room = known ?? new Room(name);
    if (known === undefined) this.#rooms.set(room.folded, room);
    if (room.members.add(user)) {
      user.rooms.add(room);
      this.#delivery.notify(room, joinedNotice(room, user, time), user);
    }
    return { room, isNew: known === undefined };
  }

  /**
   * Takes a user out and tells the others; the last one takes the room along.
   *
   * @param time Unix seconds.
   * @returns `false` if the user was not in.
   */
  leave(user: User, room: Room, time: number): boolean {
    user.rooms.delete(room);
    if (!room.members.remove(user)) return false;
    if (room.members.size === 0) this.#rooms.delete(room.folded);
    else this.#delivery.notify(room, leftNotice(room, user, time), user);
    return true;
  }

  /** Takes a user out of all rooms. */
  leaveAll(user: User, time: number): void {
    for (const room of user.rooms) this.leave(user, room, time);
  }
}
