/**
 * The nodes of a server, as `deno task nodes` shows them.
 *
 * @module
 */

import { StartError, UsageError } from "../../common/errors.ts";
import { type CommandSpec, type FlagTable, type ParsedCommand } from "../../common/flags.ts";
import { printable, printableJson } from "../../common/printable.ts";
import { NATS_FILES, permissionList } from "../../common/server_permissions.ts";
import { shellWord } from "../../common/shell_word.ts";
import { alignTable } from "../../common/table.ts";
import { type NatsSettings, natsSettingsOf } from "../cluster/nats/nats_settings.ts";
import { readConfigFile } from "../config/config_file.ts";
import { withConfig } from "../config/with_config.ts";
import { SERVER_FLAGS } from "../flags.ts";
import { localTime } from "./local_time.ts";
import { MAX_CELL_WIDTH } from "./max_cell_width.ts";

/** One life of a node, as far as it is known. */
export interface SeenNode {
  /** What the others call it. */
  readonly name: string;
  /** Which life: see `Incarnation`. */
  readonly life: string;
  /** `silent`: it is entered as one that lives, and was not heard. */
  readonly state: "alive" | "silent" | "dead" | "left";
  /** When this life began: milliseconds since 1970. */
  readonly started: number;
  /** What it says of itself; only of one that is alive. */
  readonly report?: {
    /** Users that are online there. */
    readonly users: number;
    /** The number of the last entry of the log that is applied there. */
    readonly position: number;
    /** Entries that were in the log before it said so, and are not applied there. */
    readonly lag: number;
  };
}

/** The flags of `nodes.ts`: those with which a server gets to NATS, with the same meaning. */
export const NODES_FLAGS = {
  nats: { ...SERVER_FLAGS.nats, help: "where the nodes meet (nats:// or tls://)" },
  "nats-prefix": SERVER_FLAGS["nats-prefix"],
  "nats-creds": SERVER_FLAGS["nats-creds"],
  "nats-nkey": SERVER_FLAGS["nats-nkey"],
  "nats-ca": SERVER_FLAGS["nats-ca"],
  "nats-cert": SERVER_FLAGS["nats-cert"],
  "nats-key": SERVER_FLAGS["nats-key"],
  config: {
    kind: "text",
    value: "FILE",
    help: "take those that are not given from a server's file of settings",
  },
  json: { kind: "switch", help: "one JSON object a line" },
} as const satisfies FlagTable;

/** The command line of `nodes.ts`. */
export const NODES_COMMAND: CommandSpec<typeof NODES_FLAGS> = {
  name: "deno task nodes",
  usage: "[flags]",
  about: "Shows the nodes of a server that share it over NATS (--nats).",
  flags: NODES_FLAGS,
  maxPositional: 0,
};

/**
 * How to get to NATS, by the flags and the file that they name.
 *
 * @param args The command line, for the command that the error gives.
 * @throws {UsageError} If a flag or the file is wrong, or neither says where NATS is.
 * @throws {StartError} If this process may not read a file that they name: one line with a command that allows it.
 */
export function natsOf(
  command: ParsedCommand<typeof NODES_FLAGS>,
  args: readonly string[],
): NatsSettings {
  const { config } = command.flags;
  if (config !== undefined) requireReadable([config], args);
  const flags = config === undefined
    ? command.flags
    : withConfig(command, readConfigFile(config, SERVER_FLAGS));
  const files = NATS_FILES.map((flag) => flags[flag]).filter((path) => path !== undefined);
  requireReadable(config === undefined ? files : [config, ...files], args);
  const settings = natsSettingsOf(flags);
  if (settings !== undefined) return settings;
  throw new UsageError("--nats URL is needed, or --config FILE with nats in it");
}

function requireReadable(paths: readonly string[], args: readonly string[]): void {
  const refused = paths.find((path) =>
    Deno.permissions.querySync({ name: "read", path }).state !== "granted"
  );
  if (refused === undefined) return;
  const read = `--allow-read=${permissionList(paths)}`;
  const command = ["deno", "run", "--allow-net", read, "nodes.ts", ...args].map(shellWord).join(
    " ",
  );
  throw new StartError(
    `This task may not read ${printable(refused)}; in the project's directory run: ` +
      printable(command),
  );
}

/**
 * Which lives to show, and in which order: all that last; of those that have ended the newest of each name that has none
 * any more. By name.
 */
export function chosen(nodes: readonly SeenNode[]): SeenNode[] {
  const lasting = nodes.filter(({ state }) => state === "alive" || state === "silent");
  const newest = new Map<string, SeenNode>();
  for (const node of nodes) {
    const other = newest.get(node.name);
    if (other === undefined || other.started < node.started) newest.set(node.name, node);
  }
  for (const { name } of lasting) newest.delete(name);
  return [...lasting, ...newest.values()]
    .sort((a, b) => a.name.localeCompare(b.name) || a.started - b.started);
}

/** The nodes as lines: a table, or one JSON object each. Times in JSON are Unix seconds. */
export function nodeLines(nodes: readonly SeenNode[], json: boolean): string[] {
  if (json) return nodes.map((node) => printableJson(record(node)));
  const cells = nodes.map(({ name, life, state, started, report }) => [
    name,
    state,
    ...[report?.users, report?.position, report?.lag].map((figure) => `${figure ?? ""}`),
    localTime(started / 1000),
    life,
  ]);
  const head = ["NODE", "STATE", "USERS", "POSITION", "LAG", "SINCE", "LIFE"];
  return alignTable([head, ...cells], [2, 3, 4], MAX_CELL_WIDTH);
}

function record({ name, life, state, started, report }: SeenNode): object {
  return { node: name, life, state, ...report, since: started / 1000 };
}
