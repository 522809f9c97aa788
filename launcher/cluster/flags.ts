/**
 * The command lines of `deno task cluster` and `deno task workers`, checked.
 *
 * @module
 */

import { UsageError } from "../../common/errors.ts";
import {
  type CommandSpec,
  type FlagTable,
  parseCommand,
  type ParsedCommand,
  readValue,
} from "../../common/flags.ts";
import { LIMITS } from "../../common/limits.ts";
import { printable } from "../../common/printable.ts";

/** How many nodes one machine may be asked for. */
const COUNT = { kind: "integer", value: "N", min: 1, max: 64, default: 3, help: "" } as const;

/** The flags of `deno task cluster`. */
export const CLUSTER_FLAGS = {
  "nats-servers": {
    kind: "choice",
    value: "N",
    choices: ["1", "3"],
    default: "3",
    help: "NATS servers: with 3, one of them may die and nothing stops",
  },
  addr: {
    kind: "text",
    short: "a",
    value: "ADDR",
    default: "127.0.0.1",
    help: "where the nodes listen",
  },
  port: {
    kind: "integer",
    short: "p",
    value: "PORT",
    min: 0,
    max: 65_535 - COUNT.max,
    default: LIMITS.port,
    help: "the first node's port, the others have the next ones; 0: free ones",
  },
  "one-port": {
    kind: "switch",
    help:
      "all nodes share the port: the system deals connections out (Linux); by default one node per core",
  },
  data: {
    kind: "text",
    value: "DIR",
    default: "data/cluster",
    help: "where NATS and the nodes keep what they know",
  },
  "stop-at-eof": { kind: "switch", help: "end when standard input ends: for a parent process" },
} as const satisfies FlagTable;

const METRICS_HELP = "Of '-- --metrics PORT' the first node has PORT, the others the next ones.";

/** The command line of `deno task cluster`. */
export const CLUSTER_COMMAND: CommandSpec<typeof CLUSTER_FLAGS> = {
  name: "deno task cluster",
  usage: "[N] [flags] [-- flags of the nodes]",
  about:
    `Starts NATS servers and N nodes of one chat server (1–${COUNT.max}, default ${COUNT.default}) on this machine, and ends them\n` +
    `together. For trying; docs/cluster.md has what a real one takes.\n${METRICS_HELP}`,
  flags: CLUSTER_FLAGS,
  maxPositional: 1,
  passesRest: true,
};

/** The flags of `deno task workers`. */
export const WORKERS_FLAGS = {
  addr: { ...CLUSTER_FLAGS.addr, default: "::", help: "where the processes listen" },
  port: { ...CLUSTER_FLAGS.port, max: 65_535, help: "the port that they share; 0: a free one" },
  data: { ...CLUSTER_FLAGS.data, default: "data/workers" },
  "stop-at-eof": CLUSTER_FLAGS["stop-at-eof"],
} as const satisfies FlagTable;

/** The command line of `deno task workers`. */
export const WORKERS_COMMAND: CommandSpec<typeof WORKERS_FLAGS> = {
  name: "deno task workers",
  usage: "[N] [flags] [-- flags of the nodes]",
  about:
    `Starts N nodes of one chat server (1–${COUNT.max}, default one per core) that share a port, and a NATS server\n` +
    `between them, and ends them together (Linux).\n${METRICS_HELP}`,
  flags: WORKERS_FLAGS,
  maxPositional: 1,
  passesRest: true,
};

/** What is to be started. */
export interface ClusterPlan {
  /** Nodes. */
  readonly nodes: number;
  /** NATS servers. */
  readonly natsServers: number;
  /** Where the nodes listen. */
  readonly addr: string;
  /** The first one's port; 0: free ones. */
  readonly port: number;
  /** Whether they share it. */
  readonly isOnePort: boolean;
  /** A folder. */
  readonly data: string;
  /** Whether to end when standard input does. */
  readonly stopsAtEof: boolean;
  /** Flags that all nodes get, `--metrics` with a port of its own for each. */
  readonly nodeArgs: readonly string[];
}

/** Flags that each node has its own value of. */
const OWN_FLAGS = ["--addr", "-a", "--port", "-p", "--db", "--log-dir", "--nats", "--nats-prefix"];

/**
 * Parses and checks the command line.
 *
 * @param args As in `Deno.args`; `workers` in front stands for `deno task workers`.
 * @returns A text to print in place of a plan, for `--help` and `--version`.
 * @throws {UsageError} If something is not allowed; says what is.
 */
export function parseCluster(args: readonly string[]): ClusterPlan | string {
  return args[0] === "workers" ? parseWorkers(args.slice(1)) : parseNodes(args);
}

function parseNodes(args: readonly string[]): ClusterPlan | string {
  const command = parseCommand(CLUSTER_COMMAND, args);
  if (command.info !== undefined) return command.info;
  const { "nats-servers": natsServers, "one-port": isOnePort } = command.flags;
  return { ...planOf(command, isOnePort), natsServers: Number(natsServers) };
}

function parseWorkers(args: readonly string[]): ClusterPlan | string {
  const command = parseCommand(WORKERS_COMMAND, args);
  return command.info ?? { ...planOf(command, true), natsServers: 1 };
}

function planOf(
  { flags, positional: [count], rest }: ParsedCommand<typeof WORKERS_FLAGS>,
  isOnePort: boolean,
): Omit<ClusterPlan, "natsServers"> {
  const nodes = count === undefined
    ? isOnePort ? Math.min(navigator.hardwareConcurrency, COUNT.max) : COUNT.default
    : readValue("The number of nodes", COUNT, count) as number;
  const own = rest.find((arg) => OWN_FLAGS.includes(arg.split("=")[0]!));
  if (own !== undefined) {
    throw new UsageError(
      `Each node has its own ${
        printable(own.split("=")[0]!)
      }: give --addr, --port or --data before '--'`,
    );
  }
  return {
    nodes,
    isOnePort,
    addr: flags.addr,
    port: flags.port,
    data: flags.data,
    stopsAtEof: flags["stop-at-eof"],
    nodeArgs: rest,
  };
}
