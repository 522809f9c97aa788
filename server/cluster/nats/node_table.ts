/**
 * The nodes that there are and were, as NATS remembers them.
 *
 * @module
 */

import type { Incarnation } from "../bus.ts";
import type { NodeState } from "./liveness.ts";
import type { NatsConnection } from "./nats_connection.ts";
import { type RevisedEntry, RevisedTable } from "./revised_table.ts";
import type { Streams } from "./streams.ts";

/** What a node says of itself. */
export interface NodeAbout {
  /** Where its users connect, for people who look after it. */
  readonly address: string;
  /** When it began: milliseconds since 1970. */
  readonly started: number;
  /** Names the database that it keeps locked: of two nodes with the same, only the newer can live. */
  readonly copy?: string;
}

/** A node's entry. */
export interface NodeEntry extends NodeAbout {
  /** Which. */
  readonly node: Incarnation;
  /** What has become of it. */
  readonly state: NodeState;
  /** Rises with each time that any entry is written. */
  readonly revision: number;
}

/** For how long it is remembered that a node has ended: longer than any name may be found that it held. */
const REMEMBERED_MS = 24 * 3_600_000;

/** What an incarnation looks like: subjects and keys are made of it. */
const INCARNATION = /^[0-9a-f]{16}$/;

/** A new incarnation: 64 random bits. */
export function newIncarnation(): Incarnation {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}

/** Whether somebody else's text is an incarnation. */
export function isIncarnation(text: unknown): text is Incarnation {
  return typeof text === "string" && INCARNATION.test(text);
}

/**
 * The bucket `<prefix>_nodes`. An entry begins as "alive" and changes once, by compare-and-set: so whoever ends a node has
 * reached a majority of the NATS servers.
 */
export class NodeTable {
  readonly #table: RevisedTable;

  private constructor(table: RevisedTable) {
    this.#table = table;
  }

  /**
   * Opens it; makes it if there is none.
   *
   * @throws {StartError} If that cannot be done.
   */
  static async open(nats: NatsConnection, streams: Streams): Promise<NodeTable> {
    return new NodeTable(await RevisedTable.open(nats, streams, "nodes"));
  }

  /**
   * Enters a node that begins to live, or that it still does.
   *
   * @param revision The entry's; 0 at the beginning.
   * @returns The new revision; `undefined` if the entry is of another one.
   * @throws {UnavailableError} If that is not known within 2 s: then it may have been done.
   */
  enter(node: Incarnation, about: NodeAbout, revision: number): Promise<number | undefined> {
    return this.#table.write(node, { ...about, state: "alive" satisfies NodeState }, revision);
  }

  /**
   * A node's entry. `undefined`: nothing is known of it.
   *
   * @throws {UnavailableError} If there is no answer within 2 s.
   */
  async find(node: Incarnation): Promise<NodeEntry | undefined> {
    const entry = await this.#table.read(node);
    return entry && entryOf(node, entry);
  }

  /**
   * Ends a node, if it lives.
   *
   * @returns What has become of it; `undefined` if there is nothing of it.
   * @throws {UnavailableError} If that is not known within some seconds.
   */
  async end(node: Incarnation, state: "dead" | "left"): Promise<NodeState | undefined> {
    for (;;) {
      const read = await this.#table.read(node);
      if (read === undefined) return undefined;
      const entry = entryOf(node, read);
      if (entry.state !== "alive") return entry.state;
      const { node: _, revision: __, ...value } = { ...entry, state };
      if (await this.#table.write(node, value, read.revision) !== undefined) return state;
    }
  }

  /**
   * All nodes that are remembered.
   *
   * @throws {UnavailableError} If there is no answer within 2 s.
   */
  async list(): Promise<NodeEntry[]> {
    const nodes: NodeEntry[] = [];
    for await (const [key, entry] of this.#table.entries()) {
      if (isIncarnation(key)) nodes.push(entryOf(key, entry));
    }
    return nodes;
  }

  /**
   * Forgets the nodes that ended more than a day ago. Their names have to be gone before.
   *
   * @param now Milliseconds since 1970.
   * @throws {UnavailableError} If there is no answer within 2 s.
   */
  async forget(now: number): Promise<void> {
    for await (const [key, entry] of this.#table.entries()) {
      const isOver = !isIncarnation(key) || entryOf(key, entry).state !== "alive";
      if (isOver && now - entry.at > REMEMBERED_MS) await this.#table.remove(entry.revision);
    }
  }
}

/** What an entry says, whoever has written it: one that cannot be read is that of a node that lives. */
function entryOf(node: Incarnation, { value, at, revision }: RevisedEntry): NodeEntry {
  const fields = typeof value === "object" && value !== null ? value : {};
  const { address, started, copy, state } = fields as Partial<Record<keyof NodeEntry, unknown>>;
  return {
    node,
    address: typeof address === "string" ? address : "",
    started: typeof started === "number" ? started : at,
    ...(typeof copy === "string" && { copy }),
    state: state === "dead" || state === "left" ? state : "alive",
    revision,
  };
}
