/**
 * Plain numbers → Prometheus's text format.
 *
 * @module
 */

import { messageOf, StartError } from "../../common/errors.ts";
import type { Histogram } from "./histogram.ts";

/** What Prometheus's format is written with. */
export type PromClient = typeof import("npm:prom-client@15.1.3");

/** What there is of something now. Names of users are no labels: there are too many, and they are nobody's business. */
export interface GaugeSpec {
  /** As in Prometheus, with the unit: `jim_queue_bytes`. */
  readonly name: string;
  /** One line for people. */
  readonly help: string;
  /** Asked at each scrape. */
  readonly read: () => number | Promise<number>;
}

/** What has happened since the start. */
export interface CounterSpec {
  /** As in Prometheus: `…_total`. */
  readonly name: string;
  /** One line for people. */
  readonly help: string;
  /** What tells one value from another; few values each, and no names of users. */
  readonly labels?: readonly string[];
  /** Asked at each scrape: values, each with its labels. */
  readonly read: () => Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>;
}

/** How durations were distributed. */
export interface HistogramSpec {
  /** As in Prometheus: `…_seconds`. */
  readonly name: string;
  /** One line for people. */
  readonly help: string;
  /** Read at each scrape. */
  readonly durations: Histogram;
}

/** What an {@linkcode Exposition} tells. */
export interface ExpositionSpec {
  /** What there is now. */
  readonly gauges: readonly GaugeSpec[];
  /** What has happened. */
  readonly counters: readonly CounterSpec[];
  /** How long things took. */
  readonly histograms: readonly HistogramSpec[];
}

/** Metrics that are read when somebody asks for them, by way of prom-client. Until then they cost nothing. */
export class Exposition {
  readonly #registry: InstanceType<PromClient["Registry"]>;

  /**
   * Makes what tells of the given metrics.
   *
   * @param client See {@linkcode loadPromClient}.
   */
  constructor(client: PromClient, { gauges, counters, histograms }: ExpositionSpec) {
    const registry = this.#registry = new client.Registry();
    const registers = [registry];
    for (const { name, help, read } of gauges) {
      new client.Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await read());
        },
      });
    }
    for (const { name, help, labels: labelNames = [], read } of counters) {
      new client.Counter({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          for (const [labels, value] of read()) this.inc(labels, value);
        },
      });
    }
    for (const spec of histograms) {
      registry.registerMetric(
        histogramOf(spec) as unknown as Parameters<typeof registry.registerMetric>[0],
      );
    }
  }

  /** The format, as HTTP names it. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

/**
 * Loads prom-client, which nobody else needs than who serves metrics.
 *
 * @throws {StartError} If that cannot be: it was not downloaded, and there is no network.
 */
export async function loadPromClient(): Promise<PromClient> {
  try {
    return await import("npm:prom-client@15.1.3");
  } catch (cause) {
    const [reason] = messageOf(cause).split("\n");
    throw new StartError(`Cannot load prom-client, which --metrics needs: ${reason}`, { cause });
  }
}

/** A metric that prom-client's registry writes out; of a metric it uses these alone. */
interface RegistryMetric {
  readonly name: string;
  get(): Promise<unknown>;
}

/** A histogram that is counted elsewhere: prom-client's own takes its durations one by one. */
function histogramOf({ name, help, durations }: HistogramSpec): RegistryMetric {
  const get = (): Promise<unknown> => {
    const { bounds, counts, sum } = durations;
    let count = 0;
    const buckets = [...bounds, "+Inf"].map((le, index) => ({
      metricName: `${name}_bucket`,
      labels: { le },
      value: count += counts[index]!,
    }));
    const values = [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, value: sum },
      { metricName: `${name}_count`, labels: {}, value: count },
    ];
    return Promise.resolve({ name, help, type: "histogram", values });
  };
  return { name, get };
}
