/**
 * Rooms: who is in them, and fan-out to their members.
 *
 * @module
 */

import { encodeFrame } from "../../common/wire/encode.ts";
import { foldName } from "../../common/names.ts";
import { CODE, type EventKey } from "../../common/wire/protocol.ts";
import type { Member } from "../people/member.ts";
import { Roster } from "../people/registry.ts";

/** A room and its members. It exists as long as it has any. */
export class Room {
  /** The name as its first member typed it. */
  readonly name: string;
  /** The name under which it is looked up. */
  readonly folded: string;
  /** Who is in. */
  readonly members: Roster<Member> = new Roster<Member>();

  /** Makes a room without members; `name` must be a valid room name. */
  constructor(name: string) {
    this.name = name;
    this.folded = foldName(name);
  }

  /**
   * Queues a frame for every member but one. It is written out once per dialect, not per member.
   *
   * @param except Who does not get it.
   * @param encode Makes the line for a dialect.
   * @returns How many took it.
   */
  broadcast(except: Member, encode: (key: EventKey) => string): number {
    const lines: { [Key in EventKey]?: string } = {};
    let delivered = 0;
    for (const member of this.members.values()) {
      if (member === except) continue;
      if (member.send(lines[member.key] ??= encode(member.key))) delivered++;
    }
    return delivered;
  }
}

/** All rooms by folded name. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();

  /** How many rooms there are. */
  get size(): number {
    return this.#rooms.size;
  }

  /** The room of that name, however it is typed. */
  find(name: string): Room | undefined {
    return this.#rooms.get(foldName(name));
  }

  /** Lets a member in, making the room if need be, and tells the others. */
  join(member: Member, name: string, time: number): { room: Room; isNew: boolean } {
    const known = this.find(name);
    const room = known ?? new Room(name);
    if (known === undefined) this.#rooms.set(room.folded, room);
    if (room.members.add(member)) {
      member.rooms.add(room);
      this.#tell(room, member, "joined", time);
    }
    return { room, isNew: known === undefined };
  }

  /** Takes a member out and tells the others; the last one takes the room along. */
  leave(member: Member, room: Room, time: number): boolean {
    member.rooms.delete(room);
    if (!room.members.remove(member)) return false;
    if (room.members.size === 0) this.#rooms.delete(room.folded);
    else this.#tell(room, member, "left", time);
    return true;
  }

  /** Takes a member out of all rooms. */
  leaveAll(member: Member, time: number): void {
    for (const room of member.rooms) this.leave(member, room, time);
  }

  #tell(room: Room, about: Member, what: "joined" | "left", time: number): void {
    const line = encodeFrame({
      response: CODE.notice,
      time,
      alert: `${about.name} ${what} ${room.name}`,
      room: room.name,
      [what]: about.name,
    });
    room.broadcast(about, () => line);
  }
}
