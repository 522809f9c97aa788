import type { Incarnation } from "../../server/cluster/bus.ts";
import type { NameTable } from "../../server/cluster/name_table.ts";
import { UnavailableError } from "../../server/cluster/operation_log.ts";
import type { FakeNode } from "./fake_bus.ts";

/** A node's view of the one {@linkcode NameTable}. */
export class FakeNameTable implements NameTable {
  readonly #node: FakeNode;

  constructor(node: FakeNode) {
    this.#node = node;
  }

  take(folded: string): Promise<true | Incarnation> {
    return this.#ask((self) => {
      const { held, nodes } = this.#node.world;
      const holder = held.get(folded);
      if (holder !== undefined && nodes.has(holder)) return holder;
      held.set(folded, self);
      return true;
    });
  }

  takeFrom(folded: string, holder: Incarnation): Promise<boolean> {
    return this.#ask((self) => {
      const { held } = this.#node.world;
      if (held.get(folded) !== holder) return false;
      held.set(folded, self);
      return true;
    });
  }

  holderOf(folded: string): Promise<Incarnation | undefined> {
    return this.#ask(() => {
      const { held, nodes } = this.#node.world;
      const holder = held.get(folded);
      return holder !== undefined && nodes.has(holder) ? holder : undefined;
    });
  }

  release(folded: string): void {
    const { bus, world } = this.#node;
    const { self } = bus;
    world.send(`table ${self}`, () => {
      if (world.held.get(folded) === self) world.held.delete(folded);
    });
  }

  /** Does something where the table is, and brings back what came of it. */
  #ask<T>(work: (self: Incarnation) => T): Promise<T> {
    const { bus, world } = this.#node;
    const { self } = bus;
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new UnavailableError("the table of names cannot be reached"));
      world.send(`table ${self}`, () => {
        if (world.isTableDown || !world.nodes.has(self)) return fail();
        const outcome = work(self);
        world.send(`from table ${self}`, () => world.nodes.has(self) ? resolve(outcome) : fail());
      });
    });
  }
}
