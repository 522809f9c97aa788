import { CODE, type QuitRequest } from "../../common/wire/protocol.ts";
import { lastAnswer } from "../answer.ts";
import { depart } from "../people/attendance.ts";
import type { OpenHandler } from "./handler.ts";

const GOODBYE = lastAnswer(CODE.ok, "Goodbye");

/** `quit`: the name is free before the answer leaves, so that whoever reads it may take the name. */
export const quit: OpenHandler<QuitRequest> = {
  for: "all",
  handle(context, { user }) {
    if (user !== undefined) depart(context, user);
    return GOODBYE;
  },
};
