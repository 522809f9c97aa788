import { assertEquals } from "@std/assert";

import {
  type Amount,
  type Incoming,
  MAILBOX_LIMITS,
  refusalOf,
  type Shares,
} from "../../../server/store/mailbox_limits.ts";

const of = (letters: number, bytes = letters): Amount => ({ letters, bytes });

/** A mailbox of 100 letters and 1000 bytes. */
const LIMITS: Shares = {
  whole: of(100, 1_000),
  sender: of(10, 100),
  guests: of(20, 200),
  strangers: of(75, 750),
};

const EMPTY: Shares = { whole: of(0), sender: of(0), guests: of(0), strangers: of(0) };

/** The three kinds of senders. */
const GUEST = { bytes: 1, isGuest: true, isStranger: true };
const STRANGER = { bytes: 1, isGuest: false, isStranger: true };
const FRIEND = { bytes: 1, isGuest: false, isStranger: false };

function reason(letter: Incoming, held: Partial<Shares>): string | undefined {
  return refusalOf(letter, { ...EMPTY, ...held }, LIMITS);
}

Deno.test("each limit holds in letters and in bytes, and says which it is", () => {
  for (
    const [letter, share, said] of [
      [GUEST, "sender", "sender-full"],
      [STRANGER, "sender", "sender-full"],
      [FRIEND, "sender", "sender-full"],
      [GUEST, "guests", "guests-full"],
      [STRANGER, "strangers", "strangers-full"],
      [FRIEND, "whole", "full"],
    ] as const
  ) {
    const { letters, bytes } = LIMITS[share];
    const what = `${said} ${JSON.stringify(letter)}`;
    assertEquals(reason(letter, { [share]: of(letters - 1, 0) }), undefined, what);
    assertEquals(reason(letter, { [share]: of(letters, 0) }), said, what);
    assertEquals(reason(letter, { [share]: of(1, bytes - 1) }), undefined, what);
    assertEquals(reason(letter, { [share]: of(1, bytes) }), said, what);
  }
});

Deno.test("guests' and strangers' limits are nobody else's", () => {
  const held = { whole: of(75), guests: of(20), strangers: of(75) };
  assertEquals(reason(GUEST, held), "guests-full");
  assertEquals(reason(STRANGER, held), "strangers-full");
  assertEquals(reason(FRIEND, held), undefined);
  assertEquals(reason(STRANGER, { whole: of(20), guests: of(20), strangers: of(20) }), undefined);
});

Deno.test("what was rescued beyond a limit takes nothing from the room of others", () => {
  const guests = { whole: of(500, 5_000), guests: of(500, 5_000), strangers: of(500, 5_000) };
  assertEquals(reason(GUEST, guests), "guests-full");
  assertEquals(reason(STRANGER, guests), undefined);
  assertEquals(reason(FRIEND, guests), undefined);
  const strangers = { whole: of(500, 5_000), strangers: of(500, 5_000) };
  assertEquals(reason(STRANGER, strangers), "strangers-full");
  assertEquals(reason(FRIEND, strangers), undefined);
  // The friends' quarter is theirs, not more.
  assertEquals(reason(FRIEND, { ...strangers, whole: of(524, 5_000) }), undefined);
  assertEquals(reason(FRIEND, { ...strangers, whole: of(525, 5_000) }), "full");
});

Deno.test("strangers leave a quarter, no sender has more than a tenth, all guests no more than a fifth", () => {
  const { whole, sender, guests, strangers } = MAILBOX_LIMITS;
  for (const unit of ["letters", "bytes"] as const) {
    assertEquals(strangers[unit] / whole[unit], 0.75);
    assertEquals(Math.round(10 * guests[unit] / whole[unit]), 2);
    assertEquals(Math.round(10 * sender[unit] / whole[unit]), 1);
  }
  assertEquals([whole.letters, sender.letters, guests.letters], [1_000, 100, 200]);
});
