/**
 * What the members of a room were told of many who came at once, as rows of a table.
 *
 * @module
 */

import type { EntranceResult } from "./entrance.ts";

/** The heads of the columns of {@linkcode entranceRows}. */
export const ENTRANCE_COLUMNS: readonly string[] = [
  "told",
  "members",
  "came",
  "frames each",
  "KiB each",
  "seconds",
  "CPU s",
];

/** A row for each way of telling. */
export function entranceRows(results: readonly EntranceResult[]): string[][] {
  return results.map(({ told, members, newcomers, frames, bytes, seconds, cpuSeconds }) => [
    told,
    String(members),
    String(newcomers),
    frames.toFixed(1),
    (bytes / 1_024).toFixed(1),
    seconds.toFixed(2),
    cpuSeconds.toFixed(2),
  ]);
}
