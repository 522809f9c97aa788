import type { RateSample } from "../../../bench/generator.ts";
import type { RateResult, Results } from "../../../bench/results.ts";

function sample(perSecond: number, p99Micros = 2_000): RateSample {
  return {
    unit: "messages",
    count: perSecond * 2,
    seconds: 2,
    perSecond,
    p50Micros: 1_000,
    p99Micros,
    answerP50Micros: 1_500,
    answerP99Micros: p99Micros * 2,
    serverCpuSeconds: 1,
    generatorCpuSeconds: 0.5,
    serverResidentBytes: 50 * 2 ** 20,
    flooded: 0,
  };
}

function contrast(condition: string, p99Micros: number): RateResult {
  return { server: "jim", idleUsers: 0, condition, rounds: [sample(10_000, p99Micros)] };
}

function kept(
  server: RateResult["server"],
  condition: string,
  rates: readonly number[],
  p99Micros = 2_000,
): RateResult {
  return { server, idleUsers: 0, condition, rounds: rates.map((rate) => sample(rate, p99Micros)) };
}

function unanswered(result: RateResult): RateResult {
  return {
    ...result,
    rounds: result.rounds.map((one) => ({ ...one, answerP50Micros: 0, answerP99Micros: 0 })),
  };
}

/** A run of two servers with a scenario of each kind. */
export const RUN: Results = {
  conditions: {
    date: "2026-01-02T03:04:05.000Z",
    cpu: "a processor",
    cores: 2,
    memoryBytes: 2 ** 30,
    system: "linux 6",
    seconds: 2,
    rounds: 3,
    servers: {
      jim: { title: "this server", version: "1.2", answers: true },
      inspircd: { title: "InspIRCd", version: "3.4", answers: false },
      prosody: {
        title: "Prosody",
        version: "5.6",
        answers: true,
        keeps: "not synced",
        tls: true,
      },
    },
  },
  scenarios: [
    {
      kind: "rate",
      name: "50x1",
      title: "50 pairs, 1 in flight",
      results: [
        { server: "jim", idleUsers: 0, rounds: [sample(30_000), sample(10_000), sample(20_000)] },
        {
          server: "inspircd",
          idleUsers: 0,
          rounds: [40_000, 40_000, 25_000].map((n) => sample(n)),
        },
      ],
    },
    {
      kind: "memory",
      name: "memory",
      title: "memory per idle connection",
      results: [{
        server: "jim",
        count: 1_024,
        emptyResidentBytes: 50 * 2 ** 20,
        serverResidentBytes: 62 * 2 ** 20,
      }, {
        server: "jim",
        count: 2_048,
        emptyResidentBytes: 50 * 2 ** 20,
        serverResidentBytes: 70 * 2 ** 20,
      }],
    },
    {
      kind: "crowd",
      name: "crowd",
      title: "50 pairs beside idle users",
      results: [
        { server: "jim", idleUsers: 100, rounds: [sample(20_000)] },
        { server: "jim", idleUsers: 5_000, rounds: [sample(18_000)] },
      ],
    },
    {
      kind: "contrast",
      name: "flood",
      title: "beside one that floods",
      results: [
        contrast("slow, no flood", 1_000),
        contrast("slow, one flood", 1_100),
        contrast("fast, no flood", 2_000),
        contrast("fast, one flood", 5_000),
      ],
    },
    {
      kind: "kept",
      name: "kept",
      title: "messages that are kept",
      results: [
        kept("kept", "direct", [10_000, 20_000, 15_000], 3_000),
        kept("unkept", "direct", [40_000, 40_000, 30_000], 2_000),
        kept("prosody", "direct", [1_000, 1_000, 0], 30_000),
        kept("kept", "room", [12_000]),
        kept("prosody", "room", [0]),
      ],
    },
    {
      kind: "variants",
      name: "metrics",
      title: "what --metrics costs",
      results: [
        kept("jim", "50x1", [10_000, 20_000]),
        kept("metered", "50x1", [9_900, 19_600]),
        kept("jim", "50x32", [50_000]),
        kept("metered", "50x32", [40_000]),
      ],
    },
    {
      kind: "nodes",
      name: "nodes",
      title: "several nodes",
      results: [
        kept("jim", "direct 50x1", [40_000, 20_000]),
        kept("nodes", "direct 50x1", [10_000, 10_000]),
        unanswered(kept("linked", "direct 50x1", [20_000, 20_000])),
        kept("echoing", "direct 50x1", [8_000, 0]),
        kept("kept", "kept room 50x1", [5_000]),
        kept("kept-nodes-r3", "kept room 50x1", [4_000]),
      ],
      rebuilds: [
        {
          server: "kept-nodes",
          messages: 10_000,
          rounds: [3, 1.5, 2.5].map((seconds) => ({
            seconds,
            upToDateSeconds: 0.5,
            cpuSeconds: 1,
          })),
        },
        {
          server: "kept-nodes-r3",
          messages: 10_000,
          rounds: [{ seconds: 0.76, upToDateSeconds: 0.75, cpuSeconds: 0.25 }],
        },
      ],
    },
  ],
};
