import { assert, assertEquals } from "@std/assert";

import type { Answer } from "../../../server/answer.ts";
import { PeopleFollower } from "../../../server/cluster/people_follower.ts";
import type { RoomDeed } from "../../../server/cluster/room_deed.ts";
import type { SaidElsewhere } from "../../../server/delivery/delivery.ts";
import { join } from "../../../server/events/join.ts";
import { RemoteUser } from "../../../server/people/remote_user.ts";
import type { User } from "../../../server/people/user.ts";
import type { ModerationRequest } from "../../../server/rooms/acts.ts";
import type { OpenedRoom, RoomStore } from "../../../server/store/room_store.ts";
import { withAccount } from "../../support/account_user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import type { FakeUser } from "../../support/fake_user.ts";
import { answerOf, type House, withHouse } from "../../support/house.ts";
import { roomDeed } from "../../support/room_deed.ts";
import { settle } from "../../support/settle.ts";
import { storedRoom } from "../../support/stored_room.ts";
import { storeWith } from "../../support/store_with.ts";

/** A node where eve, an account, and bob, a guest, are in eve's room; rob and ann, an account, are in on another node. */
interface Node {
  readonly house: House;
  readonly follower: PeopleFollower;
  readonly eve: FakeUser;
  readonly bob: FakeUser;
  readonly rob: RemoteUser;
  readonly ann: RemoteUser;
  /** Applies a deed of another node; gives what was refused. */
  apply(deed: RoomDeed): Promise<unknown>;
  /** Applies a message of another node. */
  say(seq: number, more?: Partial<SaidElsewhere>): void;
  /** Takes what somebody was told, without times and sentences. */
  told(user: FakeUser): object[];
}

/** What holds up the next opening of a room. */
interface Gate {
  until: Promise<void> | undefined;
}

/** They go out of all rooms. */
function leaveAll(rooms: House["context"]["rooms"], ...users: User[]): void {
  for (const user of users) {
    if (user instanceof RemoteUser) rooms.dischargeAll(user, 1);
    else rooms.leaveAll(user, 1);
  }
}

function withNode(test: (node: Node) => Promise<void>, gate: Gate = { until: undefined }) {
  const options = {
    storeFor: (store: House["store"]) =>
      storeWith(store, {
        // What was read before the wait is what is given after it.
        rooms: storeWith(store.rooms as never, {
          open: async (...args: Parameters<RoomStore["open"]>) => {
            const opened = await store.rooms.open(...args);
            await gate.until;
            return opened;
          },
        } as never) as unknown as RoomStore,
      }),
  };
  return withHouse(options, async (house) => {
    const { context, store, come } = house;
    const eve = await withAccount(house, "eve");
    await store.createAccount("ann", "Ann", "hash");
    const bob = come("bob");
    const remote = (name: string, isAccount: boolean): RemoteUser => {
      const known = {
        name,
        isAccount,
        session: `${name}'s`,
        network: "10.0.0.7",
        status: "",
        moves: 0,
      };
      const user = new RemoteUser("other", known);
      context.registry.add(user);
      return user;
    };
    const [rob, ann] = [remote("Rob", false), remote("Ann", true)];
    for (const user of [eve, bob]) await enterRoom(context.rooms, user, "#Dev");
    for (const user of [rob, ann]) context.rooms.admit(user, "#Dev", true, 1);
    house.clock.advance(1_000); // who came is told
    for (const user of [eve, bob]) user.frames.length = 0;
    const follower = new PeopleFollower(context);
    const lasting = context.rooms.find("#dev")!.lasting!;
    await test({
      ...{ house, follower, eve, bob, rob, ann },
      apply: async (deed) => {
        const changed = await store.rooms.change("#dev", deed, follower.decide);
        if (changed === undefined || "refused" in changed) return changed?.refused;
        follower.moderated(deed, changed);
        return undefined;
      },
      say: (seq, more = {}) => {
        const place = { conversation: lasting.conversation!, seq };
        const said = { from: "Rob", sender: undefined, guest: "Rob's", to: "#Dev", time: 5 };
        const rest = { message: `m${seq}`, id: undefined, fingerprint: undefined };
        follower.said(lasting.id, place, { ...said, ...rest, ...more });
      },
      told: ({ frames }) => frames.splice(0).map(({ time: _, alert: __, ...facts }) => facts),
    });
  });
}

