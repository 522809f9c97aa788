/**
 * Requests about rooms and who is in them.
 *
 * @module
 */

import { isSuccess, type JoinRequest, type Request } from "../../common/wire/protocol.ts";
import { refusal, toJoined, toRoom } from "./answers.ts";
import type {
  CallOptions,
  JoinAnswer,
  JoinOptions,
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
    return this.ask({ event: "leave", room }, options, (response) => {
      // Also after a 404: then the server knows better.
      this.left(room);
      if (!isSuccess(response.response)) throw refusal("leave", response);
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
   * @throws {RefusedError} 400 too long, 403 not an owner, 404 no such room.
   */
  setTopic(room: string, topic: string, options: CallOptions = {}): Promise<RoomAnswer> {
    return this.demand("topic", { event: "room", room, topic }, options, (response) => {
      return toRoom(response, room);
    });
  }

  /**
   * Ends a room for all. Its members get a notice and are out.
   *
   * @throws {RefusedError} 403 not an owner, 404 no such room.
   */
  removeRoom(room: string, options: CallOptions = {}): Promise<void> {
    return this.demand("remove", { event: "room", room, remove: true }, options, () => {});
  }
}
