/**
 * The nodes of a server, as `deno task nodes` shows them.
 *
 * @module
 */

import type { CommandSpec, FlagTable } from "../../common/flags.ts";
import { printableJson } from "../../common/printable.ts";
import { alignTable } from "../../common/table.ts";
import { localTime } from "./local_time.ts";
import { MAX_CELL_WIDTH } from "./max_cell_width.ts";
import { NATS_FLAGS } from "./nats_flags.ts";

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

/** The flags of `nodes.ts`. */
export const NODES_FLAGS = {
  ...NATS_FLAGS,
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
