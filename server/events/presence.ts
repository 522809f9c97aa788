import { foldName } from "../../common/names.ts";
import { CODE, type PresenceRequest } from "../../common/wire/protocol.ts";
import { hashOfToken, newToken, wasGivenOut } from "../accounts/tokens.ts";
import { type Answer, answer, type Commit } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import { asksForGathered } from "../features.ts";
import { arrive, describe, dismiss } from "../people/attendance.ts";
import type { Proof } from "../people/resume_tokens.ts";
import { User } from "../people/user.ts";
import type { OpenHandler, Peer } from "./handler.ts";
import { alreadyOnline, blocked, NAME_IN_USE, tooManyNew } from "./refusals.ts";
import { bringHere, giveToken, renewToken, resume as resumeSession, welcome } from "./resume.ts";

const ONLINE = "You are online";
const HAS_ACCOUNT = answer(
  CODE.unauthorized,
  "This name has an account: authenticate with its password",
);
const NO_GUESTS = answer(
  CODE.unauthorized,
  "Guests are not admitted: authenticate with an account",
);

/** `presence`: goes online as a guest, or sets the status of who is online. */
export const presence: OpenHandler<PresenceRequest> = {
  for: "all",
  handle(context, peer, request) {
    const { user } = peer;
    if (user === undefined) return goOnline(context, peer, request);
    const { user: { account_name: name, status, away = "" }, resume = false } = request;
    if (foldName(name) !== user.folded) return alreadyOnline(user);
    describe(context, user, { status, away });
    // An account gets its tokens where it proves itself.
    if (resume === false || user.isAccount) return welcome(context, CODE.ok, ONLINE);
    if (user.tokens === undefined) return present(context, user);
    const [latest] = user.tokens.own.slice(-1);
    return welcome(context, CODE.ok, ONLINE, renewToken(context, user, latest!, newToken()));
  },
};

async function goOnline(
  context: ServerContext,
  peer: Peer,
  request: PresenceRequest,
): Promise<Answer | Commit> {
  const { user: { account_name: name, status, away }, resume = false, seen = 0 } = request;
  const wantsGathered = asksForGathered(request);
  const { store, registry, nodes, settings, newcomers } = context;
  const folded = foldName(name);
  const reason = await store.blockReason(folded);
  if (reason !== undefined) return blocked(reason);
  const nameStatus = await store.nameStatus(folded);
  if (nameStatus === "account") return HAS_ACCOUNT;
  if (!settings.guests) return NO_GUESTS;
  const usedHash = typeof resume === "string" ? hashOfToken(resume) : "";
  if (usedHash !== "") {
    const refusal = await bringHere(context, peer, folded, { usedHash, seen }, false);
    if (refusal !== undefined) return refusal;
  }
  const other = registry.find(folded);
  // Of who is elsewhere the table of names knows more.
  const isTaken = other !== undefined && other.state !== "elsewhere" &&
    proofOf(other, usedHash) === undefined;
  if (isTaken) return NAME_IN_USE;
  const hold = nodes.hold(folded);
  const held = hold instanceof Promise ? await hold : hold;
  if (held === undefined) return NAME_IN_USE;
  using undo = new DisposableStack();
  undo.use(held);
  if (nameStatus === "unknown") {
    using claim = newcomers.claim("names", peer.network);
    if (claim === undefined) return tooManyNew("names", settings.maxNamesPerIp);
    if (await store.rememberName(folded, name)) claim.keep();
  } else {
    await store.rememberName(folded, name);
  }
  // While the name went to disk, another connection may have claimed it, or it may have become an account.
  if (await store.nameStatus(folded) === "account") return NAME_IN_USE;
  undo.move();
  return () => {
    using _ = held;
    const own = registry.find(folded);
    const proof = own && proofOf(own, usedHash);
    if (proof === "session") {
      const comeback = { usedHash, next: newToken(), seen, wantsGathered };
      const answer = resumeSession(context, peer, own!, comeback);
      if (answer !== undefined) {
        // What goes on is as it was, but for what is said anew.
        if (peer.user === own) describe(context, own!, { status, away });
        return answer;
      }
    } else if (proof === "name") {
      dismiss(context, own!); // its client has lost the answer, and comes once more
    }
    const user = new User(name, peer.outlet);
    user.wantsGathered = wantsGathered;
    if (!arrive(context, peer, user)) return NAME_IN_USE;
    describe(context, user, { status, away });
    if (resume === false) return welcome(context, CODE.ok, ONLINE);
    // What this server never gave out is as good as none.
    const isOutdated = typeof resume === "string" && wasGivenOut(resume);
    return present(context, user, isOutdated ? usedHash : undefined);
  };
}

/** What a token proves to a guest's session. */
function proofOf(user: User, usedHash: string): Proof | undefined {
  return user.isAccount ? undefined : user.tokens?.prove(usedHash);
}

/**
 * Welcomes a guest whose session is to outlive the connection.
 *
 * @param opener The hash of the outdated token that the client came with: who comes with it again is the same client.
 */
function present(context: ServerContext, user: User, opener?: string): Answer {
  return welcome(context, CODE.ok, ONLINE, giveToken(context, user, newToken(), opener));
}
