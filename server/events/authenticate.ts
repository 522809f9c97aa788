import { messageOf } from "../../common/errors.ts";
import { foldName } from "../../common/names.ts";
import { type AuthenticateRequest, CODE } from "../../common/wire/protocol.ts";
import { TooManyLoginsError } from "../accounts/brake.ts";
import { QueueFullError } from "../fair_queue.ts";
import { type Answer, answer, type Commit, lastAnswer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import { arrive } from "../people/attendance.ts";
import { User } from "../people/user.ts";
import type { Account } from "../store/store.ts";
import type { OpenHandler, Peer } from "./handler.ts";
import { ACCOUNT_IN_USE, alreadyOnline, blocked, NAME_IN_USE, tooManyNew } from "./refusals.ts";

const REGISTRATION_CLOSED = answer(CODE.forbidden, "Registration is closed on this server");
// Not 402: nobody has looked at the password. The same for names with and without account.
const TOO_MANY_LOGINS = lastAnswer(
  CODE.forbidden,
  "Too many wrong logins from your address; try again in a minute",
);
const TOO_MANY_REGISTRATIONS = answer(
  CODE.forbidden,
  "The server is busy making accounts; try again in a minute",
);
const ACCOUNT_EXISTS = answer(CODE.conflict, "This name has an account already; log in instead");
const WRONG_LOGIN = answer(CODE.wrongLogin, "Wrong login or password");

/** Who wants to go online. */
interface Applicant {
  readonly name: string;
  readonly folded: string;
  readonly password: string;
  /** Whether the account's other connection has to go even if it lives. */
  readonly takesOver: boolean;
}

/** `authenticate`: goes online as an account, or makes one. */
export const authenticate: OpenHandler<AuthenticateRequest> = {
  for: "all",
  async handle(context, peer, { user: { account_name: name, password }, register, takeover }) {
    const applicant = { name, folded: foldName(name), password, takesOver: takeover === true };
    const { user } = peer;
    if (user !== undefined && applicant.folded !== user.folded) return alreadyOnline(user);
    const reason = await context.store.blockReason(applicant.folded);
    if (reason !== undefined) return blocked(reason);
    return await (register ? signUp : logIn)(context, peer, applicant);
  },
};

async function signUp(
  context: ServerContext,
  peer: Peer,
  { name, folded, password }: Applicant,
): Promise<Answer | Commit> {
  const { store, passwords, registry, settings, newcomers, trustedNetworks } = context;
  if (!settings.registration) return REGISTRATION_CLOSED;
  const isTaken = (): boolean => (registry.find(folded) ?? peer.user) !== peer.user;

  if (await store.nameStatus(folded) === "account") return ACCOUNT_EXISTS;
  if (isTaken()) return NAME_IN_USE;
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
  await store.rememberName(folded, name);
  if (!await store.createAccount(folded, name, hash)) return ACCOUNT_EXISTS;
  claim.keep();
  trustedNetworks.add({ folded, passwordHash: hash }, network);
  return () => {
    if (goOnline(context, peer, name) === undefined) return NAME_IN_USE;
    context.log.info("registered", { peer: peer.address, name });
    return answer(CODE.created, "Your account is made; you are online");
  };
}

async function logIn(
  context: ServerContext,
  peer: Peer,
  { name, folded, password, takesOver }: Applicant,
): Promise<Answer | Commit> {
  const { store, passwords, loginThrottle, trustedNetworks, log, delivery } = context;
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
    log.warn("too many wrong logins", { peer: peer.address });
    return TOO_MANY_LOGINS;
  }
  if (!isRight) {
    // A name without account may be a password that was typed in the wrong place.
    log.warn("wrong login or password", {
      peer: peer.address,
      name: account === undefined ? undefined : name,
    });
    return { ...WRONG_LOGIN, closes: peer.loginFailed() };
  }
  await store.rememberName(folded, name);
  const ghost = takesOver ? undefined : await findGhost(context, peer, folded);
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
  return () => {
    const user = goOnline(context, peer, name, (other) => takesOver || other === ghost);
    if (user === undefined) return ACCOUNT_IN_USE;
    if (passwords.needsRehash(now.passwordHash)) rehash(context, now, password);
    return {
      ...answer(CODE.ok, "You are online"),
      afterwards: () => delivery.deliverMail(user),
    };
  };
}

/**
 * Who is online with the account from another connection and does not answer a probe. A login waits for this once: whoever
 * has taken the name when the wait is over is there, and is not asked.
 */
async function findGhost(
  { registry, settings }: ServerContext,
  peer: Peer,
  folded: string,
): Promise<User | undefined> {
  const other = registry.find(folded);
  if (other === undefined || other === peer.user || !other.isAccount) return undefined;
  // `undefined` if it is this peer that has gone: then nothing is to change.
  const isThere = await peer.unlessGone(other.isThere(settings.takeover));
  return isThere === false ? other : undefined;
}

/**
 * Makes the peer's user the account's, in one turn with the check.
 *
 * @param replaces Whether the peer takes the place of who is online with the account from another connection.
 * @returns `undefined` if the name stays online from another connection.
 */
function goOnline(
  context: ServerContext,
  peer: Peer,
  name: string,
  replaces: (other: User) => boolean = () => false,
): User | undefined {
  const { registry, rooms, delivery, log } = context;
  if (peer.user !== undefined) {
    const guest = peer.user;
    guest.becomeAccount(delivery.openMailbox(guest));
    for (const room of guest.rooms) rooms.memberships.begin(guest, room);
    return guest;
  }
  const user = new User(name, peer.outlet);
  user.becomeAccount(delivery.openMailbox(user));
  const other = registry.find(user.folded);
  // Who has hung up meanwhile replaces nobody.
  if (other !== undefined && !peer.signal.aborted && (!other.isAccount || replaces(other))) {
    log.info("replaced", { peer: other.address, name: other.name, by: peer.address });
    // A guest can only be here because the account came into being after them: it has the better right.
    const sentence = other.isAccount
      ? "You are online from another connection now"
      : "This name has an account now";
    other.close(sentence, "replaced");
  }
  return arrive(context, peer, user) ? user : undefined;
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
