import { assert, assertEquals } from "@std/assert";

import type { RoomRole } from "../../../common/wire/protocol.ts";
import { networkKey } from "../../../server/connection/network_key.ts";
import type { User } from "../../../server/people/user.ts";
import type { ModerationRequest } from "../../../server/rooms/acts.ts";
import type { ModerationRefusal } from "../../../server/rooms/moderation.ts";
import { networkMark } from "../../../server/rooms/room_policy.ts";
import type { StoredRoom } from "../../../server/store/room_store.ts";
import { withAccount } from "../../support/account_user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { FakeUser } from "../../support/fake_user.ts";
import { type House, withHouse } from "../../support/house.ts";
import { storedSanction } from "../../support/stored_room.ts";
import { writeRoom } from "../../support/write_room.ts";

const TIME = 1_767_225_600;

/** A room of eve's in which are mod, a moderator, ann, an account, and bob, a guest; zoe is an account outside. */
interface Cast {
  readonly house: House;
  readonly eve: FakeUser;
  readonly mod: FakeUser;
  readonly ann: FakeUser;
  readonly bob: FakeUser;
  readonly zoe: FakeUser;
  /** Asks for something; gives what was said, or why not. */
  run(by: User, request: Omit<ModerationRequest, "room">): Promise<string | ModerationRefusal>;
  /** Takes what everybody was told since the last time, without the time. */
  told(): Record<string, unknown[]>;
  stored(): Promise<StoredRoom>;
}

function withCast(test: (cast: Cast) => Promise<void>): Promise<void> {
  return withHouse({ settings: { maxRooms: 1 } }, async (house) => {
    const { context, store, come } = house;
    const accounts: FakeUser[] = [];
    for (const name of ["Eve", "mod", "Ann", "zoe"]) accounts.push(await withAccount(house, name));
    const [eve, mod, ann, zoe] = accounts as [FakeUser, FakeUser, FakeUser, FakeUser];
    const bob = come("Bob");
    await store.rememberName("bob", "Bob");
    for (const user of [eve, mod, ann, bob]) await enterRoom(context.rooms, user, "#Dev");
    const all = { eve, mod, ann, bob, zoe };
    const run: Cast["run"] = async (by, request) => {
      const asked = { room: "#dev", ...request } as ModerationRequest;
      const finish = await context.moderation.run(by, asked);
      if (typeof finish === "function") return finish(TIME).sentence;
      return typeof finish === "object" && finish.why === "role" ? ROLE : finish;
    };
    const told = (): Record<string, unknown[]> =>
      Object.fromEntries(
        Object.entries(all)
          .map(([name, user]) => [name, user.frames.splice(0).map(({ time: _, ...rest }) => rest)])
          .filter(([, frames]) => frames!.length > 0),
      );
    const stored = async (): Promise<StoredRoom> => (await store.rooms.find("#dev"))!;
    await run(eve, { event: "grant", user: "mod", role: "moderator" } as never);
    told();
    await test({ house, ...all, run, told, stored });
  });
}

const grant = (user: string, role: RoomRole) => ({ event: "grant", user, role }) as const;
const ban = (user: string, more: { seconds?: number; reason?: string } = {}) => ({
  ...{ event: "ban", user, ...more } as const,
});
const mute = (user: string, seconds?: number) => ({
  ...{ event: "mute", user } as const,
  ...(seconds !== undefined && { seconds }),
});
const kick = (user: string, reason?: string) => ({
  ...{ event: "kick", user } as const,
  ...(reason !== undefined && { reason }),
});
const invite = (user: string, on?: boolean) => ({
  ...{ event: "invite", user } as const,
  ...(on !== undefined && { on }),
});
const ROLE = { why: "role" } as const;

/** What all of some people are told. */
const toAll = (names: string[], frame: object): Record<string, unknown[]> =>
  Object.fromEntries(names.map((name) => [name, [{ response: 100, room: "#Dev", ...frame }]]));

