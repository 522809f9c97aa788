import { setImmediate } from "node:timers";

/** Lets everything that is only waiting for its turn run: three rounds of the event loop. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
