/**
 * Results → chart.
 *
 * Drawn by Vega-Lite and Vega: they need neither a browser nor a canvas, are kept up by the University of
 * Washington's Interactive Data Lab with several releases a year, and a chart is a description, not code.
 *
 * @module
 */

import * as vega from "npm:vega@6.4.0";
import { compile, type TopLevelSpec } from "npm:vega-lite@6.5.0";

import { bytesPerConnection, type Results, summarize } from "./results.ts";

/** Colour of our server, and of all others. */
const COLORS = { ours: "#1f77b4", others: "#b8c4ce" };

/** One chart among several. */
type Panel = Extract<TopLevelSpec, { concat: unknown }>["concat"][number];

/** A bar. */
interface Bar {
  panel: string;
  server: string;
  isOurs: boolean;
  value: number;
  label: string;
}

/**
 * Draws the medians as bars, a panel per scenario, each with a scale of its own.
 *
 * @returns SVG.
 */
export async function drawChart(results: Results): Promise<string> {
  const panels = Map.groupBy(barsOf(results), ({ panel }) => panel);
  const spec: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    padding: 12,
    columns: 2,
    spacing: { row: 24, column: 40 },
    concat: [...panels].map(([title, bars]) => panelOf(title, bars)),
    config: { view: { stroke: null }, font: "sans-serif" },
  };
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
  try {
    return await view.toSVG() + "\n";
  } finally {
    view.finalize();
  }
}

function panelOf(title: string, bars: readonly Bar[]): Panel {
  const longest = Math.max(...bars.map(({ value }) => value));
  return {
    title: { text: title, anchor: "start", frame: "group", fontSize: 12 },
    width: 250,
    height: { step: 20 },
    data: { values: [...bars] },
    encoding: {
      y: { field: "server", sort: null, axis: { title: null, ticks: false, domain: false } },
      x: {
        field: "value",
        type: "quantitative",
        axis: null,
        scale: { domain: [0, longest * 1.2], nice: false }, // with room for the longest bar's label
      },
    },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.75 } },
        encoding: {
          color: {
            field: "isOurs",
            scale: { domain: [true, false], range: [COLORS.ours, COLORS.others] },
            legend: null,
          },
        },
      },
      {
        mark: { type: "text", align: "left", dx: 4 },
        encoding: { text: { field: "label" } },
      },
    ],
  };
}

function barsOf({ conditions, scenarios }: Results): Bar[] {
  const bars: Bar[] = [];
  const add = (panel: string, id: keyof typeof conditions.servers, value: number): void => {
    const server = conditions.servers[id]?.title ?? id;
    bars.push({ panel, server, isOurs: id === "jim", value, label: short(value) });
  };
  for (const scenario of scenarios) {
    if (scenario.kind === "rate") {
      for (const result of scenario.results) {
        const panel = `${scenario.title}, ${result.rounds[0]?.unit}/s`;
        add(panel, result.server, summarize(result).perSecond);
      }
    } else if (scenario.kind === "memory") {
      for (const result of scenario.results) {
        const panel = `memory per connection, ${result.count} idle, KiB`;
        add(panel, result.server, bytesPerConnection(result) / 1024);
      }
    }
  }
  return bars;
}

/** Three digits: 1234567 → 1.23 M. */
function short(value: number): string {
  if (value >= 999_500) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 999.5) return `${(value / 1e3).toPrecision(3)} k`;
  return value.toPrecision(3);
}
