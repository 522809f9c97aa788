/**
 * What a node of several tells of itself, beside what every server tells.
 *
 * @module
 */

import type { CounterSpec, ExpositionSpec, GaugeSpec } from "../metrics/exposition.ts";

/** A node, at the moment at which it is looked at. */
export interface NodeFigures {
  /** Nodes that are there, this one included; 0: this one is cut off, or not among the others yet. */
  readonly nodes: number;
  /** The number of the last entry of the log that is applied here. */
  readonly applied: number;
  /** The number of the newest entry of the log that this node knows of. */
  readonly newest: number;
  /** Operations that this node has given and not applied. */
  readonly pending: number;
  /** Operations that the log did not take in time, or refused, since the start. */
  readonly failed: number;
  /** How often this node was cut off since the start. */
  readonly fences: number;
  /** Names that this node holds. */
  readonly names: number;
  /** Users of other nodes that this one knows. */
  readonly elsewhere: number;
  /** Whether the connection to NATS is there. */
  readonly isConnected: boolean;
}

/**
 * The metrics of a node. Their names are what dashboards and alerts go by: they do not change.
 *
 * @param look Asked for each value at each scrape.
 */
export function clusterMetrics(
  look: () => NodeFigures,
): Pick<ExpositionSpec, "gauges" | "counters"> {
  const gauges: GaugeSpec[] = [
    {
      name: "jim_nodes",
      help: "Nodes that this one sees, itself included; 0 while it is cut off.",
      read: () => look().nodes,
    },
    {
      name: "jim_log_applied_position",
      help: "Number of the last entry of the log that is applied here.",
      read: () => look().applied,
    },
    {
      name: "jim_log_newest_position",
      help: "Number of the newest entry of the log that this node knows of.",
      read: () => look().newest,
    },
    {
      name: "jim_operations_pending",
      help: "Operations that were given here and are not applied here yet.",
      read: () => look().pending,
    },
    {
      name: "jim_names_held",
      help: "Names that this node holds for its users.",
      read: () => look().names,
    },
    {
      name: "jim_users_elsewhere",
      help: "Users of other nodes that this one knows.",
      read: () => look().elsewhere,
    },
    {
      name: "jim_nats_connected",
      help: "Whether there is a connection to NATS, 1 or 0.",
      read: () => Number(look().isConnected),
    },
  ];
  const counters: CounterSpec[] = [
    {
      name: "jim_operations_failed_total",
      help: "Operations that the log did not take in time, or refused.",
      read: () => [[{}, look().failed]],
    },
    {
      name: "jim_fences_total",
      help: "How often this node was cut off from the others.",
      read: () => [[{}, look().fences]],
    },
  ];
  return { gauges, counters };
}
