import { LIMITS } from "../../common/limits.ts";
import { foldName } from "../../common/names.ts";
import {
  CODE,
  type ConversationsRequest,
  type HistoryRequest,
  isRoomAddress,
  type ReadRequest,
} from "../../common/wire/protocol.ts";
import { type Answer, answer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { User } from "../people/user.ts";
import { type Lasting, lastingRooms } from "../rooms/room.ts";
import type { Asking } from "../store/messages.ts";
import type { OnlineHandler } from "./handler.ts";
import {
  ACCOUNTS_ONLY,
  NO_SUCH_ACCOUNT,
  NONE_KEPT,
  NOT_KEPT,
  outsider,
  refused,
} from "./refusals.ts";

const NOT_IN = { why: "not-member" } as const;
const NO_CONVERSATION = answer(CODE.notFound, "Nothing was said in this conversation yet");

/** `history`: a part of what is kept of a conversation. */
export const history: OnlineHandler<HistoryRequest> = {
  for: "users",
  costs: "size",
  async handle(context, user, { with: name, before, after, limit = LIMITS.historyMessages }) {
    const place = await findConversation(context, user, name);
    if (typeof place === "object") return place;
    const { messages, more } = place === undefined
      ? { messages: [], more: false }
      : await context.store.listMessages(place, { before, after, limit, ...asking(user) });
    const what = messages.length === 1 ? "1 message" : `${messages.length} messages`;
    return () =>
      takenOut(context, user, name) ??
        answer(CODE.ok, `${what} with ${name}`, { messages, more });
  },
};

/** `read`: one has read a conversation up to a number. */
export const read: OnlineHandler<ReadRequest> = {
  for: "users",
  overlaps: true,
  async handle(context, user, { with: name, seq }) {
    if (context.store.historyDays > 0 && !user.isAccount) return ACCOUNTS_ONLY;
    const place = await findConversation(context, user, name);
    if (typeof place === "object") return place;
    if (place === undefined) return NO_CONVERSATION;
    await context.store.markRead(user.folded, place, seq);
    return answer(CODE.ok, `Messages with ${name} up to ${seq} are read`);
  },
};

/** `conversations`: one's conversations, with what is unread. */
export const conversations: OnlineHandler<ConversationsRequest> = {
  for: "users",
  costs: "size",
  async handle({ store }, user) {
    if (store.historyDays === 0) return NONE_KEPT;
    if (!user.isAccount) return ACCOUNTS_ONLY;
    const list = await store.listConversations(
      user.folded,
      LIMITS.maxConversations,
      { ...asking(user), rooms: lastingRooms(user) },
    );
    const what = list.length === 1 ? "1 conversation" : `${list.length} conversations`;
    return answer(CODE.ok, `You have ${what}`, { conversations: list });
  },
};

/** How a user asks for what takes the archive's time: in the turns of their network, for as long as they are there. */
export function asking({ network: asker, signal }: User): Asking {
  return { asker, signal };
}

/** What a user names and may read: a room that lasts, or what they have with another account, folded; or why not. */
export async function findReadable(
  context: ServerContext,
  user: User,
  name: string,
): Promise<{ readonly lasting: Lasting } | { readonly other: string } | Answer> {
  if (isRoomAddress(name)) {
    const { rooms, access } = context;
    const room = rooms.find(name);
    if (room === undefined) return await outsider(context, name);
    const refusal = access.refusal("read", user, room);
    if (refusal !== undefined) return refused(room.name, refusal, access.now);
    return room.lasting === undefined ? NOT_KEPT : { lasting: room.lasting };
  }
  if (!user.isAccount) return ACCOUNTS_ONLY;
  const other = foldName(name);
  return await context.store.findAccount(other) === undefined ? NO_SUCH_ACCOUNT : { other };
}

/**
 * Asked when an answer is put out: why what the store has said of a room may not be told any more. Who is taken out
 * meanwhile learns nothing behind the notice of it, and what was read may have been said after that.
 *
 * @param name As `findReadable` has admitted it.
 */
export function takenOut(
  { rooms, access }: ServerContext,
  user: User,
  name: string,
): Answer | undefined {
  if (!isRoomAddress(name)) return undefined;
  const room = rooms.find(name);
  const refusal = room === undefined ? NOT_IN : access.refusal("read", user, room);
  return refusal && refused(room?.name ?? name, refusal, access.now);
}

/** The conversation that a user names and may read; `undefined` if nothing was said in it yet, or why it is none. */
export async function findConversation(
  context: ServerContext,
  user: User,
  name: string,
): Promise<number | undefined | Answer> {
  const { store } = context;
  if (store.historyDays === 0) return NONE_KEPT;
  const place = await findReadable(context, user, name);
  if ("code" in place) return place;
  return "lasting" in place
    ? place.lasting.conversation
    : await store.findDirect(user.folded, place.other);
}
