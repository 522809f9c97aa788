/**
 * Who holds which name, known to all nodes.
 *
 * @module
 */

import type { Incarnation } from "./bus.ts";

/** Names one holding of a name: it is worth nothing once the name has been taken again or given back. */
export type Ticket = number;

/** Milliseconds for which a name waits for the node that it was surrendered to. */
export const SURRENDER_MS = 10_000;
/** How often somebody who goes from node to node is followed, at most. */
export const MAX_MOVES = 20;
/** Milliseconds between two looks at where they are. */
export const MOVE_MS = 50;

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
   * Lets another node take a name over that this one holds, and must not believe to hold any more from here on. If nobody has
   * taken it over within {@linkcode SURRENDER_MS}, it is given back; until then this node may take it again.
   *
   * @returns What the other node needs for it; `undefined` if this node does not hold the name.
   */
  surrender(folded: string): Ticket | undefined;

  /**
   * Takes a name over that its holder has surrendered. Of all who try, and the holder that takes it again or gives it back,
   * one succeeds.
   *
   * @returns Whether it is this node's now.
   * @throws {UnavailableError} As for `take`.
   */
  takeFrom(folded: string, ticket: Ticket): Promise<boolean>;

  /**
   * Which node holds a name: also that of somebody of whom no word has come yet.
   *
   * @returns `undefined` if nobody does, or only a dead node.
   * @throws {UnavailableError} If that is not known within 2 s.
   */
  holderOf(folded: string): Promise<Incarnation | undefined>;

  /**
   * Gives a name back. Nobody waits for it; it is tried until it is done or the node is dead. What this node asks about that
   * name later comes behind it. To be called for a name that was handed over, too: the other node keeps it.
   */
  release(folded: string): void;
}
