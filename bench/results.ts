/**
 * What a run of the benchmark found, as it is written to a file by `--json`.
 *
 * @module
 */

import type { HostileResult } from "./hostile/hostile.ts";
import type { MemorySample, RateSample } from "./generator.ts";
import type { RebuildResult } from "./nodes/rebuild.ts";
import type { Server } from "./servers.ts";
import type { EntranceResult } from "./work/entrance.ts";
import { median, medianRatio, ratiosOf } from "./statistics.ts";

/** A server's figures under one load. */
export interface RateResult {
  /** Which server. */
  server: Server["id"];
  /** Idle users beside the load; 0 but for the scenario `crowd`. */
  idleUsers: number;
  /** What else held, for people: where a server is compared with itself, or the load, where a scenario has several. */
  condition?: string;
  /** One sample per round. */
  rounds: RateSample[];
}

/** A server's memory. */
export interface MemoryResult extends MemorySample {
  /** Which server. */
  server: Server["id"];
}

/** What one scenario gave. */
export type ScenarioResult =
  | {
    kind: "rate" | "crowd" | "kept" | "variants";
    name: string;
    title: string;
    results: RateResult[];
  }
  /** The results come in twos: without a disturbance, and with it. */
  | { kind: "contrast"; name: string; title: string; results: RateResult[] }
  | { kind: "memory"; name: string; title: string; results: MemoryResult[] }
  | { kind: "hostile"; name: string; title: string; results: HostileResult[] }
  | {
    kind: "work";
    name: string;
    title: string;
    results: HostileResult[];
    entrances: EntranceResult[];
  }
  | {
    kind: "nodes";
    name: string;
    title: string;
    results: RateResult[];
    rebuilds: RebuildResult[];
  };

/** What a server is, and what it does for a message: the less, the faster. */
export interface ServerConditions extends Pick<Server, "title" | "answers" | "keeps" | "tls"> {
  /** Its version. */
  version: string;
}

/** Where and how it was measured. */
export interface Conditions {
  /** Start of the run, ISO 8601. */
  date: string;
  /** The processor's name. */
  cpu: string;
  /** How many processors. */
  cores: number;
  /** Bytes of memory. */
  memoryBytes: number;
  /** Operating system and its version. */
  system: string;
  /** Seconds of each measurement. */
  seconds: number;
  /** Measurements of each server in each scenario. */
  rounds: number;
  /** The commit that ours are compared with, if that is what was measured. */
  against?: string;
  /** The servers. */
  servers: Partial<Record<Server["id"], ServerConditions>>;
}

/** A whole run. */
export interface Results {
  /** Where and how. */
  conditions: Conditions;
  /** What was found. */
  scenarios: ScenarioResult[];
}

/** The figures that stand for a result: the medians of its rounds. */
export interface RateSummary {
  /** Median of the rates. */
  perSecond: number;
  /** Median of the medians. */
  p50Micros: number;
  /** Median of the 99th percentiles. */
  p99Micros: number;
  /** Median of the server's CPU time for one thing counted, microseconds. */
  cpuMicros: number;
  /** Share of its time in which the generator was busy, 0–1. */
  generatorLoad: number;
}

/** Sums up the rounds of a result. */
export function summarize({ rounds }: RateResult): RateSummary {
  const of = (figure: (sample: RateSample) => number): number => median(rounds.map(figure));
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p50Micros: of(({ p50Micros }) => p50Micros),
    p99Micros: of(({ p99Micros }) => p99Micros),
    cpuMicros: of(({ serverCpuSeconds, count }) => serverCpuSeconds / Math.max(1, count) * 1e6),
    generatorLoad: of(({ generatorCpuSeconds, seconds }) => generatorCpuSeconds / seconds),
  };
}

/** The rate of one against that of another, round by round. */
export function rateRatio(ours: RateResult, theirs: RateResult): number {
  return median(rateRatios(ours, theirs));
}

/** The rate of one against that of another, of each round. */
export function rateRatios(ours: RateResult, theirs: RateResult): number[] {
  const rates = ({ rounds }: RateResult): number[] => rounds.map(({ perSecond }) => perSecond);
  return ratiosOf(rates(ours), rates(theirs));
}

/** The 99th percentile of one against that of another, round by round. */
export function p99Ratio(ours: RateResult, theirs: RateResult): number {
  const times = ({ rounds }: RateResult): number[] => rounds.map(({ p99Micros }) => p99Micros);
  return medianRatio(times(ours), times(theirs));
}

/** The CPU time that one server takes for one thing counted against that of another, round by round. */
export function cpuRatio(ours: RateResult, theirs: RateResult): number {
  return median(cpuRatios(ours, theirs));
}

/** The CPU time that one server takes for one thing counted against that of another, of each round. */
export function cpuRatios(ours: RateResult, theirs: RateResult): number[] {
  const each = ({ rounds }: RateResult): number[] =>
    rounds.map(({ serverCpuSeconds, count }) => serverCpuSeconds / count);
  return ratiosOf(each(ours), each(theirs));
}

/** The middle of several samples of one number of connections. */
export function medianMemory(samples: readonly MemorySample[]): MemorySample {
  const of = (figure: (sample: MemorySample) => number): number => median(samples.map(figure));
  return {
    count: of(({ count }) => count),
    emptyResidentBytes: of(({ emptyResidentBytes }) => emptyResidentBytes),
    serverResidentBytes: of(({ serverResidentBytes }) => serverResidentBytes),
  };
}

/** Bytes of resident memory for each connection. */
export function bytesPerConnection(
  { count, emptyResidentBytes, serverResidentBytes }: MemorySample,
): number {
  return (serverResidentBytes - emptyResidentBytes) / count;
}

/**
 * Bytes of resident memory for each further connection: with the first ones the server has loaded and compiled what
 * it needs for any number of them.
 */
export function bytesPerFurther(few: MemorySample, many: MemorySample): number {
  return (many.serverResidentBytes - few.serverResidentBytes) / (many.count - few.count);
}
