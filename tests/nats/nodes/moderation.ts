import { assert, assertEquals } from "@std/assert";

import {
  account,
  code,
  guest,
  type NodeTests,
  quit,
  soon,
  upTo,
} from "../../support/node_group.ts";
import type { Frame, RawClient } from "../../support/raw_client.ts";

const join = (room: string, more: object = {}): object => ({ event: "join", room, ...more });
const say = (room: string, message: string, more: object = {}): object => ({
  event: "msg",
  to: room,
  message,
  ...more,
});

/** Waits until a peer's node lists so many in a room. */
function countIs(client: RawClient, room: string, count: number): Promise<Frame> {
  return soon(client, { event: "who", room }, ({ total }) => total === count);
}

/** Deeds of moderation, whose people are on two nodes. */
export const MODERATION: NodeTests = {
  "topic, private, moderated and slow hold on the other node at once": async ({ a, b }) => {
    const owner = await account(a, "set-owner");
    const member = await account(b, "set-member");
    await owner.ask(join("#set"));
    await member.ask(join("#set"));
    await countIs(owner, "#set", 2);
    const set = async (settings: object): Promise<Frame> => {
      await owner.pending();
      assertEquals(await code(owner, { event: "room", room: "#set", ...settings }), 200);
      const frames = await upTo(member, ({ by }) => by !== undefined);
      return frames.at(-1)!;
    };
    assertEquals((await set({ topic: "о чём" })).topic, "о чём");
    assertEquals((await member.ask({ event: "room", room: "#set" })).topic, "о чём");
    assertEquals(await code(member, { event: "room", room: "#set", topic: "mine" }), 403);
    assertEquals((await set({ moderated: true })).moderated, true);
    assertEquals(await code(member, say("#set", "may I")), 403);
    await set({ moderated: false, slow: 100 });
    assertEquals(await code(member, say("#set", "one")), 200);
    const slow = await member.ask(say("#set", "two"));
    assertEquals(slow.response, 403);
    assert(Number(slow.retry) > 90, `${slow.retry}`);
    await set({ slow: 0, private: true });
    const stranger = await guest(b, "set-stranger");
    const friend = await account(b, "set-friend");
    for (const client of [stranger, friend]) {
      assertEquals(await code(client, join("#set")), 403);
      assertEquals(await code(client, { event: "room", room: "#set" }), 403);
      assert(
        !((await client.ask({ event: "rooms" })).rooms as Frame[]).some(({ room }) =>
          room === "#set"
        ),
      );
    }
    const invitation = { event: "invite", room: "#set", user: "set-friend" };
    for (const on of [true, true, false, true, true]) {
      assertEquals(await code(owner, { ...invitation, on }), 200);
    }
    const isInvited = (frame: Frame): boolean => frame.invited !== undefined;
    for (let time = 0; time < 2; time++) {
      const { room, invited, by } = (await upTo(friend, isInvited)).at(-1)!;
      assertEquals([room, invited, by], ["#set", "set-friend", "set-owner"]);
    }
    assertEquals(await code(friend, join("#set")), 200);
    await owner.ask({ event: "room", room: "#set", topic: "behind all invitations" });
    const rest = await upTo(friend, ({ topic }) => topic === "behind all invitations");
    assertEquals(rest.filter(isInvited), [], "what changes nothing is told nobody");
    const { invited: list } = await owner.ask({ event: "room", room: "#set" });
    assertEquals(list, ["set-friend"]);
  },
  "kick, ban, mute and grant reach people of the other node": async ({ a, b }) => {
    const owner = await account(a, "mod-owner");
    const [member, other] = [await account(b, "mod-member"), await guest(b, "mod-guest")];
    await owner.ask(join("#mod"));
    for (const client of [member, other]) await client.ask(join("#mod"));
    await countIs(owner, "#mod", 3);
    const deed = async (event: string, more: object): Promise<Frame> => {
      const answer = await owner.ask({ event, room: "#mod", ...more });
      assertEquals(answer.response, 200, answer.error);
      return answer;
    };
    await deed("kick", { user: "mod-guest", reason: "spam" });
    for (const client of [member, other]) {
      const { kicked, left, by, reason } = (await upTo(client, (frame) => frame.kicked === true))
        .at(-1)!;
      assertEquals([kicked, left, by, reason], [true, "mod-guest", "mod-owner", "spam"]);
    }
    assertEquals(await code(other, say("#mod", "still here?")), 403);
    assertEquals(await code(other, join("#mod")), 200);
    await deed("ban", { user: "mod-guest", seconds: 600 });
    assertEquals(await code(other, join("#mod")), 403);
    await quit(other);
    const alias = await guest(a, "mod-alias"); // a guest from the same address
    assertEquals(await code(alias, join("#mod")), 403);
    await deed("ban", { user: "mod-guest", seconds: 0 });
    assertEquals(await code(alias, join("#mod")), 200);
    await member.pending();
    await deed("mute", { user: "mod-member", seconds: 600 });
    await upTo(member, ({ muted }) => muted === true);
    assertEquals(await code(member, say("#mod", "x")), 403);
    await deed("mute", { user: "mod-member", seconds: 0 });
    assertEquals(await code(member, say("#mod", "x")), 200);
    await member.pending();
    await deed("grant", { user: "mod-member", role: "moderator" });
    await upTo(member, ({ role }) => role === "moderator");
    assertEquals(await code(member, { event: "kick", room: "#mod", user: "mod-owner" }), 403);
    assertEquals(await code(member, { event: "kick", room: "#mod", user: "mod-alias" }), 200);
    assertEquals((await upTo(alias, (frame) => frame.kicked === true)).at(-1)!.by, "mod-member");
    await deed("grant", { user: "mod-member", role: "owner" });
    assertEquals(
      await code(member, { event: "grant", room: "#mod", user: "mod-owner", role: "member" }),
      200,
    );
    assertEquals(await code(owner, { event: "room", room: "#mod", topic: "no more" }), 403);
    assertEquals(
      await code(member, { event: "grant", room: "#mod", user: "mod-member", role: "member" }),
      403,
    );
    const { banned, muted, owners } = await member.ask({ event: "room", room: "#mod" });
    assertEquals([banned, muted, owners], [[], [], ["mod-member"]]);
  },
  "a removed room is gone on both nodes with its history": async ({ a, b }) => {
    const [owner, member] = [await account(a, "rem-owner"), await account(b, "rem-member")];
    await owner.ask(join("#removed"));
    await member.ask(join("#removed"));
    const { seq } = await member.ask(say("#removed", "last words"));
    assertEquals(await code(owner, { event: "room", room: "#removed", remove: true }), 200);
    await upTo(member, ({ remove }) => remove === true);
    assertEquals(await code(member, say("#removed", "x")), 404);
    assertEquals(await code(member, { event: "history", with: "#removed" }), 404);
    const again = await member.ask(join("#removed", { history: 100 }));
    assertEquals([again.response, again.role, again.messages], [201, "owner", []]);
    const next = await member.ask(say("#removed", "first words"));
    assert(Number(next.seq) > Number(seq));
  },
};
