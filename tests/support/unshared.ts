import { MAILBOX_LIMITS, type Shares } from "../../server/store/mailbox_limits.ts";

const { whole } = MAILBOX_LIMITS;

/** Mailboxes that one guest may fill. */
export const UNSHARED: Shares = { whole, sender: whole, guests: whole, strangers: whole };
