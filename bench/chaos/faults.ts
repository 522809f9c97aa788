/**
 * What is done to nodes, NATS servers and the links between them.
 *
 * @module
 */

import { pause } from "./chaos_client.ts";
import type { World } from "./world.ts";

/** One kind of trouble: begun, lasting, over. */
export interface Fault {
  /** What is done, for the report. */
  readonly name: string;
  /** Milliseconds that it lasts, at least and at most. */
  readonly lasts: readonly [number, number];
  /** Whether a node's names are to be free while it lasts, at its longest. */
  readonly frees?: boolean;
  /** Whether a NATS server is concerned. */
  readonly isNats?: boolean;
  /** Whether it is more than the contract covers, so that it comes only when it is asked for. */
  readonly isBeyond?: boolean;
  /** Whether it never comes together with another one. */
  readonly isAlone?: boolean;
  /** What is done before somebody logs in whose name is to be free. */
  prepare?(world: World, index: number): Promise<void>;
  /** Begins it; gives what ends it. */
  begin(world: World, index: number): Promise<() => Promise<void>>;
}

const nothing = (): Promise<void> => Promise.resolve();

/** All of them; each is about the node, or the NATS server, of an index. */
export const FAULTS: readonly Fault[] = [
  {
    name: "kill -9 of a node",
    lasts: [9_000, 14_000],
    frees: true,
    async begin({ nodes }, index) {
      const node = nodes[index]!;
      await node.kill();
      return () => node.start();
    },
  },
  {
    name: "kill -9 of a node and a NATS server",
    lasts: [15_000, 20_000],
    frees: true,
    isNats: true,
    async begin({ nodes, nats }, index) {
      const [node, server] = [nodes[index]!, nats[index % nats.length]!];
      await Promise.all([node.kill(), server.kill()]);
      return async () => {
        await server.start(nats);
        await node.start();
      };
    },
  },
  {
    name: "kill -9 of a node that has just come",
    lasts: [9_000, 14_000],
    frees: true,
    async prepare({ nodes }, index) {
      await nodes[index]!.stop();
      await nodes[index]!.start();
    },
    async begin({ nodes }, index) {
      const node = nodes[index]!;
      await node.kill();
      return () => node.start();
    },
  },
  {
    name: "SIGTERM of a node",
    lasts: [500, 3_000],
    async begin({ nodes }, index) {
      const node = nodes[index]!;
      await node.stop();
      return () => node.start();
    },
  },
  {
    name: "kill -9 of a NATS server",
    lasts: [500, 6_000],
    isNats: true,
    async begin({ nats }, index) {
      const server = nats[index % nats.length]!;
      await server.kill();
      return () => server.start(nats);
    },
  },
  {
    name: "SIGTERM of all NATS servers",
    lasts: [9_000, 11_000],
    isNats: true,
    isAlone: true,
    async begin({ nats }) {
      await Promise.all(nats.map((server) => server.kill("SIGTERM")));
      return async () => {
        await Promise.all(nats.map((server) => server.start(nats)));
      };
    },
  },
  {
    name: "kill -9 of all NATS servers",
    lasts: [9_000, 11_000],
    isNats: true,
    isAlone: true,
    isBeyond: true,
    async begin({ nats }) {
      await Promise.all(nats.map((server) => server.kill()));
      return async () => {
        await Promise.all(nats.map((server) => server.start(nats)));
      };
    },
  },
  {
    name: "SIGSTOP of a node",
    lasts: [2_000, 14_000],
    async begin({ nodes }, index) {
      const node = nodes[index]!;
      node.signal("SIGSTOP");
      await nothing();
      return () => Promise.resolve(node.signal("SIGCONT"));
    },
  },
  {
    name: "SIGSTOP of a NATS server",
    lasts: [1_000, 5_000],
    isNats: true,
    async begin({ nats }, index) {
      const server = nats[index % nats.length]!;
      server.signal("SIGSTOP");
      await nothing();
      return () => Promise.resolve(server.signal("SIGCONT"));
    },
  },
  ...(["both", "to", "from"] as const).map((direction): Fault => ({
    name: direction === "both"
      ? "a node cut off, in both directions"
      : `a node cut off, ${direction} NATS only`,
    lasts: [2_000, 14_000],
    async begin({ nodes }, index) {
      const { links } = nodes[index]!;
      for (const link of links) link.block(direction);
      await nothing();
      return () => Promise.resolve(links.forEach((link) => link.heal()));
    },
  })),
  {
    name: "links of a node that break",
    lasts: [0, 3_000],
    async begin({ nodes }, index) {
      const { links } = nodes[index]!;
      for (const link of links) {
        link.isDown = true;
        link.cut();
      }
      await nothing();
      return () => Promise.resolve(links.forEach((link) => link.heal()));
    },
  },
  {
    name: "links of a node that are slow",
    lasts: [3_000, 6_000],
    async begin({ nodes }, index) {
      const { links } = nodes[index]!;
      for (const link of links) link.delayMs = 100;
      await nothing();
      return () => Promise.resolve(links.forEach((link) => link.heal()));
    },
  },
];

/**
 * Has one fault come, last and end.
 *
 * @param length From 0 up to 1: where between its shortest and its longest.
 */
export async function suffer(
  fault: Fault,
  world: World,
  index: number,
  length: number,
  signal: AbortSignal,
): Promise<void> {
  const [least, most] = fault.lasts;
  const end = await fault.begin(world, index);
  await pause(least + (most - least) * length, signal);
  await end();
}
