import { Buffer } from "node:buffer";

import { unixSeconds } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import {
  CODE,
  type JoinRequest,
  type LeaveRequest,
  type ResponseExtras,
} from "../../common/wire/protocol.ts";
import { type Answer, answer, type Commit } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { User } from "../people/user.ts";
import type { Room } from "../rooms/room.ts";
import type { EnteredRoom, EntryRefusal } from "../rooms/rooms.ts";
import { type Asking, MAX_PAGE_BYTES, type Page } from "../store/messages.ts";
import type { OnlineHandler } from "./handler.ts";
import { asking } from "./history.ts";
import { NO_SUCH_ROOM, refused } from "./refusals.ts";

const TOO_MANY_ROOMS = answer(
  CODE.forbidden,
  `You are in ${LIMITS.maxRoomsPerSession} rooms, the most allowed; leave one first`,
);
const NOT_THERE = answer(CODE.notFound, "You are not a member of this room");

/** Who has gone while the store was asked is in no room, whatever was made for them. */
const GONE = answer(
  CODE.unauthorized,
  "You are not online any more: the connection is being closed",
);

/** What is kept of a room where nothing is. */
const NOTHING: Page = { messages: [], more: false };
/** Bytes that an answer with messages may have, and those of it that are no list. */
const MAX_ANSWER_BYTES = 262_144;
const FRAME_BYTES = 324;

/** `join`: enters a room, making it if need be. */
export const join: OnlineHandler<JoinRequest> = {
  for: "users",
  costs: "size",
  handle(context, user, request) {
    const { rooms, access, clock } = context;
    const room = rooms.find(request.room);
    const isMember = room !== undefined && room.members.has(user);
    const refusal = room && access.refusal("enter", user, room);
    if (refusal !== undefined) return refused(room!.name, refusal, access.now);
    if (!isMember && user.rooms.size >= LIMITS.maxRoomsPerSession) return TOO_MANY_ROOMS;
    const asksForMessages = request.after !== undefined || request.history !== undefined;
    if (asksForMessages && (room === undefined || room.lasting !== undefined)) {
      return catchUp(context, user, request);
    }
    if (room === undefined) return open(context, user, request.room);
    rooms.join(user, room, unixSeconds(clock));
    return joined(user, room, false, asksForMessages ? NOTHING : undefined);
  },
};

async function open(
  context: ServerContext,
  user: User,
  name: string,
): Promise<Answer | Commit> {
  const { rooms, clock } = context;
  const enter = await rooms.open(user, name);
  if (typeof enter !== "function") return notEntered(context, name, enter);
  return () => {
    const entered = enter(unixSeconds(clock));
    if (!isEntered(entered)) return notEntered(context, name, entered);
    const { room, isNew } = entered;
    if (isNew) logMade(context, user, room);
    return user.isOnline ? joined(user, room, isNew) : GONE;
  };
}

/**
 * Enters a room and tells what is kept of it. What is said there meanwhile is held until the answer, which has all that
 * was said before, is put out: so nothing is in both, and nothing in neither. For who is in already as well.
 */
async function catchUp(
  context: ServerContext,
  user: User,
  request: JoinRequest,
): Promise<Answer | Commit> {
  const { rooms, clock } = context;
  const expecting = await rooms.expect(user, request.room);
  if (typeof expecting === "string" || "why" in expecting) {
    return notEntered(context, request.room, expecting);
  }
  const { room, isNew } = expecting;
  const frames = room.hold(user);
  const giveUp = (): void => {
    room.release(user, frames);
    expecting[Symbol.dispose]();
  };
  using undo = new DisposableStack();
  undo.defer(giveUp);
  const last = room.lasting?.last ?? 0;
  const page = await pageOf(context, room, request, { last, ...asking(user) });
  undo.move();
  return () => {
    const refusal = expecting.enter(unixSeconds(clock));
    if (refusal !== undefined) {
      giveUp();
      return notEntered(context, room.name, refusal);
    }
    if (isNew) logMade(context, user, room);
    if (!user.isOnline) {
      giveUp();
      return GONE;
    }
    expecting[Symbol.dispose]();
    const told = frames.isOverflown
      ? joined(user, room, isNew, unfinished(page, request))
      : joined(user, room, isNew, page, last, request.after === undefined);
    return { ...told, afterwards: () => frames.putOut() };
  };
}

