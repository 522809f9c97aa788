/**
 * Finds names that had two owners, or were not free in time.
 *
 * @module
 */

import type { ChaosRecord, ClientRecord, Stop, Time } from "./record.ts";
import type { Violation } from "./violation.ts";

/** Milliseconds for which a node that is stopped, or cut off, holds its names. */
const FENCED_MS = 6_000;
/** Milliseconds that a node which was stopped for long takes to hang up. */
const HANG_UP_MS = 1_000;

/** Seconds within which the names of a dead node are free, and if a NATS server died in the same moment. */
const FREED_WITHIN = { alone: 10, withNats: 20 } as const;

interface Tenure {
  readonly client: string;
  readonly from: Time;
  readonly to: Time;
}

/** When a client held its name: from the answer to its login to the end of its connection. */
function tenuresOf({ client, happenings }: ClientRecord, stops: readonly Stop[]): Tenure[] {
  const tenures: Tenure[] = [];
  let begun: { at: Time; on: number } | undefined;
  for (const it of happenings) {
    if (it.what === "online") begun ??= it;
    else if (it.what === "offline" && begun !== undefined) {
      const { at: from, on } = begun;
      // A process that is stopped serves nobody, and cannot hang up in time: it does so before all else when it goes on.
      const stop = stops.find((stop) =>
        stop.on === on && stop.from >= from && it.at <= stop.to + HANG_UP_MS
      );
      const to = Math.min(it.at, (stop?.from ?? Infinity) + FENCED_MS);
      tenures.push({ client, from, to });
      begun = undefined;
    }
  }
  if (begun !== undefined) tenures.push({ client, from: begun.at, to: Infinity });
  return tenures;
}

/** Two owners: see `check`. */
export function* twoOwners({ clients, stops }: ChaosRecord): Generator<Violation> {
  for (const [name, holders] of Map.groupBy(clients, ({ name }) => name)) {
    const tenures = holders.flatMap((holder) => tenuresOf(holder, stops))
      .sort((a, b) => a.from - b.from);
    for (const [index, tenure] of tenures.entries()) {
      const next = tenures[index + 1];
      if (next === undefined || next.from >= tenure.to || next.client === tenure.client) continue;
      yield {
        rule: "two owners",
        what: `${name}: ${tenure.client} until ${tenure.to}, ${next.client} from ${next.from}`,
      };
    }
  }
}

/** Not freed: see `check`. */
export function* notFreed({ freed }: ChaosRecord): Generator<Violation> {
  for (const { name, death, freeAt } of freed) {
    const seconds = death.withNats ? FREED_WITHIN.withNats : FREED_WITHIN.alone;
    const took = freeAt === undefined ? Infinity : (freeAt - death.at) / 1_000;
    if (took <= seconds) continue;
    yield {
      rule: "not freed",
      what: `${name} of ${death.node}: after ${took} s, at most ${seconds}`,
    };
  }
}
