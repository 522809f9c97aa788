import { assert, assertEquals } from "@std/assert";

import { type CalendarTime, utcCalendar } from "../../../logs/handlers/local_time.ts";

const seconds = (iso: string): number => Date.parse(iso) / 1000;

/** What the local calendar makes of instants in another time zone, which takes another process. */
async function inZone(zone: string, ...instants: string[]): Promise<CalendarTime[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      import.meta.resolve("../support/print_local_time.ts"),
      ...instants.map((instant) => String(seconds(instant))),
    ],
    env: { TZ: zone },
    stderr: "inherit",
  }).output();
  assert(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("UTC is taken apart as C does, Monday is 0, fractions are cut off", () => {
  const time = {
    year: 2026,
    month: 11,
    day: 23,
    hour: 10,
    minute: 20,
    second: 30,
    weekday: 0,
    isDst: false,
  };
  assertEquals(utcCalendar(seconds("2026-11-23T10:20:30Z")), time);
  assertEquals(utcCalendar(seconds("2026-11-23T10:20:30Z") + 0.999), time);
  assertEquals(utcCalendar(-1).second, 59);
  assertEquals(utcCalendar(seconds("2026-11-22T10:20:30Z")).weekday, 6);
});

Deno.test("local time is that of the zone", async () => {
  const [winter, summer] = await inZone(
    "Europe/Berlin",
    "2026-01-01T23:30:00Z",
    "2026-07-05T22:30:00Z",
  );
  assertEquals(winter, {
    year: 2026,
    month: 1,
    day: 2,
    hour: 0,
    minute: 30,
    second: 0,
    weekday: 4,
    isDst: false,
  });
  assertEquals([summer?.day, summer?.hour, summer?.weekday, summer?.isDst], [6, 0, 0, true]);
});

/** Zone, an instant at which the time-zone database sets the flag, and one at which it does not. */
const FLAGS = [
  ["America/New_York", "2026-07-01T12:00:00Z", "2026-01-01T12:00:00Z"],
  // Standard time is that of summer.
  ["Europe/Dublin", "2026-01-01T12:00:00Z", "2026-07-01T12:00:00Z"],
  // "Summer time" is Ramadan's.
  ["Africa/Casablanca", "2026-03-01T12:00:00Z", "2026-01-01T12:00:00Z"],
  ["Antarctica/Troll", "2026-07-01T12:00:00Z", "2026-01-01T12:00:00Z"],
  // Its time has no name.
  ["Asia/Famagusta", "2026-07-01T12:00:00Z", "2026-01-01T12:00:00Z"],
] as const;

Deno.test("daylight saving time is where the time-zone database has it", async () => {
  const flags = await Promise.all(FLAGS.map(async ([zone, ...instants]) => [
    zone,
    ...(await inZone(zone, ...instants)).map(({ isDst }) => isDst),
  ]));
  assertEquals(flags, FLAGS.map(([zone]) => [zone, true, false]));
});
