/**
 * NATS servers, nodes and the links between them, as processes that can be killed, stopped and cut off.
 *
 * @module
 */

import { ServerProcess } from "../../tests/support/server_process.ts";
import type { Address } from "../line_client.ts";
import { Processes } from "../processes.ts";
import { type Sample, sampleProcess } from "../soak/server_sample.ts";
import { now } from "./chaos_client.ts";
import { Link } from "./link.ts";
import type { NodeEnd, Stop } from "./record.ts";

/** How many there are of each. */
export interface WorldSize {
  /** Nodes. */
  readonly nodes: number;
  /** NATS servers: 1 or 3. */
  readonly natsServers: number;
}

const START_MS = 15_000;
const LOOK_MS = 50;

/** One NATS server. */
class Nats {
  readonly port = freePort();
  readonly clusterPort = freePort();
  readonly name: string;
  readonly #processes: Processes;
  readonly #folder: string;
  #child: Deno.ChildProcess | undefined;

  constructor(name: string, folder: string, processes: Processes) {
    this.name = name;
    this.#folder = folder;
    this.#processes = processes;
  }

  async start(all: readonly Nats[]): Promise<void> {
    const routes = all.map(({ clusterPort }) => `nats://127.0.0.1:${clusterPort}`).join(",");
    const child = this.#processes.start("nats-server", [
      ...["--addr", "127.0.0.1", "--port", String(this.port), "--name", this.name],
      ...["--jetstream", "--store_dir", `${this.#folder}/${this.name}`],
      ...["--log", `${this.#folder}/${this.name}.log`],
      ...(all.length > 1
        ? [
          ...["--cluster_name", "chaos", "--cluster", `nats://127.0.0.1:${this.clusterPort}`],
          // Else clients would learn of ways to the servers that no link can cut.
          ...["--routes", routes, "--no_advertise"],
        ]
        : []),
    ], { install: "apt-get install nats-server" });
    for (const stream of [child.stdout, child.stderr]) stream.pipeTo(new WritableStream());
    this.#child = child;
    child.status.then(() => {
      if (this.#child === child) this.#child = undefined;
    });
    for (let waited = 0; waited < START_MS; waited += LOOK_MS) {
      if (this.#child === undefined) {
        throw new Error(`${this.name} has ended: see ${this.name}.log`);
      }
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.port })).close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
    throw new Error(`${this.name} did not start within ${START_MS / 1_000} s`);
  }

  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill(signal);
    await child?.status;
  }

  signal(signal: Deno.Signal): void {
    this.#child?.kill(signal);
  }
}

/** One node; its port stays the same. */
class ServerNode {
  readonly port = freePort();
  readonly name: string;
  readonly links: readonly Link[];
  readonly #folder: string;
  #process: ServerProcess | undefined;
  #first: Sample | undefined;
  /** When it was stopped. */
  readonly stops: Stop[] = [];
  /** How it ended each time that it was asked to. */
  readonly ends: NodeEnd[] = [];
  /** Whether clients may be sent there. */
  isUp = false;

  constructor(name: string, folder: string, links: readonly Link[]) {
    this.name = name;
    this.#folder = folder;
    this.links = links;
  }

  get address(): Address {
    return { hostname: "127.0.0.1", port: this.port };
  }

  async start(): Promise<void> {
    const urls = this.links.map(({ port }) => `nats://127.0.0.1:${port}`).join(",");
    this.#process = await ServerProcess.start([
      ...["--nats", urls, "--log-level", "INFO", "--rate", "0"],
      ...["--max-per-ip", "0", "--max-names-per-ip", "0"],
    ], {
      db: `${this.#folder}/${this.name}/jim.db`,
      logDir: `${this.#folder}/${this.name}/logs`,
      listenOn: ["-a", "127.0.0.1", "-p", String(this.port)],
      hashesCheaply: true,
    });
    this.#first = await sampleProcess(this.#process.pid);
    this.isUp = true;
  }

  async kill(): Promise<void> {
    this.isUp = false;
    const process = this.#process;
    this.#process = undefined;
    process?.kill("SIGKILL");
    await process?.ended();
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process?.kill(signal);
    const last = this.stops.at(-1);
    if (signal === "SIGSTOP") this.stops.push({ on: this.port, from: now(), to: Infinity });
    else if (last?.to === Infinity) last.to = now();
  }

  /**
   * Has it end by itself.
   *
   * @param isEmpty Whether no client is connected.
   */
  async stop(isEmpty = false): Promise<void> {
    this.isUp = false;
    const process = this.#process;
    const first = this.#first;
    this.#process = undefined;
    if (process === undefined || first === undefined) return;
    const last = await sampleProcess(process.pid);
    const begun = performance.now();
    process.kill("SIGTERM");
    const code = await process.ended().then(({ code }) => code, () => undefined);
    if (code === undefined) await process[Symbol.asyncDispose]();
    this.ends.push({
      ...{ node: this.name, code, tookMs: Math.round(performance.now() - begun) },
      descriptors: isEmpty ? [first.descriptors, last.descriptors] : undefined,
      rssMib: [Math.round(first.rssMib), Math.round(last.rssMib)],
    });
  }
}

/** All of it. Nothing is left of it when it is disposed of but the folder. */
export class World implements AsyncDisposable {
  readonly #processes = new Processes();
  /** The NATS servers. */
  readonly nats: readonly Nats[];
  /** The nodes. */
  readonly nodes: readonly ServerNode[];

  /**
   * Starts nothing yet.
   *
   * @param folder Where all of them keep their files.
   */
  constructor({ nodes, natsServers }: WorldSize, folder: string) {
    this.nats = Array.from(
      { length: natsServers },
      (_, i) => new Nats(`nats-${i + 1}`, folder, this.#processes),
    );
    this.nodes = Array.from({ length: nodes }, (_, i) => {
      const links = this.nats.map(({ port }) => new Link(port));
      return new ServerNode(`node-${i + 1}`, folder, links);
    });
  }

  /** Starts NATS, then the nodes. */
  async start(): Promise<void> {
    await Promise.all(this.nats.map((nats) => nats.start(this.nats)));
    for (const node of this.nodes) await node.start();
  }

  /** Where clients may connect. */
  get addresses(): Address[] {
    return this.nodes.filter(({ isUp }) => isUp).map(({ address }) => address);
  }

  /** Heals all links, wakes and starts all that is not there. */
  heal(): void {
    for (const { links } of this.nodes) for (const link of links) link.heal();
    for (const nats of this.nats) nats.signal("SIGCONT");
    for (const node of this.nodes) node.signal("SIGCONT");
  }

  /**
   * Asks all nodes to end, when no client is there any more.
   *
   * @returns How each ended, each time.
   */
  async end(): Promise<NodeEnd[]> {
    await Promise.all(this.nodes.map((node) => node.stop(true)));
    return this.nodes.flatMap(({ ends }) => ends);
  }

  /** Ends all. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.heal();
    await Promise.all(this.nodes.map((node) => node.kill()));
    for (const { links } of this.nodes) {
      for (const link of links) await link[Symbol.asyncDispose]();
    }
    await this.#processes[Symbol.asyncDispose]();
  }
}

/**
 * A port for somebody who comes and goes: not of those that systems give to who connects (from 32768 on Linux, 49152
 * elsewhere), else it may be taken meanwhile.
 */
function freePort(): number {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
