import { type AckRequest, CODE } from "../../common/wire/protocol.ts";
import { answer } from "../answer.ts";
import type { EventHandler } from "../router.ts";

/** `ack`: stored messages up to a number have arrived and may go. */
export const ack: EventHandler<AckRequest> = {
  mustBeOnline: true,
  async handle(_context, session, { stored }) {
    await session.acknowledgeMail(stored);
    return answer(CODE.ok, `Stored messages up to ${stored} are acknowledged`);
  },
};
