/**
 * Our servers beside themselves at another commit, as rows of a table.
 *
 * @module
 */

import {
  cpuRatios,
  p99Ratio,
  rateRatios,
  type RateResult,
  type ScenarioResult,
} from "../results.ts";
import { RATE_COLUMNS, rateCells } from "../rate_cells.ts";
import type { Server } from "../servers.ts";
import { median } from "../statistics.ts";
import { twinId } from "./twin.ts";

/** The heads of the columns of {@linkcode againstRows}. */
export const AGAINST_COLUMNS: readonly string[] = [
  "load",
  "server",
  ...RATE_COLUMNS,
  "rate / before",
  "of the rounds",
  "CPU / before",
  "of the rounds",
  "p99 / before",
];

/**
 * Two rows for each load and server: as it was, and as it is. The last columns compare the second with the first, round
 * by round: the median of the ratios, and the least and the greatest of them, which say how far to believe it.
 */
export function againstRows(
  scenario: Extract<ScenarioResult, { results: RateResult[] }>,
  titleOf: (id: Server["id"]) => string,
): string[][] {
  const loadOf = ({ condition, idleUsers }: RateResult): string =>
    condition ?? (idleUsers > 0 ? `${idleUsers} idle` : scenario.name);
  const loads = [...Map.groupBy(scenario.results, loadOf)];
  return loads.flatMap(([load, results]) =>
    results.map((result, index) => {
      const before = results.find(({ server }) => server === twinId(result.server));
      return [
        index === 0 ? load : "",
        titleOf(result.server),
        ...rateCells(result),
        ...(before === undefined ? ["", "", "", "", ""] : [
          ...compared(rateRatios(result, before)),
          ...compared(cpuRatios(result, before)),
          p99Ratio(result, before).toFixed(2),
        ]),
      ];
    })
  );
}

function compared(ratios: readonly number[]): [middle: string, range: string] {
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  return [median(ratios).toFixed(3), `${least.toFixed(2)}–${most.toFixed(2)}`];
}
