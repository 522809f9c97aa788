/**
 * Our server beside those that do the same for a message, as rows of a table.
 *
 * @module
 */

import { cpuRatio, p99Ratio, rateRatio, type Results } from "./results.ts";
import { RATE_COLUMNS, rateCells } from "./rate_cells.ts";
import type { Server } from "./servers.ts";

/** The heads of the columns of {@linkcode sameWorkRows}. */
export const SAME_WORK_COLUMNS: readonly string[] = [
  "load",
  "server",
  ...RATE_COLUMNS,
  "ours / it",
  "p99 / its",
  "CPU / its",
];

/** What answers and is no server of others: ours, and the relay. */
const NO_PEERS: readonly Server["id"][] = ["jim", "answering"];

/**
 * Two rows or more for each load under which a server of others acknowledged each message, as ours does; the last
 * columns are our figures divided by its, round by round.
 */
export function sameWorkRows({ conditions, scenarios }: Results): string[][] {
  if (conditions.against !== undefined) return []; // there are no others
  return scenarios.flatMap((scenario) => {
    if (scenario.kind !== "rate") return [];
    const ours = scenario.results.find(({ server }) => server === "jim");
    const peers = scenario.results.filter(({ server }) =>
      conditions.servers[server]?.answers && !NO_PEERS.includes(server)
    );
    if (ours === undefined || peers.length === 0) return [];
    return [ours, ...peers].map((result) => {
      return [
        result === ours ? scenario.name : "",
        conditions.servers[result.server]?.title ?? result.server,
        ...rateCells(result),
        ...[rateRatio, p99Ratio, cpuRatio].map((ratio) => ratio(ours, result).toFixed(2)),
      ];
    });
  });
}
