/**
 * One room.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { Registry } from "../people/registry.ts";
import type { User } from "../people/user.ts";

/** A room and its members. It exists as long as it has any. */
export class Room {
  /** The name as its first member typed it. */
  readonly name: string;
  /** The name under which it is looked up. */
  readonly folded: string;
  /** The name as JSON text, made once for all frames that carry it. */
  readonly nameJson: string;
  /** Who is in. */
  readonly members: Registry<User> = new Registry<User>();

  /** Makes a room without members; `name` must be a valid room name. */
  constructor(name: string) {
    this.name = name;
    this.folded = foldName(name);
    this.nameJson = JSON.stringify(name);
  }
}