const request = (more: object): ModerationRequest =>
  ({ room: "#dev", ...more }) as ModerationRequest;
const ROB = { folded: "rob", name: "Rob", status: "guest" } as const;
const BOB = { folded: "bob", name: "bob", status: "guest" } as const;
const memberOf = ({ folded, isAccount, origin }: User): NonNullable<RoomDeed["member"]> => ({
  ...{ folded, isAccount, origin },
});
const msg = (seq: number, more: object = {}): object => ({
  ...{ event: "msg", to: "#Dev", from: "Rob", message: `m${seq}`, seq },
  ...more,
});

Deno.test("PeopleFollower: a message of another node goes to all who are in here, and counts as the room's last", () =>
  withNode(({ house: { context }, eve, bob, rob, say, told }) => {
    say(7);
    say(9, { message: 'a "word"', id: 3, reply: 7 });
    const second = msg(9, { message: 'a "word"', id: 3, reply: 7 });
    assertEquals([told(eve), told(bob)], [[msg(7), second], [msg(7), second]]);
    assertEquals(context.rooms.find("#dev")!.lasting!.last, 9);
    // Another room of that name, or one that nobody here is in, is told nothing.
    const place = { conversation: 1, seq: 10 };
    const said = { from: "Rob", sender: undefined, to: "#Dev", time: 5, message: "no" };
    const follower = new PeopleFollower(context);
    for (const [id, to] of [[999, "#Dev"], [1, "#none"]] as const) {
      follower.said(id, place, { ...said, to, id: undefined, fingerprint: undefined });
    }
    assertEquals([told(eve), rob.rooms.size], [[], 1]);
    return Promise.resolve();
  }));

Deno.test("PeopleFollower: what a guest has said before the session moved here is not told to them", () =>
  withNode(({ eve, bob, say, told }) => {
    say(7, { from: "bob", guest: bob.session });
    say(8, { from: "bob", guest: "an earlier session of that name" });
    say(9, { from: "eve", sender: "eve", guest: undefined });
    assertEquals(told(eve).length, 3);
    assertEquals(told(bob), [msg(8, { from: "bob" }), msg(9, { from: "eve" })]);
    return Promise.resolve();
  }));

Deno.test("PeopleFollower: slow mode knows what was said elsewhere", () =>
  withNode(async ({ house: { context }, apply, rob, say }) => {
    assertEquals(
      await apply(roomDeed({ request: request({ event: "room", slow: 60 }) })),
      undefined,
    );
    const room = context.rooms.find("#dev")!;
    assertEquals(context.access.speechRefusal(rob, room), undefined);
    say(7);
    assertEquals(context.access.speechRefusal(rob, room)?.why, "slow");
  }));

Deno.test("PeopleFollower: lists of who came are told before what one of them says", () =>
  withNode(({ house: { context }, eve, say, told }) => {
    eve.wantsGathered = true;
    const room = context.rooms.find("#dev")!;
    for (const name of ["Cat", "Dan"]) {
      const known = { name, isAccount: false, session: "", network: "", status: "", moves: 0 };
      context.rooms.join(new RemoteUser("other", known), room, 1);
    }
    say(7, { from: "Dan" });
    assertEquals(told(eve), [
      { response: 100, room: "#Dev", joined: "Cat" },
      { response: 100, room: "#Dev", joined: ["Dan"] },
      msg(7, { from: "Dan" }),
    ]);
    return Promise.resolve();
  }));

Deno.test("PeopleFollower: who is elsewhere and is kicked is out here, too, and those here are told", () =>
  withNode(async ({ house: { context }, apply, eve, bob, rob, told }) => {
    const kick = roomDeed({ request: request({ event: "kick", user: "rob" }), target: ROB });
    assertEquals(await apply(kick), "no-target");
    assertEquals(await apply({ ...kick, member: memberOf(rob) }), undefined);
    const frame = { response: 100, room: "#Dev", left: "Rob", kicked: true, by: "eve" };
    assertEquals([told(eve), told(bob)], [[frame], [frame]]);
    assertEquals([rob.rooms.size, context.rooms.find("#dev")!.members.has(rob)], [0, false]);
    assertEquals(context.rooms.lastSeen(1, "#dev", "rob"), "10.0.0.7");
    // What he said before stands behind it in the log.
    assertEquals(context.registry.find("rob"), rob);
  }));

