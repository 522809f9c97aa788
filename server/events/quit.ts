import { CODE, type QuitRequest } from "../../common/wire/protocol.ts";
import { lastAnswer } from "../answer.ts";
import type { EventHandler } from "../router.ts";

const GOODBYE = lastAnswer(CODE.ok, "Goodbye");

/** `quit`: the name is free before the answer leaves, so that whoever reads it may take the name. */
export const quit: EventHandler<QuitRequest> = {
  mustBeOnline: false,
  handle(_context, session) {
    session.release();
    return GOODBYE;
  },
};
