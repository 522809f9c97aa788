import { unixSeconds } from "../../common/clock.ts";
import { encodeDelivery } from "../../common/wire/encode.ts";
import { LIMITS } from "../../common/limits.ts";
import { foldName } from "../../common/names.ts";
import { CODE, isRoomAddress, type MsgRequest } from "../../common/wire/protocol.ts";
import { type Answer, answer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import { postLetter } from "../delivery/mailbox.ts";
import type { Member } from "../people/member.ts";
import type { EventHandler } from "../router.ts";
import type { Session } from "../connection/session.ts";
import type { Letter } from "../store/store.ts";
import { NO_SUCH_ROOM, NOT_A_MEMBER } from "./join.ts";

/** The addressee's connection took it. */
export const DELIVERED: Answer = answer(CODE.ok, "Message delivered");
/** The addressee's connection did not take it. */
export const TAKES_NO_MORE: Answer = answer(
  CODE.gone,
  "The addressee's connection takes no more at the moment; try again later",
);

const CATCHES_UP = answer(
  CODE.gone,
  "The addressee is still getting stored messages; try again later, or send with store",
);
const BEHIND_OTHERS = answer(
  CODE.accepted,
  "The addressee is still getting stored messages; yours comes behind them",
);

const OFFLINE = answer(CODE.gone, "The addressee is offline; the message was not delivered");
const WILL_WAIT = answer(
  CODE.accepted,
  "The addressee is offline; the message will wait for them",
);
const IS_GUEST = answer(
  CODE.gone,
  "The addressee is a guest and offline; guests have no mailbox, the message was not delivered",
);
const MAILBOX_FULL = answer(
  CODE.gone,
  `The addressee's mailbox is full (${LIMITS.maxMailboxLetters} messages or ` +
    `${LIMITS.maxMailboxBytes / 1024 ** 2} MiB); the message was not delivered`,
);

/** `msg`: to a user or to a room. */
export const msg: EventHandler<MsgRequest> = {
  mustBeOnline: true,
  handle(context, session, request) {
    const { from, to } = request;
    // `from` says nothing new, but what the addressee sees must be true.
    if (from !== undefined && from !== session.name && foldName(from) !== session.folded) {
      return answer(CODE.badRequest, `from must be your own name, ${session.name}, or left out`);
    }
    if (isRoomAddress(to)) return toRoom(context, session, request);
    const addressee = context.registry.find(foldName(to));
    if (addressee === undefined) return toAbsentee(context, session, request);
    if (!addressee.isCatchingUp) return toMember(context, session, addressee, request);
    return request.store ? toMailbox(context, session, request, BEHIND_OTHERS) : CATCHES_UP;
  },
};

function toMember(
  { turns }: ServerContext,
  session: Session,
  addressee: Member,
  { message, messageJson = JSON.stringify(message), id }: MsgRequest,
): Answer {
  const time = turns.nowSeconds;
  const { key, nameJson } = addressee;
  const line = encodeDelivery(key, time, nameJson, session.nameJson, messageJson, id);
  return addressee.send(line) ? DELIVERED : TAKES_NO_MORE;
}

function toRoom(
  { rooms, turns }: ServerContext,
  session: Session,
  { to, message, messageJson = JSON.stringify(message), id }: MsgRequest,
): Answer {
  const room = rooms.find(to);
  if (room === undefined) return NO_SUCH_ROOM;
  if (!room.members.has(session)) return NOT_A_MEMBER;
  const time = turns.nowSeconds;
  const roomJson = JSON.stringify(room.name);
  const delivered = room.broadcast(
    session,
    (key) => encodeDelivery(key, time, roomJson, session.nameJson, messageJson, id),
  );
  return answer(CODE.ok, `Message delivered to ${delivered} in ${room.name}`, { delivered });
}

async function toAbsentee(
  context: ServerContext,
  session: Session,
  request: MsgRequest,
): Promise<Answer> {
  const status = await context.store.nameStatus(foldName(request.to));
  if (status === "unknown") {
    return answer(CODE.notFound, "No user of that name has ever been here");
  }
  if (!request.store) return OFFLINE;
  return status === "account" ? await toMailbox(context, session, request, WILL_WAIT) : IS_GUEST;
}

async function toMailbox(
  context: ServerContext,
  session: Session,
  { to, message, id }: MsgRequest,
  stored: Answer,
): Promise<Answer> {
  const folded = foldName(to);
  const account = await context.store.findAccount(folded);
  if (account === undefined) return IS_GUEST;
  const time = unixSeconds(context.clock);
  const letter: Letter = { folded, to: account.name, from: session.name, message, time, id };
  const outcome = await postLetter(context, letter);
  switch (outcome) {
    case "stored":
      return stored;
    case "no-account": // removed this very moment
      return IS_GUEST;
    case "full":
      return MAILBOX_FULL;
  }
}