Deno.test("PeopleFollower: who is here and is banned from elsewhere hears it and is out", () =>
  withNode(async ({ house: { context }, apply, bob, told }) => {
    const ban = roomDeed({
      ...{ request: request({ event: "ban", user: "bob", seconds: 60 }), target: BOB },
      ...{ member: memberOf(bob), now: context.access.now },
    });
    assertEquals(await apply(ban), undefined);
    assertEquals(told(bob), [{
      ...{ response: 100, room: "#Dev", left: "bob", kicked: true, by: "eve" },
      ...{ banned: true, seconds: 60 },
    }]);
    const room = context.rooms.find("#dev")!;
    assertEquals([bob.rooms.size, room.members.has(bob)], [0, false]);
    assertEquals(context.access.refusal("enter", bob, room)?.why, "banned");
  }));

Deno.test("PeopleFollower: an invitation is told where the account is; a room that ends, to all who are in", () =>
  withNode(async ({ house: { context }, apply, eve, bob, rob, told }) => {
    const target = { folded: "eve", name: "eve", status: "account" } as const;
    const invite = request({ event: "invite", user: "eve" });
    assertEquals(await apply(roomDeed({ request: invite, target })), undefined);
    const invited = { response: 100, room: "#Dev", invited: "eve", by: "eve" };
    assertEquals([told(eve), told(bob)], [[invited], []]);
    assertEquals(
      await apply(roomDeed({ request: request({ event: "room", remove: true }) })),
      undefined,
    );
    const removed = { response: 100, room: "#Dev", remove: true, by: "eve" };
    assertEquals([told(eve), told(bob)], [[removed], [removed]]);
    assertEquals([context.rooms.find("#dev"), eve.rooms.size, rob.rooms.size], [undefined, 0, 0]);
  }));

Deno.test("PeopleFollower: what holds for a guest who is an account by now is adopted by their own node alone", () =>
  withNode(async ({ house, apply, bob, rob }) => {
    const { context, store } = house;
    await store.createAccount("bob", "bob", "hash");
    await store.createAccount("rob", "Rob", "hash");
    bob.becomeAccount(context.delivery.openMailbox(bob));
    rob.update({ isAccount: true, network: rob.network, status: rob.status, moves: 0 });
    for (const target of [BOB, ROB]) {
      const mute = request({ event: "mute", user: target.name });
      assertEquals(await apply(roomDeed({ request: mute, target })), undefined);
    }
    await settle();
    const { sanctions } = (await store.rooms.find("#dev"))!;
    assertEquals(sanctions.map(({ folded, isAccount }) => [folded, isAccount]), [
      ["bob", true],
      ["rob", false],
    ]);
    const room = context.rooms.find("#dev")!;
    assertEquals(context.access.speechRefusal(bob, room)?.why, "muted");
    // The other node adopts Rob's.
    assertEquals(context.access.speechRefusal(rob, room), undefined);
    await store.rooms.adopt([room.lasting!.id], "rob");
    new PeopleFollower(context).adopted([room.lasting!.id], "rob");
    assertEquals(context.access.speechRefusal(rob, room)?.why, "muted");
    await settle();
    assertEquals(context.access.speechRefusal(rob, room)?.why, "muted");
  }));

