import { assertEquals } from "@std/assert";

import type { RoomDeed } from "../../../server/cluster/room_deed.ts";
import type { ModerationRequest, Target } from "../../../server/rooms/acts.ts";
import { decide } from "../../../server/rooms/decide.ts";
import { networkMark } from "../../../server/rooms/room_policy.ts";
import { roomDeed } from "../../support/room_deed.ts";
import { storedRoom, storedSanction } from "../../support/stored_room.ts";

const NOW = 1e9;
const BOB: Target = { folded: "bob", name: "Bob", status: "guest" };
const ANN: Target = { folded: "ann", name: "Ann", status: "account" };
const request = (more: object): ModerationRequest =>
  ({ room: "#dev", ...more }) as ModerationRequest;
const kick = request({ event: "kick", user: "bob" });
const ban = request({ event: "ban", user: "bob", seconds: 60, reason: "no\x1bise" });
const mute = request({ event: "mute", user: "bob" });
const by = (name: string, isAccount = true): Pick<RoomDeed, "by"> => ({
  by: { ...roomDeed().by, name, folded: name, isAccount },
});

Deno.test("decide: what the other nodes read of a deed is decided like the deed itself", () => {
  const member = { folded: "bob", isAccount: false, origin: "10.0.0.2" };
  const deeds = [
    roomDeed(),
    roomDeed({ request: request({ event: "room", remove: true }) }),
    roomDeed({ request: kick, target: BOB, member }),
    roomDeed({ request: ban, target: BOB, network: "10.0.0.1" }),
    roomDeed({ request: mute, target: BOB, member, network: "10.0.0.1" }),
    roomDeed({ request: request({ event: "grant", user: "ann", role: "owner" }), target: ANN }),
    roomDeed({ request: request({ event: "invite", user: "ann", on: false }), target: ANN }),
    roomDeed({ request: kick, target: BOB }),
    roomDeed({ ...by("bob"), request: kick, target: ANN }),
  ];
  const kinds = deeds.map((deed): unknown => {
    const decided = decide(deed, storedRoom());
    assertEquals(decide(JSON.parse(JSON.stringify(deed)), storedRoom()), decided);
    return "order" in decided ? decided.order.write.kind : decided.refused;
  });
  const role = { why: "role", needs: "moderator" };
  assertEquals(kinds, [
    ...["set", "remove", "note", "sanction", "sanction", "grant", "invite"],
    ...["no-target", role],
  ]);
});

Deno.test("decide: a ban or a mute ends so many seconds after the deed, whatever a node's clock says", () => {
  const decided = decide(
    roomDeed({ request: ban, target: BOB, network: "10.0.0.1", now: NOW + 0.5 }),
    storedRoom(),
  );
  assertEquals(decided, {
    order: {
      write: {
        kind: "sanction",
        sanction: storedSanction({
          ...{ folded: "bob", name: "Bob", isAccount: false, until: NOW + 60.5, reason: "no ise" },
          network: networkMark(1, "10.0.0.1"),
        }),
      },
      act: { by: "eve", action: "ban", target: "Bob", detail: { seconds: 60, reason: "no ise" } },
    },
  });
});

Deno.test("decide: a mute is of where the session began, and of nowhere for an account", () => {
  const member = { folded: "bob", isAccount: false, origin: "10.0.0.2" };
  const markOf = (more: Partial<RoomDeed>): unknown => {
    const decided = decide(roomDeed({ request: mute, target: BOB, ...more }), storedRoom());
    return "order" in decided && decided.order.write.kind === "sanction" &&
      decided.order.write.sanction.network;
  };
  assertEquals(markOf({ member, network: "10.0.0.1" }), networkMark(1, "10.0.0.2"));
  assertEquals(markOf({ network: "10.0.0.1" }), networkMark(1, "10.0.0.1"));
  assertEquals(markOf({}), undefined);
  assertEquals(markOf({ target: { ...BOB, status: "account" }, network: "10.0.0.1" }), undefined);
});

Deno.test("decide: a ban that is over at the deed's time holds up nobody", () => {
  const guests = storedSanction({
    ...{ folded: "guy", name: "guy", isAccount: false, until: NOW },
    network: networkMark(1, "10.0.0.1"),
  });
  const room = storedRoom({ sanctions: [guests] });
  const asked = (now: number): unknown => {
    const asker = { ...by("flo", false).by, network: "10.0.0.1", origin: "10.0.0.1" };
    const decided = decide(roomDeed({ by: asker, request: kick, target: BOB, now }), room);
    return "refused" in decided && typeof decided.refused === "object" && decided.refused.why;
  };
  assertEquals([asked(NOW - 1), asked(NOW)], ["banned", "role"]);
});

Deno.test("decide: who is in under an account's name counts, too; a role is above another's only where it is", () => {
  const roles = [
    { folded: "eve", name: "eve", role: "owner" },
    { folded: "mod", name: "mod", role: "moderator" },
  ] as const;
  const room = storedRoom({ roles });
  const target = { folded: "mod", name: "mod", status: "guest" } as const; // as it was asked for
  const member = { folded: "mod", isAccount: true, origin: "" };
  const of = (name: string): unknown => {
    const decided = decide(roomDeed({ ...by(name), request: kick, target, member }), room);
    return "order" in decided ? decided.order.write : decided.refused;
  };
  assertEquals([of("eve"), of("mod")], [{ kind: "note" }, { why: "role" }]);
});
