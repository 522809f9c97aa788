// What this project's handler does in a case of rotation, in the time zone of the process.
//
// Usage: TZ=ZONE deno run -A rotation.ts < CASES > RESULTS
// Both are lines of JSON, one result for each case.
import { LogRecord } from "@std/log/logger";

import { writeText } from "../../../common/output.ts";
import { TimedRotatingFileHandler } from "../../../logs/handlers/timed_rotating_file_handler.ts";

/** How a file is rotated. */
interface Rotation {
  zone: string;
  kind: "compute" | "run";
  when: string;
  interval: number;
  utc: boolean;
  atTime: { hour: number; minute: number; second: number } | null;
}

/** Instants; the result is when the file is rotated next after each. */
export interface ComputeCase extends Rotation {
  kind: "compute";
  instants: number[];
}

/** A life of a log file; the result is the files that there are in the end, with their contents. */
export interface RunCase extends Rotation {
  kind: "run";
  backupCount: number;
  delay: boolean;
  start: number;
  present: string[];
  records: [now: number, text: string][];
}

/** A case of rotation. */
export type RotationCase = ComputeCase | RunCase;

/** When the file is rotated next after each of the case's instants. */
export function rolloversOf(asked: ComputeCase): number[] {
  const handler = new TimedRotatingFileHandler("INFO", {
    filename: "never-made/a.log",
    when: asked.when,
    interval: asked.interval,
    utc: asked.utc,
    atTime: asked.atTime ?? undefined,
    delay: true,
  });
  return asked.instants.map((instant) => handler.computeRollover(instant));
}

function filesOf(asked: RunCase): Record<string, string> {
  const directory = Deno.makeTempDirSync();
  try {
    for (const name of asked.present) Deno.writeTextFileSync(`${directory}/${name}`, name);
    let now = asked.start;
    const handler = new TimedRotatingFileHandler("INFO", {
      filename: `${directory}/a.log`,
      when: asked.when,
      interval: asked.interval,
      backupCount: asked.backupCount,
      delay: asked.delay,
      utc: asked.utc,
      atTime: asked.atTime ?? undefined,
      formatter: ({ msg }) => msg,
      now: () => now * 1000,
    });
    handler.setup();
    for (const [instant, msg] of asked.records) {
      now = instant;
      handler.handle(new LogRecord({ msg, args: [], level: 20, loggerName: "name" }));
    }
    handler.destroy();
    return Object.fromEntries(
      [...Deno.readDirSync(directory)].map((
        { name },
      ) => [name, Deno.readTextFileSync(`${directory}/${name}`)]),
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

if (import.meta.main) {
  const lines = (await new Response(Deno.stdin.readable).text()).trimEnd().split("\n");
  const results = lines.map((line) => JSON.parse(line) as RotationCase)
    .map((asked) => asked.kind === "compute" ? rolloversOf(asked) : filesOf(asked));
  writeText(Deno.stdout, results.map((result) => `${JSON.stringify(result)}\n`).join(""));
}