Deno.test("PeopleFollower: a change of another node is told in the room, and to each of two accounts who is here", () =>
  withNode(async ({ house, follower, eve, bob, ann, told }) => {
    const { context } = house;
    const room = context.rooms.find("#dev")!.lasting!;
    const place = { conversation: room.conversation!, seq: 7 };
    const by = { account: "ann", session: ann.session };
    const edit = { seq: 7, by, message: "new", time: 6, since: 0 };
    const told7 = { event: "edit", to: "#Dev", from: "Ann", seq: 7, message: "new" };
    const inRoom = { to: "#Dev", from: "Ann" };
    follower.changed({ do: "edit", in: { room: room.id }, edit, name: "Ann" }, place, inRoom);
    assertEquals([told(eve), told(bob)], [[told7], [told7]]);
    const deletion = { seq: 7, by, time: 6 };
    const accounts = ["ann", "eve"] as const;
    const direct = { to: "eve", from: "Ann" };
    follower.changed({ do: "delete", in: { accounts }, deletion, name: "Ann" }, place, direct);
    assertEquals([told(eve), told(bob)], [
      [{ event: "delete", ...direct, by: "Ann", seq: 7 }],
      [],
    ]);
    // Whose session has moved here meanwhile has done it.
    const own = { ...deletion, by: { account: "eve", session: eve.session } };
    follower.changed({ do: "delete", in: { accounts }, deletion: own, name: "eve" }, place, direct);
    assertEquals(told(eve), []);
    await settle();
  }));

Deno.test("PeopleFollower: a letter from another node gets to who is here with the account, and has a connection", () =>
  withNode(async ({ house: { store }, follower, eve, told }) => {
    const letter = { folded: "eve", to: "eve", from: "Ann", message: "hi", time: 5, id: undefined };
    await store.storeLetter(letter);
    eve.state = "interrupted";
    follower.lettered("eve");
    await settle();
    assertEquals(told(eve), []);
    eve.state = "attached";
    for (const name of ["eve", "bob", "ann", "nobody"]) follower.lettered(name);
    await settle();
    assertEquals(told(eve).map((frame) => (frame as { message: string }).message), ["hi"]);
  }));

Deno.test("PeopleFollower: a room that is being opened meanwhile is as the log has it when it is there", async () => {
  const gate: Gate = { until: undefined };
  await withNode(async ({ house, follower, apply, eve, bob, rob, ann, say }) => {
    const { rooms, access } = house.context;
    const { id } = rooms.find("#dev")!.lasting!;
    leaveAll(rooms, eve, bob, rob, ann);
    const open = Promise.withResolvers<void>();
    gate.until = open.promise;
    const opening = rooms.open(eve, "#dev");
    const expecting = rooms.expect(bob, "#dev");
    await settle();
    say(7);
    assertEquals(
      await apply(roomDeed({ request: request({ event: "room", topic: "tea" }) })),
      undefined,
    );
    const ban = request({ event: "ban", user: "bob" });
    assertEquals(await apply(roomDeed({ request: ban, target: BOB, now: access.now })), undefined);
    say(9);
    open.resolve();
    const enter = await opening;
    assert(typeof enter === "function");
    enter(1);
    const room = rooms.find("#dev")!;
    const { last } = room.lasting!;
    assertEquals([room.lasting!.id, last, room.topic, eve.frames], [id, 9, "tea", []]);
    assertEquals((await expecting as { why: string }).why, "banned");
    say(10);
    assertEquals(eve.frames.map(({ seq }) => seq), [10]);
    follower.made(storedRoom({ id: 99, folded: "#dev" }));
    assertEquals(room.lasting!.id, id, "one that lasts stays what it is");
  }, gate);
});

Deno.test("PeopleFollower: a room that ends while it is opened is none", async () => {
  const gate: Gate = { until: undefined };
  await withNode(async ({ house: { context: { rooms } }, apply, eve, bob, rob, ann }) => {
    leaveAll(rooms, eve, bob, rob, ann);
    const open = Promise.withResolvers<void>();
    gate.until = open.promise;
    const opening = rooms.open(eve, "#dev");
    await settle();
    assertEquals(
      await apply(roomDeed({ request: request({ event: "room", remove: true }) })),
      undefined,
    );
    open.resolve();
    assertEquals([await opening, rooms.size, eve.rooms.size], ["removed", 0, 0]);
  }, gate);
});

Deno.test("PeopleFollower: who is banned between opening a room and coming in does not come in", () =>
  withNode(async ({ house: { context: { rooms, access } }, apply, eve, bob, rob, ann }) => {
    leaveAll(rooms, eve, bob, rob, ann);
    const enter = await rooms.open(bob, "#dev");
    assert(typeof enter === "function");
    const ban = request({ event: "ban", user: "bob" });
    assertEquals(await apply(roomDeed({ request: ban, target: BOB, now: access.now })), undefined);
    assertEquals((enter(1) as { why: string }).why, "banned");
    assertEquals([rooms.size, bob.rooms.size], [0, 0]);
  }));

