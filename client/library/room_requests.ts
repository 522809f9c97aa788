/**
 * Requests about rooms and who is in them.
 *
 * @module
 */

import {
  CODE,
  isSuccess,
  type JoinRequest,
  type Request,
  type RoomRole,
  type RoomSettings,
} from "../../common/wire/protocol.ts";
import { refusal, toJoined, toRoom } from "./answers.ts";
import type {
  BanOptions,
  CallOptions,
  InviteOptions,
  JoinAnswer,
  JoinOptions,
  KickOptions,
  MuteOptions,
  RoomAnswer,
  RoomsAnswer,
  WhoAnswer,
} from "./options.ts";
import { Requests } from "./requests.ts";

/** The part of a `JimClient` that is about rooms. */
export abstract class RoomRequests extends Requests {
  /**
   * The server has let the client into a room.
   *
   * @param room What was asked for.
   * @param answer What the room is.
   */
  protected abstract entered(room: string, answer: JoinAnswer): void;

  /** The client is no longer in a room. */
  protected abstract left(room: string): void;

  /**
   * Enters a room. With `after` or `history` the answer also has messages that were kept; what is numbered higher than
   * its `last` comes as ordinary messages.
   *
   * @returns What the room is, its members, and whether there was no such room before.
   * @throws {RefusedError} 400 wrong name, or both `after` and `history`; 403 too many rooms, or not admitted.
   *
   * @example
   * ```ts ignore
   * const { messages, more } = await client.join("#dev", { history: 20 });
   * ```
   */
  join(room: string, { after, history, ...call }: JoinOptions = {}): Promise<JoinAnswer> {
    const request: JoinRequest = { event: "join", room };
    if (after !== undefined) request.after = after;
    if (history !== undefined) request.history = history;
    return this.demand("join", request, call, (response) => {
      const answer = toJoined(response, room);
      this.entered(room, answer);
      return answer;
    });
  }

  /**
   * Leaves a room.
   *
   * @throws {RefusedError} 404 not a member.
   */
  leave(room: string, options: CallOptions = {}): Promise<void> {
    return this.ask({ event: "leave", room }, options, (response, isRepeat) => {
      // Also after a 404: then the server knows better.
      this.left(room);
      const wasLeft = isRepeat && response.response === CODE.notFound;
      if (!isSuccess(response.response) && !wasLeft) throw refusal("leave", response, room);
    });
  }

  /**
   * Asks who is online, or who is in a room.
   *
   * @throws {RefusedError} 403 not a member, 404 no such room.
   */
  who(room?: string, options: CallOptions = {}): Promise<WhoAnswer> {
    const request: Request = room === undefined ? { event: "who" } : { event: "who", room };
    return this.demand("who", request, options, (response) => {
      const users = (response.users ?? []).map((user) =>
        typeof user === "string" ? { account_name: user, status: "" } : user
      );
      return { users, total: response.total ?? users.length };
    });
  }

  /**
   * Asks which rooms there are. Those that this client is in are `rooms`.
   *
   * @throws {RefusedError} 400 the server knows no lists of rooms.
   */
  listRooms(options: CallOptions = {}): Promise<RoomsAnswer> {
    return this.demand("rooms", { event: "rooms" }, options, (response) => {
      const { total } = response;
      const rooms = (response.rooms ?? []) as RoomsAnswer["rooms"];
      return { rooms, total: total ?? rooms.length };
    });
  }

  /**
   * Asks what there is to know of a room.
   *
   * @throws {RefusedError} 404 no such room.
   */
  room(room: string, options: CallOptions = {}): Promise<RoomAnswer> {
    return this.demand("room", { event: "room", room }, options, (response) => {
      return toRoom(response, room);
    });
  }

  /**
   * Says what a room is about. Its members get a notice.
   *
   * @param topic At most 200 characters; controls are left out by the server.
   * @returns What there is to know of the room then.
   * @throws {RefusedError} 400 too long, 403 neither owner nor moderator, 404 no such room.
   */
  setTopic(room: string, topic: string, options: CallOptions = {}): Promise<RoomAnswer> {
    return this.#set("topic", room, { topic }, options);
  }