Deno.test("Moderation: who is kicked is out, and all are told, they first of all; in other words than typed, too", () =>
  withCast(async ({ house, mod, ann, run, told }) => {
    assertEquals(await run(mod, kick("ＡＮＮ", "no\x1bnoise")), "Ann is out of #Dev");
    assertEquals(
      told(),
      toAll(["eve", "mod", "ann", "bob"], {
        ...{ alert: "mod took Ann out of #Dev: no noise", left: "Ann", kicked: true },
        ...{ by: "mod", reason: "no noise" },
      }),
    );
    assertEquals([ann.rooms.size, house.context.rooms.find("#dev")!.members.size], [0, 3]);
    assertEquals(await run(mod, kick("ann")), "no-target");
    assertEquals(told(), {});
    await enterRoom(house.context.rooms, ann, "#dev"); // may come back
  }));

Deno.test("Moderation: nobody is kicked, banned or muted by who is not above them; the role is asked first", () =>
  withCast(async ({ eve, mod, ann, bob, zoe, run, told }) => {
    for (const event of ["kick", "ban", "mute"] as const) {
      const against = (by: User, user: string) => run(by, { event, user } as never);
      for (const by of [ann, bob, zoe]) {
        for (const user of ["bob", "mod", "nobody"]) assertEquals(await against(by, user), ROLE);
      }
      for (const user of ["eve", "mod"]) assertEquals(await against(mod, user), ROLE);
      assertEquals(await against(eve, "eve"), ROLE);
      assertEquals(await against(mod, "nobody"), "no-target");
    }
    for (const by of [mod, ann]) assertEquals(await run(by, grant("ann", "moderator")), ROLE);
    assertEquals(await run(ann, invite("zoe")), ROLE);
    assertEquals(told(), {});
  }));

Deno.test("Moderation: a moderator need not be in, nor need an account that is moderated be online", () =>
  withCast(async ({ house, mod, run, told, stored }) => {
    const { rooms } = house.context;
    rooms.leave(mod, rooms.find("#dev")!, 1);
    told();
    assertEquals(await run(mod, ban("zoe", { seconds: 60 })), "zoe is banned from #Dev");
    assertEquals(told(), {}, "who was not in is not missed");
    const [ban_] = (await stored()).sanctions;
    assertEquals(ban_, {
      ...{ kind: "ban", folded: "zoe", name: "zoe", isAccount: true, network: undefined },
      ...{ until: TIME + 60, reason: "", by: "mod" },
    });
  }));

Deno.test("Moderation: a ban takes out and keeps out, until it is lifted or replaced", () =>
  withCast(async ({ house, mod, ann, run, told, stored }) => {
    const { rooms } = house.context;
    const measure = { seconds: 0.5, reason: "spam" };
    assertEquals(await run(mod, ban("ann", measure)), "Ann is banned from #Dev");
    assertEquals(
      told(),
      toAll(["eve", "mod", "ann", "bob"], {
        ...{ alert: "mod banned Ann from #Dev for 1 s: spam", left: "Ann", kicked: true },
        ...{ by: "mod", reason: "spam", banned: true, seconds: 0.5 },
      }),
    );
    const banned = { why: "banned", until: TIME + 0.5, reason: "spam" } as const;
    assertEquals(await rooms.expect(ann, "#dev"), banned);
    assertEquals(await run(mod, ban("ann")), "Ann is banned from #Dev");
    assertEquals(await rooms.expect(ann, "#dev"), { why: "banned", until: undefined });
    assertEquals((await stored()).sanctions.length, 1);
    assertEquals(await run(mod, ban("ann", { seconds: 0 })), "Ann is not banned from #Dev");
    await enterRoom(rooms, ann, "#dev");
    told();
    assertEquals(await run(mod, ban("Ann", { seconds: 3 })), "Ann is banned from #Dev");
    house.clock.advance(3_000);
    await enterRoom(rooms, ann, "#dev");
  }));

