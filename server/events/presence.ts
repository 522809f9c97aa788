import { foldName } from "../../common/names.ts";
import { CODE, type PresenceRequest } from "../../common/wire/protocol.ts";
import { type Answer, answer, type Commit, lastAnswer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { EventHandler } from "../router.ts";
import type { Session } from "../connection/session.ts";

const PRESENT = answer(CODE.ok, "You are online");

/** `presence`: goes online as a guest, or sets the status of who is online. */
export const presence: EventHandler<PresenceRequest> = {
  mustBeOnline: false,
  handle(context, session, { user }) {
    const folded = foldName(user.account_name);
    if (!session.isOnline) {
      return goOnline(context, session, user.account_name, folded, user.status);
    }
    if (folded !== session.folded) return alreadyOnline(session);
    if (user.status !== undefined) session.status = user.status;
    return PRESENT;
  },
};

/** 400 for whoever is online and asks for another name. */
export function alreadyOnline(session: Session): Answer {
  return answer(
    CODE.badRequest,
    `user.account_name must be ${session.name}: this connection is online under that name`,
  );
}

/** 409: somebody else is online under that name. */
export const NAME_IN_USE: Answer = answer(
  CODE.conflict,
  "This name is online from another connection; choose another one",
);

async function goOnline(
  context: ServerContext,
  session: Session,
  name: string,
  folded: string,
  status: string | undefined,
): Promise<Answer | Commit> {
  const { store, registry, settings } = context;
  const blocked = await store.blockReason(folded);
  if (blocked !== undefined) return lastAnswer(CODE.forbidden, blockedSentence(blocked));
  if (await store.nameStatus(folded) === "account") {
    return answer(CODE.unauthorized, "This name has an account: authenticate with its password");
  }
  if (!settings.guests) {
    return answer(CODE.unauthorized, "Guests are not admitted: authenticate with an account");
  }
  if (registry.find(folded) !== undefined) return NAME_IN_USE;
  await store.rememberName(folded, name);
  // While the name went to disk, another connection may have claimed it, or it may have become an account.
  if (await store.nameStatus(folded) === "account") return NAME_IN_USE;
  return () => {
    if (!session.claim(name, folded, false)) return NAME_IN_USE;
    if (status !== undefined) session.status = status;
    return PRESENT;
  };
}

/** What a blocked user is told. */
export function blockedSentence(reason: string): string {
  return reason === "" ? "This user is blocked" : `This user is blocked: ${reason}`;
}
