import { systemClock } from "../../common/clock.ts";
import type { Log } from "../../common/log.ts";
import { NatsConnection } from "../../server/cluster/nats/nats_connection.ts";
import { NatsLog } from "../../server/cluster/nats/nats_log.ts";
import { Streams } from "../../server/cluster/nats/streams.ts";
import { RecordingLog } from "./recording_log.ts";

/** What a node has of NATS. */
export interface NatsNode extends AsyncDisposable {
  readonly nats: NatsConnection;
  readonly streams: Streams;
  readonly log: NatsLog;
  readonly said: RecordingLog;
}

/** Connects a node, as the server does. */
export async function natsNode(
  servers: readonly string[],
  { patienceMs = 10_000, prefix = "jim", clock = systemClock } = {},
): Promise<NatsNode> {
  const said = new RecordingLog();
  const nats = await connectNats(servers, said, prefix);
  try {
    const streams = await Streams.open({ nats, log: said });
    const { manager } = streams;
    const stream = await streams.log();
    const log = new NatsLog({ nats, manager, stream, log: said, patienceMs, clock });
    return {
      ...{ nats, streams, log, said },
      async [Symbol.asyncDispose]() {
        await log[Symbol.asyncDispose]();
        await nats[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await nats[Symbol.asyncDispose]();
    throw error;
  }
}

/** The connection alone. */
export function connectNats(
  servers: readonly string[],
  log: Log = new RecordingLog(),
  prefix = "jim",
): Promise<NatsConnection> {
  return NatsConnection.open({ settings: { servers, isTls: false, prefix }, log });
}
