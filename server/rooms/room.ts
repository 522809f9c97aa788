/**
 * One room.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { RoomRole } from "../../common/wire/protocol.ts";
import { Registry } from "../people/registry.ts";
import type { User } from "../people/user.ts";
import type { StoredRoom } from "../store/room_store.ts";

/** What makes a room last. */
export interface Lasting {
  /** Its number in the store, never used again. */
  readonly id: number;
  /** Folded names of its owners, for what members are told: what an owner may do, the store decides. */
  readonly owners: Set<string>;
}

/** A room that somebody is in. */
export class Room {
  /** The name as its maker typed it. */
  readonly name: string;
  /** The name under which it is looked up. */
  readonly folded: string;
  /** The name as JSON text, made once for all frames that carry it. */
  readonly nameJson: string;
  /** Who is in. */
  readonly members: Registry<User> = new Registry<User>();
  /** Set if the room exists without members, too. */
  readonly lasting?: Lasting;
  /** What it is about. */
  topic = "";
  /** How many are about to come in: it stays for them. */
  expected = 0;

  /**
   * Makes a room without members.
   *
   * @param name A valid room name.
   * @param stored What the store has of it; a room without that goes with its last member.
   */
  constructor(name: string, stored?: StoredRoom) {
    this.name = stored?.name ?? name;
    this.folded = foldName(name);
    this.nameJson = JSON.stringify(this.name);
    if (stored === undefined) return;
    this.topic = stored.topic;
    this.lasting = { id: stored.id, owners: new Set(stored.owners.map(foldName)) };
  }

  /** What somebody is here. */
  roleOf(user: User): RoomRole {
    return user.isAccount && this.lasting?.owners.has(user.folded) ? "owner" : "member";
  }
}
