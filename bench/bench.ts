/**
 * The benchmark: flags → {@linkcode Benchmark} → report, JSON, chart.
 *
 * @module
 */

import { cpus } from "node:os";

import { StartError, UsageError } from "../common/errors.ts";
import { exitStatus } from "../common/exit_status.ts";
import { parseCommand, type ParsedCommand } from "../common/flags.ts";
import { Checkout } from "./against/checkout.ts";
import { twinOf } from "./against/twin.ts";
import { Benchmark } from "./benchmark.ts";
import { BENCH_COMMAND, type BENCH_FLAGS } from "./flags.ts";
import { Generator } from "./generator.ts";
import { KEPT, UNKEPT } from "./kept/contestants.ts";
import { PROSODY, PROSODY_SQLITE } from "./kept/prosody.ts";
import { METERED } from "./metered.ts";
import { LINKED_PEERS } from "./nodes/linked_inspircd.ts";
import { KEPT_NODES, KEPT_NODES_R3, NODE, NODES, NODES_3 } from "./nodes/our_nodes.ts";
import { PEERS } from "./peers.ts";
import { Processes } from "./processes.ts";
import { report, withReport } from "./report.ts";
import type { Conditions, Results } from "./results.ts";
import { type Scenario, SCENARIOS, USUAL_SCENARIOS } from "./scenarios.ts";
import { ANSWERING_RELAY, CONTROL, type Host, JIM, RELAY, ROOT, type Server } from "./servers.ts";
import { HAPROXY, TLS } from "./tls/tls_servers.ts";
import { printLine } from "../common/output.ts";

async function main(args: string[]): Promise<number> {
  const { flags, info } = parseCommand(BENCH_COMMAND, args);
  if (info !== undefined) {
    printLine(info);
    return 0;
  }
  const scenarios = chooseScenarios(flags);
  const results = flags.from === undefined
    ? await measure(scenarios, flags)
    : readResults(flags.from);
  printLine(report(results));
  if (flags.json !== undefined) write(flags.json, JSON.stringify(results, null, 2) + "\n");
  if (flags.doc !== undefined) write(flags.doc, withReport(read(flags.doc), results));
  if (flags.chart !== undefined) {
    const { drawChart } = await import("./chart.ts"); // large, and not needed otherwise
    write(flags.chart, await drawChart(results));
  }
  return 0;
}

const OURS = [
  ...[JIM, CONTROL, METERED, TLS, HAPROXY, KEPT, UNKEPT],
  ...[NODE, NODES, NODES_3, KEPT_NODES, KEPT_NODES_R3],
];
const RELAYS = [RELAY, ANSWERING_RELAY];
const OTHERS = [...PEERS, PROSODY, PROSODY_SQLITE, ...LINKED_PEERS];

type BenchFlags = ParsedCommand<typeof BENCH_FLAGS>["flags"];

async function measure(
  scenarios: readonly Scenario[],
  { against, peers, seconds, rounds, server }: BenchFlags,
): Promise<Results> {
  const started = performance.now();
  const onProgress = (text: string): void => {
    const at = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
    printLine(`${at} s  ${text}`, Deno.stderr);
  };
  await using cleanup = new AsyncDisposableStack();
  let stopping: Promise<never> | undefined;
  const stop = (): void => {
    stopping ??= cleanup.disposeAsync().then(() => Deno.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, stop);
    cleanup.defer(() => Deno.removeSignalListener(signal, stop));
  }
  try {
    const directory = await Deno.makeTempDir({ prefix: "bench-" });
    cleanup.defer(() => Deno.remove(directory, { recursive: true }));
    const processes = cleanup.use(new Processes());
    const host = { processes, directory, command: server.trim().split(/\s+/) };
    const checkout = against === undefined ? undefined : cleanup.use(
      await Checkout.of(processes, {
        project: ROOT,
        ref: against,
        directory: `${directory}/before`,
      }),
    );
    const all = checkout !== undefined
      ? await besideTwins(checkout)
      : peers
      ? [...OURS, ...RELAYS, ...OTHERS]
      : [...OURS, ...RELAYS];
    const servers = all.filter((server) =>
      scenarios.some((scenario) => scenario.takes(server.twinOf ?? server))
    );
    const conditions = await describeConditions(host, servers, { seconds, rounds });
    if (checkout !== undefined) conditions.against = checkout.commit;
    const generator = await Generator.build(processes, directory, {
      tls: servers.some((server) => server.tls),
    });
    const benchmark = new Benchmark(host, generator, { seconds, rounds, onProgress });
    const results: Results = { conditions, scenarios: [] };
    for (const scenario of scenarios) {
      results.scenarios.push(await benchmark.run(scenario, servers));
    }
    return results;
  } catch (error) {
    // What is being ended may fail in any way; the signal has the last word.
    throw await stopping ?? error;
  }
}

/** Ours, each behind itself as it was. */
async function besideTwins(checkout: Checkout): Promise<Server[]> {
  const pairs = OURS.map(async (server) => [await twinOf(server, checkout), server]);
  return (await Promise.all(pairs)).flat();
}

function chooseScenarios(
  { scenario: names, against, peers }: BenchFlags,
): readonly Scenario[] {
  if (against !== undefined && peers) {
    throw new UsageError("--against and --peers exclude each other");
  }
  if (names === undefined) return USUAL_SCENARIOS;
  const scenarios = names.split(",").map((name) => {
    const scenario = SCENARIOS.find((candidate) => candidate.name === name.trim());
    if (scenario !== undefined) return scenario;
    const all = SCENARIOS.map((candidate) => candidate.name).join(", ");
    throw new UsageError(`--scenario must name some of ${all}; received another name`);
  });
  const alone = scenarios.find(({ kind }) => kind === "hostile" || kind === "work");
  if (against !== undefined && alone !== undefined) {
    throw new UsageError(`--against cannot compare the scenario ${alone.name}`);
  }
  return scenarios;
}

async function describeConditions(
  host: Host,
  servers: readonly Server[],
  { seconds, rounds }: { seconds: number; rounds: number },
): Promise<Conditions> {
  const versions: Conditions["servers"] = {};
  for (const server of servers) {
    const { title, answers, keeps = "no", tls = false } = server;
    versions[server.id] = { title, answers, keeps, tls, version: await server.version(host) };
  }
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    cpu: processors[0]?.model.trim() ?? "unknown processor",
    cores: processors.length,
    memoryBytes: Deno.systemMemoryInfo().total,
    system: `${Deno.build.os} ${/^\d+\.\d+/.exec(Deno.osRelease())?.[0] ?? ""}`.trim(),
    seconds,
    rounds,
    servers: versions,
  };
}

function readResults(path: string): Results {
  try {
    return JSON.parse(read(path));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StartError(`Cannot read results from ${path}: ${error.message}`);
  }
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new StartError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

function write(path: string, text: string): void {
  try {
    Deno.writeTextFileSync(path, text);
  } catch (error) {
    throw new StartError(`Cannot write ${path}: ${(error as Error).message}`);
  }
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
