import { unixSeconds } from "../../common/clock.ts";
import { encodeDelivery } from "../../common/frames.ts";
import { foldName } from "../../common/names.ts";
import { CODE, isRoomAddress, type MsgRequest } from "../../common/protocol.ts";
import { type Answer, answer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { Member } from "../member.ts";
import type { EventHandler } from "../router.ts";
import type { Session } from "../session.ts";
import { NO_SUCH_ROOM, NOT_A_MEMBER } from "./join.ts";

const DELIVERED = answer(CODE.ok, "Message delivered");
const TAKES_NO_MORE = answer(
  CODE.gone,
  "The addressee's connection takes no more at the moment; try again later",
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
    return addressee === undefined
      ? toAbsentee(context, request)
      : toMember(context, session, addressee, request);
  },
};

function toMember(
  { clock }: ServerContext,
  session: Session,
  addressee: Member,
  { message, id }: MsgRequest,
): Answer {
  const time = unixSeconds(clock);
  const { key, nameJson } = addressee;
  const line = encodeDelivery(key, time, nameJson, session.nameJson, message, id);
  const letter = addressee.isAccount
    ? { folded: addressee.folded, to: addressee.name, from: session.name, message, time, id }
    : undefined;
  return addressee.send(line, letter) ? DELIVERED : TAKES_NO_MORE;
}

function toRoom(
  { rooms, clock }: ServerContext,
  session: Session,
  { to, message, id }: MsgRequest,
): Answer {
  const room = rooms.find(to);
  if (room === undefined) return NO_SUCH_ROOM;
  if (!room.members.has(session)) return NOT_A_MEMBER;
  const time = unixSeconds(clock);
  const roomJson = JSON.stringify(room.name);
  const delivered = room.broadcast(
    session,
    (key) => encodeDelivery(key, time, roomJson, session.nameJson, message, id),
  );
  return answer(CODE.ok, `Message delivered to ${delivered} in ${room.name}`, { delivered });
}

async function toAbsentee({ store }: ServerContext, { to }: MsgRequest): Promise<Answer> {
  return await store.nameStatus(foldName(to)) === "unknown"
    ? answer(CODE.notFound, "No user of that name has ever been here")
    : answer(CODE.gone, "The addressee is offline; the message was not delivered");
}
