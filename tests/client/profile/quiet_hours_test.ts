import { assertEquals } from "@std/assert";

import { isQuietHours, isWithinHours } from "../../../client/profile/quiet_hours.ts";

function quietAt(hours: string, ...times: string[]): boolean[] {
  return times.map((time) => {
    const [hour, minute] = time.split(":").map(Number);
    return isWithinHours(hours, new Date(2026, 0, 1, hour, minute, 30));
  });
}

Deno.test("hours have a beginning and an end, with minutes, and nothing else", () => {
  const texts = ["22:00-08:00", "9:30 – 12:00", " 00:00-23:59 ", "24:00-08:00", "22:60-08:00"];
  const others = ["22-8", "", "22:00-08:00x", "22:00", "22:00-08:00 09:00-10:00"];
  assertEquals(texts.map(isQuietHours), [true, true, true, false, false]);
  assertEquals(others.map(isQuietHours), [false, false, false, false, false]);
});

Deno.test("within a day, over midnight, and all day", () => {
  assertEquals(quietAt("12:00-13:30", "11:59", "12:00", "13:29", "13:30"), [
    ...[false, true, true, false],
  ]);
  assertEquals(quietAt("22:00-08:00", "21:59", "22:00", "0:00", "7:59", "8:00", "12:00"), [
    ...[false, true, true, true, false, false],
  ]);
  assertEquals(quietAt("7:00-7:00", "6:59", "7:00", "19:00"), [true, true, true]);
});

Deno.test("what the clock on the wall shows counts, also in the night when it is put back", async () => {
  // In Berlin 02:30 came twice on 25 October 2026, at 00:30 and at 01:30 UTC; on 29 March there was no 02:30.
  const module = new URL("../../../client/profile/quiet_hours.ts", import.meta.url).href;
  const code = `
    const { isWithinHours } = await import("${module}");
    const at = ["2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T02:00Z", "2026-03-29T00:59Z", "2026-03-29T01:00Z"];
    console.log(JSON.stringify(at.map((time) => isWithinHours("01:00-03:00", new Date(time)))));`;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", code],
    env: { TZ: "Europe/Berlin" },
  });
  const { stdout } = await command.output();
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), [true, true, false, true, false]);
});
