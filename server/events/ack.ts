import { type AckRequest, CODE } from "../../common/wire/protocol.ts";
import { answer } from "../answer.ts";
import type { OnlineHandler } from "./handler.ts";

/** `ack`: stored messages up to a number have arrived and may go. */
export const ack: OnlineHandler<AckRequest> = {
  for: "users",
  overlaps: true,
  async handle(_context, user, { stored }) {
    await user.mailbox?.acknowledge(stored);
    return answer(CODE.ok, `Stored messages up to ${stored} are acknowledged`);
  },
};
