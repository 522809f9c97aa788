/**
 * What nodes say to each other and nobody keeps.
 *
 * @module
 */

/** Names one life of a node: another one after each start, and after each time that it was cut off. */
export type Incarnation = string;

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
  /** What a node asks this one. Of one node in the order of its calls. */
  asked(node: Incarnation, question: unknown): unknown | Promise<unknown>;
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
}
