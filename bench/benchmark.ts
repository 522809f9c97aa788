/**
 * Runs the scenarios.
 *
 * @module
 */

import type { Crowd, Generator, LoadOptions, MemorySample, RateSample } from "./generator.ts";
import { type Attack, ATTACKS, greedy } from "./hostile/attacks.ts";
import { type HostileResult, runHostile } from "./hostile/hostile.ts";
import type { NodesScenario } from "./nodes/nodes_scenario.ts";
import { runRebuild } from "./nodes/rebuild.ts";
import { atRest } from "./rest.ts";
import {
  medianMemory,
  type MemoryResult,
  type RateResult,
  type ScenarioResult,
} from "./results.ts";
import type {
  ContrastScenario,
  CrowdScenario,
  HostileScenario,
  KeptScenario,
  MemoryScenario,
  RateScenario,
  Scenario,
  VariantsScenario,
  WorkScenario,
} from "./scenarios.ts";
import type { Host, RunningServer, Server } from "./servers.ts";
import { runEntrance } from "./work/entrance.ts";

/** How thoroughly to measure. */
export interface BenchmarkOptions {
  /** Seconds of each measurement. */
  seconds: number;
  /** Measurements of each server in each scenario. */
  rounds: number;
  /** Told what is being done, and then what it gave. */
  onProgress: (text: string) => void;
}

/** Load before the clock starts, so that connections have settled. */
const WARMUP_SECONDS = 0.3;
/** A server's first load, which is not counted: Deno compiles what is hot. */
const FIRST_WARMUP_SECONDS = 1;
/** After the last of many logins, before memory is read. */
const SETTLE_SECONDS = 1;
/** Starts of a server for each number of connections: when its collector of garbage runs is a matter of chance. */
const MEMORY_ROUNDS = 3;

/** Measures servers in turn. */
export class Benchmark {
  readonly #host: Host;
  readonly #generator: Generator;
  readonly #options: BenchmarkOptions;

  /**
   * Makes a benchmark; nothing is started yet.
   *
   * @param host Starts the servers.
   * @param generator Puts load on them.
   * @param options See {@linkcode BenchmarkOptions}.
   */
  constructor(host: Host, generator: Generator, options: BenchmarkOptions) {
    this.#host = host;
    this.#generator = generator;
    this.#options = options;
  }

