import { messageOf } from "../../common/errors.ts";
import { foldName } from "../../common/names.ts";
import { type AuthenticateRequest, CODE } from "../../common/wire/protocol.ts";
import { TooManyLoginsError } from "../accounts/brake.ts";
import { QueueFullError } from "../fair_queue.ts";
import { type NewToken, newToken } from "../accounts/tokens.ts";
import { type Answer, answer, type Commit } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import { asksForGathered } from "../features.ts";
import { RemoteUser } from "../people/remote_user.ts";
import type { User } from "../people/user.ts";
import type { Account } from "../store/store.ts";
import { comeBack } from "./come_back.ts";
import type { OpenHandler, Peer } from "./handler.ts";
import { hashOfInvite } from "../accounts/invites.ts";
import { NOT_INVITED, refuseUninvited } from "./invitation.ts";
import {
  goOnline,
  holdName,
  type Replaces,
  tooManyLogins,
  WRONG_LOGIN,
  wrongLogin,
} from "./logins.ts";
import { ACCOUNT_IN_USE, alreadyOnline, blocked, NAME_IN_USE, tooManyNew } from "./refusals.ts";
import { giveToken, welcome } from "./resume.ts";

const REGISTRATION_CLOSED = answer(CODE.forbidden, "Registration is closed on this server");
const TOO_MANY_REGISTRATIONS = answer(
  CODE.forbidden,
  "The server is busy making accounts; try again in a minute",
);
const ACCOUNT_EXISTS = answer(CODE.conflict, "This name has an account already; log in instead");

/** Who wants to go online. */
interface Applicant {
  readonly name: string;
  readonly folded: string;
  readonly password: string;
  /** Whether the account's other connection has to go even if it lives. */
  readonly takesOver: boolean;
  /** Whether the session is to outlive its connection. */
  readonly wantsToken: boolean;
  /** The code with which an account is made, if one was given. */
  readonly invite: string | undefined;
  /** Whether the client takes lists of who came and went. */
  readonly wantsGathered: boolean;
}

/** `authenticate`: goes online as an account, or makes one. */
export const authenticate: OpenHandler<AuthenticateRequest> = {
  for: "all",
  async handle(context, peer, request) {
    const { user: { account_name: name, password = "" }, register, resume = false } = request;
    const folded = foldName(name);
    const wantsGathered = asksForGathered(request);
    const { user } = peer;
    if (user !== undefined && folded !== user.folded) return alreadyOnline(user);
    const reason = await context.store.blockReason(folded);
    if (reason !== undefined) return blocked(reason);
    if (typeof resume === "string") {
      return await comeBack(context, peer, {
        name,
        folded,
        token: resume,
        seen: request.seen ?? 0,
        wantsGathered,
      });
    }
    const takesOver = request.takeover === true;
    const { invite } = request;
    const applicant = {
      name,
      folded,
      password,
      takesOver,
      wantsToken: resume,
      wantsGathered,
      invite,
    };
    return await (register ? signUp : logIn)(context, peer, applicant);
  },
};

async function signUp(
  context: ServerContext,
  peer: Peer,
  { name, folded, password, wantsToken, wantsGathered, invite = "" }: Applicant,
): Promise<Answer | Commit> {
  const { store, passwords, registry, nodes, settings, newcomers, trustedNetworks } = context;
  if (!settings.registration) return REGISTRATION_CLOSED;
  // Of who is elsewhere the table of names knows more.
  const isTaken = (): boolean => {
    const other = registry.find(folded);
    return other !== undefined && other !== peer.user && other.state !== "elsewhere";
  };

  if (await store.nameStatus(folded) === "account") return ACCOUNT_EXISTS;
  if (isTaken()) return NAME_IN_USE;
  // Behind what refuses everybody, so that a code is not told right or wrong in vain; before any work for the peer.
  const refusal = settings.inviteOnly && await refuseUninvited(context, peer, folded, invite);
  if (refusal) return refusal;
  const { network, signal } = peer;
  using claim = newcomers.claim("accounts", network);
  if (claim === undefined) return tooManyNew("accounts", settings.maxAccountsPerIp);
  let hash: string;
  try {
    // Registrations cost the server a hash each, and strangers nothing: who waits in line is timed out.
    using line = peer.waitInLine(() => true);
    const onBegin = (): void => line[Symbol.dispose]();
    const turn = { key: network, priority: "registration", signal, onBegin } as const;
    hash = await passwords.hash(password, turn);
  } catch (error) {
    if (error instanceof QueueFullError) return TOO_MANY_REGISTRATIONS;
    throw error;
  }
  signal.throwIfAborted(); // nobody would learn of the account
  // Hashing takes long: somebody may have come online under the name meanwhile.
  if (isTaken()) return NAME_IN_USE;
  const hold = nodes.hold(folded);
  const held = hold instanceof Promise ? await hold : hold;
  if (held === undefined) return NAME_IN_USE;
  using undo = new DisposableStack();
  undo.use(held);
  await store.rememberName(folded, name);
  if (settings.inviteOnly) {
    const outcome = await store.createInvited(folded, name, hash, hashOfInvite(invite));
    if (outcome === "not-invited") return NOT_INVITED; // used up or revoked this very moment
    if (outcome === "exists") return ACCOUNT_EXISTS;
  } else if (!await store.createAccount(folded, name, hash)) return ACCOUNT_EXISTS;
  claim.keep();
  if (peer.user !== undefined) await context.rooms.adopt(peer.user);
  trustedNetworks.add({ folded, passwordHash: hash }, network);
  // A guest's token is none of the account's: whose session is numbered gets another one.
  const isNumbered = wantsToken || peer.user?.tokens !== undefined;
  const token = await saveToken(context, { folded, passwordHash: hash }, isNumbered);
  undo.move();
  return () => {
    using _ = held;
    const user = goOnline(context, peer, { name, wantsGathered }, () => false);
    if (user === undefined) return NAME_IN_USE;
    context.log.info("registered", { peer: peer.address, name });
    const extras = token && giveToken(context, user, token);
    return welcome(context, CODE.created, "Your account is made; you are online", extras);
  };
}

