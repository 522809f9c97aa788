/**
 * Several nodes of one server: real processes, with a real NATS server between them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

import { NatsServer } from "./nats_server.ts";
import { type Frame, type RawClient, withDeadline } from "./raw_client.ts";
import { PASSWORD } from "./server_fixture.ts";
import { ServerProcess, type ServerProcessOptions } from "./server_process.ts";

/** Nothing that counts by address: all peers of all tests have the same one. */
const NO_LIMITS = [
  ...["--max-accounts-per-ip", "0", "--max-names-per-ip", "0"],
  ...["--work", "0", "--rate", "0"],
];

/** Nodes that share a NATS server. Each keeps its copy in a file of its own. */
export class NodeGroup implements AsyncDisposable {
  readonly nats: NatsServer;
  /** Where the databases are: `1/jim.db`, `2/jim.db` … */
  readonly folder: string;
  readonly #nodes: ServerProcess[] = [];
  readonly #flags: readonly string[];

  private constructor(nats: NatsServer, flags: readonly string[]) {
    this.nats = nats;
    this.#flags = flags;
    this.folder = Deno.makeTempDirSync({ prefix: "nodes" });
  }

  /**
   * Starts them.
   *
   * @param flags Of each node.
   */
  static async start(count: number, flags: readonly string[] = []): Promise<NodeGroup> {
    const group = new NodeGroup(await NatsServer.start(), flags);
    try {
      await Promise.all(Array.from({ length: count }, (_, index) => group.startNode(index)));
    } catch (error) {
      await group[Symbol.asyncDispose]();
      throw error;
    }
    return group;
  }

  /** The first node. */
  get a(): ServerProcess {
    return this.#nodes[0]!;
  }

  /** The second one. */
  get b(): ServerProcess {
    return this.#nodes[1]!;
  }

  /** The third one. */
  get c(): ServerProcess {
    return this.#nodes[2]!;
  }

  /** The flags that make a server one of them. */
  get flags(): readonly string[] {
    return ["--nats", `nats://${this.nats.address}`, ...NO_LIMITS, ...this.#flags];
  }

  /** A node's database. */
  db(index: number): string {
    return `${this.folder}/${index + 1}/jim.db`;
  }

  /** Starts a node, perhaps again, on its database, and waits until it listens. */
  async startNode(index: number, options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const node = this.beginNode(index, options);
    await node.ready();
    return node;
  }

  /** Starts a node and waits for nothing. */
  beginNode(index: number, options: ServerProcessOptions = {}): ServerProcess {
    Deno.mkdirSync(`${this.folder}/${index + 1}`, { recursive: true });
    const all = { db: this.db(index), hashesCheaply: true, ...options };
    return this.#nodes[index] = ServerProcess.begin(this.flags, all);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node[Symbol.asyncDispose]()));
    await this.nats[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** What a test does on several nodes, by what it shows. */
export type NodeTests = Readonly<Record<string, (nodes: NodeGroup) => Promise<void>>>;

/** Somebody comes online as a guest. */
export async function guest(
  node: Pick<ServerProcess, "connect">,
  name: string,
): Promise<RawClient> {
  const client = await node.connect();
  const { response, error } = await client.ask({ event: "presence", user: { account_name: name } });
  assertEquals(response, 200, `${name}: ${error}`);
  return client;
}

/** Somebody comes online with an account, which is made. */
export async function account(node: ServerProcess, name: string): Promise<RawClient> {
  return await authenticated(node, name, { register: true }, 201);
}

/** Somebody comes online with an account that is there. */
export async function back(
  node: ServerProcess,
  name: string,
  more: object = {},
): Promise<RawClient> {
  return await authenticated(node, name, more, 200);
}

async function authenticated(
  node: ServerProcess,
  name: string,
  more: object,
  code: number,
): Promise<RawClient> {
  const client = await node.connect();
  const user = { account_name: name, password: PASSWORD };
  const { response, error } = await client.ask({ event: "authenticate", user, ...more });
  assertEquals(response, code, `${name}: ${error}`);
  return client;
}

/** Says goodbye. */
export async function quit(client: RawClient): Promise<void> {
  assertEquals((await client.ask({ event: "quit" })).response, 200);
  client.close();
}

/** Sends a request and gives the code of its response. */
export async function code(client: RawClient, request: object): Promise<number | undefined> {
  return (await client.ask(request)).response;
}

/** Asks until the answer is as it has to be in the end: news of other nodes are under way for some milliseconds. */
export async function soon(
  client: RawClient,
  request: object,
  isSo: (answer: Frame) => boolean,
): Promise<Frame> {
  let answer: Frame | undefined;
  let isLate = false;
  const ask = async (): Promise<Frame> => {
    do answer = await client.ask(request); while (!isSo(answer) && !isLate);
    return answer;
  };
  try {
    return await withDeadline(
      ask(),
      () => `an answer to ${JSON.stringify(request)}, the last was ${JSON.stringify(answer)}`,
      10_000,
    );
  } finally {
    isLate = true;
  }
}

/** The next frames that a peer gets, of which one is the last. What is answered meanwhile is left where it is. */
export async function upTo(client: RawClient, isLast: (frame: Frame) => boolean): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (;;) {
    const frame = await client.frame();
    frames.push(frame);
    if (isLast(frame)) return frames;
  }
}
