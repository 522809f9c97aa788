/**
 * The names that this node holds.
 *
 * @module
 */

import type { Incarnation } from "./bus.ts";
import type { NameTable, Ticket } from "./name_table.ts";
import type { Now } from "./nodes.ts";
import { UnavailableError } from "./operation_log.ts";

/** What {@linkcode HeldNames} work with. */
export interface HeldNamesOptions {
  /** Who holds which name, on all nodes. */
  readonly table: NameTable;
  /** A name is this node's now. */
  readonly onTaken: (folded: string) => void;
  /** A name is nobody's here any more. */
  readonly onFreed: (folded: string) => void;
}

/** A name that is held, or being taken. */
interface Holding {
  /** By how many. */
  count: number;
  /** `undefined` once it is held. */
  taking: Promise<boolean> | undefined;
}

/**
 * Takes names from the table that all nodes share. One that is held here already, for somebody who is online or about to
 * be, is held for any number more without asking, and given back when the last of them is through.
 */
export class HeldNames {
  readonly #options: HeldNamesOptions;
  #names = new Map<string, Holding>();

  /** Holds nothing. */
  constructor(options: HeldNamesOptions) {
    this.#options = options;
  }

  /** How many are held, or being taken. */
  get size(): number {
    return this.#names.size;
  }

  /** Whether a name is held. */
  has(folded: string): boolean {
    const holding = this.#names.get(folded);
    return holding !== undefined && holding.taking === undefined;
  }

  /** See `Nodes.hold`. */
  hold(folded: string): Now<Disposable | undefined> {
    const holding = this.#names.get(folded);
    if (holding === undefined) {
      const { table, onTaken } = this.#options;
      return this.#wait(folded, this.#take(folded, () => table.take(folded), onTaken));
    }
    holding.count++;
    return holding.taking === undefined ? this.#once(folded, holding) : this.#wait(folded, holding);
  }

  /** Holds a name for one more: it is held here anyway, by `hold` or because it was taken over from another node. */
  keep(folded: string): Disposable {
    const holding = this.#names.get(folded) ?? { count: 0, taking: undefined };
    this.#names.set(folded, holding);
    holding.count++;
    return this.#once(folded, holding);
  }

  /**
   * Lets another node take a name over that one user of this node has. From here on it is not held.
   *
   * @returns `undefined` if it is held for others, too, who are about to come online: then nothing has happened.
   */
  surrender(folded: string): Ticket | undefined {
    const holding = this.#names.get(folded);
    if (holding === undefined || holding.taking !== undefined || holding.count > 1) {
      return undefined;
    }
    const ticket = this.#options.table.surrender(folded);
    if (ticket !== undefined) this.#names.delete(folded);
    return ticket;
  }

  /**
   * Takes a name over from another node, or, without a ticket, back that was surrendered here. `onTaken` is not called.
   *
   * @returns Gives it back; `undefined` if somebody else has it.
   * @throws {UnavailableError} If that cannot be known.
   */
  async takeOver(folded: string, ticket?: Ticket): Promise<Disposable | undefined> {
    for (let other; (other = this.#names.get(folded)) !== undefined;) {
      if (other.taking === undefined) return undefined; // somebody has come here
      await other.taking.catch(() => {});
    }
    const { table } = this.#options;
    const attempt = ticket === undefined
      ? () => table.take(folded)
      : () => table.takeFrom(folded, ticket);
    return await this.#wait(folded, this.#take(folded, attempt, () => {}));
  }

  /** None is held any more: this node is cut off. */
  drop(): void {
    this.#names = new Map();
  }

  #take(
    folded: string,
    attempt: () => Promise<boolean | Incarnation>,
    onTaken: (folded: string) => void,
  ): Holding {
    const taking = this.#ask(folded, attempt, onTaken);
    const holding: Holding = { count: 1, taking };
    this.#names.set(folded, holding);
    return holding;
  }

  async #ask(
    folded: string,
    attempt: () => Promise<boolean | Incarnation>,
    onTaken: (folded: string) => void,
  ): Promise<boolean> {
    const names = this.#names;
    try {
      const outcome = await attempt();
      if (names !== this.#names) throw new UnavailableError("This node was cut off");
      if (outcome === true) {
        names.get(folded)!.taking = undefined;
        onTaken(folded);
        return true;
      }
    } catch (error) {
      names.delete(folded);
      throw error;
    }
    names.delete(folded);
    return false;
  }

  async #wait(folded: string, holding: Holding): Promise<Disposable | undefined> {
    return await holding.taking ? this.#once(folded, holding) : undefined;
  }

  /** What gives a name back, once. */
  #once(folded: string, holding: Holding): Disposable {
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        if (--holding.count > 0 || this.#names.get(folded) !== holding) return;
        this.#names.delete(folded);
        this.#options.table.release(folded);
        this.#options.onFreed(folded);
      },
    };
  }
}
