import type { Msg } from "@nats-io/transport-node";

import type { Clock } from "../../../common/clock.ts";
import type { Incarnation } from "../bus.ts";
import { type Beat, readBeat } from "./beat.ts";
import type { Client } from "./client_types.ts";
import { BEAT_MS } from "./liveness.ts";

/** Milliseconds for which nodes are listened to: whoever lives beats four times. */
const LISTEN_MS = 4 * BEAT_MS;

/** The first beats that come of these nodes, within 2 s. */
export async function hearBeats(
  { client, prefix }: { readonly client: Pick<Client, "subscribe">; readonly prefix: string },
  nodes: readonly Incarnation[],
  clock: Clock,
): Promise<ReadonlyMap<Incarnation, Beat>> {
  const beats = new Map<Incarnation, Beat>();
  const missing = new Set(nodes);
  const { promise, resolve } = Promise.withResolvers<void>();
  if (missing.size === 0) return beats;
  const callback = (error: Error | null, message: Msg): void => {
    const beat = error === null ? readBeat(message.string()) : undefined;
    if (beat === undefined || !missing.delete(beat.node)) return;
    beats.set(beat.node, beat);
    if (missing.size === 0) resolve();
  };
  const subscription = client.subscribe(`${prefix}.beat`, { callback });
  const timer = clock.setTimeout(resolve, LISTEN_MS);
  await promise;
  clock.clearTimeout(timer);
  subscription.unsubscribe();
  return beats;
}
