/**
 * Changes of messages, and who is told of them.
 *
 * @module
 */

import { type Clock, unixSeconds } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import { foldName } from "../../common/names.ts";
import { encodeChange } from "../../common/wire/encode.ts";
import type { Deleted, DeleteRequest, Edited, EditRequest } from "../../common/wire/protocol.ts";
import type { Registry } from "../people/registry.ts";
import type { User } from "../people/user.ts";
import type { Refusal } from "../rooms/roles.ts";
import type { RoomAccess } from "../rooms/room_access.ts";
import type { Author, ChangedMessage, ChangeRefusal } from "../store/messages.ts";
import type { Store } from "../store/store.ts";
import type { ChangeElsewhere, ChangeOutcome, ChangePlace } from "./delivery.ts";
import type { RoomDelivery } from "./room_delivery.ts";

/** What {@linkcode Changes} are made of. */
export interface ChangesOptions {
  /** Who is online. */
  readonly registry: Registry<User>;
  /** Where the messages are. */
  readonly store: Pick<Store, "editMessage" | "deleteMessage" | "erase" | "blockedUsers">;
  /** Tells the members of rooms. */
  readonly rooms: Pick<RoomDelivery, "change" | "changedElsewhere">;
  /** Says who may speak in rooms, and run them. */
  readonly access: RoomAccess;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Changes kept messages, and tells the people of this process. */
export class Changes {
  readonly #options: ChangesOptions;

  /** See {@linkcode ChangesOptions}. */
  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  /** See `Delivery.change`. */
  async change(
    by: User,
    request: EditRequest | DeleteRequest,
    { conversation, room }: ChangePlace,
  ): Promise<ChangeOutcome> {
    const { store, clock } = this.#options;
    if (room === undefined && await store.blockedUsers.has(foldName(request.to), by.folded)) {
      return "blocked";
    }
    const time = unixSeconds(clock);
    const { seq } = request;
    const changed = await this.#write(by, request, { conversation, room }, time);
    if (typeof changed === "string" || "why" in changed) return changed;
    const { to, from, kind } = changed;
    const frame: Edited | Deleted = request.event === "edit"
      ? { event: "edit", time, to, from, seq, message: request.message, ...(kind && { kind }) }
      : { event: "delete", time, to, from, by: by.name, seq };
    if (room !== undefined) this.#options.rooms.change(room, frame, by);
    else this.#tell(foldName(request.to), by.session, conversation, frame);
    return await store.erase() ? "changed" : "not-erased";
  }

  /** See `Delivery.changedElsewhere`. */
  changedElsewhere({ deed, place, message }: ChangeElsewhere): void {
    const { to, from, kind } = message;
    const { conversation, seq } = place;
    const frame: Edited | Deleted = deed.do === "edit"
      ? {
        ...{ event: "edit", time: deed.edit.time, to, from, seq, message: deed.edit.message },
        ...(kind && { kind }),
      }
      : { event: "delete", time: deed.deletion.time, to, from, by: deed.name, seq };
    if ("room" in deed.in) {
      this.#options.rooms.changedElsewhere(deed.in.room, frame);
      return;
    }
    const { by } = deed.do === "edit" ? deed.edit : deed.deletion;
    const session = by === "moderator" ? "" : by.session;
    for (const account of new Set(deed.in.accounts)) {
      this.#tell(account, session, conversation, frame);
    }
  }

  async #write(
    by: User,
    request: EditRequest | DeleteRequest,
    { conversation, room }: ChangePlace,
    time: number,
  ): Promise<ChangedMessage | ChangeRefusal | Refusal> {
    const { store, access } = this.#options;
    const author: Author = { account: by.isAccount ? by.folded : undefined, session: by.session };
    const change = { conversation, seq: request.seq, time, by: author, asker: by.folded };
    const runsRoom = room !== undefined && access.refusal("delete", by, room) === undefined;
    if (request.event === "delete" && runsRoom) {
      return await store.deleteMessage({ ...change, by: "moderator" });
    }
    const refusal = room && access.speechRefusal(by, room);
    if (refusal !== undefined) return refusal;
    if (request.event === "delete") return await store.deleteMessage(change);
    // At once, so that of several at the same time one is the first.
    const takeBack = room && access.spoke(by, room);
    const since = time - LIMITS.editSeconds;
    const changed = await store.editMessage({ ...change, message: request.message, since });
    if (typeof changed === "string") takeBack?.();
    return changed;
  }

  /**
   * Tells one of a direct conversation, if they are online here.
   *
   * @param session Whose session has done it, who is not told: a message may be of oneself to oneself.
   */
  #tell(account: string, session: string, conversation: number, frame: Edited | Deleted): void {
    const user = this.#options.registry.find(account);
    if (user === undefined || user.session === session || !user.isAccount) return;
    const line = encodeChange(user.key, frame);
    if (!user.isCatchingUp) {
      user.send(line);
      return;
    }
    const text = frame.event === "edit" ? frame.message : undefined;
    user.mailbox!.change({ conversation, seq: frame.seq }, text, line);
  }
}
