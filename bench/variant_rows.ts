/**
 * What flags cost, as rows of a table.
 *
 * @module
 */

import { cpuRatio, rateRatio, type RateResult } from "./results.ts";
import { RATE_COLUMNS, rateCells } from "./rate_cells.ts";

/** The heads of the columns of {@linkcode variantRows}. */
export const VARIANT_COLUMNS: readonly string[] = [
  "load",
  "server",
  ...RATE_COLUMNS,
  "rate / first",
  "CPU / first",
];

/** A row for each load and server; the last two columns compare it with the first server under the same load. */
export function variantRows(
  results: readonly RateResult[],
  titleOf: (id: RateResult["server"]) => string,
): string[][] {
  return results.map((result) => {
    const first = results.find(({ condition }) => condition === result.condition)!;
    return [
      result === first ? result.condition ?? "" : "",
      titleOf(result.server),
      ...rateCells(result),
      rateRatio(result, first).toFixed(3),
      cpuRatio(result, first).toFixed(3),
    ];
  });
}
