/**
 * What is measured.
 *
 * @module
 */

import { LIMITS } from "../common/limits.ts";
import type { Load, LoadOptions } from "./generator.ts";
import { NODES_SCENARIO, type NodesScenario } from "./nodes/nodes_scenario.ts";
import type { Server } from "./servers.ts";

/** A rate under a load: measured in rounds, the servers in turn. */
export interface RateScenario {
  /** What kind of scenario it is. */
  readonly kind: "rate";
  /** Its name: for `--scenario`, and in the output. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** What the generator does. */
  readonly load: Load;
  /** How it does it. */
  readonly options: LoadOptions;
  /** Whether a server takes part. */
  takes(server: Server): boolean;
}

/** Resident memory per idle connection. */
export interface MemoryScenario {
  /** What kind of scenario it is. */
  readonly kind: "memory";
  /** Its name. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** How many connections. */
  readonly counts: readonly number[];
  /** Whether a server takes part. */
  takes(server: Server): boolean;
}

/** The same load beside few and many idle users. */
export interface CrowdScenario {
  /** What kind of scenario it is. */
  readonly kind: "crowd";
  /** Its name. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** How many idle users: few and many. */
  readonly counts: readonly [few: number, many: number];
  /** What the generator does meanwhile. */
  readonly options: LoadOptions;
  /** Whether a server takes part. */
  takes(server: Server): boolean;
}

/** The same load without and with a connection that misbehaves, on one server, in turn. */
export interface ContrastScenario {
  /** What kind of scenario it is. */
  readonly kind: "contrast";
  /** Its name. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** What the generator does. */
  readonly load: Load;
  /** How it does it. */
  readonly options: LoadOptions;
  /** What is added, and what to call the load without it and with it. */
  readonly disturbance: {
    readonly options: LoadOptions;
    readonly titles: readonly [without: string, with_: string];
  };
  /** A server for each: its `--rate`. */
  readonly rates: readonly number[];
  /** Whether a server takes part. */
  takes(server: Server): boolean;
}

/** Attacks on a server that others use meanwhile. */
export interface HostileScenario {
  /** What kind of scenario it is. */
  readonly kind: "hostile";
  /** Its name. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** An attack takes as many times as long as other measurements: it is to wear the server out. */
  readonly factor: number;
  /** Whether a server takes part. */
  takes(server: Server): boolean;
}

/** What one address may make the server do at the cost of others, and many who come at once. */
export interface WorkScenario extends Omit<HostileScenario, "kind"> {
  /** What kind of scenario it is. */
  readonly kind: "work";
  /** Who is in a room before many come. */
  readonly members: number;
  /** How many come. */
  readonly newcomers: number;
}

/** One load of a {@linkcode KeptScenario} or a {@linkcode VariantsScenario}. */
export interface KeptLoad {
  /** What it is, for people. */
  readonly title: string;
  /** What the generator does. @default {"pairs"} */
  readonly load?: Load;
  /** Messages in flight, those of all senders together. */
  readonly inFlight: number;
  /** How the generator does it. */
  readonly options: LoadOptions;
}

/** Messages that are kept, beside the same without keeping, and beside others that keep. */
export interface KeptScenario {
  /** What kind of scenario it is. */
  readonly kind: "kept";
  /** Its name. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** What is measured, each on servers that are started for it. */
  readonly loads: readonly KeptLoad[];
  /** Whether a server takes part. */
  takes(server: Server): boolean;
}

/** The same loads on our server, and on others of it with other flags. */
export interface VariantsScenario {
  /** What kind of scenario it is. */
  readonly kind: "variants";
  /** Its name. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** What is measured, each on servers that are started for it. */
  readonly loads: readonly KeptLoad[];
  /** Whether a server takes part. */
  takes(server: Server): boolean;
}

/** Something to measure. */
export type Scenario =
  | RateScenario
  | MemoryScenario
  | CrowdScenario
  | ContrastScenario
  | HostileScenario
  | WorkScenario
  | KeptScenario
  | VariantsScenario
  | NodesScenario;

const isAny = ({ keeping, isVariant }: Server): boolean => keeping === undefined && !isVariant;
const isOurs = ({ id }: Server): boolean => id === "jim";
const isChat = (server: Server): boolean => server.protocol !== "relay" && isAny(server);
/** An InspIRCd whose clients have asked for nothing yet is like any other. */
const hasUsers = (server: Server): boolean => isChat(server) && server.id !== "inspircd-echo";
const isKeeping = ({ keeping, isVariant }: Server): boolean => keeping !== undefined && !isVariant;

