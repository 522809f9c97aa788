/**
 * Request → handler, with the preconditions that all handlers share checked once.
 *
 * @module
 */

import { DEBUG_LEVEL, type Log } from "../common/log.ts";
import { CODE, type EventName, type Request } from "../common/wire/protocol.ts";
import { withCallLog } from "../logs/calls/log_calls.ts";
import { type Answer, answer } from "./answer.ts";
import { UnavailableError } from "./cluster/operation_log.ts";
import type { ServerContext } from "./context.ts";
import { ack } from "./events/ack.ts";
import { authenticate } from "./events/authenticate.ts";
import { block } from "./events/block.ts";
import type { EventHandler, Peer, Reply } from "./events/handler.ts";
import { deleteMessage, edit } from "./events/changes.ts";
import { conversations, history, read } from "./events/history.ts";
import { join, leave } from "./events/join.ts";
import { ban, grant, invite, kick, mute } from "./events/moderation.ts";
import { msg } from "./events/msg.ts";
import { presence } from "./events/presence.ts";
import { probe } from "./events/probe.ts";
import { quit } from "./events/quit.ts";
import { room } from "./events/room.ts";
import { NOT_ONLINE } from "./events/refusals.ts";
import { rooms } from "./events/rooms.ts";
import { search } from "./events/search.ts";
import { who } from "./events/who.ts";
import { whois } from "./events/whois.ts";
import { Later } from "./later.ts";
import type { User } from "./people/user.ts";
import { StoreBusyError, StoreFullError } from "./store/store.ts";

type EventTable = { readonly [E in EventName]: EventHandler<Extract<Request, { event: E }>> };

const EVENT_TABLE: EventTable = {
  presence,
  authenticate,
  msg,
  join,
  leave,
  quit,
  probe,
  who,
  ack,
  rooms,
  room,
  invite,
  kick,
  ban,
  mute,
  grant,
  history,
  search,
  edit,
  delete: deleteMessage,
  read,
  conversations,
  block,
  whois,
};

/** A limit, not a fault: whoever runs the server has set it (`--max-db`). */
const STORE_FULL = answer(
  CODE.serverError,
  "The server's storage is full; nothing was stored and nothing was delivered",
);

const UNAVAILABLE = answer(
  CODE.serverError,
  "The server cannot reach its other nodes at the moment; try again",
);

/** Serves requests by the table of events. Their shape has been checked; their state is checked here. */
export class Router {
  readonly #context: ServerContext;
  readonly #table: EventTable;

  /**
   * Makes a router. If the log is at DEBUG, every call of a handler is logged.
   *
   * @param context What handlers may use.
   */
  constructor(context: ServerContext) {
    this.#context = context;
    this.#table = context.log.level <= DEBUG_LEVEL ? logged(context.log) : EVENT_TABLE;
  }

  /** Whether requests behind this one are served while it waits. See `OnlineHandler.overlaps`. */
  readonly overlaps = ({ event }: Request): boolean => this.#table[event].overlaps ?? false;

  /** Whether a request's answer is paid for by its size. See `OnlineHandler.costs`. */
  readonly isCostly = ({ event }: Request): boolean => this.#table[event].costs === "size";

  /** Serves a request. */
  readonly route = (peer: Peer, request: Request): Reply => {
    const reply = this.#handle(peer, request);
    if (reply instanceof Promise) return reply.catch(refuseForStore);
    return reply instanceof Later ? reply.recover(refuseForStore) : reply;
  };

  #handle(peer: Peer, request: Request): Reply {
    const handler = this.#table[request.event] as EventHandler;
    if (handler.for === "all") return handler.handle(this.#context, peer, request);
    const { user } = peer;
    return user === undefined ? NOT_ONLINE : handler.handle(this.#context, user, request);
  }
}

/** What is no fault of the server, and so no error in its log. */
function refuseForStore(error: unknown): Answer {
  if (error instanceof StoreFullError) return STORE_FULL;
  if (error instanceof UnavailableError) return UNAVAILABLE;
  if (error instanceof StoreBusyError) {
    return { ...answer(CODE.serverError, error.message), workMs: error.ms };
  }
  throw error;
}

/** The table with handlers that log their calls: who asked for what, without texts and passwords, and what came of it. */
function logged(log: Log): EventTable {
  const rows = Object.entries(EVENT_TABLE as Record<string, EventHandler>).map(([name, row]) => {
    const call = withCallLog(
      // deno-lint-ignore no-unused-vars -- they are logged
      function (this: () => Reply, by: string, request: Request) {
        return this();
      },
      { name, log },
    );
    const handle = (context: ServerContext, by: User & Peer, request: Request): Reply =>
      call.call(
        () => {
          const reply = row.handle(context, by, request);
          return reply instanceof Later ? Promise.resolve(reply) : reply; // its end is what is logged
        },
        by.address,
        { ...request },
      );
    return [name, { ...row, handle }];
  });
  return Object.fromEntries(rows);
}
