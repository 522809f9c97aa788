/**
 * What every table of rates has in common. Pure.
 *
 * @module
 */

import { type RateResult, summarize } from "./results.ts";

/** The heads of the columns of {@linkcode rateCells}. */
export const RATE_COLUMNS: readonly string[] = [
  "per s",
  "p50 µs",
  "p99 µs",
  "CPU µs each",
  "generator",
];

/** The medians of a result, as a part of a row. */
export function rateCells(result: RateResult): string[] {
  const { perSecond, p50Micros, p99Micros, cpuMicros, generatorLoad } = summarize(result);
  return [
    perSecond.toFixed(0),
    p50Micros.toFixed(0),
    p99Micros.toFixed(0),
    cpuMicros.toFixed(2),
    `${(generatorLoad * 100).toFixed(0)} %`,
  ];
}
