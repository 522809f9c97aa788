/**
 * Registration by invitation.
 *
 * @module
 */

import { CODE } from "../../common/wire/protocol.ts";
import { TooManyLoginsError } from "../accounts/brake.ts";
import { hashOfInvite } from "../accounts/invites.ts";
import { type Answer, answer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { Peer } from "./handler.ts";
import { tooManyLogins } from "./logins.ts";

const BY_INVITATION = answer(
  CODE.forbidden,
  "Registration is by invitation: ask whoever runs this server for a code",
);

/** 403 for a code that makes no account; the same whatever is wrong with it. */
export const NOT_INVITED: Answer = answer(
  CODE.forbidden,
  "This invitation code is unknown, used up or expired; ask whoever runs this server for another one",
);

/**
 * Refuses who has no code that is good. A wrong one counts, is slowed down, and closes the connection as a wrong
 * password does.
 *
 * @param folded The name that is to be registered; nobody has an account of it.
 * @param code Empty if none was given: that is no guess.
 * @returns `undefined` if the code is good now. It is not used up by that.
 */
export async function refuseUninvited(
  context: ServerContext,
  peer: Peer,
  folded: string,
  code: string,
): Promise<Answer | undefined> {
  if (code === "") return BY_INVITATION;
  const { store, loginThrottle, log } = context;
  const login = { name: folded, network: peer.network, isTrusted: false };
  let isGood: boolean;
  try {
    using line = peer.waitInLine(() => loginThrottle.isHeldUp(login));
    isGood = await loginThrottle.attempt(login, async () => {
      line[Symbol.dispose]();
      return await store.isInvited(hashOfInvite(code));
    }, peer.signal);
  } catch (error) {
    if (!(error instanceof TooManyLoginsError)) throw error;
    return tooManyLogins(context, peer);
  }
  if (isGood) return undefined;
  log.warn("wrong invitation code", { peer: peer.address });
  return { ...NOT_INVITED, closes: peer.loginFailed() };
}
