/**
 * All that `--metrics` adds to a server. Loaded only if it is given.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { Log } from "../../common/log.ts";
import type { Store } from "../store/store.ts";
import { Deliveries } from "./deliveries.ts";
import { Exposition, type ExpositionSpec, loadPromClient, type PromClient } from "./exposition.ts";
import { Histogram } from "./histogram.ts";
import { LoopLag } from "./loop_lag.ts";
import type { MetricsAddress } from "./metrics_address.ts";
import { MetricsServer } from "./metrics_server.ts";
import { serverMetrics, type ServerMetricsOptions } from "./server_metrics.ts";

/** What is monitored. */
export interface Monitored
  extends Omit<ServerMetricsOptions, "commits" | "deliveries" | "loopLags" | "clock"> {
  /** What is kept. */
  readonly store: Pick<Store, "countAccounts" | "check">;
  /** What else there is to tell, and what may stand in the way, of a node of several. */
  readonly cluster?: {
    /** Beside those of every server. */
    readonly metrics: Pick<ExpositionSpec, "gauges" | "counters">;
    /** See `Subject.obstacle`. */
    readonly obstacle: string | undefined;
  };
  /** Where to say what fails. */
  readonly log: Log;
}

/** Serves the metrics of one server, from before it opens its store to after it has closed it. */
export class Monitoring implements AsyncDisposable {
  /** How long transactions took; for the store. */
  readonly commits: Histogram = new Histogram();
  /** How long messages took; for the server. */
  readonly deliveries: Deliveries;
  readonly #client: PromClient;
  readonly #http: MetricsServer;
  readonly #lag: LoopLag;
  readonly #clock: Clock;

  private constructor(
    client: PromClient,
    http: MetricsServer,
    clock: Clock,
  ) {
    this.#client = client;
    this.#http = http;
    this.#clock = clock;
    this.deliveries = new Deliveries(clock);
    this.#lag = new LoopLag(clock);
  }

  /**
   * Listens; the server is not ready yet.
   *
   * @throws {StartError} If it cannot.
   */
  static async start(address: MetricsAddress, clock: Clock): Promise<Monitoring> {
    const client = await loadPromClient();
    return new Monitoring(client, new MetricsServer(address, clock), clock);
  }

  /** Where it listens. */
  get address(): string {
    return this.#http.address;
  }

  /** The server is ready. */
  open({ log, cluster, ...options }: Monitored): void {
    const parts = {
      ...options,
      commits: this.commits,
      deliveries: this.deliveries.durations,
      loopLags: this.#lag.lags,
      clock: this.#clock,
    };
    const { gauges, counters, histograms } = serverMetrics(parts);
    const exposition = new Exposition(this.#client, {
      gauges: [...gauges, ...cluster?.metrics.gauges ?? []],
      counters: [...counters, ...cluster?.metrics.counters ?? []],
      histograms,
    });
    const check = (): Promise<void> => options.store.check();
    this.#http.open({ exposition, check, obstacle: () => cluster?.obstacle }, log);
  }

  /** The server is about to end. */
  drain(): void {
    this.#http.drain();
  }

  /** Closes at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lag[Symbol.dispose]();
    await this.#http[Symbol.asyncDispose]();
  }
}
