/**
 * What flags cost, as rows of a table.
 *
 * @module
 */

import { cpuRatio, rateRatio, type RateResult, summarize } from "./results.ts";

/** The heads of the columns of {@linkcode variantRows}. */
export const VARIANT_COLUMNS: readonly string[] = [
  "load",
  "server",
  "per s",
  "p50 µs",
  "p99 µs",
  "CPU µs each",
  "generator",
  "rate / first",
  "CPU / first",
];

/** A row for each load and server; the last two columns compare it with the first server under the same load. */
export function variantRows(
  results: readonly RateResult[],
  titleOf: (id: RateResult["server"]) => string,
): string[][] {
  return results.map((result) => {
    const { perSecond, p50Micros, p99Micros, cpuMicros, generatorLoad } = summarize(result);
    const first = results.find(({ condition }) => condition === result.condition)!;
    return [
      result === first ? result.condition ?? "" : "",
      titleOf(result.server),
      perSecond.toFixed(0),
      p50Micros.toFixed(0),
      p99Micros.toFixed(0),
      cpuMicros.toFixed(2),
      `${(generatorLoad * 100).toFixed(0)} %`,
      rateRatio(result, first).toFixed(3),
      cpuRatio(result, first).toFixed(3),
    ];
  });
}
