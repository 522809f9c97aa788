/**
 * Request → handler, with the preconditions that all handlers share checked once.
 *
 * @module
 */

import { CODE, type EventName, type Request } from "../common/wire/protocol.ts";
import { answer } from "./answer.ts";
import type { ServerContext } from "./context.ts";
import { ack } from "./events/ack.ts";
import { authenticate } from "./events/authenticate.ts";
import type { EventHandler, Peer, Reply } from "./events/handler.ts";
import { join, leave } from "./events/join.ts";
import { msg } from "./events/msg.ts";
import { presence } from "./events/presence.ts";
import { probe } from "./events/probe.ts";
import { quit } from "./events/quit.ts";
import { who } from "./events/who.ts";

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
};

const NOT_ONLINE = answer(
  CODE.unauthorized,
  "You are not online: send presence or authenticate first",
);

/** Whether requests behind this one are served while it waits. See `OnlineHandler.overlaps`. */
export function overlaps({ event }: Request): boolean {
  return EVENT_TABLE[event].overlaps ?? false;
}

/** Serves a request: its shape has been checked, its state is checked here, the rest is the handler's. */
export function route(context: ServerContext, peer: Peer, request: Request): Reply {
  const handler = EVENT_TABLE[request.event] as EventHandler;
  if (handler.for === "all") return handler.handle(context, peer, request);
  const { user } = peer;
  return user === undefined ? NOT_ONLINE : handler.handle(context, user, request);
}