Deno.test("Moderation: a guest's ban has where they are, or were when they went; others from there stay in", () =>
  withCast(async ({ house, eve, mod, bob, run, told, stored }) => {
    const { rooms } = house.context;
    const { id } = await stored();
    const dora = house.come("dora");
    await house.store.rememberName("dora", "dora");
    await enterRoom(rooms, dora, "#dev");
    bob.outlet.network = "192.0.2.7";
    await run(mod, ban("bob"));
    assertEquals((await stored()).sanctions[0]!.network, networkMark(id, "192.0.2.7"));
    dora.outlet.network = "192.0.2.9";
    rooms.leave(dora, rooms.find("#dev")!, 1);
    await run(mod, ban("dora"));
    assertEquals((await stored()).sanctions[1]!.network, networkMark(id, "192.0.2.9"));
    await house.store.rememberName("never-in", "never-in");
    await run(mod, ban("never-in"));
    assertEquals((await stored()).sanctions[2]!.network, undefined);
    told();
    const flo = house.come("flo");
    flo.outlet.network = "192.0.2.20";
    const gus = house.come("gus");
    await house.store.rememberName("gus", "gus");
    gus.outlet.network = "192.0.2.20";
    for (const guest of [flo, gus]) await enterRoom(rooms, guest, "#dev");
    await run(eve, ban("gus"));
    assertEquals([flo.rooms.size, gus.rooms.size], [1, 0]);
    rooms.leave(flo, rooms.find("#dev")!, 1);
    assertEquals((await rooms.expect(flo, "#dev") as { why?: string }).why, "banned");
  }));

Deno.test("Moderation: of IPv6, a guest's network is a /64", () =>
  withCast(async ({ house, mod, bob, run }) => {
    const { rooms } = house.context;
    bob.outlet.network = networkKey("2001:db8:0:1::1");
    await run(mod, ban("bob"));
    const enter = async (name: string, address: string): Promise<unknown> => {
      const guest = house.come(name);
      guest.outlet.network = networkKey(address);
      const expecting = await rooms.expect(guest, "#dev");
      return typeof expecting === "object" && "why" in expecting ? expecting.why : expecting;
    };
    assertEquals(await enter("flo", "2001:db8:0:1:ffff::2"), "banned");
    assert(await enter("gus", "2001:db8:0:2::1") !== "banned");
  }));

Deno.test("Moderation: who is muted hears it with all others, and so does who may speak again", () =>
  withCast(async ({ house, mod, ann, run, told }) => {
    const { rooms, access } = house.context;
    const room = rooms.find("#dev")!;
    const everybody = ["eve", "mod", "ann", "bob"];
    const frame = { user: "Ann", by: "mod" };
    assertEquals(await run(mod, mute("ann", 60)), "Ann is muted in #Dev");
    const alert = "mod muted Ann in #Dev for 1 min";
    assertEquals(told(), toAll(everybody, { ...frame, alert, muted: true, seconds: 60 }));
    assertEquals(access.speechRefusal(ann, room), { why: "muted", until: TIME + 60 });
    assertEquals(await run(mod, mute("ann", 0)), "Ann is not muted in #Dev");
    const again = "mod lets Ann speak in #Dev";
    assertEquals(told(), toAll(everybody, { ...frame, alert: again, muted: false }));
    assertEquals(access.speechRefusal(ann, room), undefined);
  }));

Deno.test("Moderation: a name that is known only by its sanction can still be let off", () =>
  withCast(async ({ house, mod, run, stored }) => {
    const sanction = storedSanction({ folded: "gone", name: "gone", isAccount: false });
    await writeRoom(house.store.rooms, "#dev", { kind: "sanction", sanction });
    assertEquals(await run(mod, ban("gone", { seconds: 0 })), "gone is not banned from #Dev");
    assertEquals((await stored()).sanctions, []);
    assertEquals(await run(mod, ban("gone", { seconds: 0 })), "no-target");
  }));

Deno.test("Moderation: roles are accounts'; the last owner stays one; lists tell of it at once", () =>
  withCast(async ({ house, eve, bob, run, told, stored }) => {
    const room = house.context.rooms.find("#dev")!;
    const roles = (): string[] =>
      room.members.summary((all) => all.map((user) => room.policy.roleOf(user)));
    assertEquals(roles(), ["member", "member", "owner", "moderator"]);
    assertEquals(await run(eve, grant("ann", "owner")), "Ann is an owner of #Dev");
    const alert = "Eve made Ann an owner of #Dev";
    const everybody = ["eve", "mod", "ann", "bob"];
    assertEquals(told(), toAll(everybody, { alert, user: "Ann", role: "owner", by: "Eve" }));
    assertEquals(roles(), ["owner", "member", "owner", "moderator"]);
    assertEquals(await run(eve, grant("eve", "member")), "Eve is a member of #Dev");
    assertEquals(await run(eve, grant("ann", "member")), ROLE);
    assertEquals(roles(), ["owner", "member", "member", "moderator"]);
    told();
    for (const name of ["bob", "nobody"]) {
      const by = room.members.find("ann")!;
      assertEquals(await run(by, grant(name, "moderator")), "no-account", name);
    }
    assertEquals(await run(room.members.find("ann")!, grant("ANN", "member")), "last-owner");
    await enterRoom(house.context.rooms, eve, "#second"); // eve owns as many as one may
    assertEquals(await run(room.members.find("ann")!, grant("eve", "owner")), "too-many");
    assertEquals(told(), {});
    assertEquals((await stored()).roles.map(({ folded }) => folded), ["ann", "mod"]);
    assertEquals(bob.rooms.size, 1);
  }));

