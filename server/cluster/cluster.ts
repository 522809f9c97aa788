/**
 * What makes a server a node of several.
 *
 * @module
 */

import type { ServerContext } from "../context.ts";
import type { Keeper } from "../delivery/keeper.ts";
import type { Store } from "../store/store.ts";
import type { Nodes } from "./nodes.ts";

/** The parts of a server that several nodes share. Made before the server, and started with it. */
export interface Cluster extends AsyncDisposable {
  /** What all nodes remember; reads come from this node's copy. */
  readonly store: Store;
  /** Numbers messages where they stand in the log. */
  readonly keeper: Keeper;
  /** The other nodes. */
  readonly nodes: Nodes;
  /**
   * Lets the others know of this node, and this node of their people. From here on it follows them.
   *
   * @param context The server.
   * @param onFence Called when this node is cut off: all connections are to be closed, and none accepted until
   * `onRestored` is called.
   */
  start(
    context: ServerContext,
    { onFence, onRestored }: { onFence(reason: string): void; onRestored(): void },
  ): Promise<void>;
}
