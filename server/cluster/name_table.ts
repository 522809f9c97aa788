/**
 * Who holds which name, known to all nodes.
 *
 * @module
 */

import type { Incarnation } from "./bus.ts";

/**
 * The names that are held. At no moment are there two holders of one.
 */
export interface NameTable {
  /**
   * Takes a name that nobody holds, or whose holder is dead.
   *
   * @returns `true` if this node holds it now, and did not before; else who does.
   * @throws {UnavailableError} If that is not known within 5 s: then it is given back if it was taken after all.
   */
  take(folded: string): Promise<true | Incarnation>;

  /**
   * Takes a name over from the node that holds it: that has agreed.
   *
   * @returns Whether it is this node's now.
   * @throws {UnavailableError} As for `take`.
   */
  takeFrom(folded: string, holder: Incarnation): Promise<boolean>;

  /**
   * Which node holds a name: also that of somebody of whom no word has come yet.
   *
   * @returns `undefined` if nobody does, or only a dead node.
   * @throws {UnavailableError} If that is not known within 2 s.
   */
  holderOf(folded: string): Promise<Incarnation | undefined>;

  /**
   * Gives a name back. Nobody waits for it; it is tried until it is done or the node is dead. To be called for a name that
   * was handed over, too: the other node keeps it.
   */
  release(folded: string): void;
}
