/**
 * Looking at the nodes of a server without being one.
 *
 * @module
 */

import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import type { Msg } from "@nats-io/transport-node";

import { type Clock, systemClock } from "../../../common/clock.ts";
import { messageOf, StartError } from "../../../common/errors.ts";
import { silentLog } from "../../../common/log.ts";
import { printable } from "../../../common/printable.ts";
import type { SeenNode } from "../../admin/nodes.ts";
import type { Incarnation } from "../bus.ts";
import { UnavailableError } from "../operation_log.ts";
import { type Beat, readBeat } from "./beat.ts";
import type { Client } from "./client_types.ts";
import { BEAT_MS } from "./liveness.ts";
import { NatsConnection } from "./nats_connection.ts";
import type { NatsSettings } from "./nats_settings.ts";
import { NodeTable } from "./node_table.ts";
import { unavailable } from "./patience.ts";
import { Streams } from "./streams.ts";

/** Milliseconds for which NATS is tried: somebody waits at a terminal. */
const PATIENCE_MS = 3_000;

/** Milliseconds for which nodes are listened to: whoever lives beats four times. */
const LISTEN_MS = 4 * BEAT_MS;

/**
 * Asks NATS who has entered as a node, and listens until all of them that live have beaten, for 2 s at most. Nothing is
 * made or changed in NATS.
 *
 * @throws {StartError} If NATS does not answer, or there never was a node; one line.
 */
export async function surveyNodes(
  settings: NatsSettings,
  clock: Clock = systemClock,
): Promise<SeenNode[]> {
  const log = silentLog;
  await using nats = await NatsConnection.open({ settings, log, clock, patienceMs: PATIENCE_MS });
  const streams = await Streams.open({ nats, log, patienceMs: PATIENCE_MS });
  try {
    // Opening the bucket would make it.
    if (await lastOf(streams, `KV_${nats.prefix}_nodes`) === undefined) {
      throw new StartError(
        `This NATS has no nodes that begin with '${printable(nats.prefix)}'; see --nats-prefix`,
      );
    }
    const table = await NodeTable.open(nats, streams);
    const newest = await lastOf(streams, `${nats.prefix}_log`) ?? 0;
    const entries = await table.list();
    const living = entries.filter(({ state }) => state === "alive").map(({ node }) => node);
    const beats = await listen(nats, living, clock);
    return entries.map(({ node, address, started, state }) => {
      const beat = beats.get(node);
      const common = { name: beat?.address ?? address, life: node, started };
      if (state !== "alive") return { ...common, state };
      if (beat === undefined) return { ...common, state: "silent" };
      const { users, position } = beat;
      const lag = Math.max(0, newest - position);
      return { ...common, state, report: { users, position, lag } };
    });
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new StartError(messageOf(error), { cause: error });
  }
}

/** The number of the newest entry of a stream; `undefined`: there is no such stream. */
async function lastOf({ manager }: Pick<Streams, "manager">, stream: string) {
  try {
    return (await manager.streams.info(stream)).state.last_seq;
  } catch (error) {
    const isMissing = error instanceof JetStreamApiError &&
      error.code === JetStreamApiCodes.StreamNotFound;
    if (isMissing) return undefined;
    throw unavailable(messageOf(error), error);
  }
}

/** The first beats that come of these nodes. */
async function listen(
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
