/**
 * What keeping messages costs, as rows of a table.
 *
 * @module
 */

import type { RateSample } from "../generator.ts";
import { p99Ratio, rateRatio, type RateResult, summarize } from "../results.ts";
import { median } from "../statistics.ts";

/** The heads of the columns of {@linkcode keptRows}. */
export const KEPT_COLUMNS: readonly string[] = [
  "load",
  "server",
  "messages/s",
  "p50 µs",
  "p99 µs",
  "answer p50",
  "answer p99",
  "CPU µs each",
  "generator",
  "kept / it",
  "p99 / its",
];

/** A row for each load and server; the last two columns compare our server that keeps with it, under the same load. */
export function keptRows(
  results: readonly RateResult[],
  titleOf: (id: RateResult["server"]) => string,
): string[][] {
  return results.map((result, index) => {
    const { perSecond, p50Micros, p99Micros, cpuMicros, generatorLoad } = summarize(result);
    const load = result.condition ?? "";
    const kept = results.find((it) => it.condition === load && it.server === "kept");
    const answers = (figure: (sample: RateSample) => number): string =>
      median(result.rounds.map(figure)).toFixed(0);
    return [
      results[index - 1]?.condition === load ? "" : load,
      titleOf(result.server),
      perSecond.toFixed(0),
      p50Micros.toFixed(0),
      p99Micros.toFixed(0),
      answers(({ answerP50Micros }) => answerP50Micros),
      answers(({ answerP99Micros }) => answerP99Micros),
      cpuMicros.toFixed(2),
      `${(generatorLoad * 100).toFixed(0)} %`,
      ...(kept === undefined ? ["", ""] : [rateRatio, p99Ratio].map((ratio) => {
        const value = ratio(kept, result);
        return Number.isFinite(value) ? value.toFixed(2) : "";
      })),
    ];
  });
}
