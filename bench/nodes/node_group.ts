import { type Host, type RunningServer, type Server, startUnlimited } from "../servers.ts";
import { type NatsGroup, startNats } from "./nats_group.ts";
import { together } from "./together.ts";

/** How many processes a {@linkcode NodeGroup} has. */
export interface NodeGroupOptions {
  /** Nodes of our server. */
  readonly nodes: number;
  /** NATS servers; as many copies they have of what is kept. */
  readonly copies: number;
}

/** Nodes of our server over NATS servers of their own, each node with a database on disk; nothing is limited. */
export class NodeGroup implements AsyncDisposable {
  readonly #server: Server;
  readonly #host: Host;
  readonly #nats: NatsGroup;
  readonly #directory: string;
  readonly #nodes: RunningServer[] = [];

  private constructor(server: Server, host: Host, nats: NatsGroup, directory: string) {
    this.#server = server;
    this.#host = host;
    this.#nats = nats;
    this.#directory = directory;
  }

  /**
   * Starts them; resolves when all nodes accept connections.
   *
   * @throws {StartError} If one does not.
   */
  static async start(
    server: Server,
    host: Host,
    { nodes, copies }: NodeGroupOptions,
  ): Promise<NodeGroup> {
    await using stack = new AsyncDisposableStack();
    const nats = stack.use(await startNats(host, copies));
    const directory = await Deno.makeTempDir({ dir: host.directory, prefix: "nodes-" });
    const group = stack.use(new NodeGroup(server, host, nats, directory));
    for (let index = 0; index < nodes; index++) await group.startNode(index);
    stack.move();
    return group;
  }

  /** The nodes that run, by their numbers from 0. */
  get nodes(): readonly RunningServer[] {
    return this.#nodes;
  }

  /** Starts a node on what its database has, which may be nothing; resolves when it accepts connections. */
  async startNode(index: number): Promise<RunningServer> {
    const directory = this.#databaseOf(index);
    await Deno.mkdir(directory, { recursive: true });
    const node = await startUnlimited(this.#server, this.#host, [
      ...["--nats", this.#nats.urls, "--db", `${directory}/jim.db`],
      ...["--max-accounts-per-ip", "0"],
    ]);
    this.#nodes[index] = node;
    return node;
  }

  /** Stops a node as an administrator does. */
  async stopNode(index: number): Promise<void> {
    await this.#nodes[index]![Symbol.asyncDispose]();
  }

  /** Removes the database of a node that is stopped. */
  async forget(index: number): Promise<void> {
    await Deno.remove(this.#databaseOf(index), { recursive: true });
  }

  /** All as one server that can be put under load; ends with it. */
  running(): RunningServer {
    const stack = new AsyncDisposableStack();
    stack.use(this);
    return together(this.#server, this.#nodes, this.#nats.servers, stack);
  }

  /** Stops the nodes, and then NATS. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node[Symbol.asyncDispose]()));
    await this.#nats[Symbol.asyncDispose]();
  }

  #databaseOf(index: number): string {
    return `${this.#directory}/node-${index + 1}`;
  }
}
