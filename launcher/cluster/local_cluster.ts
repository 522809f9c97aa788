/**
 * Several nodes of one chat server on this machine, and the NATS servers between them.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import type { Interrupts } from "../../common/interrupts.ts";
import { Child, type Say } from "../child.ts";
import type { Place, Runtime } from "../commands.ts";
import { ServerChild } from "../server_child.ts";
import { natsCommand, type NatsPorts, natsUrls, nodeCommand, NOT_INSTALLED } from "./commands.ts";
import type { ClusterPlan } from "./flags.ts";

/** How long a NATS server may take to end. */
const NATS_GRACE_MS = 8_000;
/** How long it may take to accept connections, and how often to look. */
const NATS_START_MS = 10_000;
const LOOK_MS = 50;
/**
 * Lines that a NATS server says at its start and when it is asked to end, of its route to another one that is not there
 * yet or any more, and of the stream that a node makes, and deletes at once, to see whether it may; what is worse is
 * handed on.
 */
const NATS_NOISE =
  /\[(INF|WRN|DBG)\]|\[ERR\] (Error trying to connect to route|.* rid:\d+ - |RAFT .*: raft: node is closed$)/;

/**
 * Starts all of it, and ends it in order: first the nodes, then NATS.
 *
 * Guarantees: after {@linkcode LocalCluster.end}, and when it is disposed of, none of the processes is left; they end as
 * well if this process is killed.
 */
export class LocalCluster implements AsyncDisposable {
  readonly #runtime: Runtime;
  readonly #plan: ClusterPlan;
  readonly #say: Say;
  readonly #nats: Child[] = [];
  readonly #natsPorts: NatsPorts[] = [];
  readonly #nodes: ServerChild[] = [];
  #ending: Promise<void> | undefined;

  /**
   * Starts nothing yet.
   *
   * @param say Takes what the processes print.
   */
  constructor(runtime: Runtime, plan: ClusterPlan, say: Say) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#say = say;
  }

  /**
   * Starts NATS, then the nodes.
   *
   * @returns Where the nodes accept connections.
   * @throws {StartError} If something does not start.
   */
  async start(interrupts: Interrupts): Promise<readonly Place[]> {
    interrupts.second.then(() => {
      for (const child of [...this.#nodes, ...this.#nats]) child.kill();
    });
    const ports = this.#natsPorts;
    while (ports.length < this.#plan.natsServers) ports.push(freePorts());
    for (const index of ports.keys()) {
      const say: Say = (speaker, line, stream) => {
        if (!NATS_NOISE.test(line)) this.#say(speaker, line, stream);
      };
      const command = natsCommand(this.#plan, index, ports);
      this.#nats.push(new Child(`nats-${index + 1}`, command, { say, graceMs: NATS_GRACE_MS }));
    }
    await Promise.all(ports.map(({ client }, i) => firstOf(accepts(client), this.#nats[i]!)));
    for (const nats of this.#nats) this.#tellEnd(nats);
    const places: Place[] = [];
    for (let index = 0; index < this.#plan.nodes; index++) {
      if (this.#ending !== undefined) throw new StartError("The cluster has been ended");
      // With a shared port that the system chooses, the first node says which one it is.
      const [first] = places;
      const plan = this.#plan.isOnePort && first !== undefined
        ? { ...this.#plan, port: first.port }
        : this.#plan;
      const command = nodeCommand(this.#runtime, plan, index, ports);
      const node = new ServerChild(command, this.#say, `node-${index + 1}`);
      this.#nodes.push(node);
      places.push(await firstOf(node.listening(), node));
    }
    return this.#plan.isOnePort ? places.slice(0, 1) : places;
  }

  /** Where NATS is, as `--nats` takes it, once all has started. */
  get nats(): string {
    return natsUrls(this.#natsPorts);
  }

  /** Resolves when all nodes have ended by themselves. */
  async over(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => this.#tellEnd(node)));
  }

  /** Says that a process has ended, unless it was asked to. */
  async #tellEnd({ name, ended }: Child): Promise<void> {
    const { status } = await ended;
    if (this.#ending === undefined) {
      this.#say(name, `ended with status ${status ?? "unknown"}`, "stderr");
    }
  }

  /** Ends all: the nodes, then NATS. Idempotent. */
  end(): Promise<void> {
    return this.#ending ??= this.#end();
  }

  async #end(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.stop()));
    await Promise.all(this.#nats.map((nats) => nats.stop()));
  }

  /** Ends all. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

async function firstOf<T>(awaited: Promise<T>, { name, ended }: Child): Promise<T> {
  const early = ended.then(({ status }): never => {
    const hint = name.startsWith("nats") && status === NOT_INSTALLED
      ? "nats-server is not installed; Debian and Ubuntu: apt-get install nats-server"
      : `${name} ended with status ${status ?? "unknown"} while it was starting`;
    throw new StartError(hint);
  });
  return await Promise.race([awaited, early]);
}

/** Ports that nobody listens on at the moment. */
function freePorts(): NatsPorts {
  using client = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using cluster = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { client: client.addr.port, cluster: cluster.addr.port };
}

/** Resolves when somebody accepts connections there. */
async function accepts(port: number): Promise<void> {
  for (let waited = 0; waited < NATS_START_MS; waited += LOOK_MS) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
  throw new StartError(`nats-server did not start within ${NATS_START_MS / 1000} s`);
}
