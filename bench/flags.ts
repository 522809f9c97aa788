/**
 * The benchmark's command line.
 *
 * @module
 */

import type { CommandSpec } from "../common/flags.ts";
import { serverRun } from "../common/server_run.ts";
import { SCENARIOS } from "./scenarios.ts";

/** The flags of `bench.ts`. */
export const BENCH_FLAGS = {
  peers: {
    kind: "switch",
    help: "also measure InspIRCd (with echo-message and without), ngIRCd and NATS " +
      "(kept: Prosody; nodes: InspIRCd, linked), from Debian's packages, in turn with ours",
  },
  scenario: {
    kind: "text",
    value: "NAMES",
    help: "only these instead of all but hostile, work, kept, metrics, tls and nodes, " +
      "with commas between: " + SCENARIOS.map(({ name }) => name).join(", "),
  },
  against: {
    kind: "text",
    value: "COMMIT",
    help: "measure ours beside itself at this commit instead of beside others, and compare",
  },
  seconds: {
    kind: "number",
    value: "S",
    min: 0.05,
    max: 60,
    default: 1.5,
    help: "how long each measurement takes",
  },
  rounds: {
    kind: "integer",
    value: "N",
    min: 1,
    max: 100,
    default: 3,
    help: "measure each server so often in each scenario",
  },
  json: { kind: "text", value: "FILE", help: "write all samples there" },
  chart: { kind: "text", value: "FILE", help: "draw the medians there, as SVG" },
  doc: {
    kind: "text",
    value: "FILE",
    help: "put the report into this Markdown file, in place of the one that it has of the same",
  },
  from: { kind: "text", value: "FILE", help: "measure nothing: report what --json has written" },
  server: {
    kind: "text",
    value: "COMMAND",
    default: serverRun("all").join(" "), // its files are in a directory of the benchmark's own
    help: "starts our server, words parted by spaces; the benchmark adds flags of server.ts",
  },
} as const;

/** The type of {@linkcode BENCH_COMMAND}. */
export type BenchCommand = CommandSpec<typeof BENCH_FLAGS>;

/** The command line of `bench.ts`. */
export const BENCH_COMMAND: BenchCommand = {
  name: "deno task bench",
  usage: "[FLAGS]",
  about: "Measures the server, and beside it what others do on the same machine.",
  flags: BENCH_FLAGS,
  maxPositional: 0,
};
