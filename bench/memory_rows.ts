/**
 * What idle connections cost, as rows of a table.
 *
 * @module
 */

import { bytesPerConnection, bytesPerFurther, type MemoryResult } from "./results.ts";

/** The heads of the columns of {@linkcode memoryRows}. */
export const MEMORY_COLUMNS: readonly string[] = [
  "server",
  "connections",
  "each",
  "each further",
  "once",
  "empty server",
];

/**
 * A row for each server and number of connections. The last but one column is in the last row of a server: what its first
 * connections made it take for all of them, as if each of these had cost no more than a further one.
 */
export function memoryRows(
  results: readonly MemoryResult[],
  titleOf: (id: MemoryResult["server"]) => string,
): string[][] {
  return results.map((result, index) => {
    const first = results.find(({ server }) => server === result.server)!;
    const isLast = results[index + 1]?.server !== result.server;
    const further = result === first ? undefined : bytesPerFurther(first, result);
    const all = result.serverResidentBytes - result.emptyResidentBytes;
    return [
      titleOf(result.server),
      String(result.count),
      kib(bytesPerConnection(result)),
      further === undefined ? "" : kib(further),
      further === undefined || !isLast ? "" : mib(all - further * result.count),
      mib(result.emptyResidentBytes),
    ];
  });
}

function kib(bytes: number): string {
  return `${(bytes / 2 ** 10).toFixed(1)} KiB`;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