  /**
   * Runs a scenario with those servers that take part in it.
   *
   * @throws {StartError} If a server does not start, or loses a message.
   */
  async run(scenario: Scenario, servers: readonly Server[]): Promise<ScenarioResult> {
    const { name, title } = scenario;
    const taking = servers.filter((server) => scenario.takes(server.twinOf ?? server));
    switch (scenario.kind) {
      case "rate":
        return { kind: "rate", name, title, results: await this.#rates(scenario, taking) };
      case "crowd":
        return { kind: "crowd", name, title, results: await this.#crowds(scenario, taking) };
      case "contrast":
        return { kind: "contrast", name, title, results: await this.#contrasts(scenario, taking) };
      case "memory":
        return { kind: "memory", name, title, results: await this.#memory(scenario, taking) };
      case "kept":
      case "variants":
        return { kind: scenario.kind, name, title, results: await this.#loads(scenario, taking) };
      case "nodes": {
        const results = await this.#loads(scenario, taking);
        if (taking.some(({ twinOf }) => twinOf)) {
          return { kind: "nodes", name, title, results, rebuilds: [] };
        }
        const { seconds, rounds } = this.#options;
        const rebuilds = await runRebuild(this.#host, {
          messages: Math.ceil(seconds * scenario.missed),
          rounds,
          onProgress: (text) => this.#say(scenario, text),
        });
        return { kind: "nodes", name, title, results, rebuilds };
      }
      case "hostile":
        return { kind: "hostile", name, title, results: await this.#hostile(scenario, ATTACKS) };
      case "work": {
        const results = await this.#hostile(scenario, [greedy()]);
        const { members, newcomers } = scenario;
        this.#say(scenario, `${newcomers} come at once into a room of ${members}`);
        return {
          kind: "work",
          name,
          title,
          results,
          entrances: await runEntrance(this.#host, scenario),
        };
      }
    }
  }

  async #rates(scenario: RateScenario, servers: readonly Server[]): Promise<RateResult[]> {
    await using stack = new AsyncDisposableStack();
    const contestants: Contestant[] = [];
    for (const server of servers) {
      contestants.push(contestant(stack.use(await server.start(this.#host)), 0));
    }
    return await this.#alternate(scenario, contestants, scenario);
  }

  async #crowds(scenario: CrowdScenario, servers: readonly Server[]): Promise<RateResult[]> {
    await using stack = new AsyncDisposableStack();
    const contestants: Contestant[] = [];
    for (const server of servers) {
      for (const count of scenario.counts) {
        const running = stack.use(await server.start(this.#host));
        this.#say(scenario, `${server.title}: ${count} users come online`);
        stack.use(await this.#hold(running, count));
        contestants.push(contestant(running, count));
      }
    }
    return await this.#alternate(scenario, contestants, {
      load: "pairs",
      options: scenario.options,
    });
  }

  async #contrasts(
    scenario: ContrastScenario,
    servers: readonly Server[],
  ): Promise<RateResult[]> {
    const { load, rates, options, disturbance } = scenario;
    const [without, with_] = disturbance.titles;
    await using stack = new AsyncDisposableStack();
    const contestants: Contestant[] = [];
    for (const server of servers) {
      for (const rate of rates) {
        const running = stack.use(await server.start(this.#host, rate));
        const title = (condition: string): string =>
          rates.length > 1 ? `--rate ${rate}, ${condition}` : condition;
        contestants.push(
          contestant(running, 0, { condition: title(without) }),
          contestant(running, 0, { condition: title(with_), options: disturbance.options }),
        );
      }
    }
    return await this.#alternate(scenario, contestants, { load, options });
  }

  async #memory(scenario: MemoryScenario, servers: readonly Server[]): Promise<MemoryResult[]> {
    const results: MemoryResult[] = [];
    for (const server of servers) {
      for (const count of scenario.counts) {
        this.#say(scenario, `${server.title}: ${count} users come online`);
        const samples: MemorySample[] = [];
        for (let i = 0; i < MEMORY_ROUNDS; i++) {
          await using running = await server.start(this.#host);
          await using crowd = await this.#hold(running, count);
          samples.push(crowd.memory);
        }
        results.push({ server: server.id, ...medianMemory(samples) });
      }
    }
    return results;
  }

  async #loads(
    scenario: KeptScenario | VariantsScenario | NodesScenario,
    servers: readonly Server[],
  ): Promise<RateResult[]> {
    const results: RateResult[] = [];
    for (const one of scenario.loads) {
      const { title, load = "pairs", inFlight, options } = one;
      this.#say(scenario, title);
      await using stack = new AsyncDisposableStack();
      const contestants: Contestant[] = [];
      for (const server of servers) {
        if (inFlight > (server.maxInFlight ?? Infinity)) continue;
        if ("pledges" in one && one.pledges[(server.twinOf ?? server).id] === undefined) continue;
        const running = stack.use(await server.start(this.#host));
        contestants.push(
          contestant(running, 0, { condition: title, options: server.keeping ?? {} }),
        );
      }
      results.push(...await this.#alternate(scenario, contestants, { load, options }));
    }
    return results;
  }

  #hostile(
    scenario: HostileScenario | WorkScenario,
    attacks: readonly Attack[],
  ): Promise<HostileResult[]> {
    return runHostile(this.#host, {
      attacks,
      seconds: this.#options.seconds * scenario.factor,
      onProgress: (text) => this.#say(scenario, text),
    });
  }

  #hold(server: RunningServer, count: number): Promise<Crowd> {
    return this.#generator.hold(server, { count, settle: SETTLE_SECONDS });
  }

  /** A round is one measurement of each, when all are at rest: A B C, A B C … */
  async #alternate(
    scenario: Scenario,
    contestants: readonly Contestant[],
    { load, options }: Pick<RateScenario, "load" | "options">,
  ): Promise<RateResult[]> {
    const { rounds, seconds } = this.#options;
    const servers = [...new Set(contestants.map(({ server }) => server))];
    for (const [index, { server, label, extra }] of contestants.entries()) {
      this.#say(scenario, `warming up ${label}`);
      await this.#generator.run(load, server, {
        prefix: `w${index}`,
        ...options,
        ...extra,
        warmup: 0,
        seconds: Math.min(FIRST_WARMUP_SECONDS, seconds),
      });
    }
    for (let round = 1; round <= rounds; round++) {
      for (const [index, { server, result, label, extra }] of contestants.entries()) {
        await atRest(servers);
        const sample = await this.#generator.run(load, server, {
          // Each measurement has names of its own: those of the last may not be free yet.
          prefix: `r${round}-${index}`,
          ...options,
          ...extra,
          warmup: Math.min(WARMUP_SECONDS, seconds),
          seconds,
        });
        result.rounds.push(sample);
        this.#say(scenario, `round ${round} of ${rounds}, ${label}: ${describe(sample)}`);
      }
    }
    return contestants.map(({ result }) => result);
  }

  #say({ name }: Scenario, text: string): void {
    this.#options.onProgress(`${name}: ${text}`);
  }
}

interface Contestant {
  readonly server: RunningServer;
  readonly result: RateResult;
  /** What it is called while it is measured. */
  readonly label: string;
  /** What is added to the load. */
  readonly extra: LoadOptions;
}

function contestant(
  server: RunningServer,
  idleUsers: number,
  { condition, options = {} }: { condition?: string; options?: LoadOptions } = {},
): Contestant {
  const result: RateResult = { server: server.id, idleUsers, rounds: [] };
  if (condition !== undefined) result.condition = condition;
  const label = condition === undefined || server.id !== "jim" ? server.title : condition;
  return { server, result, label, extra: options };
}

function describe({ perSecond, unit, p50Micros, p99Micros }: RateSample): string {
  return `${perSecond.toFixed(0)} ${unit}/s, p50 ${p50Micros.toFixed(0)} µs, ` +
    `p99 ${p99Micros.toFixed(0)} µs`;
}