  /**
   * Sets a room to something; what is not given stays. Its members get a notice.
   *
   * @param settings `private` is for owners, all else for moderators, too. `slow` has 0–3600 seconds.
   * @returns What there is to know of the room then.
   * @throws {RefusedError} 400 out of range, 403 not in one's role, or a guest's room, 404 no such room.
   *
   * @example
   * ```ts ignore
   * await client.setRoom("#lecture", { moderated: true, slow: 10 });
   * ```
   */
  setRoom(room: string, settings: RoomSettings, options: CallOptions = {}): Promise<RoomAnswer> {
    return this.#set(settings.private === undefined ? "room" : "private", room, settings, options);
  }

  /**
   * Ends a room for all. Its members get a notice and are out.
   *
   * @throws {RefusedError} 403 not an owner, 404 no such room.
   */
  removeRoom(room: string, options: CallOptions = {}): Promise<void> {
    return this.demand("remove", { event: "room", room, remove: true }, options, () => {});
  }

  /**
   * Lets an account into a private room, or no more. If it is online, it gets a notice.
   *
   * @throws {RefusedError} 403 neither owner nor moderator, 404 no such room or account.
   *
   * @example
   * ```ts ignore
   * await client.invite("#staff", "bob");
   * await client.invite("#staff", "bob", { on: false });
   * ```
   */
  invite(room: string, user: string, { on, ...call }: InviteOptions = {}): Promise<void> {
    const request: Request = { event: "invite", room, user, ...(on !== undefined && { on }) };
    return this.demand("invite", request, call, () => {});
  }

  /**
   * Takes somebody out of a room. They may come back at once, see {@linkcode RoomRequests.ban}. All who are in get a
   * notice, and so do they.
   *
   * @throws {RefusedError} 403 neither owner nor moderator, or the other one is no less; 404 no such room, or they are
   *   not in.
   *
   * @example
   * ```ts ignore
   * await client.kick("#dev", "bob", { reason: "no advertising here" });
   * ```
   */
  kick(room: string, user: string, { reason, ...call }: KickOptions = {}): Promise<void> {
    const request: Request = { event: "kick", room, user, ...(reason !== undefined && { reason }) };
    return this.ask(request, call, (response, isRepeat) => {
      const isDone = isRepeat && response.response === CODE.notFound;
      if (!isSuccess(response.response) && !isDone) throw refusal("kick", response, room);
    });
  }

  /**
   * Takes somebody out of a room and keeps them out, whether they are in or not. A guest's ban also holds for guests from
   * the network where they were last seen in that room.
   *
   * @throws {RefusedError} 403 neither owner nor moderator, or the other one is no less; 404 no such room, or nobody of
   *   that name has ever been on the server.
   *
   * @example
   * ```ts ignore
   * await client.ban("#dev", "bob", { seconds: 7_200, reason: "spamming" });
   * await client.ban("#dev", "bob", { seconds: 0 }); // lifts it
   * ```
   */
  ban(room: string, user: string, { seconds, reason, ...call }: BanOptions = {}): Promise<void> {
    const request: Request = {
      event: "ban",
      room,
      user,
      ...(seconds !== undefined && { seconds }),
      ...(reason !== undefined && { reason }),
    };
    return this.demand("ban", request, call, () => {});
  }

  /**
   * Lets somebody listen and not speak, or speak again. Members get a notice.
   *
   * @throws {RefusedError} As {@linkcode RoomRequests.ban} does.
   *
   * @example
   * ```ts ignore
   * await client.mute("#dev", "bob", { seconds: 600 });
   * ```
   */
  mute(room: string, user: string, { seconds, ...call }: MuteOptions = {}): Promise<void> {
    const request: Request = {
      event: "mute",
      room,
      user,
      ...(seconds !== undefined && { seconds }),
    };
    return this.demand("mute", request, call, () => {});
  }

  /**
   * Makes an account an owner, a moderator or an ordinary member of a room. Members get a notice.
   *
   * @throws {RefusedError} 403 not an owner, or it is about the last one; 404 no such room or account.
   *
   * @example
   * ```ts ignore
   * await client.grant("#dev", "kim", "moderator");
   * ```
   */
  grant(room: string, user: string, role: RoomRole, options: CallOptions = {}): Promise<void> {
    return this.demand("grant", { event: "grant", room, user, role }, options, () => {});
  }

  #set(
    what: string,
    room: string,
    settings: RoomSettings,
    options: CallOptions,
  ): Promise<RoomAnswer> {
    return this.demand(what, { event: "room", room, ...settings }, options, (response) => {
      return toRoom(response, room);
    });
  }
}
