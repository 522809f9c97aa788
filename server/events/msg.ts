import { LIMITS } from "../../common/limits.ts";
import { foldName } from "../../common/names.ts";
import {
  CODE,
  isRoomAddress,
  isSuccess,
  type MsgRequest,
  type ResponseExtras,
} from "../../common/wire/protocol.ts";
import { type Answer, answer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { DirectOutcome, Kept, KeptInRoom, RoomRefusal } from "../delivery/delivery.ts";
import { Later } from "../later.ts";
import type { User } from "../people/user.ts";
import type { Room } from "../rooms/room.ts";
import type { OnlineHandler, Reply } from "./handler.ts";
import { BLOCKED_BY_ADDRESSEE, NEVER_SEEN, outsider, refused } from "./refusals.ts";

/** A size, in words. */
function mebibytes(bytes: number): string {
  return `${bytes / 1024 ** 2} MiB`;
}

/** Whoever is not online is not away either. */
const AT_HAND = { away: "" };

const NO_MESSAGE = answer(
  CODE.notFound,
  "reply must be the number of a message that is kept in this conversation; there is none",
);

/** What the sender of a direct message is told. */
const DIRECT_ANSWERS: Readonly<Record<DirectOutcome, Answer>> = {
  delivered: answer(CODE.ok, "Message delivered"),
  full: answer(
    CODE.gone,
    "The addressee's connection takes no more at the moment; try again later",
  ),
  "too-long": answer(
    CODE.gone,
    "The addressee's client takes no message of that length; make it shorter",
  ),
  "catching-up": answer(
    CODE.gone,
    "The addressee is still getting stored messages; try again later, or send with store",
  ),
  behind: answer(
    CODE.accepted,
    "The addressee is still getting stored messages; yours comes behind them",
  ),
  offline: answer(CODE.gone, "The addressee is offline; the message was not delivered"),
  stored: answer(CODE.accepted, "The addressee is offline; the message will wait for them"),
  guest: answer(
    CODE.gone,
    "The addressee is a guest and offline; guests have no mailbox, the message was not delivered",
  ),
  "mailbox-full": answer(
    CODE.gone,
    `The addressee's mailbox is full (${LIMITS.maxMailboxLetters} messages or ` +
      `${mebibytes(LIMITS.maxMailboxBytes)}); the message was not delivered`,
  ),
  "sender-full": answer(
    CODE.gone,
    `The addressee's mailbox holds ${LIMITS.maxSenderLetters} messages or ` +
      `${
        mebibytes(LIMITS.maxSenderBytes)
      } of yours that they have not fetched, the most of one sender; ` +
      "the message was not delivered",
  ),
  "guests-full": answer(
    CODE.gone,
    `The addressee's mailbox holds ${LIMITS.maxGuestLetters} messages or ` +
      `${mebibytes(LIMITS.maxGuestBytes)} of guests, the most of all guests together; ` +
      "the message was not delivered",
  ),
  "strangers-full": answer(
    CODE.gone,
    `The addressee's mailbox holds ${LIMITS.maxStrangerLetters} messages or ` +
      `${
        mebibytes(LIMITS.maxStrangerBytes)
      } of people whom they never wrote to, the most of all of these; ` +
      "the message was not delivered",
  ),
  "no-message": NO_MESSAGE,
  blocked: BLOCKED_BY_ADDRESSEE,
  unknown: NEVER_SEEN,
};

/** `msg`: to a user or to a room. */
export const msg: OnlineHandler<MsgRequest> = {
  for: "users",
  overlaps: true,
  handle(context, user, request) {
    const { from, to } = request;
    // `from` says nothing new, but what the addressee sees must be true.
    if (from !== undefined && from !== user.name && foldName(from) !== user.folded) {
      return answer(CODE.badRequest, `from must be your own name, ${user.name}, or left out`);
    }
    if (isRoomAddress(to)) return toRoom(context, user, request);
    const outcome = context.delivery.toUser(user, request);
    if (typeof outcome === "string") {
      return withAway(context, user, to, DIRECT_ANSWERS[outcome]);
    }
    const answered = (result: DirectOutcome | Kept): Answer =>
      withAway(context, user, to, answerFor(result));
    return outcome instanceof Later ? outcome.map(answered) : outcome.then(answered);
  },
};

/** Lets who has written to somebody who is away know that, and why. */
function withAway({ registry }: ServerContext, user: User, to: string, told: Answer): Answer {
  if (!isSuccess(told.code)) return told;
  const { away } = user.route?.find(to) ?? registry.find(foldName(to)) ?? AT_HAND;
  return away === "" ? told : { ...told, extras: { ...told.extras as ResponseExtras, away } };
}

function answerFor(result: DirectOutcome | Kept): Answer {
  if (typeof result === "string") return DIRECT_ANSWERS[result];
  return { ...DIRECT_ANSWERS[result.outcome], extras: { seq: result.seq } };
}

function toRoom(context: ServerContext, user: User, request: MsgRequest): Reply {
  const room = context.rooms.find(request.to);
  if (room === undefined) return outsider(context, request.to);
  const outcome = context.delivery.toRoom(user, room, request);
  return outcome instanceof Promise
    ? outcome.then((result) => roomAnswer(context, room, result))
    : roomAnswer(context, room, typeof outcome === "number" ? { delivered: outcome } : outcome);
}

function roomAnswer(
  { access }: ServerContext,
  { name }: Room,
  result: KeptInRoom | RoomRefusal,
): Answer {
  if (result === "no-message") return NO_MESSAGE;
  if ("why" in result) return refused(name, result, access.now);
  return answer(CODE.ok, `Message delivered to ${result.delivered} in ${name}`, result);
}
