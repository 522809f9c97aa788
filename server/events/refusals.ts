/**
 * Refusals that several events give.
 *
 * @module
 */

import { durationInWords } from "../../common/duration.ts";
import { CODE, type ResponseExtras } from "../../common/wire/protocol.ts";
import { type Answer, answer, lastAnswer } from "../answer.ts";
import type { NewcomerKind } from "../accounts/newcomers.ts";
import type { ServerContext } from "../context.ts";
import type { User } from "../people/user.ts";
import type { Refusal } from "../rooms/roles.ts";

/** 401 for who has to be online. */
export const NOT_ONLINE: Answer = answer(
  CODE.unauthorized,
  "You are not online: send presence or authenticate first",
);

/** 404 for a name that is not even known. */
export const NEVER_SEEN: Answer = answer(
  CODE.notFound,
  "No user of that name has ever been here",
);

/** 404 for a room. */
export const NO_SUCH_ROOM: Answer = answer(
  CODE.notFound,
  "There is no such room; join makes one",
);

/**
 * 403: what `refusalOf` says, in words and for programs.
 *
 * @param room The room's name, as shown.
 * @param now Unix seconds, with fractions.
 */
export function refused(room: string, refusal: Refusal, now: number): Answer {
  const { why, until, reason } = refusal;
  const extras: ResponseExtras = { refused: why };
  if (until !== undefined) extras.retry = Math.max(1, Math.ceil(until - now));
  if (reason !== undefined) extras.reason = reason;
  return answer(CODE.forbidden, sentenceOf(room, refusal, extras.retry), extras);
}

function sentenceOf(
  room: string,
  { why, reason, needs }: Refusal,
  retry: number | undefined,
): string {
  const left = retry === undefined ? "for good" : `for another ${durationInWords(retry)}`;
  switch (why) {
    case "banned":
      return `You are banned from ${room} ${left}${reason === undefined ? "" : `: ${reason}`}`;
    case "muted":
      return `You are muted in ${room} ${left}: you may listen, not speak`;
    case "private":
      return `${room} is private: only who is invited may enter`;
    case "moderated":
      return `${room} is moderated: only its owners and moderators may speak`;
    case "slow":
      return `${room} is in slow mode: you may speak again in ${durationInWords(retry ?? 1)}`;
    case "not-member":
      return `You are not a member of ${room}; join it first`;
    case "role":
      if (needs === undefined) return `You may do that only to those of a lower role in ${room}`;
      return `Only ${
        needs === "owner" ? "an owner" : "an owner or moderator"
      } of ${room} may do that`;
    case "passing":
      return `A guest has made ${room}: it goes with its last member and cannot be changed`;
  }
}

/** 403 where nothing is kept. */
export const NONE_KEPT: Answer = answer(CODE.forbidden, "This server keeps no messages");

/** 403 for guests, whose direct messages are not kept. */
export const ACCOUNTS_ONLY: Answer = answer(
  CODE.forbidden,
  "Only accounts have direct conversations that are kept; yours is a guest's name",
);

/** 404 for a name of direct conversations. */
export const NO_SUCH_ACCOUNT: Answer = answer(CODE.notFound, "There is no account of that name");

/** 404 for a room whose messages are not kept. */
export const NOT_KEPT: Answer = answer(CODE.notFound, "Messages of this room are not kept");

/** 403 for who writes to somebody who wants nothing of them. */
export const BLOCKED_BY_ADDRESSEE: Answer = answer(
  CODE.forbidden,
  "The addressee does not take messages from you",
);

/** Why somebody has nothing to say or to ask in a room that nobody is in. */
export async function outsider(
  { rooms, access }: Pick<ServerContext, "rooms" | "access">,
  name: string,
): Promise<Answer> {
  const room = await rooms.look(name);
  return room === undefined ? NO_SUCH_ROOM : refused(room.name, { why: "not-member" }, access.now);
}

/** 409: somebody else is online under that name. */
export const NAME_IN_USE: Answer = answer(
  CODE.conflict,
  "This name is online from another connection; choose another one",
);

/** 409: the account is online from a connection that lives. */
export const ACCOUNT_IN_USE: Answer = answer(
  CODE.conflict,
  "This account is online from another connection; log in with takeover to replace it",
);

/** 403 for who comes from a network that has brought as much as it may: a known name is still welcome. */
export function tooManyNew(kind: NewcomerKind, limit: number): Answer {
  const what = kind === "names" ? "new names" : "accounts";
  return answer(
    CODE.forbidden,
    `Your address has brought ${limit} ${what} within a day, the most allowed; ` +
      "use one that exists, or try again tomorrow",
  );
}

/** 400 for whoever is online and asks for another name. */
export function alreadyOnline({ name }: User): Answer {
  return answer(
    CODE.badRequest,
    `user.account_name must be ${name}: this connection is online under that name`,
  );
}

/** 403 for a blocked user, and the end of the connection. */
export function blocked(reason: string): Answer {
  return lastAnswer(CODE.forbidden, blockedSentence(reason));
}

/** What a blocked user is told. */
export function blockedSentence(reason: string): string {
  return reason === "" ? "This user is blocked" : `This user is blocked: ${reason}`;
}
