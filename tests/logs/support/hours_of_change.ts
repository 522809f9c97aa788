// Logs a record every ten minutes while the clocks change in spring and autumn 2026, and prints which files that
// makes, as JSON: { WHEN: { FILE: RECORDS } }.
//
// Usage: TZ=Europe/Berlin deno run hours_of_change.ts
import { TimedRotatingFileHandler } from "../../../logs/handlers/timed_rotating_file_handler.ts";

const PERIODS: Record<string, [when: string, from: string, hours: number]> = {
  "spring, hourly": ["H", "2026-03-29T00:00:00+01:00", 5],
  "autumn, hourly": ["H", "2026-10-25T00:00:00+02:00", 6],
  "spring, midnight": ["MIDNIGHT", "2026-03-28T00:00:00+01:00", 71],
  "autumn, midnight": ["MIDNIGHT", "2026-10-24T00:00:00+02:00", 73],
};

if (import.meta.main) {
  const result: Record<string, Record<string, number>> = {};
  for (const [name, [when, from, hours]] of Object.entries(PERIODS)) {
    const dir = Deno.makeTempDirSync();
    let now = Date.parse(from);
    const handler = new TimedRotatingFileHandler("INFO", {
      filename: `${dir}/a.log`,
      when,
      now: () => now,
    });
    handler.setup();
    for (let i = 0; i < hours * 6; i++) {
      handler.log(new Date(now).toISOString());
      now += 600_000;
    }
    handler.destroy();
    result[name] = Object.fromEntries(
      [...Deno.readDirSync(dir)].map(({ name }) => name).sort().map((file) => [
        file,
        Deno.readTextFileSync(`${dir}/${file}`).trimEnd().split("\n").length,
      ]),
    );
    Deno.removeSync(dir, { recursive: true });
  }
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(result)));
}
