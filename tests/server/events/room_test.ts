import { assertEquals } from "@std/assert";

import type { ResponseExtras, RoomRequest } from "../../../common/wire/protocol.ts";
import { NO_SUCH_ROOM } from "../../../server/events/refusals.ts";
import { room } from "../../../server/events/room.ts";
import type { User } from "../../../server/people/user.ts";
import { withAccount } from "../../support/account_user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { answerOf, type House, withHouse } from "../../support/house.ts";
import { storedSanction } from "../../support/stored_room.ts";
import { writeRoom } from "../../support/write_room.ts";

/** What is known of a room of Eve's as it is made. */
const FACTS = {
  ...{ room: "#Dev", topic: "", lasting: true },
  ...{ private: false, moderated: false, slow: 0, owners: ["Eve"], moderators: [] },
} as const;
const NOBODY = { banned: [], muted: [], invited: [], sanctions: [] };

const ask = ({ context }: House, by: User, more: Partial<RoomRequest> = {}) =>
  answerOf(room.handle(context, by, { event: "room", room: "#dev", ...more }));

const codeOf = async (house: House, by: User, more: Partial<RoomRequest> = {}) => {
  const { code, extras } = await ask(house, by, more);
  const { refused } = extras as ResponseExtras ?? {};
  return refused === undefined ? code : [code, refused];
};

Deno.test("room: what is known of it, also without members; 404 where there is none", () =>
  withHouse({}, async (house) => {
    const { context, come } = house;
    const [eve, bob] = [await withAccount(house, "Eve"), come("bob")];
    assertEquals(await ask(house, bob), NO_SUCH_ROOM);
    const { room: entered } = await enterRoom(context.rooms, eve, "#Dev");
    await enterRoom(context.rooms, bob, "#guests");
    const known = { code: 200, sentence: "This is #Dev", extras: FACTS } as const;
    assertEquals<unknown>(await ask(house, bob), known);
    context.rooms.leave(eve, entered, 1);
    assertEquals<unknown>(await ask(house, bob, { room: "#DEV" }), known);
    assertEquals<unknown>((await ask(house, bob, { room: "#guests" })).extras, {
      ...{ ...FACTS, room: "#guests", lasting: false, owners: [] },
    });
  }));

Deno.test("room: who runs it sees who is kept out, silent and invited, with what is over left out", () =>
  withHouse({}, async (house) => {
    const { context: { rooms }, store, clock, come } = house;
    const [eve, ann, bob] = [
      await withAccount(house, "Eve"),
      await withAccount(house, "ann"),
      come("bob"),
    ];
    await enterRoom(rooms, eve, "#Dev");
    const now = clock.epochMs() / 1_000;
    const guest = { folded: "bob", name: "Bob", isAccount: false, by: "Eve" };
    const sanctions = [
      storedSanction({ folded: "ann", name: "ann", kind: "mute", by: "Eve" }),
      storedSanction({ ...guest, until: now + 1.5, reason: "spam" }),
      storedSanction({ ...guest, kind: "mute", until: now + 1 }),
    ];
    for (const sanction of sanctions) {
      await writeRoom(store.rooms, "#dev", { kind: "sanction", sanction });
    }
    await writeRoom(store.rooms, "#dev", { kind: "invite", account: "ann", on: true });
    clock.advance(1_000);
    assertEquals<unknown>((await ask(house, eve)).extras, {
      ...{ ...FACTS, banned: ["Bob"], muted: ["ann"], invited: ["ann"] },
      sanctions: [
        { kind: "mute", user: "ann", by: "Eve" },
        { kind: "ban", user: "Bob", until: now + 1.5, reason: "spam", by: "Eve" },
      ],
    });
    assertEquals<unknown>((await ask(house, ann)).extras, FACTS);
    assertEquals(await codeOf(house, bob), [403, "banned"]);
    clock.advance(500);
    assertEquals<unknown>((await ask(house, bob)).extras, FACTS);
  }));

Deno.test("room: particulars have so much room in an answer, names are all there", () =>
  withHouse({}, async (house) => {
    const eve = await withAccount(house, "Eve");
    await enterRoom(house.context.rooms, eve, "#Dev");
    for (let n = 0; n < 300; n++) {
      const name = `guest${n}`;
      const guest = { folded: name, name, isAccount: false, reason: "\u{1f600}".repeat(200) };
      const write = { kind: "sanction", sanction: storedSanction(guest) } as const;
      await writeRoom(house.store.rooms, "#dev", write);
    }
    const { banned, sanctions } = (await ask(house, eve)).extras as ResponseExtras;
    assertEquals(banned?.length, 300);
    const bytes = new TextEncoder().encode(JSON.stringify(sanctions)).length;
    assertEquals([bytes < 132_000, bytes > 130_000], [true, true], `${bytes} bytes`);
  }));

