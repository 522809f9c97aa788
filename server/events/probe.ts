import { CODE, type ProbeRequest } from "../../common/wire/protocol.ts";
import { answer } from "../answer.ts";
import type { EventHandler } from "../router.ts";

const ALIVE = answer(CODE.ok, "The link works");

/** `probe`: the client checks its link. */
export const probe: EventHandler<ProbeRequest> = {
  mustBeOnline: false,
  handle: () => ALIVE,
};
