/**
 * What `/metrics` says, read.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

/** The metrics that are served at an address: as they came, and their values by name with labels. */
export async function readMetrics(
  address: string,
): Promise<{ text: string; values: ReadonlyMap<string, number> }> {
  const response = await fetch(`http://${address}/metrics`);
  const text = await response.text();
  assertEquals(response.status, 200, text);
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const values = lines.map((line) => {
    const at = line.lastIndexOf(" ");
    return [line.slice(0, at), Number(line.slice(at + 1))] as const;
  });
  return { text, values: new Map(values) };
}
