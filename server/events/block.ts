import { LIMITS } from "../../common/limits.ts";
import { foldName } from "../../common/names.ts";
import { type BlockRequest, CODE } from "../../common/wire/protocol.ts";
import { answer } from "../answer.ts";
import type { OnlineHandler } from "./handler.ts";
import { NO_SUCH_ACCOUNT } from "./refusals.ts";

const GUESTS_CANNOT = answer(
  CODE.forbidden,
  "Only accounts block others; yours is a guest's name",
);
const ONESELF = answer(CODE.badRequest, "user must be somebody else: nobody blocks themselves");
const TOO_MANY = answer(
  CODE.forbidden,
  `You have blocked ${LIMITS.maxBlockedUsers} accounts, the most allowed; unblock another one first`,
);

/** `block`: an account takes no direct messages from another, or takes them again; or whom it has blocked. */
export const block: OnlineHandler<BlockRequest> = {
  for: "users",
  async handle({ store, registry }, user, { user: name, on: isOn = false }) {
    if (!user.isAccount) return GUESTS_CANNOT;
    if (name === undefined) {
      const blocked = await store.blockedUsers.list(user.folded);
      const who = blocked.length === 1 ? "1 account" : `${blocked.length} accounts`;
      return answer(CODE.ok, `You have blocked ${who}`, { blocked });
    }
    const other = foldName(name);
    if (other === user.folded) return ONESELF;
    const outcome = await store.blockedUsers.set(user.folded, other, isOn);
    if (outcome === "no-account") return NO_SUCH_ACCOUNT;
    if (outcome === "too-many") return TOO_MANY;
    // Whoever is online with the account by now: somebody may have logged in anew before it was on disk. And whether or
    // not the answer finds its client.
    const now = registry.find(user.folded);
    if (now?.isAccount) now.setBlocked(other, isOn);
    return answer(CODE.ok, isOn ? `You have blocked ${name}` : `${name} is not blocked`);
  },
};
