/**
 * A node that has lost its database, and reads again what was kept.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { PASSWORD } from "../kept/contestants.ts";
import { LineClient } from "../line_client.ts";
import type { Host, Server } from "../servers.ts";
import { sampleProcess } from "../soak/server_sample.ts";
import type { NodeGroup } from "./node_group.ts";
import { KEPT_NODES, KEPT_NODES_R3, startKeeping } from "./our_nodes.ts";

/** One measurement. */
export interface RebuildSample {
  /** From the node's start until it listens, which it does when it has caught up. */
  seconds: number;
  /** The same with its database as it was, so that there is nothing to read. */
  upToDateSeconds: number;
  /** CPU time of the node that had to catch up. */
  cpuSeconds: number;
}

/** What catching up took. */
export interface RebuildResult {
  /** Which server. */
  server: Server["id"];
  /** How many messages it had missed. */
  messages: number;
  /** One sample per round. */
  rounds: RebuildSample[];
}

/** How to measure. */
export interface RebuildOptions {
  /** How many messages are kept before. */
  readonly messages: number;
  /** How often a node loses its database. */
  readonly rounds: number;
  /** Told what is being done. */
  readonly onProgress: (text: string) => void;
}

const ROOM = "#rebuild";
/** Messages that are sent in one go; the server lets 64 requests of a connection wait. */
const BATCH = 64;
/** The node that loses its database; another one keeps the users. */
const VICTIM = 1;

/**
 * Measures it with one NATS server and with three.
 *
 * @throws {StartError} If a node does not start, or has not caught up when it listens.
 */
export async function runRebuild(host: Host, options: RebuildOptions): Promise<RebuildResult[]> {
  const results: RebuildResult[] = [];
  for (const [server, copies] of [[KEPT_NODES, 1], [KEPT_NODES_R3, 3]] as const) {
    options.onProgress(`${server.title}: ${options.messages} messages are kept`);
    await using group = await startKeeping(server, host, { nodes: 2, copies });
    await keep(group.nodes[0]!.port, options.messages);
    const rounds: RebuildSample[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      const sample = await rebuild(group, options.messages);
      rounds.push(sample);
      options.onProgress(
        `round ${round} of ${options.rounds}, ${server.title}: ` +
          `caught up after ${sample.seconds.toFixed(2)} s`,
      );
    }
    results.push({ server: server.id, messages: options.messages, rounds });
  }
  return results;
}

async function rebuild(group: NodeGroup, messages: number): Promise<RebuildSample> {
  await group.stopNode(VICTIM);
  const upToDateSeconds = await timeStart(group);
  await group.stopNode(VICTIM);
  await group.forget(VICTIM);
  const seconds = await timeStart(group);
  const node = group.nodes[VICTIM]!;
  const { cpuSeconds } = await sampleProcess(node.pid);
  await assertCaughtUp(node.port, messages);
  return { seconds, upToDateSeconds, cpuSeconds };
}

async function timeStart(group: NodeGroup): Promise<number> {
  const start = performance.now();
  await group.startNode(VICTIM);
  return (performance.now() - start) / 1_000;
}

/**
 * Keeps so many messages in a room; their texts are their numbers, from 1.
 *
 * @throws {StartError} If one is not kept.
 */
export async function keep(port: number, messages: number): Promise<void> {
  using client = await logIn(port, "a0");
  await client.ask({ event: "join", room: ROOM });
  for (let sent = 0; sent < messages;) {
    const numbers = Array.from({ length: Math.min(BATCH, messages - sent) }, () => `${++sent}`);
    const frames = numbers.map((message) => ({ event: "msg", to: ROOM, message }));
    for (const { response, seq } of await Promise.all(frames.map((frame) => client.ask(frame)))) {
      if (seq === undefined) throw new StartError(`Cannot measure nodes: not kept: ${response}`);
    }
  }
  await client.ask({ event: "quit" });
}

/**
 * Looks whether a server has the last of so many messages.
 *
 * @throws {StartError} If it has not.
 */
export async function assertCaughtUp(port: number, messages: number): Promise<void> {
  using client = await logIn(port, "b0");
  const { messages: last } = await client.ask({ event: "join", room: ROOM, history: 1 });
  const text = (last as { message?: string }[] | undefined)?.[0]?.message;
  if (text !== `${messages}`) {
    throw new StartError(
      `Cannot measure nodes: a node listens with message ${text ?? 0} of ${messages}`,
    );
  }
  await client.ask({ event: "quit" });
}

async function logIn(port: number, account_name: string): Promise<LineClient> {
  const client = await LineClient.connect({ hostname: "127.0.0.1", port });
  const user = { account_name, password: PASSWORD };
  const { response } = await client.ask({ event: "authenticate", takeover: true, user });
  if (response !== 200) {
    throw new StartError(`Cannot measure nodes: ${account_name} is not let in: ${response}`);
  }
  return client;
}