async function logIn(
  context: ServerContext,
  peer: Peer,
  { name, folded, password, takesOver, wantsToken, wantsGathered }: Applicant,
): Promise<Answer | Commit> {
  const { store, passwords, loginThrottle, trustedNetworks, delivery, registry } = context;
  const { network, signal } = peer;
  const isTrusted = await trustedNetworks.has(folded, network);
  const login = { name: folded, network, isTrusted };
  let account: Account | undefined;
  let isRight: boolean;
  try {
    using line = peer.waitInLine(() => loginThrottle.isHeldUp(login));
    isRight = await loginThrottle.attempt(login, async (priority) => {
      line[Symbol.dispose]();
      account = await store.findAccount(folded);
      const turn = { key: network, priority, signal } as const;
      return await passwords.verify(password, account?.passwordHash, turn);
    }, signal);
  } catch (error) {
    if (!(error instanceof TooManyLoginsError)) throw error;
    return tooManyLogins(context, peer);
  }
  if (!isRight) return wrongLogin(context, peer, account && name);
  await store.rememberName(folded, name);
  const isGhost = takesOver ? undefined : await findGhost(context, peer, folded);
  // Checking and waiting take long: an administrator may have changed, removed or blocked the account meanwhile.
  const now = await store.findAccount(folded);
  if (now === undefined) return WRONG_LOGIN;
  if (now.passwordHash !== account?.passwordHash) {
    // A new password, or the same one hashed anew at another login.
    const turn = { key: network, signal };
    if (!await passwords.verify(password, now.passwordHash, turn)) return WRONG_LOGIN;
  }
  if (now.blocked !== undefined) return blocked(now.blocked);
  trustedNetworks.add(now, network);
  const replaces: Replaces = (other) =>
    takesOver || other.state === "interrupted" || isGhost?.(other) === true;
  const other = registry.find(folded);
  // Who is refused changes nothing: the other's token stays right.
  const isOthers = other !== undefined && other !== peer.user && other.state !== "elsewhere";
  if (isOthers && other.isAccount && !replaces(other)) return ACCOUNT_IN_USE;
  const hold = holdName(context, peer, folded, replaces);
  const held = hold instanceof Promise ? await hold : hold;
  if (held === undefined) return ACCOUNT_IN_USE;
  using undo = new DisposableStack();
  undo.use(held);
  const token = await saveToken(context, now, wantsToken, peer.user);
  undo.move();
  return () => {
    using _ = held;
    const user = goOnline(context, peer, { name, wantsGathered }, replaces);
    if (user === undefined) return ACCOUNT_IN_USE;
    if (passwords.needsRehash(now.passwordHash)) rehash(context, now, password);
    return {
      ...welcome(context, CODE.ok, "You are online", token && giveToken(context, user, token)),
      afterwards: () => delivery.deliverMail(user),
    };
  };
}

/**
 * Gives an account a token that was asked for, and makes all that it had wrong: durably. Who logs in again on the same
 * connection and asks for none keeps theirs.
 *
 * @returns `undefined` if none was asked for, or the password has changed meanwhile.
 */
async function saveToken(
  { store }: ServerContext,
  { folded, passwordHash }: Pick<Account, "folded" | "passwordHash">,
  isWanted: boolean,
  own?: User,
): Promise<NewToken | undefined> {
  if (!isWanted) {
    if (own === undefined) await store.resume.forget(folded);
    return undefined;
  }
  const token = newToken();
  return await store.resume.save(folded, passwordHash, token.hash) ? token : undefined;
}

/**
 * Asks who is online with the account from another connection. A login waits for this once: whoever has taken the name when
 * the wait is over is there, and is not asked.
 *
 * @returns Says who has not answered a probe: that very session, at the connection that it was asked at.
 */
async function findGhost(
  { registry, nodes, settings }: ServerContext,
  peer: Peer,
  folded: string,
): Promise<Replaces | undefined> {
  const asked = registry.find(folded);
  if (asked === undefined || asked === peer.user || !asked.isAccount) return undefined;
  const { outlet } = asked;
  // `undefined` if it is this peer that has gone: then nothing is to change.
  const seconds = settings.takeover;
  const isThere = await peer.unlessGone(
    asked instanceof RemoteUser ? nodes.isThere(asked, seconds) : asked.isThere(seconds),
  );
  return (other) => isThere === false && other === asked && other.outlet === outlet;
}

/** Replaces a hash that was made at a lower cost. Nobody waits for it. */
async function rehash(
  { passwords, store, log }: ServerContext,
  { folded, passwordHash }: Account,
  password: string,
): Promise<void> {
  try {
    const hash = await passwords.hash(password, { key: "rehash" });
    await store.replacePasswordHash(folded, passwordHash, hash);
  } catch (error) {
    log.error("password not hashed anew", { name: folded, reason: messageOf(error) });
  }
}
