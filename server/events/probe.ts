import { CODE, type ProbeRequest } from "../../common/wire/protocol.ts";
import { answer } from "../answer.ts";
import type { OpenHandler } from "./handler.ts";

const ALIVE = answer(CODE.ok, "The link works");

/** `probe`: the client checks its link. */
export const probe: OpenHandler<ProbeRequest> = {
  for: "all",
  handle: () => ALIVE,
};