/** Senders and what each has in flight, where variants are compared. */
const VARIANT_LOADS = [[50, 1], [50, 32], [1_000, 1]] as const;
/** What TLS is measured under: messages, one to many, and handshakes. */
const TLS_LOADS: readonly KeptLoad[] = [
  ...VARIANT_LOADS.map(variantLoad),
  { title: "fanout", load: "fanout", inFlight: 1, options: { members: 1_000, window: 1 } },
  { title: "logins", load: "login", inFlight: 0, options: {} },
];
/** Senders and what each has in flight, where keeping is measured. */
const KEPT_LOADS = [[1, 1], [1, 32], [50, 32], [1_000, 1]] as const;

function pairs(count: number, window: number): RateScenario {
  return {
    kind: "rate",
    name: `${count}x${window}`,
    title: `${count} pairs, ${window} in flight`,
    load: "pairs",
    options: { pairs: count, window },
    takes: isAny,
  };
}

function variantLoad([pairs, window]: readonly [number, number]): KeptLoad {
  return { title: `${pairs}x${window}`, inFlight: pairs * window, options: { pairs, window } };
}

/** All scenarios, in the order in which they are run. */
export const SCENARIOS: readonly Scenario[] = [
  pairs(50, 1),
  pairs(50, 32),
  pairs(1_000, 1),
  {
    kind: "rate",
    name: "fanout",
    title: "one sender to a room of 1000",
    load: "fanout",
    options: { members: 1_000, window: 1 },
    takes: isChat,
  },
  {
    kind: "rate",
    name: "logins",
    title: "connect, log in, hang up",
    load: "login",
    options: {},
    takes: hasUsers,
  },
  {
    kind: "memory",
    name: "memory",
    title: "memory per idle connection",
    counts: [500, 1_000, 5_000],
    takes: hasUsers,
  },
  {
    kind: "crowd",
    name: "crowd",
    title: "50 pairs beside idle users",
    counts: [100, 5_000],
    options: { pairs: 50, window: 1 },
    takes: hasUsers,
  },
  {
    kind: "contrast",
    name: "stalled",
    title: "one sender to a room of 1000, one more of whom does not read",
    load: "fanout",
    options: { members: 1_000, window: 1 },
    disturbance: { options: { stalled: 1 }, titles: ["no stalled reader", "one stalled reader"] },
    rates: [0],
    takes: isOurs,
  },
  {
    kind: "contrast",
    name: "flood",
    title: "500 connections, each with ten probes a second, beside one that floods",
    load: "probes",
    options: { count: 500, interval: 0.1 },
    disturbance: { options: { floods: 1 }, titles: ["no flood", "one flood"] },
    rates: [LIMITS.requestsPerSecond, 0],
    takes: isOurs,
  },
  {
    kind: "hostile",
    name: "hostile",
    title: "200 users who chat, owners who log in and newcomers, under attack",
    factor: 10,
    takes: isOurs,
  },
  {
    kind: "work",
    name: "work",
    title: "200 users who chat beside one address that asks for all it can; 1000 who come at once",
    factor: 10,
    members: 1_000,
    newcomers: 1_000,
    takes: isOurs,
  },
  {
    kind: "kept",
    name: "kept",
    title: "messages that are kept, answered when they are",
    loads: (["direct", "room"] as const).flatMap((place) =>
      KEPT_LOADS.map(([pairs, window]) => ({
        title: `${place} ${pairs}x${window}`,
        inFlight: pairs * window,
        options: { pairs, window, rooms: place === "room" ? 1 : 0, patience: 120 },
      }))
    ),
    takes: isKeeping,
  },
  {
    kind: "variants",
    name: "metrics",
    title: "what --metrics costs, asked for once a second",
    loads: VARIANT_LOADS.map(variantLoad),
    takes: ({ id }) => id === "jim" || id === "control" || id === "metered",
  },
  {
    kind: "variants",
    name: "tls",
    title: "what TLS costs: none, the server's own, and a proxy's",
    loads: TLS_LOADS,
    takes: ({ id }) => id === "jim" || id === "tls" || id === "haproxy",
  },
  NODES_SCENARIO,
];

/** Those that are run when none is named: the others take long, and have figures of their own. */
export const USUAL_SCENARIOS: readonly Scenario[] = SCENARIOS.filter(({ kind }) =>
  !["hostile", "work", "kept", "variants", "nodes"].includes(kind)
);
