/**
 * What this node asks of others about somebody's connection.
 *
 * @module
 */

import { ALONE, type Nodes } from "./nodes.ts";

/** Asks the node of somebody who is elsewhere, and answers what others ask of this one's people. */
export class RemoteCalls implements Pick<Nodes, "toUser" | "isThere" | "dismiss" | "takeOver"> {
  /** See {@linkcode Nodes.toUser}. */
  readonly toUser: Nodes["toUser"] = ALONE.toUser;
  /** See {@linkcode Nodes.isThere}. */
  readonly isThere: Nodes["isThere"] = ALONE.isThere;
  /** See {@linkcode Nodes.dismiss}. */
  readonly dismiss: Nodes["dismiss"] = ALONE.dismiss;
  /** See {@linkcode Nodes.takeOver}. */
  readonly takeOver: Nodes["takeOver"] = ALONE.takeOver;

  /** Answers what another node asks. */
  asked(_question: unknown): unknown {
    return null;
  }
}
