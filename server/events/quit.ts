import { CODE, type QuitRequest } from "../../common/wire/protocol.ts";
import { type Answer, lastAnswer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import { depart } from "../people/attendance.ts";
import type { User } from "../people/user.ts";
import type { OpenHandler } from "./handler.ts";

const GOODBYE = lastAnswer(CODE.ok, "Goodbye");

/** `quit`: the name is free before the answer leaves, so that whoever reads it may take the name. */
export const quit: OpenHandler<QuitRequest> = {
  for: "all",
  handle(context, { user }) {
    if (user === undefined) return GOODBYE;
    depart(context, user);
    return user.isAccount && user.tokens !== undefined ? forget(context, user) : GOODBYE;
  },
};

/** Who says goodbye comes back with the password. */
async function forget({ store }: ServerContext, { folded }: User): Promise<Answer> {
  await store.resume.forget(folded);
  return GOODBYE;
}
