/**
 * What attacks did, as rows of a table.
 *
 * @module
 */

import type { HostileResult } from "./hostile.ts";
import type { Times } from "./village.ts";

/** The heads of the columns of {@linkcode hostileRows}. */
export const HOSTILE_COLUMNS: readonly string[] = [
  "attack",
  "p50 ms",
  "p99 ms",
  "p99 / quiet",
  "lost",
  "dropped",
  "owner at home",
  "p99 s",
  "owner elsewhere",
  "p99 s",
  "newcomers",
  "p99 s",
  "disk MiB",
  "RSS MiB",
  "the attack had",
];

/** A row for each attack. Logins are given as done / tried. */
export function hostileRows(results: readonly HostileResult[]): string[][] {
  return results.map(({ name, quiet, attacked, achieved, diskBytes, rssMib }) => {
    const { messages, known, travelling, newcomers, lost, dropped } = attacked;
    return [
      name,
      messages.p50.toFixed(1),
      messages.p99.toFixed(1),
      (messages.p99 / quiet.messages.p99).toFixed(1),
      String(lost),
      String(dropped),
      ...logins(known),
      ...logins(travelling),
      ...logins(newcomers),
      (diskBytes / 2 ** 20).toFixed(1),
      rssMib.toFixed(0),
      Object.entries(achieved).map(([what, count]) => `${Math.round(count)} ${what}`).join(", "),
    ];
  });
}

function logins({ done, tried, p99 }: Times): [string, string] {
  return [`${done} / ${tried}`, Number.isNaN(p99) ? "" : (p99 / 1_000).toFixed(2)];
}
