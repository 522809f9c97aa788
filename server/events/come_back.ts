/**
 * Logins with a token.
 *
 * @module
 */

import { CODE } from "../../common/wire/protocol.ts";
import { TooManyLoginsError } from "../accounts/brake.ts";
import { hashOfToken, newToken } from "../accounts/tokens.ts";
import type { Answer, Commit } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import { dismiss } from "../people/attendance.ts";
import type { Peer } from "./handler.ts";
import { goOnline, holdName, type Newcomer, tooManyLogins, wrongLogin } from "./logins.ts";
import { ACCOUNT_IN_USE } from "./refusals.ts";
import { bringHere, type Comeback, giveToken, renewToken, resume, welcome } from "./resume.ts";

/** Who comes with a token. */
export interface Returner {
  /** The account's name, as typed. */
  readonly name: string;
  /** The same, folded. */
  readonly folded: string;
  /** In place of the password. */
  readonly token: string;
  /** The number up to which all frames have arrived. */
  readonly seen: number;
  /** Whether the client takes lists of who came and went. */
  readonly wantsGathered: boolean;
}

/**
 * A login with a token in place of the password. No hash is computed, and nothing holds up who has the right one.
 */
export async function comeBack(
  context: ServerContext,
  peer: Peer,
  { name, folded, token, seen, wantsGathered }: Returner,
): Promise<Answer | Commit> {
  const { store, registry } = context;
  const newcomer = { name, wantsGathered };
  const [usedHash, next] = [hashOfToken(token), newToken()];
  const live = registry.find(folded);
  // Its session, if that ends meanwhile; the store knows of those that have ended by now.
  const ownSession = live?.tokens?.prove(usedHash) === "session" ? live.session : undefined;
  const right = await store.resume.use(folded, usedHash, next.hash);
  if (right === undefined) return await wrongToken(context, peer, folded);
  if (peer.user === undefined) {
    const refusal = await bringHere(context, peer, folded, { usedHash, seen }, true);
    if (refusal !== undefined) return refusal;
  }
  const hold = holdName(context, peer, folded, () => false);
  const held = hold instanceof Promise ? await hold : hold;
  if (held === undefined) return ACCOUNT_IN_USE;
  using undo = new DisposableStack();
  undo.use(held);
  await store.rememberName(folded, name);
  undo.move();
  return () => {
    using _ = held;
    if (peer.user !== undefined) return goOnHere(context, peer, newcomer, { usedHash, next });
    const other = registry.find(folded);
    const proof = other?.tokens?.prove(usedHash);
    if (proof === "session") {
      const answer = resume(context, peer, other!, { usedHash, next, seen, wantsGathered });
      if (answer !== undefined) return answer;
    } else if (proof === "name") {
      dismiss(context, other!); // its client has lost the answer, and comes once more
    }
    const session = ownSession ?? right.session;
    const arrived = session === undefined ? undefined : { session, n: seen };
    // Without a proof, somebody has logged in with the password meanwhile.
    const user = goOnline(context, peer, newcomer, () => false, arrived);
    if (user === undefined) return ACCOUNT_IN_USE;
    const extras = giveToken(context, user, next, usedHash);
    return {
      ...welcome(context, CODE.ok, "You are online", extras),
      afterwards: () => context.delivery.deliverMail(user),
    };
  };
}

/** The connection is online under that name already. */
function goOnHere(
  context: ServerContext,
  peer: Peer,
  newcomer: Newcomer,
  { usedHash, next }: Pick<Comeback, "usedHash" | "next">,
): Answer {
  const user = goOnline(context, peer, newcomer, () => false)!;
  const extras = user.tokens?.prove(usedHash) === "session"
    ? renewToken(context, user, usedHash, next)
    : giveToken(context, user, next, usedHash);
  return {
    ...welcome(context, CODE.ok, "You are online", extras),
    afterwards: () => context.delivery.deliverMail(user),
  };
}

/** A wrong token counts and is told as a wrong password. */
async function wrongToken(context: ServerContext, peer: Peer, folded: string): Promise<Answer> {
  const { loginThrottle, trustedNetworks } = context;
  const { network, signal } = peer;
  const login = { name: folded, network, isTrusted: await trustedNetworks.has(folded, network) };
  try {
    using line = peer.waitInLine(() => loginThrottle.isHeldUp(login));
    await loginThrottle.attempt(login, () => {
      line[Symbol.dispose]();
      return Promise.resolve(false);
    }, signal);
  } catch (error) {
    if (!(error instanceof TooManyLoginsError)) throw error;
    return tooManyLogins(context, peer);
  }
  return wrongLogin(context, peer, undefined);
}
