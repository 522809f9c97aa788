import { assertEquals } from "@std/assert";

import { Notifier } from "../../../client/chat/notifier.ts";
import { Profile } from "../../../client/profile/profile.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { ConfigEntry } from "../../../common/config/config_keys.ts";
import type { Delivery } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";

interface Desk {
  readonly notifier: Notifier;
  readonly clock: FakeClock;
  readonly ui: { isWatched: boolean };
  /** What has called since it was asked last. */
  readonly called: () => string[];
  /** A message comes, a minute after the one before; whether it calls. */
  readonly says: (to: string, message?: string, from?: string) => boolean;
}

/** The settings of eve, who looks elsewhere at noon of a day. */
function desk(settings: Record<string, ConfigEntry["value"]>, language: "en" | "ru" = "en"): Desk {
  const clock = new FakeClock(new Date(2026, 0, 1, 12).getTime());
  const calls: string[] = [];
  const ui = {
    isWatched: false,
    ring: (): void => void calls.push("bell"),
    notify: (form: string, text: string): void => void calls.push(`${form} ${text}`),
  };
  const entries = new Map(
    Object.entries(settings).map(([key, value]) => [key, { value, line: 1 }]),
  );
  const profile = new Profile({ entries });
  const notifier = new Notifier({ ui, speaker: speakerOf(language), profile, clock });
  const says = (to: string, message = "hi", from = "bob"): boolean => {
    clock.advance(60_000);
    const delivery: Delivery = { event: "msg", time: 0, to, from, message };
    const before = calls.length;
    notifier.message(delivery, "eve");
    return calls.length > before;
  };
  return { notifier, clock, ui, called: () => calls.splice(0), says };
}

Deno.test("nothing calls unless it was asked for, nor while one looks", () => {
  assertEquals(desk({}).says("eve"), false);
  const { ui, says } = desk({ "notify.how": "bell" });
  assertEquals(says("eve"), true);
  ui.isWatched = true;
  assertEquals(says("eve"), false);
});

Deno.test("for which messages, at all and by conversation, whatever the case of its name", () => {
  const cases: [when: string, called: boolean[]][] = [
    // eve directly, with her name in a room, in a room, in one with the rule all, in a quiet one, from quiet kim
    ["all", [true, true, true, true, false, false]],
    ["mentions", [true, true, false, true, false, false]],
    ["direct", [true, false, false, true, false, false]],
    ["none", [false, false, false, true, false, false]],
  ];
  for (const [when, called] of cases) {
    const { says } = desk({
      "notify.how": "bell",
      "notify.when": when,
      "notify.rules.#Loud": "all",
      "notify.rules.#still": "none",
      "notify.rules.KIM": "none",
    });
    assertEquals([
      says("eve"),
      says("#dev", "eve?"),
      says("#dev"),
      says("#loud"),
      says("#Still", "eve!"),
      says("eve", "hi", "kim"),
    ], called);
  }
  assertEquals(
    desk({ "notify.how": "bell", "notify.when": "none", "notify.rules.#a": "mentions" }).says(
      "#a",
      "eve",
    ),
    true,
  );
});

Deno.test("in quiet hours nothing calls", () => {
  const { says, clock } = desk({ "notify.how": "bell", "notify.quiet": "22:00-08:00" });
  assertEquals(says("eve"), true);
  clock.advance(10 * 3_600_000); // after 22:00
  assertEquals(says("eve"), false);
  clock.advance(9.9 * 3_600_000); // about 07:56
  assertEquals(says("eve"), false);
  clock.advance(600_000);
  assertEquals(says("eve"), true);
});

Deno.test("what is said stays out of it, unless it was asked for", () => {
  const { says, called } = desk({ "notify.how": "osc9", "notify.when": "all" });
  says("eve", "the code is 1234");
  says("#dev", "eve, the code is 1234");
  says("#dev", "1234");
  assertEquals(called(), ["osc9 bob wrote", "osc9 #dev: mention", "osc9 #dev: a message"]);
  const open = desk({ "notify.how": "osc777", "notify.text": true }, "ru");
  open.says("eve", "one\ntwo " + "x".repeat(100));
  open.says("#dev", "eve!");
  assertEquals(open.called(), [`osc777 bob: one two ${"x".repeat(52)}…`, "osc777 #dev bob: eve!"]);
});

Deno.test("many messages at once call once", () => {
  const { notifier, clock, called } = desk({ "notify.how": "bell" });
  const message: Delivery = { event: "msg", time: 0, to: "eve", from: "bob", message: "hi" };
  for (let i = 0; i < 100; i++) notifier.message(message, "eve");
  assertEquals(called(), ["bell"]);
  clock.advance(999);
  notifier.message(message, "eve");
  assertEquals(called(), []);
  clock.advance(1);
  notifier.message(message, "eve");
  assertEquals(called(), ["bell"]);
});
