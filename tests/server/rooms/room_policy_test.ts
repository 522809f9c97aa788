import { assertEquals } from "@std/assert";

import {
  networkBucket,
  networkMark,
  type Person,
  RoomPolicy,
} from "../../../server/rooms/room_policy.ts";
import type { StoredSanction } from "../../../server/store/room_store.ts";
import { storedRoom, storedSanction } from "../../support/stored_room.ts";

const account = (folded: string): Person => ({ folded, isAccount: true });
const guest = (folded: string, network = "192.0.2.1"): Person => ({
  ...{ folded, isAccount: false, network },
});
const OUTSIDE = { isMember: false };

/** Which of several people the room's sanctions are about. */
function meant(sanction: Partial<StoredSanction>, people: readonly Person[]): boolean[] {
  const policy = new RoomPolicy(storedRoom({ sanctions: [storedSanction(sanction)] }));
  const kind = sanction.kind ?? "ban";
  return people.map((person) => policy.standingOf(person, OUTSIDE)[kind] !== undefined);
}

Deno.test("RoomPolicy: a guest's room has no rules, no roles and no limits", () => {
  const policy = new RoomPolicy();
  assertEquals(policy.rules, {
    ...{ isLasting: false, isPrivate: false, isModerated: false, slow: 0 },
  });
  assertEquals([policy.limitsSpeech, policy.roleOf(account("eve"))], [false, "member"]);
  assertEquals(policy.without("eve"), policy);
  assertEquals(policy.standingOf(guest("bob"), { isMember: true, spokeAt: 3 }), {
    ...{ role: "member", isMember: true, isInvited: false, spokeAt: 3 },
    ...{ ban: undefined, mute: undefined },
  });
});

Deno.test("RoomPolicy: roles and invitations are accounts'; a guest of the name has none", () => {
  const policy = new RoomPolicy(storedRoom({ invited: [{ folded: "ann", name: "Ann" }] }));
  assertEquals(policy.roleOf(account("eve")), "owner");
  assertEquals([policy.roleOf(guest("eve")), policy.roleOf(account("ann"))], ["member", "member"]);
  const isInvited = (person: Person): boolean => policy.standingOf(person, OUTSIDE).isInvited;
  assertEquals([account("ann"), guest("ann"), account("eve")].map(isInvited), [true, false, false]);
});

Deno.test("RoomPolicy: speech is limited by moderation, slow mode or any mute, not by bans", () => {
  const limits = (more: Parameters<typeof storedRoom>[0]): boolean =>
    new RoomPolicy(storedRoom(more)).limitsSpeech;
  assertEquals([limits({}), limits({ sanctions: [storedSanction()] })], [false, false]);
  assertEquals([limits({ isModerated: true }), limits({ slow: 0.5 })], [true, true]);
  assertEquals(limits({ sanctions: [storedSanction({ kind: "mute" })] }), true);
});

Deno.test("RoomPolicy: what is said of an account holds for nobody else, and what of a guest for no account", () => {
  const people = [account("bob"), guest("bob"), account("ann"), guest("ann")];
  for (const kind of ["ban", "mute"] as const) {
    assertEquals(meant({ kind }, people), [true, false, false, false]);
    assertEquals(meant({ kind, isAccount: false }, people), [false, true, false, false]);
  }
});

Deno.test("RoomPolicy: a guest's ban is of the name and of the network, a mute of the name from there", () => {
  const network = networkMark(1, "192.0.2.1");
  const people = [
    ...[guest("bob"), guest("bob", "192.0.2.2"), guest("ann"), guest("ann", "192.0.2.2")],
    account("ann"),
  ];
  const of = { isAccount: false, network };
  assertEquals(meant(of, people), [true, true, true, false, false]);
  assertEquals(meant({ ...of, kind: "mute" }, people), [true, false, false, false, false]);
  const elsewhere = { ...of, network: networkMark(2, "192.0.2.1") };
  assertEquals(meant(elsewhere, people), [true, true, false, false, false], "another room's mark");
});

Deno.test("RoomPolicy: of several, the one counts that holds the longest", () => {
  const network = networkMark(1, "192.0.2.1");
  const sanctions = [
    storedSanction({ isAccount: false, until: 5 }),
    storedSanction({ folded: "ann", isAccount: false, network, until: 9, reason: "ann" }),
    storedSanction({ folded: "zoe", isAccount: false, network, until: 7 }),
  ];
  const ban = (more: StoredSanction[] = []): unknown =>
    new RoomPolicy(storedRoom({ sanctions: [...sanctions, ...more] }))
      .standingOf(guest("bob"), OUTSIDE).ban?.until;
  assertEquals(ban(), 9);
  assertEquals(ban([storedSanction({ folded: "x", isAccount: false, network })]), undefined);
});

Deno.test("RoomPolicy: without an account there is nothing of it left, but what is said of guests", () => {
  const policy = new RoomPolicy(storedRoom({
    invited: [{ folded: "eve", name: "eve" }, { folded: "ann", name: "ann" }],
    sanctions: [
      ...[storedSanction({ folded: "eve" }), storedSanction({ folded: "eve", isAccount: false })],
      storedSanction(),
    ],
  })).without("eve");
  assertEquals(policy.standingOf(account("eve"), OUTSIDE), {
    ...{ role: "member", isMember: false, isInvited: false, spokeAt: undefined },
    ...{ ban: undefined, mute: undefined },
  });
  assertEquals(policy.standingOf(guest("eve"), OUTSIDE).ban !== undefined, true);
  assertEquals(policy.standingOf(account("bob"), OUTSIDE).ban !== undefined, true);
  assertEquals(policy.standingOf(account("ann"), OUTSIDE).isInvited, true);
});

Deno.test("networkMark: does not show the network, and is another one in each room but for the beginning", () => {
  const marks = [networkMark(1, "192.0.2.1"), networkMark(2, "192.0.2.1"), networkMark(1, "x")];
  assertEquals(new Set(marks).size, 3);
  const bucket = networkBucket("192.0.2.1");
  assertEquals(marks.map((mark) => mark.startsWith(bucket)), [true, true, false]);
  assertEquals(marks.every((mark) => /^[\w-]{45}$/.test(mark)), true);
});
