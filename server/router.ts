/**
 * Request → handler, with the preconditions that all handlers share checked once.
 *
 * @module
 */

import { CODE, type EventName, type Request } from "../common/wire/protocol.ts";
import { type Answer, answer, type Commit } from "./answer.ts";
import type { ServerContext } from "./context.ts";
import { ack } from "./events/ack.ts";
import { authenticate } from "./events/authenticate.ts";
import { join, leave } from "./events/join.ts";
import { msg } from "./events/msg.ts";
import { presence } from "./events/presence.ts";
import { probe } from "./events/probe.ts";
import { quit } from "./events/quit.ts";
import { who } from "./events/who.ts";
import type { Session } from "./connection/session.ts";

/** How one event is served. */
export interface EventHandler<R extends Request = Request> {
  /** Answered 401 before the connection is online. */
  readonly mustBeOnline: boolean;
  /**
   * Serves a valid request. Resolves at once wherever nothing has to be waited for: the hot path has no
   * promise in it. What has waited and then changes what others see does that in a {@linkcode Commit}.
   */
  handle(
    context: ServerContext,
    session: Session,
    request: R,
  ): Answer | Promise<Answer | Commit>;
}

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

/** Serves a request: its shape has been checked, its state is checked here, the rest is the handler's. */
export function route(
  context: ServerContext,
  session: Session,
  request: Request,
): Answer | Promise<Answer | Commit> {
  const handler = EVENT_TABLE[request.event] as EventHandler;
  if (handler.mustBeOnline && !session.isOnline) return NOT_ONLINE;
  return handler.handle(context, session, request);
}
