/**
 * What nodes say to each other and nobody keeps.
 *
 * @module
 */

import type { UnavailableError } from "./operation_log.ts";

/** Names one life of a node: another one after each start, and after each time that it was cut off. */
export type Incarnation = string;

/** Questions to one node that leave together, and are answered together or one by one. */
export interface Batch {
  /** All that is asked, as plain JSON values. Called once, when it leaves: from then on nothing is added. */
  close(): unknown;
  /**
   * Takes an answer to some of it.
   *
   * @returns Whether there is more to come.
   */
  take(answer: unknown): boolean;
  /** No further answer comes. Nothing is called after that, but `close` if it was not. */
  fail(error: UnavailableError): void;
}

/** What a node is told by the bus. Called in the order in which things come. */
export interface BusListener {
  /** A node is there. */
  nodeCame(node: Incarnation): void;
  /** A node has gone, or is dead for all that a majority knows: nothing comes of it any more. */
  nodeGone(node: Incarnation): void;
  /** What a node has told all others. Of one node in the order of its calls; some may be lost while links break. */
  told(node: Incarnation, word: unknown): void;
  /** Words of that node were lost: what is known of it has to be asked anew. */
  missed(node: Incarnation): void;
  /**
   * What a node asks this one. Of one node in the order of its calls.
   *
   * @param more Gives a further answer, behind the one that is returned: to a {@linkcode Batch}.
   */
  asked(
    node: Incarnation,
    question: unknown,
    more: (answer: unknown) => void,
  ): unknown | Promise<unknown>;
  /**
   * This node is cut off, or others take it for dead: it holds no names any more, its users have to go. From then on
   * nothing is told; the nodes that were there are forgotten without a `nodeGone` each.
   *
   * @param reason For the log.
   */
  fenced(reason: string): void;
  /** It is among the others again, under another incarnation; a `nodeCame` for each of them follows. */
  restored(): void;
}

/** The way to the other nodes. What is said are plain JSON values. */
export interface Bus extends AsyncDisposable {
  /** This node. */
  readonly self: Incarnation;
  /** The others that are there. */
  readonly nodes: ReadonlySet<Incarnation>;
  /** Begins to listen, and lets the others know that this node is there. To be called once. */
  start(listener: BusListener): Promise<void>;
  /** Tells all others something. What is told in one turn of the event loop leaves together. */
  tell(word: unknown): void;
  /**
   * Asks one node something. What is asked in one turn leaves together; the answers come as they are given.
   *
   * @param seconds How long to wait. @default {5}
   * @throws {UnavailableError} If there is no answer in that time, or the node goes.
   */
  ask(node: Incarnation, question: unknown, seconds?: number): Promise<unknown>;
  /**
   * Asks one node many things at once. The batch leaves at the end of the turn, or as soon as anything else is said
   * to that node; until then it may grow. It fails like `ask`, after five seconds, perhaps before this returns.
   */
  askAll(node: Incarnation, batch: Batch): void;
}