Deno.test("Moderation: who is invited hears it once, wherever they are, and enters", () =>
  withCast(async ({ house, eve, mod, bob, zoe, run, told, stored }) => {
    const { rooms } = house.context;
    await run(eve, { event: "room", private: true } as never);
    told();
    assertEquals(await rooms.expect(zoe, "#dev"), { why: "private" });
    assertEquals(await run(mod, invite("ZOE")), "zoe may enter #Dev");
    assertEquals(
      told(),
      toAll(["zoe"], { alert: "mod invites you to #Dev", invited: "zoe", by: "mod" }),
    );
    for (const by of [mod, eve]) {
      assertEquals(await run(by, invite("zoe", true)), "zoe may enter #Dev");
      assertEquals(told(), {}, "what changes nothing is told nobody");
    }
    zoe.state = "interrupted";
    await run(mod, invite("zoe", false));
    assertEquals(told(), {}, "that one may not enter any more is told nobody");
    await run(mod, invite("zoe"));
    assertEquals(Object.keys(told()), ["zoe"]);
    await enterRoom(rooms, zoe, "#dev");
    told();
    assertEquals(await run(mod, invite("zoe")), "zoe may enter #Dev");
    assertEquals(told(), {}, "who has entered may do so again");
    assertEquals(await run(mod, invite("zoe", false)), "zoe is not invited to #Dev any more");
    assertEquals((await stored()).invited, []);
    assertEquals(rooms.find("#dev")!.members.has(zoe), true, "who is in was let in");
    for (const name of [bob.name, "nobody"]) {
      assertEquals(await run(mod, invite(name)), "no-account");
    }
  }));

Deno.test("Moderation: an interrupted session is taken out, and keeps the notice for its client", () =>
  withCast(async ({ mod, ann, run }) => {
    ann.beginNumbering();
    ann.state = "interrupted";
    ann.outlet.isConnected = ann.outlet.takes = false;
    await run(mod, kick("ann"));
    assertEquals([ann.rooms.size, ann.numbered!.last], [0, 1]);
  }));

Deno.test("Moderation: there has to be such a room, and not a guest's; whoever is banned runs nothing", () =>
  withCast(async ({ house, eve, mod, bob, run }) => {
    const { context } = house;
    const request = { event: "kick", room: "#none", user: "bob" } as const;
    assertEquals(await context.moderation.run(eve, request), "no-room");
    await enterRoom(context.rooms, bob, "#guests");
    const inGuests = { ...request, room: "#guests" };
    assertEquals(await context.moderation.run(eve, inGuests), { why: "passing" });
    await run(eve, ban("mod", { reason: "enough" }));
    const banned = { why: "banned", until: undefined, reason: "enough" } as const;
    assertEquals(await run(mod, kick("bob")), banned);
  }));

Deno.test("Moderation: who has become an account while they were banned is banned as that", () =>
  withCast(async ({ house, mod, bob, run, stored }) => {
    const { context, store } = house;
    const finish = await context.moderation.run(mod, {
      ...{ event: "mute", room: "#dev", user: "bob" },
    });
    assert(typeof finish === "function");
    await store.createAccount("bob", "Bob", "hash");
    bob.becomeAccount(context.delivery.openMailbox(bob));
    finish(TIME);
    const room = context.rooms.find("#dev")!;
    // The next one waits for the turn in which memory follows.
    for (let n = 0; n < 3; n++) await run(mod, kick("nobody"));
    assertEquals((await stored()).sanctions.map(({ isAccount }) => isAccount), [true]);
    assertEquals(context.access.speechRefusal(bob, room)?.why, "muted");
  }));