for (const isEmpty of [false, true]) {
  const who = isEmpty ? "into a room that nobody is in" : "into a room with people";
  Deno.test(`PeopleFollower: who comes ${who} while the log goes on gets each message once: in the answer, or behind it`, async () => {
    const gate: Gate = { until: undefined };
    await withNode(async ({ house: { context, store }, follower, eve, bob, rob, ann }) => {
      const { rooms } = context;
      const { id, conversation } = rooms.find("#dev")!.lasting!;
      leaveAll(rooms, ...(isEmpty ? [eve, bob, rob, ann] : [bob]));
      const said: number[] = [];
      const say = (): void => {
        const place = { conversation: conversation!, seq: store.nextSeq(conversation!)! };
        const message = {
          ...{ from: "Rob", sender: undefined, guest: "Rob's", to: "#Dev", message: "hi" },
          ...{ time: context.access.now, id: undefined, fingerprint: undefined },
        };
        store.keepMessage({ ...message, ...place, delivered: 0 });
        follower.said(id, place, message);
        said.push(place.seq);
      };
      say();
      const open = Promise.withResolvers<void>();
      gate.until = open.promise;
      let answer: Answer | undefined;
      const request = { event: "join", room: "#dev", history: 100 } as const;
      answerOf(join.handle(context, bob, request)).then((it) => answer = it);
      if (isEmpty) await settle();
      say();
      open.resolve();
      while (answer === undefined) {
        if (said.length < 95) say();
        // Each message comes at another moment of what joining waits for.
        await (said.length < 50 ? Promise.resolve() : settle());
      }
      const { messages, last } = answer.extras as { messages: { seq: number }[]; last: number };
      answer.afterwards?.();
      say();
      const inAnswer = messages.map(({ seq }) => seq);
      const behind = bob.frames.map(({ seq }) => seq).filter((seq) => seq !== undefined);
      assertEquals([...inAnswer, ...behind], said);
      assertEquals(inAnswer.at(-1), last);
      assert(inAnswer.length > 1 && behind.length > 1);
    }, gate);
  });
}

Deno.test("PeopleFollower: a guest's room becomes the lasting one that another node has made", () =>
  withNode(async ({ house, follower, eve, bob, told }) => {
    const { rooms } = house.context;
    await enterRoom(rooms, bob, "#tea");
    await enterRoom(rooms, eve, "#tea");
    const maker = { folded: "ann", roomName: "#Tea", maxRooms: 0 };
    const made = await house.store.rooms.open("#tea", maker) as OpenedRoom;
    follower.made(made);
    const room = rooms.find("#tea")!;
    assertEquals([room.lasting!.id, room.policy.rules.isLasting], [made.id, true]);
    await settle();
    assertEquals(room.lasting!.conversation, made.conversation);
    const { total } = await rooms.list(bob, 10);
    assertEquals(total, 2, "#dev and #tea, once");
    told(eve);
    const answer = house.context.delivery.toRoom(bob, room, {
      ...{ event: "msg", to: "#tea", message: "kept" },
    });
    assertEquals(await answer, { delivered: 1, seq: 1 });
    assertEquals((await house.store.listConversations("eve", 10)).map(({ with: it }) => it), [
      ...["#Tea", "#Dev"],
    ]);
  }));

Deno.test("PeopleFollower: what fails for one entry is logged, and nobody else's matter", () =>
  withNode(({ house: { context, log } }) => {
    const broken = new PeopleFollower({
      ...context,
      delivery: {
        ...context.delivery,
        fromElsewhere() {
          throw new Error("a fault");
        },
      } as never,
    });
    const said = { from: "Rob", sender: undefined, to: "#Dev", time: 5, message: "no" };
    const place = { conversation: 1, seq: 10 };
    broken.said(1, place, { ...said, id: undefined, fingerprint: undefined });
    assertEquals(log.of("entry not followed").map(({ fields }) => fields.what), ["said"]);
    return Promise.resolve();
  }));
