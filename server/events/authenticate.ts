import { foldName } from "../../common/names.ts";
import { type AuthenticateRequest, CODE } from "../../common/protocol.ts";
import { answer } from "../answer.ts";
import type { EventHandler } from "../router.ts";
import { alreadyOnline } from "./presence.ts";

/** `authenticate`: no accounts can be made, so no login is right. */
export const authenticate: EventHandler<AuthenticateRequest> = {
  mustBeOnline: false,
  handle(_context, session, { user, register }) {
    if (session.isOnline && foldName(user.account_name) !== session.folded) {
      return alreadyOnline(session);
    }
    if (register) return answer(CODE.forbidden, "Registration is closed on this server");
    return { ...answer(CODE.wrongLogin, "Wrong login or password"), closes: session.loginFailed() };
  },
};
