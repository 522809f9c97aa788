/**
 * What several nodes did, as rows of tables.
 *
 * @module
 */

import type { RateSample } from "../generator.ts";
import { rateRatio, type RateResult, summarize } from "../results.ts";
import type { Server } from "../servers.ts";
import { median } from "../statistics.ts";
import { NODES_SCENARIO } from "./nodes_scenario.ts";
import type { RebuildResult } from "./rebuild.ts";

/** The heads of the columns of {@linkcode nodesRows}. */
export const NODES_COLUMNS: readonly string[] = [
  "load",
  "server",
  "answered when",
  "kept",
  "copies",
  "per s",
  "p50 µs",
  "p99 µs",
  "answer p50",
  "CPU µs each",
  "generator",
  "/ alone",
  "/ linked",
  "/ echoing",
];

/** How many columns of {@linkcode NODES_COLUMNS} are texts. */
export const NODES_TEXTS = 5;

/** Whom the last columns compare with, of those under the same load. */
const REFERENCES: readonly (readonly Server["id"][])[] = [
  ["jim", "kept"],
  ["linked", "linked-3"],
  ["echoing", "echoing-3"],
];

/**
 * A row for each load and server. The last columns have its rate against that of our server alone, of InspIRCd that is
 * linked, and of the same with answers.
 */
export function nodesRows(
  results: readonly RateResult[],
  titleOf: (id: Server["id"]) => string,
): string[][] {
  return results.map((result, index) => {
    const { perSecond, p50Micros, p99Micros, cpuMicros, generatorLoad } = summarize(result);
    const load = result.condition ?? "";
    const peers = results.filter(({ condition }) => condition === result.condition);
    const { pledges } = NODES_SCENARIO.loads.find(({ title }) => title === load) ?? {};
    const { answered = "", kept = "", copies = "" } = pledges?.[result.server] ?? {};
    const answer = median(result.rounds.map((sample: RateSample) => sample.answerP50Micros));
    return [
      results[index - 1]?.condition === load ? "" : load,
      titleOf(result.server),
      ...[answered, kept, copies],
      perSecond.toFixed(0),
      p50Micros.toFixed(0),
      p99Micros.toFixed(0),
      answer > 0 ? answer.toFixed(0) : "",
      cpuMicros.toFixed(2),
      `${(generatorLoad * 100).toFixed(0)} %`,
      ...REFERENCES.map((ids) => {
        const reference = peers.find(({ server }) => ids.includes(server));
        if (reference === undefined) return "";
        const ratio = rateRatio(result, reference);
        return Number.isFinite(ratio) ? ratio.toFixed(2) : "";
      }),
    ];
  });
}

/** The heads of the columns of {@linkcode rebuildRows}. */
export const REBUILD_COLUMNS: readonly string[] = [
  "a node without its database",
  "messages",
  "listens after s",
  "with it s",
  "messages/s",
  "CPU s",
];

/** A start that takes no more than this much longer than the other is no measure of a rate. */
const LEAST_SHARE = 0.1;

/** A row for each server; the rate leaves out what a start takes that has nothing to catch up with. */
export function rebuildRows(
  results: readonly RebuildResult[],
  titleOf: (id: Server["id"]) => string,
): string[][] {
  return results.map(({ server, messages, rounds }) => {
    const whole = median(rounds.map(({ seconds }) => seconds));
    const rest = median(rounds.map(({ upToDateSeconds }) => upToDateSeconds));
    const isLonger = rounds.every(({ seconds, upToDateSeconds }) =>
      seconds > upToDateSeconds * (1 + LEAST_SHARE)
    );
    const rates = rounds.map(({ seconds, upToDateSeconds }) =>
      messages / (seconds - upToDateSeconds)
    );
    return [
      titleOf(server),
      String(messages),
      whole.toFixed(2),
      rest.toFixed(2),
      isLonger ? median(rates).toFixed(0) : "",
      median(rounds.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2),
    ];
  });
}
