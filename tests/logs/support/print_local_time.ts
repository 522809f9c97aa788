// Prints as JSON what the local calendar makes of the instants (Unix seconds) on its command line.
//
// Usage: TZ=Europe/Berlin deno run print_local_time.ts 1767225600 …
import { localCalendar } from "../../../logs/handlers/local_time.ts";

if (import.meta.main) {
  const calendar = localCalendar();
  const times = Deno.args.map((instant) => calendar(Number(instant)));
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(times)));
}
