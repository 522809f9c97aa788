/**
 * The load generator `load.c`: built once a run, started once a measurement.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

import { StartError } from "../common/errors.ts";
import type { Processes } from "./processes.ts";
import type { RunningServer } from "./servers.ts";

/** What one measurement of a rate gives. */
export interface RateSample {
  /** What was counted: messages, deliveries, logins or probes. */
  unit: string;
  /** How many in `seconds`. */
  count: number;
  /** How long it was measured. */
  seconds: number;
  /** `count / seconds`. */
  perSecond: number;
  /** Median of the time from send to receipt (fan-out: the last; probes: the answer's), microseconds. */
  p50Micros: number;
  /** 99th percentile of the same, microseconds. */
  p99Micros: number;
  /** Median of the time from send to the answer, microseconds; 0 where nothing is answered. */
  answerP50Micros: number;
  /** 99th percentile of the same, microseconds. */
  answerP99Micros: number;
  /** CPU time that all threads of the server took, of several processes together. */
  serverCpuSeconds: number;
  /** CPU time that the generator took; where it comes near `seconds`, the generator is the limit. */
  generatorCpuSeconds: number;
  /** The server's resident memory at the end. */
  serverResidentBytes: number;
  /** Requests of those that flood that were answered meanwhile; they do not count otherwise. */
  flooded: number;
}

/** What holding idle connections gives. */
export interface MemorySample {
  /** How many are online. */
  count: number;
  /** The server's resident memory before the first connection. */
  emptyResidentBytes: number;
  /** The same with all online. */
  serverResidentBytes: number;
}

/** What the generator does. */
export type Load = "pairs" | "fanout" | "login" | "storm" | "probes";

/** The arguments of `load`: flag without dashes → value. */
export type LoadOptions = Readonly<Record<string, number | string>>;

/** Users that are online and idle until they are disposed of. */
export interface Crowd extends AsyncDisposable {
  /** What their connections cost. */
  readonly memory: MemorySample;
}

/** Runs the load generator. */
export class Generator {
  readonly #processes: Processes;
  readonly #program: string;

  private constructor(processes: Processes, program: string) {
    this.#processes = processes;
    this.#program = program;
  }

  /**
   * Builds the generator.
   *
   * @param processes Starts the compiler and the generator.
   * @param directory Where to put the program.
   * @param options `tls`: whether it can speak over TLS, which takes OpenSSL. @default {false}
   * @throws {StartError} If there is no compiler, or it fails.
   */
  static async build(
    processes: Processes,
    directory: string,
    { tls = false }: { tls?: boolean } = {},
  ): Promise<Generator> {
    const install = `apt-get install gcc libc6-dev${tls ? " libssl-dev" : ""}`;
    const [defines, libraries] = tls ? [["-DWITH_TLS"], ["-lssl", "-lcrypto"]] : [[], []];
    const program = `${directory}/load`;
    const source = new URL("load.c", import.meta.url).pathname;
    const { success, stderr } = await processes.run(
      "gcc",
      ["-O2", "-std=gnu11", "-Wall", "-Wextra", ...defines, "-o", program, source, ...libraries],
      { install },
    );
    if (!success) {
      const missing = /fatal error: (\S+): No such file/.exec(stderr);
      throw new StartError(
        missing === null
          ? `Cannot build the load generator: gcc says ${stderr.trim().split("\n")[0]}`
          : `Cannot build the load generator: ${missing[1]} is missing; ` +
            `install it with: ${install}`,
      );
    }
    return new Generator(processes, program);
  }

  /**
   * Puts load on a server.
   *
   * @throws {StartError} If a message was lost, altered or reordered, or the server refused something.
   */
  async run(load: Load, server: RunningServer, options: LoadOptions): Promise<RateSample> {
    const { success, stdout, stderr } = await this.#processes.run(
      this.#program,
      [load, ...toArgs({ ...targetOf(server), ...options })],
    );
    if (!success) throw new StartError(`${server.title}: ${stderr.trim() || "the load ended"}`);
    return JSON.parse(stdout);
  }

  /**
   * Brings users online and holds them there.
   *
   * @throws {StartError} If not all come online.
   */
  async hold(server: RunningServer, options: LoadOptions): Promise<Crowd> {
    const child = this.#processes.start(
      this.#program,
      ["idle", ...toArgs({ ...targetOf(server), ...options })],
      { stdin: true },
    );
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(
      new TextLineStream(),
    ).getReader();
    const { value } = await lines.read();
    if (value === undefined) {
      throw new StartError(`${server.title}: ${(await new Response(child.stderr).text()).trim()}`);
    }
    const processes = this.#processes;
    return {
      memory: JSON.parse(value),
      async [Symbol.asyncDispose](): Promise<void> {
        await Promise.all([child.stdin.close(), lines.cancel(), child.stderr.cancel()]);
        await processes.end(child);
      },
    };
  }
}

function targetOf(
  { protocol, port, pid, ports = [port], pids = [pid], concurrency, answers, tls }: RunningServer,
): LoadOptions {
  return {
    ...{ protocol, concurrency, port: ports.join(","), pid: pids.join(",") },
    answers: answers ? 1 : 0,
    tls: tls ? 1 : 0,
  };
}

function toArgs(options: LoadOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
