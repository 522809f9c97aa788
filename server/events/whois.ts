import { foldName } from "../../common/names.ts";
import { CODE, type ResponseExtras, type WhoisRequest } from "../../common/wire/protocol.ts";
import { answer, type Commit } from "../answer.ts";
import type { User } from "../people/user.ts";
import type { OnlineHandler } from "./handler.ts";
import { NEVER_SEEN } from "./refusals.ts";

const SECONDS_A_MINUTE = 60;

/** `whois`: what there is to know of somebody. */
export const whois: OnlineHandler<WhoisRequest> = {
  for: "users",
  costs: "size",
  async handle({ store, registry, lastOnline }, user, { user: name }): Promise<Commit> {
    const folded = foldName(name);
    const known = await store.findPerson(folded);
    // Who wants nothing of somebody need not tell them when to be found.
    const isShy = user.isAccount && await store.blockedUsers.has(folded, user.folded);
    return () => {
      const online = registry.find(folded);
      if (online !== undefined) {
        return answer(CODE.ok, `${online.name} is online`, present(online, user, isShy));
      }
      if (known === undefined) return NEVER_SEEN;
      const last = isShy ? undefined : lastOnline.secondsOf(folded, known.lastMinute);
      return answer(CODE.ok, `${known.name} is offline`, {
        account_name: known.name,
        account: known.isAccount,
        online: false,
        ...(last !== undefined && { last }),
      });
    };
  },
};

function present(online: User, asker: User, isShy: boolean): ResponseExtras {
  const { name, isAccount, since, status, away } = online;
  const shared = [...asker.rooms].filter(({ members }) => members.has(online));
  shared.sort((one, other) => one.folded < other.folded ? -1 : 1);
  return {
    account_name: name,
    account: isAccount,
    online: true,
    ...(since > 0 && !isShy && { since: since - since % SECONDS_A_MINUTE }),
    status,
    ...(away !== "" && !isShy && { away }),
    rooms: shared.map((room) => room.name),
  };
}
