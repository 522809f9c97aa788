/**
 * Results → text for a terminal.
 *
 * @module
 */

import { StartError } from "../common/errors.ts";
import { alignTable } from "../common/table.ts";
import { AGAINST_COLUMNS, againstRows } from "./against/against_rows.ts";
import { HOSTILE_COLUMNS, hostileRows } from "./hostile/hostile_rows.ts";
import { KEPT_COLUMNS, keptRows } from "./kept/kept_rows.ts";
import { MEMORY_COLUMNS, memoryRows } from "./memory_rows.ts";
import {
  NODES_COLUMNS,
  NODES_TEXTS,
  nodesRows,
  REBUILD_COLUMNS,
  rebuildRows,
} from "./nodes/nodes_rows.ts";
import {
  p99Ratio,
  rateRatio,
  type RateResult,
  type Results,
  type ScenarioResult,
} from "./results.ts";
import { rateCells } from "./rate_cells.ts";
import { SAME_WORK_COLUMNS, sameWorkRows } from "./same_work_rows.ts";
import { VARIANT_COLUMNS, variantRows } from "./variant_rows.ts";
import { ENTRANCE_COLUMNS, entranceRows } from "./work/entrance_rows.ts";

/** Writes out a whole run as tables. */
export function report({ conditions, scenarios }: Results): string {
  const titles = (id: RateResult["server"]): string => conditions.servers[id]?.title ?? id;
  const servers = Object.values(conditions.servers).map((
    { title, version, answers, keeps = "no", tls = false },
  ) => [title, version, answers ? "yes" : "no", keeps, tls ? "yes" : "no"]);
  const same = sameWorkRows({ conditions, scenarios });
  return [
    `${conditions.cpu}, ${conditions.cores} cores, ${conditions.system}; ${conditions.date}`,
    `medians of ${conditions.rounds} rounds of ${conditions.seconds} s`,
    table("", SERVER_COLUMNS, servers, SERVER_COLUMNS.length),
    ...(same.length === 0 ? [] : [table(SAME_WORK, SAME_WORK_COLUMNS, same, 2)]),
    ...scenarios.map((scenario) => `\n${scenarioReport(scenario, titles, conditions.against)}`),
  ].join("\n");
}

const SERVER_COLUMNS = ["server", "version", "acknowledged", "kept", "TLS"];
const SAME_WORK = "\nthe same work: each message is acknowledged to its sender";

/** What stands around the report in a Markdown file. */
const FENCES = ["\n```text\n", "\n```\n"] as const;
const BLOCKS = new RegExp(`${FENCES[0]}[^]*?${FENCES[1]}`, "g");

/**
 * Puts a report into a Markdown file, in place of the block of plain text that has a table of its first scenario, or
 * else of the first block that there is.
 *
 * @throws {StartError} If there is no block of plain text.
 */
export function withReport(markdown: string, results: Results): string {
  const blocks = [...markdown.matchAll(BLOCKS)];
  const table = `\n${results.scenarios[0]?.name}: `;
  const block = blocks.find(([text]) => text.includes(table)) ?? blocks[0];
  if (block === undefined) {
    throw new StartError(
      "Cannot put in the report: the file has no block that begins with ```text",
    );
  }
  const start = block.index + FENCES[0].length;
  const end = block.index + block[0].length - FENCES[1].length;
  return markdown.slice(0, start) + report(results) + markdown.slice(end);
}

/**
 * Writes out one scenario as a table.
 *
 * @param scenario What it gave.
 * @param titleOf What a server is called.
 * @param against The commit that ours are compared with, if that is what was measured.
 */
export function scenarioReport(
  scenario: ScenarioResult,
  titleOf: (id: RateResult["server"]) => string,
  against?: string,
): string {
  const heading = `${scenario.name}: ${scenario.title}`;
  if (scenario.kind === "memory") {
    return table(heading, MEMORY_COLUMNS, memoryRows(scenario.results, titleOf));
  }
  if (scenario.kind === "hostile") {
    return table(heading, HOSTILE_COLUMNS, hostileRows(scenario.results));
  }
  if (scenario.kind === "work") {
    return [
      table(heading, HOSTILE_COLUMNS, hostileRows(scenario.results)),
      table("", ENTRANCE_COLUMNS, entranceRows(scenario.entrances)),
    ].join("\n");
  }
  if (against !== undefined) {
    return table(heading, AGAINST_COLUMNS, againstRows(scenario, titleOf), 2);
  }
  if (scenario.kind === "variants") {
    return table(heading, VARIANT_COLUMNS, variantRows(scenario.results, titleOf), 2);
  }
  if (scenario.kind === "kept") {
    return table(heading, KEPT_COLUMNS, keptRows(scenario.results, titleOf), 2);
  }
  if (scenario.kind === "nodes") {
    return [
      table(heading, NODES_COLUMNS, nodesRows(scenario.results, titleOf), NODES_TEXTS),
      table("", REBUILD_COLUMNS, rebuildRows(scenario.rebuilds, titleOf)),
    ].join("\n");
  }
  const ours = scenario.results.filter(({ server }) => server === "jim");
  const rows = scenario.results.map((result, index) => {
    const few = scenario.results.find(({ server }) => server === result.server)!;
    // Disturbed or beside idle users a server is compared with itself, otherwise our server with the others.
    const ratio = scenario.kind === "contrast"
      ? p99Ratio(result, scenario.results[index - index % 2]!)
      : scenario.kind === "crowd"
      ? rateRatio(result, few)
      : ours.length === 0
      ? undefined
      : rateRatio(ours[0]!, result);
    return [
      result.condition ??
        titleOf(result.server) + (result.idleUsers > 0 ? `, ${result.idleUsers} idle` : ""),
      ...rateCells(result),
      ratio === undefined || !Number.isFinite(ratio) ? "" : ratio.toFixed(2),
    ];
  });
  const unit = scenario.results[0]?.rounds[0]?.unit ?? "";
  const first = scenario.kind === "contrast" ? "condition" : "server";
  const last =
    { rate: "ours / it", crowd: "of few idle", contrast: "p99 / without" }[scenario.kind];
  const columns = [first, `${unit}/s`, "p50 µs", "p99 µs", "CPU µs each", "generator", last];
  return table(heading, columns, rows);
}

/** The first columns stand at the left, the others, which are figures, at the right. */
function table(
  heading: string,
  columns: readonly string[],
  rows: readonly string[][],
  texts = 1,
): string {
  const figures = columns.keys().drop(texts).toArray();
  return [heading, ...alignTable([columns, ...rows], figures)].join("\n");
}
