/**
 * One attack as a process: `attacker.ts NAME PORT` says "ready" when it begins, attacks until its standard input
 * ends, and then says what it has achieved, as a line of JSON.
 *
 * @module
 */

import { printLine } from "../../common/output.ts";
import { ATTACKS, greedy } from "./attacks.ts";

if (import.meta.main) {
  const [name, port] = Deno.args;
  const attack = [...ATTACKS, greedy()].find((candidate) => candidate.name === name)!;
  const stop = new AbortController();
  const achieved: Record<string, number> = {};
  const siege = {
    port: Number(port),
    signal: stop.signal,
    count: (what: string, by = 1): void => void (achieved[what] = (achieved[what] ?? 0) + by),
  };
  await attack.prepare?.(siege);
  printLine("ready");
  const running = attack.run(siege);
  for await (const _ of Deno.stdin.readable);
  stop.abort();
  // What waits for an answer that will not come is not waited for.
  await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 500))]);
  printLine(JSON.stringify(achieved));
  Deno.exit(0);
}
