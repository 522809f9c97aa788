import { LIMITS } from "../../common/limits.ts";
import { foldName } from "../../common/names.ts";
import { CODE, isRoomAddress, type SearchRequest } from "../../common/wire/protocol.ts";
import { type Answer, answer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { User } from "../people/user.ts";
import { lastingRooms } from "../rooms/room.ts";
import type { KeptMessage, MessageSearch, SearchPlace } from "../store/messages.ts";
import { parseQuery } from "../store/search_text.ts";
import type { OnlineHandler } from "./handler.ts";
import { asking, findReadable, takenOut } from "./history.ts";
import { NONE_KEPT } from "./refusals.ts";

const NOTHING_TO_FIND = answer(
  CODE.badRequest,
  "text must have at least one letter or digit to search for",
);
const WRONG_CURSOR = answer(
  CODE.badRequest,
  "cursor must be the next of an earlier answer, from a conversation that you may still read",
);

/** Where somebody may search. */
type Places = Pick<MessageSearch, "account" | "other" | "rooms">;

/** `search`: messages that contain something, from all that the user may read at this moment. */
export const search: OnlineHandler<SearchRequest> = {
  for: "users",
  costs: "size",
  async handle(context, user, request) {
    const { text, from, cursor, limit = LIMITS.historyMessages } = request;
    if (context.store.historyDays === 0) return NONE_KEPT;
    if (parseQuery(text) === undefined) return NOTHING_TO_FIND;
    const places = await placesOf(context, user, request.with);
    if ("code" in places) return places;
    const after = cursor === undefined ? undefined : placeOf(user, cursor, context);
    if (cursor !== undefined && after === undefined) return WRONG_CURSOR;
    const page = await context.store.search({
      ...places,
      ...asking(user),
      text,
      from: from === undefined ? undefined : foldName(from),
      after,
      limit,
    });
    if (page === undefined) return WRONG_CURSOR;
    const { more, ms: workMs } = page;
    return () => {
      const refusal = request.with === undefined
        ? undefined
        : takenOut(context, user, request.with);
      if (refusal !== undefined) return { ...refusal, workMs };
      const messages = page.messages.filter(({ to }) => takenOut(context, user, to) === undefined);
      const what = messages.length === 1 ? "1 message" : `${messages.length} messages`;
      const last = messages.at(-1) ?? page.messages.at(-1);
      const next = more ? { next: cursorOf(user, last!) } : {};
      return { ...answer(CODE.ok, `${what} found`, { messages, ...next }), workMs };
    };
  },
};

/** What the user may read, of all or of one conversation; or why not. */
async function placesOf(
  context: ServerContext,
  user: User,
  name: string | undefined,
): Promise<Places | Answer> {
  const account = user.isAccount ? user.folded : undefined;
  if (name === undefined) {
    const rooms = lastingRooms(user);
    return { account, other: undefined, rooms };
  }
  const place = await findReadable(context, user, name);
  if ("code" in place) return place;
  return "lasting" in place
    ? { account: undefined, other: undefined, rooms: [place.lasting.id] }
    : { account, other: place.other, rooms: [] };
}

/**
 * What says where a search goes on: the conversation and the number of the last message that was found, as its reader
 * knows them. So nothing in it, neither a number nor its length, tells of other conversations.
 */
function cursorOf(user: User, { to, from, seq }: KeptMessage): string {
  const name = isRoomAddress(to) || foldName(from) === user.folded ? to : from;
  return new TextEncoder().encode(JSON.stringify([name, seq]))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The place that a cursor names, if the user may read there now. */
function placeOf(
  user: User,
  cursor: string,
  { rooms, access }: ServerContext,
): SearchPlace | undefined {
  const [name, seq] = readCursor(cursor) ?? [];
  if (name === undefined || seq === undefined) return undefined;
  if (!isRoomAddress(name)) return user.isAccount ? { account: foldName(name), seq } : undefined;
  const room = rooms.find(name);
  if (room?.lasting === undefined) return undefined;
  if (access.refusal("read", user, room) !== undefined) return undefined;
  return { room: room.lasting.id, seq };
}

function readCursor(cursor: string): [name: string, seq: number] | undefined {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const [name, seq] = value;
    const isPlace = typeof name === "string" && Number.isSafeInteger(seq) && seq > 0;
    return isPlace ? [name, seq] : undefined;
  } catch {
    return undefined;
  }
}
