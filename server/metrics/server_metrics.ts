/**
 * What a server tells of itself.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { ChatServer } from "../chat_server.ts";
import type { Store } from "../store/store.ts";
import type { CounterSpec, ExpositionSpec, GaugeSpec } from "./exposition.ts";
import type { Histogram } from "./histogram.ts";

/** Milliseconds for which a number of accounts holds: to count a million of them takes as long as hundreds of messages. */
const COUNT_HOLDS_MS = 60_000;

/** Where {@linkcode serverMetrics} looks. */
export interface ServerMetricsOptions {
  /** Who is there. */
  readonly server: Pick<ChatServer, "counts" | "queues" | "counters">;
  /** How many records were logged, by level. */
  readonly logged: ReadonlyMap<string, number>;
  /** What is kept. */
  readonly store: Pick<Store, "countAccounts">;
  /** The database file, `--db`. */
  readonly database: string;
  /** How long transactions took. */
  readonly commits: Histogram;
  /** How long messages took. */
  readonly deliveries: Histogram;
  /** By how much the event loop was late. */
  readonly loopLags: Histogram;
  /** Measures time. */
  readonly clock: Clock;
}

/** The metrics of a server. Their names are what dashboards and alerts go by: they do not change. */
export function serverMetrics(
  { server, logged, store, database, commits, deliveries, loopLags, clock }: ServerMetricsOptions,
): ExpositionSpec {
  const startedAt = Math.floor(performance.timeOrigin / 1_000);
  const gauges: GaugeSpec[] = [
    {
      name: "jim_connections",
      help: "Connections, those that are not online included.",
      read: () => server.counts.connections,
    },
    {
      name: "jim_users_online",
      help: "Names that are online, those whose client may come back included.",
      read: () => server.counts.online,
    },
    {
      name: "jim_rooms",
      help: "Rooms that somebody is in.",
      read: () => server.counts.rooms,
    },
    {
      name: "jim_accounts",
      help: "Accounts, counted once a minute at most.",
      read: holding(COUNT_HOLDS_MS, clock, () => store.countAccounts()),
    },
    {
      name: "jim_queue_bytes",
      help: "Bytes that wait for clients: what --max-memory limits.",
      read: () => server.queues.bytes,
    },
    {
      name: "jim_queue_peak_bytes",
      help: "The most bytes that waited for clients since the start.",
      read: () => server.queues.peak,
    },
    {
      name: "jim_database_bytes",
      help: "Size of the database file; 0 in memory.",
      read: () => sizeOf(database),
    },
    {
      name: "jim_database_wal_bytes",
      help: "Size of the write-ahead log beside it.",
      read: () => sizeOf(`${database}-wal`),
    },
    {
      name: "process_resident_memory_bytes",
      help: "Memory that the process has.",
      read: () => Deno.memoryUsage().rss,
    },
    {
      name: "process_start_time_seconds",
      help: "When the process started, in Unix seconds.",
      read: () => startedAt,
    },
  ];
  const counted = server.counters;
  const counters: CounterSpec[] = [
    {
      name: "jim_connections_total",
      help: "Connections that were let in.",
      read: () => [[{}, counted.connections]],
    },
    {
      name: "jim_connections_closed_total",
      help: "Connections that the server closed, or refused (full), by the reason.",
      labels: ["reason"],
      read: () => labelled("reason", Object.entries(counted.closes)),
    },
    {
      name: "jim_requests_total",
      help: "Requests that were answered, by event and code; msg with 200 or 202 is a message.",
      labels: ["event", "code"],
      read: () =>
        [...counted.answers()].map(({ event, code, count }) => [{ event, code }, count] as const),
    },
    {
      name: "jim_logins_failed_total",
      help: "Logins that were wrong, or refused unread (throttled).",
      labels: ["why"],
      read: () => [
        [{ why: "wrong" }, counted.wrongLogins],
        [{ why: "throttled" }, counted.throttledLogins],
      ],
    },
    {
      name: "jim_read_bytes_total",
      help: "Bytes that were read from connections, without those of TLS.",
      read: () => [[{}, counted.bytesRead]],
    },
    {
      name: "jim_written_bytes_total",
      help: "Bytes that were handed to connections to be written, without those of TLS.",
      read: () => [[{}, counted.bytesWritten]],
    },
    {
      name: "jim_log_records_total",
      help: "Records that were logged, by level.",
      labels: ["level"],
      read: () => labelled("level", logged),
    },
  ];
  const histograms = [
    {
      name: "jim_delivery_seconds",
      help: "How long messages took from being read to being delivered, and kept if they are.",
      durations: deliveries,
    },
    {
      name: "jim_commit_seconds",
      help: "How long transactions took until they were on disk, or failed.",
      durations: commits,
    },
    {
      name: "jim_event_loop_lag_seconds",
      help: "By how much a timer was late, measured five times a second.",
      durations: loopLags,
    },
  ];
  return { gauges, counters, histograms };
}

/** Values by a label. */
function labelled(
  label: string,
  values: Iterable<readonly [of: string, value: number]>,
): (readonly [Record<string, string>, number])[] {
  return [...values].map(([of, value]) => [{ [label]: of }, value]);
}

/**
 * Reads anew only what was read longer ago than that. If that fails, the value is the last one, or NaN: when the disk
 * fails, all other metrics are wanted most. It is then read again at once.
 */
function holding(ms: number, clock: Clock, read: () => Promise<number>): () => Promise<number> {
  let [value, until] = [NaN, -Infinity];
  return async () => {
    const now = clock.monotonicMs();
    if (now < until) return value;
    try {
      [value, until] = [await read(), now + ms];
    } catch {
      // `/readyz` says so, and the log.
    }
    return value;
  };
}

/** A file's size; 0 if there is none. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return 0;
  }
}
