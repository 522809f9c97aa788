import { LIMITS } from "../../common/limits.ts";
import {
  CODE,
  type DeleteRequest,
  type EditRequest,
  isRoomAddress,
} from "../../common/wire/protocol.ts";
import { type Answer, answer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { ChangeOutcome } from "../delivery/delivery.ts";
import type { User } from "../people/user.ts";
import type { OnlineHandler } from "./handler.ts";
import { findConversation } from "./history.ts";
import { refused } from "./refusals.ts";

const NO_SUCH_MESSAGE = answer(
  CODE.notFound,
  "There is no message of that number here, or it was deleted",
);

const REFUSALS: Readonly<Record<Exclude<ChangeOutcome & string, "changed">, Answer>> = {
  unknown: NO_SUCH_MESSAGE,
  "not-own": answer(
    CODE.forbidden,
    "This is not your message: only who wrote it may change or delete it, " +
      "and in a room an owner or moderator may delete it",
  ),
  "too-late": answer(
    CODE.forbidden,
    `A message may be changed for ${LIMITS.editSeconds / 3_600} hours; this one is older`,
  ),
  "mailbox-full": answer(
    CODE.gone,
    "The message waits in the addressee's mailbox, which takes no longer text; it was not changed",
  ),
  "not-erased": answer(
    CODE.serverError,
    "The message is changed for everybody, but another program reads the server's database: " +
      "the old text stays in its files until that ends, and is erased then",
  ),
};

/** `edit`: gives a message of one's own another text. */
export const edit: OnlineHandler<EditRequest> = {
  for: "users",
  overlaps: true,
  handle: (context, user, request) => change(context, user, request, "changed"),
};

/** `delete`: deletes a message of one's own, or any as an owner or moderator of the room. */
export const deleteMessage: OnlineHandler<DeleteRequest> = {
  for: "users",
  overlaps: true,
  handle: (context, user, request) => change(context, user, request, "deleted"),
};

async function change(
  context: ServerContext,
  user: User,
  request: EditRequest | DeleteRequest,
  done: "changed" | "deleted",
): Promise<Answer> {
  const { to, seq } = request;
  const conversation = await findConversation(context, user, to);
  if (typeof conversation === "object") return conversation;
  if (conversation === undefined) return NO_SUCH_MESSAGE;
  const room = isRoomAddress(to) ? context.rooms.find(to) : undefined;
  const outcome = await context.delivery.change(user, request, { conversation, room });
  if (typeof outcome === "object") return refused(room!.name, outcome, context.access.now);
  if (outcome !== "changed") return REFUSALS[outcome];
  return answer(CODE.ok, `Message ${seq} to ${to} is ${done}`);
}
