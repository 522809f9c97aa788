/**
 * Who may have how much of a mailbox.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import type { MailboxRefusal } from "./store.ts";

/** Letters: how many, and how many bytes their texts have with names and ids, as stored. */
export interface Amount {
  /** Letters. */
  readonly letters: number;
  /** Bytes. */
  readonly bytes: number;
}

/** An amount for each of those who share a mailbox. Guests are strangers, too. */
export interface Shares {
  /** The whole mailbox. */
  readonly whole: Amount;
  /** One sender, by folded name. */
  readonly sender: Amount;
  /** All guests together. */
  readonly guests: Amount;
  /** All together whom the owner never wrote to. */
  readonly strangers: Amount;
}

/** What each may have, from {@linkcode LIMITS}. */
export const MAILBOX_LIMITS: Shares = {
  whole: { letters: LIMITS.maxMailboxLetters, bytes: LIMITS.maxMailboxBytes },
  sender: { letters: LIMITS.maxSenderLetters, bytes: LIMITS.maxSenderBytes },
  guests: { letters: LIMITS.maxGuestLetters, bytes: LIMITS.maxGuestBytes },
  strangers: { letters: LIMITS.maxStrangerLetters, bytes: LIMITS.maxStrangerBytes },
};

const ENDLESS: Amount = { letters: Infinity, bytes: Infinity };

/** No limits. */
export const UNLIMITED_SHARES: Shares = {
  whole: ENDLESS,
  sender: ENDLESS,
  guests: ENDLESS,
  strangers: ENDLESS,
};

/** A letter that is to be let in. */
export interface Incoming {
  /** Its bytes, as stored. */
  readonly bytes: number;
  /** Whether its sender has no account. */
  readonly isGuest: boolean;
  /** Whether the mailbox's owner never wrote to its sender. */
  readonly isStranger: boolean;
}

/**
 * Why a mailbox does not take a letter; `undefined` if it does. The narrowest reason first: it is the one that the
 * sender can do something about.
 *
 * What was rescued beyond a limit takes nothing from the room of others: guests take at most their share of what
 * strangers may have, and strangers at most theirs of the whole.
 *
 * @param held What the mailbox holds now; `sender` is the letter's.
 */
export function refusalOf(
  { bytes, isGuest, isStranger }: Incoming,
  held: Shares,
  limits: Shares,
): MailboxRefusal | undefined {
  const fits = (amount: Amount, limit: Amount): boolean =>
    amount.letters < limit.letters && amount.bytes + bytes <= limit.bytes;
  if (!fits(held.sender, limits.sender)) return "sender-full";
  if (isGuest && !fits(held.guests, limits.guests)) return "guests-full";
  const strangers = less(held.strangers, beyond(held.guests, limits.guests));
  if (isStranger && !fits(strangers, limits.strangers)) return "strangers-full";
  const acquaintances = less(held.whole, held.strangers);
  const counted = less(strangers, beyond(strangers, limits.strangers));
  const whole = {
    letters: acquaintances.letters + counted.letters,
    bytes: acquaintances.bytes + counted.bytes,
  };
  return fits(whole, limits.whole) ? undefined : "full";
}

function less(amount: Amount, other: Amount): Amount {
  return { letters: amount.letters - other.letters, bytes: amount.bytes - other.bytes };
}

function beyond({ letters, bytes }: Amount, limit: Amount): Amount {
  return {
    letters: Math.max(0, letters - limit.letters),
    bytes: Math.max(0, bytes - limit.bytes),
  };
}
