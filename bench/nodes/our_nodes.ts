/**
 * Our server as several nodes.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { inLanes } from "../in_lanes.ts";
import { PASSWORD, withCheapLogins } from "../kept/contestants.ts";
import { LineClient } from "../line_client.ts";
import { NATS } from "../peers.ts";
import type { Host, NodesId, RunningServer, Server } from "../servers.ts";
import { NodeGroup, type NodeGroupOptions } from "./node_group.ts";

/** Pairs with accounts: as many as the loads of kept messages have. */
const PAIRS = 50;

/** One of two nodes, for users who are both on it. */
export const NODE: Server = {
  ...ours("node", "one of two nodes", { nodes: 2, copies: 1 }),
  async start(host) {
    const running = await startGuests(this, host, { nodes: 2, copies: 1 });
    return { ...running, ports: [running.port] };
  },
};

/** Two nodes, one NATS server. */
export const NODES: Server = ours("nodes", "two nodes", { nodes: 2, copies: 1 });

/** Three nodes, one NATS server. */
export const NODES_3: Server = ours("nodes-3", "three nodes", { nodes: 3, copies: 1 });

/** Two nodes, one NATS server; users have accounts, so what they say in their rooms is kept. */
export const KEPT_NODES: Server = keeping("kept-nodes", "two nodes, one NATS server", {
  nodes: 2,
  copies: 1,
});

/** The same with three NATS servers, so three copies. */
export const KEPT_NODES_R3: Server = keeping("kept-nodes-r3", "two nodes, three NATS servers", {
  nodes: 2,
  copies: 3,
});

function ours(id: NodesId, title: string, options: NodeGroupOptions): Server {
  return {
    id,
    title,
    protocol: "jim",
    concurrency: 64,
    answers: true,
    isVariant: true,
    async version(host) {
      return `Deno ${Deno.version.deno}, NATS ${await NATS.version(host)}`;
    },
    start(host) {
      return startGuests(this, host, options);
    },
  };
}

async function startGuests(
  server: Server,
  host: Host,
  options: NodeGroupOptions,
): Promise<RunningServer> {
  return (await NodeGroup.start(server, host, options)).running();
}

function keeping(id: NodesId, title: string, options: NodeGroupOptions): Server {
  return {
    ...ours(id, title, options),
    keeps: "not synced",
    // Accounts are the same in each measurement; the generator sees to it that they are free again.
    keeping: { password: PASSWORD, prefix: "", kept: 1 },
    async start(host) {
      return (await startKeeping(this, host, options)).running();
    },
  };
}

/**
 * Starts nodes and registers an account for each name that the generator uses in 50 pairs, all on the first node.
 *
 * @throws {StartError} If a node does not start, or does not make an account.
 */
export async function startKeeping(
  server: Server,
  host: Host,
  options: NodeGroupOptions,
): Promise<NodeGroup> {
  await using stack = new AsyncDisposableStack();
  const group = stack.use(await NodeGroup.start(server, withCheapLogins(host), options));
  await register(group.nodes[0]!.port, PAIRS);
  stack.move();
  return group;
}

/**
 * Makes the accounts a0, b0, a1, b1 …
 *
 * @throws {StartError} If the server does not make one.
 */
export async function register(port: number, pairs: number): Promise<void> {
  await inLanes(pairs * 2, async (n) => {
    const account_name = `${n % 2 === 0 ? "a" : "b"}${n >> 1}`;
    using client = await LineClient.connect({ hostname: "127.0.0.1", port });
    const user = { account_name, password: PASSWORD };
    const { response } = await client.ask({ event: "authenticate", register: true, user });
    if (response !== 201) {
      throw new StartError(`Cannot measure nodes: no account ${account_name}: ${response}`);
    }
    await client.ask({ event: "quit" });
    await client.ended;
  });
}
