import { messageOf } from "../../common/errors.ts";
import { foldName } from "../../common/names.ts";
import { type AuthenticateRequest, CODE } from "../../common/wire/protocol.ts";
import { type Answer, answer, type Commit, lastAnswer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { EventHandler } from "../router.ts";
import { TooManyLoginsError } from "../accounts/login_throttle.ts";
import type { Session } from "../connection/session.ts";
import type { Account } from "../store/store.ts";
import { alreadyOnline, blockedSentence, NAME_IN_USE } from "./presence.ts";

const REGISTRATION_CLOSED = answer(CODE.forbidden, "Registration is closed on this server");
// Not 402: nobody has looked at the password. The same for names with and without account.
const TOO_MANY_LOGINS = lastAnswer(
  CODE.forbidden,
  "Too many wrong logins for this name or from your address; try again in a minute",
);
const ACCOUNT_EXISTS = answer(CODE.conflict, "This name has an account already; log in instead");

/** Who wants to go online. */
interface Applicant {
  readonly name: string;
  readonly folded: string;
  readonly password: string;
}

/** `authenticate`: goes online as an account, or makes one. */
export const authenticate: EventHandler<AuthenticateRequest> = {
  mustBeOnline: false,
  async handle(context, session, { user, register }) {
    const { account_name: name, password } = user;
    const applicant = { name, folded: foldName(name), password };
    if (session.isOnline && applicant.folded !== session.folded) return alreadyOnline(session);
    const blocked = await context.store.blockReason(applicant.folded);
    if (blocked !== undefined) return lastAnswer(CODE.forbidden, blockedSentence(blocked));
    return await (register ? signUp : logIn)(context, session, applicant);
  },
};

async function signUp(
  context: ServerContext,
  session: Session,
  { name, folded, password }: Applicant,
): Promise<Answer | Commit> {
  const { store, passwords, registry, settings, loginThrottle } = context;
  if (!settings.registration) return REGISTRATION_CLOSED;
  const isTaken = (): boolean => (registry.find(folded) ?? session) !== session;

  if (await store.nameStatus(folded) === "account") return ACCOUNT_EXISTS;
  if (isTaken()) return NAME_IN_USE;
  const { network, signal } = session;
  const onBegin = (): void => void (session.isHeldUp = undefined);
  let hash: string;
  // Registrations cost the server a hash each, and strangers nothing: who waits in line is timed out.
  session.isHeldUp = () => true;
  try {
    hash = await passwords.hash(password, { key: network, signal, onBegin });
  } finally {
    session.isHeldUp = undefined;
  }
  signal.throwIfAborted(); // nobody would learn of the account
  // Hashing takes long: somebody may have come online under the name meanwhile.
  if (isTaken()) return NAME_IN_USE;
  await store.rememberName(folded, name);
  if (!await store.createAccount(folded, name, hash)) return ACCOUNT_EXISTS;
  loginThrottle.trust(folded, network);
  return () => {
    const denied = goOnline(context, session, name, folded);
    if (denied !== undefined) return denied;
    context.log.info("registered", { peer: session.peer, name });
    return answer(CODE.created, "Your account is made; you are online");
  };
}

async function logIn(
  context: ServerContext,
  session: Session,
  { name, folded, password }: Applicant,
): Promise<Answer | Commit> {
  const { store, passwords, loginThrottle, log } = context;
  const { network, signal } = session;
  let account: Account | undefined;
  let isRight: boolean;
  session.isHeldUp = () => loginThrottle.isHeldUp(folded, network);
  try {
    isRight = await loginThrottle.attempt(folded, network, async () => {
      session.isHeldUp = undefined;
      account = await store.findAccount(folded);
      return await passwords.verify(password, account?.passwordHash, { key: network, signal });
    }, signal);
  } catch (error) {
    if (!(error instanceof TooManyLoginsError)) throw error;
    log.warn("too many wrong logins", { peer: session.peer });
    return TOO_MANY_LOGINS;
  } finally {
    session.isHeldUp = undefined;
  }
  if (!isRight) {
    // A name without account may be a password that was typed in the wrong place.
    log.warn("wrong login or password", {
      peer: session.peer,
      name: account === undefined ? undefined : name,
    });
    const closes = session.loginFailed();
    return { ...answer(CODE.wrongLogin, "Wrong login or password"), closes };
  }
  await store.rememberName(folded, name);
  // Checking takes long: an administrator may have changed, removed or blocked the account meanwhile.
  const now = await store.findAccount(folded);
  if (now === undefined || now.passwordHash !== account?.passwordHash) {
    return answer(CODE.wrongLogin, "Wrong login or password");
  }
  if (now.blocked !== undefined) {
    return lastAnswer(CODE.forbidden, blockedSentence(now.blocked));
  }
  return () => {
    const denied = goOnline(context, session, name, folded);
    if (denied !== undefined) return denied;
    if (passwords.needsRehash(now.passwordHash)) rehash(context, now, password);
    return {
      ...answer(CODE.ok, "You are online"),
      afterwards: () => session.deliverMail(),
    };
  };
}

/** Makes the session the account's, in one turn with the check; says why if that cannot be. */
function goOnline(
  { registry }: ServerContext,
  session: Session,
  name: string,
  folded: string,
): Answer | undefined {
  if (session.isOnline) {
    session.becomeAccount();
    return undefined;
  }
  const other = registry.find(folded);
  // A guest can only be here because the account came into being after them: it has the better right.
  if (other?.isAccount === false) other.close("This name has an account now");
  return session.claim(name, folded, true) ? undefined : NAME_IN_USE;
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
    const reason = messageOf(error);
    log.error("password not hashed anew", { name: folded, reason });
  }
}
