import { assertEquals } from "@std/assert";

import { Transcript } from "../../../client/chat/transcript.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { Delivery } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeUi } from "../../support/fake_ui.ts";

const DAY = 86_400;
/** Noon, so that the day is the same in most time zones for some hours around. */
const NOON = new Date(2026, 0, 10, 12).getTime();

function start(): { transcript: Transcript; ui: FakeUi; clock: FakeClock } {
  const ui = new FakeUi();
  const clock = new FakeClock(NOON);
  const options = { ui, clock, speaker: speakerOf("en"), multiline: true };
  return { transcript: new Transcript(options), ui, clock };
}

function delivery(time: number, more: Partial<Delivery> = {}): Delivery {
  return { event: "msg", time, to: "eve", from: "bob", message: "hi", ...more };
}

Deno.test("the day is marked where it changes, also back, and not for a time that is none", () => {
  const { transcript, ui, clock } = start();
  const now = NOON / 1000;
  for (const time of [now, now - DAY, now - DAY, now, 1e300]) {
    transcript.message(delivery(time), "eve");
  }
  clock.advance(DAY * 1000);
  transcript.outcome({ to: "bob", text: "hi" }, {
    state: "sent",
    code: 200,
    id: "m-1",
    sentence: "",
  });
  // Whether a comma stands behind the weekday depends on the version of ICU.
  const shown = ui.shown.map((line) => line.replace("[--:--:--] ", "").replace("day,", "day"));
  assertEquals(shown, [
    "bob: hi",
    "— Friday 9 January 2026 —",
    "bob: hi",
    "bob: hi",
    "— Saturday 10 January 2026 —",
    "bob: hi",
    "bob: hi",
    "— Sunday 11 January 2026 —",
    "→ bob: hi · sent",
  ]);
});

Deno.test("a line that mentions the own name in a room stands out, and no other", () => {
  const { transcript, ui } = start();
  const styles: string[] = [];
  ui.show = (...lines) => styles.push(...lines.map(({ spans }) => spans.at(-1)!.style));
  for (const more of [{ to: "#dev", message: "eve?" }, { to: "#dev" }, { message: "eve?" }]) {
    transcript.message(delivery(NOON / 1000, more), "eve");
  }
  assertEquals(styles, ["mention", "plain", "plain"]);
});
