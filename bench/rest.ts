/**
 * Waiting until servers have nothing left to do.
 *
 * @module
 */

import { type Clock, systemClock } from "../common/clock.ts";
import { StartError } from "../common/errors.ts";
import { treeCpuSeconds } from "./process_tree.ts";
import type { RunningServer } from "./servers.ts";

/** Between two looks at the time that servers have taken. */
const LOOK_MS = 200;

/** Who takes less of that is at rest: a tenth. The kernel counts in hundredths of a second. */
const REST_SECONDS = 0.02;

/** How long a server may be busy after its load. */
const PATIENCE_SECONDS = 120;

/** For tests. */
export interface RestOptions {
  /** CPU time that a process has taken. @default {treeCpuSeconds} */
  cpuSeconds?: (pid: number) => Promise<number>;
  /** Waits between two looks. @default {systemClock} */
  clock?: Pick<Clock, "setTimeout">;
}

/**
 * Resolves when none of these servers takes a tenth of a core any more.
 *
 * What a server does after its load is taken from the next one's: with 1000 clients who have left a room, ngIRCd is
 * busy for seconds, and whoever is measured meanwhile has one core less.
 *
 * @throws {StartError} If one is still busy after 120 s.
 */
export async function atRest(
  servers: readonly Pick<RunningServer, "title" | "pid" | "pids">[],
  { cpuSeconds = treeCpuSeconds, clock = systemClock }: RestOptions = {},
): Promise<void> {
  const taken = (): Promise<number[]> =>
    Promise.all(servers.map(async ({ pid, pids = [pid] }) => {
      const seconds = await Promise.all(pids.map(cpuSeconds));
      return seconds.reduce((sum, each) => sum + each, 0);
    }));
  let before = await taken();
  let busy = servers;
  for (let looks = 0; looks < PATIENCE_SECONDS * 1_000 / LOOK_MS; looks++) {
    await new Promise<void>((resolve) => clock.setTimeout(resolve, LOOK_MS));
    const now = await taken();
    busy = servers.filter((_, index) => now[index]! - before[index]! > REST_SECONDS);
    if (busy.length === 0) return;
    before = now;
  }
  const titles = busy.map(({ title }) => title).join(", ");
  throw new StartError(`Still busy ${PATIENCE_SECONDS} s after the load: ${titles}`);
}