Deno.test("room: a private one is told of only to whom it admits; who is in goes on", () =>
  withHouse({}, async (house) => {
    const { context: { rooms }, store, come } = house;
    const [eve, ann, bob] = [
      await withAccount(house, "Eve"),
      await withAccount(house, "ann"),
      come("bob"),
    ];
    await enterRoom(rooms, eve, "#Dev");
    await enterRoom(rooms, bob, "#Dev");
    assertEquals(await codeOf(house, eve, { private: true }), 200);
    assertEquals(await codeOf(house, ann), [403, "private"]);
    assertEquals(await codeOf(house, bob), 200);
    await writeRoom(store.rooms, "#dev", { kind: "invite", account: "ann", on: true });
    assertEquals(await codeOf(house, ann), 200);
    assertEquals(await codeOf(house, come("ann2")), [403, "private"]);
  }));

Deno.test("room: all that is set at once is one write and one notice, without what steers a terminal", () =>
  withHouse({}, async (house) => {
    const { context, come } = house;
    const [eve, bob] = [await withAccount(house, "Eve"), come("bob")];
    await enterRoom(context.rooms, eve, "#Dev");
    await enterRoom(context.rooms, bob, "#dev");
    for (const user of [eve, bob]) user.frames.length = 0;
    const asked = { topic: "a\n\u202eb\x1b", private: true, moderated: true, slow: 2.5 };
    const set = { ...asked, topic: "a b " };
    assertEquals<unknown>(await ask(house, eve, asked), {
      ...{ code: 200, sentence: "#Dev is changed" },
      extras: { ...FACTS, ...set, ...NOBODY },
    });
    for (const { frames } of [eve, bob]) {
      assertEquals(frames.map(({ alert: _, ...rest }) => rest), [
        { response: 100, time: 1_767_225_600, room: "#Dev", ...set, by: "Eve" },
      ]);
    }
    assertEquals((await ask(house, eve, { topic: "" })).sentence, "The topic of #Dev is set");
    assertEquals(bob.frames.at(-1)!.alert, "Eve cleared the topic of #Dev");
  }));

Deno.test("room: moderators set what a room is about and who speaks, owners who enters; nothing is set by halves", () =>
  withHouse({}, async (house) => {
    const { context: { rooms }, store, come } = house;
    const [eve, mod, bob] = [
      await withAccount(house, "Eve"),
      await withAccount(house, "mod"),
      come("bob"),
    ];
    await enterRoom(rooms, eve, "#Dev");
    const grant = { kind: "grant", account: "mod", role: "moderator", maxRooms: 0 } as const;
    await writeRoom(store.rooms, "#dev", grant);
    for (const set of [{ topic: "x" }, { moderated: true }, { slow: 1 }]) {
      assertEquals(await codeOf(house, mod, set), 200);
      assertEquals(await codeOf(house, bob, set), [403, "role"]);
    }
    for (const set of [{ private: true }, { topic: "y", private: false }, { remove: true }]) {
      assertEquals(await codeOf(house, mod, set), [403, "role"]);
    }
    const { topic, private: isPrivate } = (await ask(house, eve)).extras as ResponseExtras;
    assertEquals([topic, isPrivate], ["x", false]);
  }));

Deno.test("room: an owner removes it; members are told, and are out", () =>
  withHouse({}, async (house) => {
    const { context, come, log } = house;
    const [eve, bob] = [await withAccount(house, "Eve"), come("bob")];
    await enterRoom(context.rooms, eve, "#Dev");
    await enterRoom(context.rooms, bob, "#dev");
    assertEquals(await codeOf(house, bob, { remove: false }), 200);
    assertEquals<unknown>(await ask(house, eve, { remove: true, topic: "lost" }), {
      ...{ code: 200, sentence: "#Dev is removed", extras: { room: "#Dev" } },
    });
    assertEquals(bob.frames.at(-1), {
      ...{ response: 100, time: 1_767_225_600, alert: "Eve removed #Dev" },
      ...{ room: "#Dev", remove: true, by: "Eve" },
    });
    assertEquals([bob.rooms.size, context.rooms.size], [0, 0]);
    assertEquals(await ask(house, eve, { remove: true }), NO_SUCH_ROOM);
    assertEquals(log.of("room removed").map(({ fields }) => fields), [{ room: "#Dev", by: "Eve" }]);
  }));

Deno.test("room: a guest's room has no settings", () =>
  withHouse({}, async (house) => {
    const [eve, bob] = [await withAccount(house, "Eve"), house.come("bob")];
    await enterRoom(house.context.rooms, bob, "#dev");
    for (const by of [eve, bob]) {
      assertEquals<unknown>(await ask(house, by, { topic: "" }), {
        code: 403,
        sentence: "A guest has made #dev: it goes with its last member and cannot be changed",
        extras: { refused: "passing" },
      });
    }
  }));
