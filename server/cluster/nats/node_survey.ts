/**
 * Looking at the nodes of a server without being one.
 *
 * @module
 */

import { type Clock, systemClock } from "../../../common/clock.ts";
import { messageOf, StartError } from "../../../common/errors.ts";
import { silentLog } from "../../../common/log.ts";
import type { SeenNode } from "../../admin/nodes.ts";
import { UnavailableError } from "../operation_log.ts";
import { hearBeats } from "./hear_beats.ts";
import { NatsConnection } from "./nats_connection.ts";
import type { NatsSettings } from "./nats_settings.ts";
import { NodeTable } from "./node_table.ts";
import { Streams } from "./streams.ts";

/** Milliseconds for which NATS is tried: somebody waits at a terminal. */
const PATIENCE_MS = 3_000;

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
  try {
    return await nats.permitted(() => survey(nats, clock));
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new StartError(messageOf(error), { cause: error });
  }
}

async function survey(nats: NatsConnection, clock: Clock): Promise<SeenNode[]> {
  const streams = await Streams.open({ nats, log: silentLog, patienceMs: PATIENCE_MS });
  const newest = await streams.newest(); // opening the bucket would make it
  const entries = await (await NodeTable.open(nats, streams)).list();
  const living = entries.filter(({ state }) => state === "alive").map(({ node }) => node);
  const beats = await hearBeats(nats, living, clock);
  return entries.map(({ node, address, started, state }) => {
    const beat = beats.get(node);
    const common = { name: beat?.address ?? address, life: node, started };
    if (state !== "alive") return { ...common, state };
    if (beat === undefined) return { ...common, state: "silent" };
    const { users, position } = beat;
    const lag = Math.max(0, newest - position);
    return { ...common, state, report: { users, position, lag } };
  });
}
