/**
 * What is measured of several nodes.
 *
 * @module
 */

import type { KeptLoad } from "../scenarios.ts";
import type { Keeping, Server } from "../servers.ts";

/** What an answer promises, in a few words each. */
export interface Pledge {
  /** What a sender knows when the answer is there. */
  readonly answered: string;
  /** Whether it is kept, and whether it is synced to a disk before the answer. */
  readonly kept: Keeping;
  /** On how many servers it is kept then. */
  readonly copies: string;
}

/** One load of a {@linkcode NodesScenario}. */
export interface NodesLoad extends KeptLoad {
  /** Who is measured: what each promises. */
  readonly pledges: Partial<Record<Server["id"], Pledge>>;
}

/** Several nodes that are one server, beside one that is alone, and beside others that are several. */
export interface NodesScenario {
  /** What kind of scenario it is. */
  readonly kind: "nodes";
  /** Its name. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** What is measured, each on servers that are started for it. */
  readonly loads: readonly NodesLoad[];
  /** Messages that a node without a database catches up with, for each second of a measurement. */
  readonly missed: number;
  /** Whether a server takes part. */
  takes(server: Server): boolean;
}

const pledge = (answered: string, kept: Pledge["kept"] = "no", copies = "0"): Pledge => ({
  ...{ answered, kept, copies },
});

/** What the addressee's connection took. */
const DELIVERED = pledge("delivered");
/** What the sender's server took; what becomes of it elsewhere is not known. */
const TAKEN = pledge("taken");
const NOTHING = pledge("never");

/** Senders and what each has in flight. */
const LOADS = [[50, 1], [50, 32]] as const;

const LOADS_OF_NODES: readonly NodesLoad[] = [
  ...LOADS.map(([pairs, window]): NodesLoad => ({
    title: `direct ${pairs}x${window}`,
    inFlight: pairs * window,
    options: { pairs, window },
    pledges: {
      jim: DELIVERED,
      node: DELIVERED,
      nodes: DELIVERED,
      linked: NOTHING,
      echoing: TAKEN,
    },
  })),
  {
    title: "room of 1000",
    load: "fanout",
    inFlight: 1,
    options: { members: 1_000, window: 1 },
    pledges: { jim: DELIVERED, "nodes-3": TAKEN, "linked-3": NOTHING, "echoing-3": TAKEN },
  },
  ...LOADS.map(([pairs, window]): NodesLoad => ({
    title: `kept room ${pairs}x${window}`,
    inFlight: pairs * window,
    options: { pairs, window, rooms: 1, patience: 120 },
    pledges: {
      kept: pledge("kept", "synced", "1"),
      "kept-nodes": pledge("kept", "not synced", "1"),
      "kept-nodes-r3": pledge("kept", "not synced", "2 of 3"),
    },
  })),
  {
    title: "1000 log in at once",
    load: "storm",
    inFlight: 0,
    options: { count: 1_000 },
    pledges: {
      jim: pledge("name held"),
      "nodes-3": pledge("name held by all"),
      "linked-3": pledge("name held here"),
    },
  },
];

/** Several nodes: loads across them, many who come at once, and one that has lost its database. */
export const NODES_SCENARIO: NodesScenario = {
  kind: "nodes",
  name: "nodes",
  title: "several nodes that are one server",
  loads: LOADS_OF_NODES,
  missed: 20_000,
  takes: ({ id }) => LOADS_OF_NODES.some(({ pledges }) => pledges[id] !== undefined),
};
