/**
 * `deno task chaos`: nodes and NATS servers die while people talk. Prints what was found; the exit status is 1 if
 * anything was lost, doubled, out of order, or owned twice.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { exitStatus } from "../../common/exit_status.ts";
import { type CommandSpec, type FlagTable, parseCommand } from "../../common/flags.ts";
import { printLine } from "../../common/output.ts";
import { printable } from "../../common/printable.ts";
import { alignTable } from "../../common/table.ts";
import { FAULTS } from "./faults.ts";
import { type Outcome, run } from "./run.ts";

const CHAOS_FLAGS = {
  minutes: {
    kind: "number",
    value: "M",
    min: 0.2,
    max: 10_000,
    default: 2,
    help: "how long there is trouble",
  },
  seed: {
    kind: "integer",
    value: "N",
    min: 0,
    max: 4_294_967_295,
    default: 1,
    help: "where the random choices begin",
  },
  only: { kind: "text", value: "TEXT", help: "no faults but those with this in their names" },
  keep: { kind: "text", value: "DIR", help: "keep databases, logs and the record in a folder" },
} as const satisfies FlagTable;

const CHAOS_COMMAND: CommandSpec<typeof CHAOS_FLAGS> = {
  name: "deno task chaos",
  usage: "[flags]",
  about:
    "Three nodes and three NATS servers that are killed, stopped and cut off under traffic;\n" +
    "a checker reads what the clients saw.",
  flags: CHAOS_FLAGS,
  maxPositional: 0,
};

async function main(args: string[]): Promise<number> {
  const { flags, info } = parseCommand(CHAOS_COMMAND, args);
  if (info !== undefined) {
    printLine(info);
    return 0;
  }
  const { minutes, seed, keep, only = "" } = flags;
  const faults = FAULTS.filter(({ name, isBeyond }) =>
    name.includes(only) && (only !== "" || !isBeyond)
  );
  if (faults.length === 0) {
    const names = FAULTS.map(({ name }) => `'${name}'`).join(", ");
    throw new StartError(`--only: no fault has '${printable(only)}' in its name: ${names}`);
  }
  const folder = keep ?? await Deno.makeTempDir({ prefix: "jim-chaos-" });
  await Deno.mkdir(folder, { recursive: true });
  try {
    const outcome = await run({
      ...{ seconds: minutes * 60, seed, folder, nodes: 3, natsServers: 3, faults },
      say: (line) => printLine(line),
    });
    if (keep !== undefined) {
      await Deno.writeTextFile(`${keep}/record.json`, JSON.stringify(outcome.record, null, 1));
    }
    print(outcome);
    return outcome.violations.length === 0 ? 0 : 1;
  } finally {
    if (keep === undefined) await Deno.remove(folder, { recursive: true });
  }
}

function print({ violations, faults, answers, waits, freed, record: { ends } }: Outcome): void {
  const at = (share: number): string => `${waits[Math.floor(waits.length * share)] ?? 0} ms`;
  const rows = [
    ...[...faults].map(([name, count]) => [name, String(count)]),
    ...[...answers].sort(([a], [b]) => a - b).map(([code, n]) => [`answers ${code}`, String(n)]),
    ["a message's wait, median", at(0.5)],
    ["of a hundred, the longest but one", at(0.99)],
    ["the longest", `${waits.at(-1) ?? 0} ms`],
    ["names of killed nodes free after", freed.map((ms) => `${ms / 1_000} s`).join(", ")],
    ["a node ends after", `${Math.max(...ends.map(({ tookMs }) => tookMs))} ms at most`],
    ["its memory then", `${Math.max(...ends.map(({ rssMib }) => rssMib[1]))} MiB at most`],
    [
      "descriptors without clients",
      `${Math.max(...ends.map((it) => it.descriptors?.[1] ?? 0))} at most`,
    ],
    ["violations", String(violations.length)],
  ];
  for (const line of alignTable(rows)) printLine(line);
  for (const { rule, what } of violations.slice(0, 20)) printLine(`${rule}: ${what}`);
}

if (import.meta.main) Deno.exit(await exitStatus(() => main(Deno.args)));
