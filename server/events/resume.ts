/**
 * What `presence` and `authenticate` have in common: how one is welcomed, and sessions that outlive their connection.
 *
 * @module
 */

import { messageOf } from "../../common/errors.ts";
import { CODE, type Code, type ResponseExtras } from "../../common/wire/protocol.ts";
import type { NewToken } from "../accounts/tokens.ts";
import { type Answer, answer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import { featuresOf } from "../features.ts";
import { dismiss, takeOver } from "../people/attendance.ts";
import { RemoteUser } from "../people/remote_user.ts";
import { ResumeTokens } from "../people/resume_tokens.ts";
import type { User } from "../people/user.ts";
import type { Peer } from "./handler.ts";
import { NAME_IN_USE } from "./refusals.ts";

/** 400 to a client that says that it has more than was sent. */
const NEVER_SENT = answer(
  CODE.badRequest,
  "seen must be at most the number of the last frame that was sent, received more",
);

/** The answer to who is online from now on. */
export function welcome(
  { store, settings }: Pick<ServerContext, "store" | "settings">,
  code: Code,
  sentence: string,
  extras: ResponseExtras = {},
): Answer {
  return answer(code, sentence, { features: featuresOf(store, settings), ...extras });
}

/** A client with a token. */
export interface Comeback {
  /** The hash of its token. */
  readonly usedHash: string;
  /** What it gets for the next time. */
  readonly next: NewToken;
  /** The number up to which it has got all frames. */
  readonly seen: number;
  /** Whether it takes lists of who came and went. */
  readonly wantsGathered: boolean;
}

/**
 * Numbers a user's session, if it is not, and gives out a token for it, whose hash is known wherever it has to be.
 *
 * @param opener The hash of the token of an earlier session that opened this one, if one did.
 */
export function giveToken(
  context: ServerContext,
  user: User,
  { token, hash }: NewToken,
  opener?: string,
): Pick<ResponseExtras, "resume"> {
  user.beginNumbering();
  user.tokens = new ResumeTokens(hash, opener);
  if (opener !== undefined) settleWhenHeard(context, user, hash);
  return { resume: token };
}

/** Gives out a further token of a session for one that was used. */
export function renewToken(
  context: ServerContext,
  user: User,
  usedHash: string,
  { token, hash }: NewToken,
): Pick<ResponseExtras, "resume"> {
  user.tokens!.renew(usedHash, hash);
  settleWhenHeard(context, user, hash);
  return { resume: token };
}

/**
 * Takes over a session, in one turn with the check that the token is the session's own.
 *
 * @returns The answer; `undefined` if the client wants frames that were confirmed long ago: then that session is over.
 */
export function resume(
  context: ServerContext,
  peer: Peer,
  user: User,
  { usedHash, next, seen, wantsGathered }: Comeback,
): Answer | undefined {
  const frames = user.numbered!;
  if (seen > frames.last) return NEVER_SENT;
  if (seen < frames.confirmed) {
    dismiss(context, user);
    return undefined;
  }
  if (!takeOver(context, peer, user)) return NAME_IN_USE;
  user.seen(seen);
  const token = renewToken(context, user, usedHash, next);
  const rooms = [...user.rooms].map(({ name }) => name);
  return {
    ...welcome(context, CODE.ok, "You are online again", { ...token, resumed: true, rooms }),
    afterwards: () => {
      user.resend();
      // Who takes no lists any more must not miss what was gathered for them.
      if (user.wantsGathered && !wantsGathered) {
        for (const room of user.rooms) context.delivery.tellGathered(room);
      }
      user.wantsGathered = wantsGathered;
      return user.isAccount ? context.delivery.deliverMail(user) : Promise.resolve();
    },
  };
}

/**
 * Has a session that is on another node, or is just coming from one, go on here: then it is found as one that has lost its
 * connection.
 *
 * @param isAccount Whether the token proves an account's name.
 * @returns An answer if that is all.
 * @throws {UnavailableError} If the other node cannot be asked.
 */
export async function bringHere(
  { registry, nodes }: Pick<ServerContext, "registry" | "nodes">,
  { outlet }: Pick<Peer, "outlet">,
  folded: string,
  { usedHash, seen }: Pick<Comeback, "usedHash" | "seen">,
  isAccount: boolean,
): Promise<Answer | undefined> {
  const user = registry.find(folded);
  if (!(user instanceof RemoteUser)) {
    await user?.arriving;
    return undefined;
  }
  const outcome = await nodes.takeOver(user, { usedHash, seen, isAccount, outlet });
  return outcome === "never-sent" ? NEVER_SENT : undefined;
}

/** Earlier tokens are right until the client is heard: the answer with the last one may be lost. */
function settleWhenHeard({ store, log }: ServerContext, user: User, hash: string): void {
  const { tokens } = user;
  user.whenHeard(() => {
    tokens!.settle(hash);
    if (!user.isAccount) return;
    store.resume.settle(user.folded, hash).catch((error) => {
      // Then they stay right.
      log.error("token not settled", { name: user.name, reason: messageOf(error) });
    });
  });
}
