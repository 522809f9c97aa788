import { foldName } from "../../common/names.ts";
import { CODE, type PresenceRequest } from "../../common/wire/protocol.ts";
import { type Answer, answer, type Commit } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import { arrive, setStatus } from "../people/attendance.ts";
import { User } from "../people/user.ts";
import type { OpenHandler, Peer } from "./handler.ts";
import { alreadyOnline, blocked, NAME_IN_USE, tooManyNew } from "./refusals.ts";

const PRESENT = answer(CODE.ok, "You are online");
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
  handle(context, peer, { user: { account_name: name, status } }) {
    const { user } = peer;
    if (user === undefined) return goOnline(context, peer, name, status);
    if (foldName(name) !== user.folded) return alreadyOnline(user);
    if (status !== undefined) setStatus(context, user, status);
    return PRESENT;
  },
};

async function goOnline(
  context: ServerContext,
  peer: Peer,
  name: string,
  status: string | undefined,
): Promise<Answer | Commit> {
  const { store, registry, settings, newcomers } = context;
  const folded = foldName(name);
  const reason = await store.blockReason(folded);
  if (reason !== undefined) return blocked(reason);
  const nameStatus = await store.nameStatus(folded);
  if (nameStatus === "account") return HAS_ACCOUNT;
  if (!settings.guests) return NO_GUESTS;
  if (registry.find(folded) !== undefined) return NAME_IN_USE;
  if (nameStatus === "unknown") {
    using claim = newcomers.claim("names", peer.network);
    if (claim === undefined) return tooManyNew("names", settings.maxNamesPerIp);
    if (await store.rememberName(folded, name)) claim.keep();
  } else {
    await store.rememberName(folded, name);
  }
  // While the name went to disk, another connection may have claimed it, or it may have become an account.
  if (await store.nameStatus(folded) === "account") return NAME_IN_USE;
  return () => {
    const user = new User(name, peer.outlet);
    if (!arrive(context, peer, user)) return NAME_IN_USE;
    if (status !== undefined) setStatus(context, user, status);
    return PRESENT;
  };
}
