import { assert, assertEquals, assertThrows } from "@std/assert";

import { type Calendar, utcCalendar } from "../../../logs/handlers/local_time.ts";
import { Rollover } from "../../../logs/handlers/rollover.ts";

const seconds = (iso: string): number => Date.parse(iso) / 1000;
const iso = (instant: number): string => new Date(instant * 1000).toISOString().slice(0, 19);

/** A Monday. */
const START = seconds("2026-11-23T10:20:30Z");

Deno.test("intervals from the start are added, whatever they are", () => {
  for (
    const [when, interval, next] of [
      ["S", 5, "2026-11-23T10:20:35"],
      ["m", 2, "2026-11-23T10:22:30"],
      ["H", 1.5, "2026-11-23T11:50:30"],
      ["D", 3, "2026-11-26T10:20:30"],
      ["W", 2, "2026-12-07T10:20:30"],
    ] as const
  ) {
    assertEquals(iso(new Rollover({ when, interval, utc: true }).next(START)), next, when);
  }
});

Deno.test("midnight and weekdays keep their time of day, and longer intervals begin with the first", () => {
  const next = (when: string, interval: number, hour?: number): string =>
    iso(
      new Rollover({ when, interval, utc: true, ...(hour !== undefined && { atTime: { hour } }) })
        .next(START),
    );
  assertEquals(next("MIDNIGHT", 1), "2026-11-24T00:00:00");
  assertEquals(next("MIDNIGHT", 3), "2026-11-26T00:00:00");
  assertEquals(next("MIDNIGHT", 1, 12), "2026-11-23T12:00:00");
  assertEquals(next("MIDNIGHT", 1, 10), "2026-11-24T10:00:00");
  assertEquals(next("W0", 1, 12), "2026-11-23T12:00:00");
  assertEquals(next("W0", 1, 10), "2026-11-30T10:00:00");
  assertEquals(next("W2", 2), "2026-12-03T00:00:00");
});

Deno.test("at just the time of day the next one is a day later", () => {
  const plan = new Rollover({ when: "MIDNIGHT", utc: true });
  const midnight = seconds("2026-11-24T00:00:00Z");
  assertEquals(iso(plan.next(midnight)), "2026-11-25T00:00:00");
  assertEquals(iso(plan.next(midnight - 1)), "2026-11-24T00:00:00");
});

/** Two hours ahead in summer (here: until October ends), one hour in winter. */
const berlin: Calendar = (instant) => {
  const isDst = instant < seconds("2026-10-25T01:00:00Z");
  return { ...utcCalendar(instant + (isDst ? 7_200 : 3_600)), isDst };
};

Deno.test("when the clocks change, midnight stays midnight", () => {
  const plan = new Rollover({ when: "MIDNIGHT", calendar: berlin });
  const before = plan.next(seconds("2026-10-24T12:00:00Z"));
  assertEquals(iso(before), "2026-10-24T22:00:00");
  // A day of 25 hours.
  assertEquals(iso(plan.next(before)), "2026-10-25T23:00:00");
});

Deno.test("a label names the beginning of the interval, to the unit's precision", () => {
  const label = (when: string): string => {
    const plan = new Rollover({ when, utc: true });
    const due = plan.next(START);
    return plan.label(due, due + 100_000);
  };
  assertEquals(["S", "M", "H", "D"].map(label), [
    "2026-11-23_10-20-30",
    "2026-11-23_10-20",
    "2026-11-23_10",
    "2026-11-23",
  ]);
});

Deno.test("a plan knows its own labels", () => {
  const hourly = new Rollover({ when: "H" });
  assert(hourly.isLabel("2026-11-23_10"));
  for (const other of ["2026-11-23", "2026-11-23_10-20", "2026-11-23_10.1", "2026-11-2_10", ""]) {
    assert(!hourly.isLabel(other), other);
  }
});

Deno.test("wrong options are refused", () => {
  assertThrows(() => new Rollover({ when: "W9" }), RangeError, "received 'W9'");
  assertThrows(() => new Rollover({ interval: 0 }), RangeError, "above 0");
  assertThrows(() => new Rollover({ when: "D", interval: 4e6 }), RangeError, "at most 10000 years");
  assertThrows(() => new Rollover({ atTime: { hour: 1.5 } }), RangeError, "atTime.hour");
});
