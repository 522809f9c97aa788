import { assertEquals } from "@std/assert";

import { Deadlines } from "../../../server/connection/deadlines.ts";
import { Silence } from "../../../server/connection/silence.ts";
import { FakeClock } from "../../support/fake_clock.ts";

/** A silence that is watched from second 0 on, and what it asks and tells, with the second. */
function watched(isLoggingIn = () => false): {
  silence: Silence;
  clock: FakeClock;
  told: string[];
  /** Lets the time pass until that second. */
  until: (second: number) => void;
  /** The peer says something. */
  hear: () => void;
} {
  const clock = new FakeClock();
  const told: string[] = [];
  const tell = (what: string): void => void told.push(`${clock.monotonicMs() / 1_000} ${what}`);
  const settings = { loginTimeout: 30, probeInterval: 60, probeTimeout: 20 };
  const silence = new Silence({ clock, deadlines: new Deadlines(clock), settings }, {
    isLoggingIn,
    probe: () => tell("probe"),
    onDeadline: (which) => tell(`late: ${which}`),
  });
  const until = (second: number): void => clock.advance(second * 1_000 - clock.monotonicMs());
  silence.watch();
  return { silence, clock, told, until, hear: () => silence.heard(clock.monotonicMs()) };
}

Deno.test("Silence: whoever is not online in time is late, whatever they say, and is watched no more", () => {
  const { clock, told, until, hear } = watched();
  for (let second = 1; second < 30; second++) {
    until(second);
    hear();
  }
  until(29.999);
  assertEquals(told, []);
  until(500);
  assertEquals([told, clock.pending], [["30 late: login"], 0]);
});

Deno.test("Silence: a login that is being worked on at the deadline is looked at each second until it is not", () => {
  let isLoggingIn = true;
  const { told, until } = watched(() => isLoggingIn);
  until(32.5);
  assertEquals(told, []);
  isLoggingIn = false;
  until(500);
  assertEquals(told, ["33 late: login"]);
});

Deno.test("Silence: who is online is asked after the interval, and late if there is no word in time", () => {
  const { silence, clock, told, until } = watched();
  silence.isOnline = true;
  until(79.999);
  assertEquals(told, ["60 probe"]);
  until(500);
  assertEquals([told, clock.pending], [["60 probe", "80 late: probe"], 0]);
});

Deno.test("Silence: who is not probed may be silent for ever, until they are again", () => {
  const { silence, clock, told, until } = watched();
  silence.isOnline = true;
  silence.isProbing = false;
  until(86_390);
  assertEquals([told, clock.pending], [[], 1]);
  silence.isProbing = true;
  until(86_600);
  assertEquals(told, ["86400 probe", "86420 late: probe"]);
});

Deno.test("Silence: any word answers the probe, and the interval begins anew with it", () => {
  const { silence, told, until, hear } = watched();
  silence.isOnline = true;
  until(59);
  hear();
  until(118.999);
  assertEquals(told, []);
  until(138.5);
  assertEquals(told, ["119 probe"]);
  hear();
  until(198.499);
  assertEquals(told, ["119 probe"]);
  until(500);
  assertEquals(told, ["119 probe", "198.5 probe", "218.5 late: probe"]);
});

Deno.test("Silence: while the server is at work for a peer, its silence means nothing", () => {
  const { silence, told, until } = watched();
  silence.isOnline = silence.isServing = true;
  until(300);
  assertEquals(told, []);
  silence.isServing = false;
  until(500);
  assertEquals(told, ["330 probe", "350 late: probe"], "a minute after the last look, at 270");
});

Deno.test("Silence: one timer, however much is heard; none and no word after stop", () => {
  const { silence, clock, told, until, hear } = watched();
  silence.isOnline = true;
  for (let second = 1; second < 200; second++) {
    until(second);
    hear();
    assertEquals(clock.pending, 1);
  }
  silence.stop();
  assertEquals(clock.pending, 0);
  until(500);
  assertEquals(told, []);
});
