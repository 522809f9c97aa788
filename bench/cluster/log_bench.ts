/**
 * How fast operations get into the log of several nodes and out of it, on a NATS that is there.
 *
 * Usage: deno run --allow-net bench/cluster/log_bench.ts nats://127.0.0.1:4222 [OPERATIONS]
 *
 * @module
 */

import { silentLog } from "../../common/log.ts";
import { printLine } from "../../common/output.ts";
import { NatsConnection } from "../../server/cluster/nats/nats_connection.ts";
import { NatsLog } from "../../server/cluster/nats/nats_log.ts";
import { natsSettingsOf } from "../../server/cluster/nats/nats_settings.ts";
import { Streams } from "../../server/cluster/nats/streams.ts";
import type { Operation } from "../../server/cluster/operation.ts";

const [url = "nats://127.0.0.1:4222", count = "20000"] = Deno.args;
const total = Number(count);
const operation: Operation = {
  ...{ do: "call", method: "rememberName", at: 0 },
  args: ["x".repeat(200)],
};

/** Prints how many a second there were. */
async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  await work();
  const rate = total / (performance.now() - begun) * 1_000;
  printLine(`${what.padEnd(40)} ${Math.round(rate)}/s`);
}

const settings = natsSettingsOf({ nats: url, "nats-prefix": `bench_${Date.now()}` })!;
await using nats = await NatsConnection.open({ settings, log: silentLog });
const streams = await Streams.open({ nats, log: silentLog });
const { manager } = streams;
const stream = await streams.log();
await using log = new NatsLog({ nats, manager, stream, log: silentLog });
let next = 0;
const append = (): Promise<number> => log.append(`${next++}`, operation);

await measure("appended, all at once", () => Promise.all(Array.from({ length: total }, append)));
await measure("read", () =>
  new Promise<void>((resolve) =>
    log.follow(0, ({ seq }) => {
      if (seq === total) resolve();
    })
  ));
await measure("appended, 50 at once, and read", () => {
  const end = next + total;
  return Promise.all(Array.from({ length: 50 }, async () => {
    while (next < end) await append();
  }));
});
await manager.streams.delete(stream);
