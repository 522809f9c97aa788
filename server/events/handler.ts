/**
 * How an event is served: the type of a row in the router's table.
 *
 * @module
 */

import type { Request } from "../../common/wire/protocol.ts";
import type { Answer, Commit } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { Later } from "../later.ts";
import type { Outlet } from "../people/outlet.ts";
import type { User } from "../people/user.ts";

/** What a handler says: at once wherever nothing has to be waited for, so that the hot path has no promise in it. */
export type Reply = Answer | Promise<Answer | Commit> | Later<Answer | Commit>;

/** The connection that asks, as far as handlers need it. */
export interface Peer {
  /** The address, for the log. */
  readonly address: string;
  /** The network that the peer is counted under where addresses are counted. */
  readonly network: string;
  /** Who is online here. */
  readonly user: User | undefined;
  /** The way to the client: whoever comes online here is reached by it. */
  readonly outlet: Outlet;
  /** Aborted when no further request will be served: what a handler waits for may be given up. */
  readonly signal: AbortSignal;
  /**
   * The user is reached here from now on; `arrive` (`people/attendance.ts`) calls it.
   *
   * @returns `false` if the connection is ending or has a user: then nothing has happened.
   */
  attach(user: User): boolean;
  /**
   * Says that the peer waits in a line. The time until it must be online goes on where others are the cause; it
   * stands still while the server works for this very peer.
   *
   * @param isOthersDoing Asked whenever it matters.
   * @returns Dispose of it when the wait is over.
   */
  waitInLine(isOthersDoing: () => boolean): Disposable;
  /**
   * Waits for something that has no end of its own for the client: what it says meanwhile is served later.
   *
   * @returns What was waited for; `undefined` if the client hangs up or the connection ends before.
   */
  unlessGone<T>(work: Promise<T>): Promise<T | undefined>;
  /** Counts a wrong password; `true` if it was one too many for this connection. */
  loginFailed(): boolean;
}

/** How one event is served to who is online; to all others it is answered 401. */
export interface OnlineHandler<R extends Request = Request> {
  /** For users only. */
  readonly for: "users";
  /**
   * Requests behind it are served while it waits, and answered behind it. Without this, it is served when all
   * earlier requests are answered, and nothing behind it is served before it is.
   *
   * @default {false}
   */
  readonly overlaps?: boolean;
  /**
   * What an answer costs the peer's network (`--work`): as much as it is large, and what it took the archive, and what it
   * made others hear one by one (`User.owe`), or nothing. For requests of a few bytes whose effect may be thousands of
   * times as large; they are served alone.
   *
   * @default {"nothing"}
   */
  readonly costs?: "size" | "nothing";
  /** Serves a valid request. What has waited and then changes what others see does so in a {@linkcode Commit}. */
  handle(context: ServerContext, user: User, request: R): Reply;
}

/** How one event is served to anybody. */
export interface OpenHandler<R extends Request = Request> {
  /** For connections that are not online, too. */
  readonly for: "all";
  /** See {@linkcode OnlineHandler.overlaps}. */
  readonly overlaps?: false;
  /** See {@linkcode OnlineHandler.costs}. */
  readonly costs?: "nothing";
  /** Serves a valid request. See {@linkcode OnlineHandler.handle}. */
  handle(context: ServerContext, peer: Peer, request: R): Reply;
}

/** How one event is served. */
export type EventHandler<R extends Request = Request> = OnlineHandler<R> | OpenHandler<R>;
