import { assertEquals } from "@std/assert";

import type { Notice } from "../../../common/wire/protocol.ts";
import {
  bannedNotice,
  invitedNotice,
  joinedNotice,
  kickedNotice,
  leftNotice,
  mutedNotice,
  removedNotice,
  roleNotice,
  settingsNotice,
} from "../../../server/rooms/notices.ts";
import { Room } from "../../../server/rooms/room.ts";
import { FakeUser } from "../../support/fake_user.ts";

const ROOM = new Room("#Dev");
const DEED = { by: "Eve", user: "Bob", time: 7 };

/** A notice about the room of second 7. */
const notice = (alert: string, more: Partial<Notice>): Notice => ({
  ...{ response: 100, time: 7, alert, room: "#Dev" },
  ...more,
});

Deno.test("notices name the room and the person as typed, for people and for programs", () => {
  const eve = new FakeUser("Eve");
  assertEquals(joinedNotice(ROOM, eve, 7), notice("Eve joined #Dev", { joined: "Eve" }));
  assertEquals(leftNotice(ROOM, eve, 7), notice("Eve left #Dev", { left: "Eve" }));
  assertEquals(
    removedNotice(ROOM, "Eve", 7),
    notice("Eve removed #Dev", { remove: true, by: "Eve" }),
  );
  assertEquals(
    invitedNotice(ROOM, DEED),
    notice("Eve invites you to #Dev", { invited: "Bob", by: "Eve" }),
  );
});

Deno.test("notices of who is taken out: for how long, and why if that was said", () => {
  const out = { left: "Bob", kicked: true, by: "Eve" };
  assertEquals(kickedNotice(ROOM, DEED), notice("Eve took Bob out of #Dev", out));
  assertEquals(
    kickedNotice(ROOM, DEED, "noise"),
    notice("Eve took Bob out of #Dev: noise", { ...out, reason: "noise" }),
  );
  assertEquals(
    bannedNotice(ROOM, DEED, { seconds: 90, reason: "noise" }),
    notice("Eve banned Bob from #Dev for 1 min 30 s: noise", {
      ...{ ...out, banned: true, seconds: 90, reason: "noise" },
    }),
  );
  assertEquals(
    bannedNotice(ROOM, DEED, {}),
    notice("Eve banned Bob from #Dev for good", { ...out, banned: true }),
  );
});

Deno.test("notices of who may not speak, and of roles", () => {
  const mute = { user: "Bob", muted: true, by: "Eve" };
  assertEquals(
    mutedNotice(ROOM, DEED, { seconds: 0.5 }),
    notice("Eve muted Bob in #Dev for 1 s", { ...mute, seconds: 0.5 }),
  );
  assertEquals(mutedNotice(ROOM, DEED, {}), notice("Eve muted Bob in #Dev for good", mute));
  assertEquals(
    mutedNotice(ROOM, DEED, undefined),
    notice("Eve lets Bob speak in #Dev", { ...mute, muted: false }),
  );
  for (
    const [role, words] of [
      ["owner", "an owner"],
      ["moderator", "a moderator"],
      ["member", "a member"],
    ] as const
  ) {
    const alert = `Eve made Bob ${words} of #Dev`;
    assertEquals(roleNotice(ROOM, DEED, role), notice(alert, { user: "Bob", role, by: "Eve" }));
  }
});

Deno.test("a notice of settings has what was set; a topic alone has a sentence of its own", () => {
  const set = (settings: Parameters<typeof settingsNotice>[1]): Notice =>
    settingsNotice(ROOM, settings, "Eve", 7);
  const all = { topic: "tea", private: true, moderated: true, slow: 90 };
  const none = { topic: "", private: false, moderated: false, slow: 0 };
  const cases = [
    [{ topic: "tea" }, "Eve set the topic of #Dev: tea"],
    [{ topic: "" }, "Eve cleared the topic of #Dev"],
    [
      all,
      "Eve changed #Dev: only who is invited enters; only owners and moderators speak; " +
      "one message in 1 min 30 s; topic: tea",
    ],
    [none, "Eve changed #Dev: all may enter; all members speak; no slow mode; no topic"],
  ] as const;
  for (const [settings, alert] of cases) {
    assertEquals(set(settings), notice(alert, { ...settings, by: "Eve" }));
  }
});