/** The messages that a `join` asks for, of those up to the number `last`. */
async function pageOf(
  { store }: ServerContext,
  { lasting }: Room,
  { after, history = LIMITS.maxHistoryMessages }: JoinRequest,
  { last, ...who }: { readonly last: number } & Asking,
): Promise<Page> {
  const conversation = lasting?.conversation;
  if (conversation === undefined || last <= (after ?? 0)) return NOTHING;
  return await store.listMessages(conversation, {
    after,
    before: last + 1,
    limit: history,
    ...who,
  });
}

/** What is left of a page behind which more was said than could be held: the client asks `history` for the rest. */
function unfinished({ messages }: Page, { after }: JoinRequest): Page {
  return { messages: after === undefined ? [] : messages, more: true };
}

/**
 * The answer to who is in a room now.
 *
 * @param page What is kept, if that was asked for.
 * @param last Up to where the page goes.
 * @param isNewest Whether the newest messages were asked for: then the oldest are left out first.
 */
function joined(
  user: User,
  room: Room,
  isNew: boolean,
  page?: Page,
  last: number = room.lasting?.last ?? 0,
  isNewest: boolean = false,
): Answer {
  const [code, sentence] = isNew
    ? [CODE.created, `You made ${room.name}`] as const
    : [CODE.ok, `You are in ${room.name}`] as const;
  const facts = {
    room: room.name,
    users: room.members.sorted().map(({ name }) => name),
    topic: room.topic,
    lasting: room.lasting !== undefined,
    role: room.policy.roleOf(user),
    last,
  };
  if (page === undefined) return answer(code, sentence, facts);
  return answer(code, sentence, { ...facts, ...fitting(page, facts, isNewest) });
}

/** As much of a page as finds room in an answer that also has the names of all members. */
function fitting(page: Page, facts: ResponseExtras, isNewest: boolean): Page {
  let left = MAX_ANSWER_BYTES - FRAME_BYTES - bytesOf(facts);
  if (left >= MAX_PAGE_BYTES) return page;
  const inOrder = isNewest ? page.messages.toReversed() : page.messages;
  const cut = inOrder.findIndex((message) => (left -= bytesOf(message) + 1) < 0);
  if (cut === -1) return page;
  const messages = inOrder.slice(0, cut);
  return { messages: isNewest ? messages.reverse() : messages, more: true };
}

function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function logMade({ log }: ServerContext, user: User, room: Room): void {
  if (room.lasting) log.info("room made", { room: room.name, by: user.name });
}

function isEntered(entered: EnteredRoom | EntryRefusal): entered is EnteredRoom {
  return typeof entered === "object" && "room" in entered;
}

/** Why somebody has not come in. */
function notEntered(context: ServerContext, name: string, refusal: EntryRefusal): Answer {
  if (refusal === "removed") return NO_SUCH_ROOM;
  if (refusal === "too-many") return ownsTooMany(context);
  const { rooms, access } = context;
  return refused(rooms.find(name)?.name ?? name, refusal, access.now);
}

function ownsTooMany({ settings }: ServerContext): Answer {
  const owned = settings.maxRooms === 1 ? "1 room" : `${settings.maxRooms} rooms`;
  return answer(CODE.forbidden, `You own ${owned}, the most allowed; remove one first`);
}

/** `leave`: leaves a room, for good. */
export const leave: OnlineHandler<LeaveRequest> = {
  for: "users",
  costs: "size",
  handle({ rooms, clock }, user, { room: name }) {
    const room = rooms.find(name);
    if (room === undefined || !room.members.has(user)) return NOT_THERE;
    const goOut = (): Answer =>
      user.rooms.has(room) && rooms.leave(user, room, unixSeconds(clock))
        ? answer(CODE.ok, `You left ${room.name}`, { room: room.name })
        : NOT_THERE;
    const forgotten = rooms.memberships.end(user, room);
    return forgotten === undefined ? goOut() : forgotten.then(() => goOut);
  },
};
