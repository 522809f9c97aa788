/**
 * Waiting for what a store deletes by itself.
 *
 * @module
 */

import type { FakeClock } from "./fake_clock.ts";
import { eventually } from "./server_fixture.ts";

const HOUR_MS = 3_600_000;

/**
 * Lets a store whose only timers are those of its retention delete all that is due. A run sees the time at which it
 * began, and may wait for a lock at its end: so it is run a few times, an hour apart.
 */
export async function retentionIsDone(clock: FakeClock): Promise<void> {
  for (let n = 0; n < 4; n++) {
    await eventually(() => clock.pending > 0, () => "the end of the retention");
    clock.advance(HOUR_MS);
  }
  await eventually(() => clock.pending > 0, () => "the end of the retention");
}
