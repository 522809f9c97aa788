import type { Timer } from "../../common/clock.ts";
import type { Incarnation } from "../../server/cluster/bus.ts";
import { type NameTable, SURRENDER_MS, type Ticket } from "../../server/cluster/name_table.ts";
import { UnavailableError } from "../../server/cluster/operation_log.ts";
import type { FakeNode } from "./fake_bus.ts";

/** A node's view of the one {@linkcode NameTable}. */
export class FakeNameTable implements NameTable {
  readonly #node: FakeNode;
  /** What this node has surrendered, with what gives it back. */
  readonly #surrendered = new Map<string, { ticket: Ticket; timer: Timer | undefined }>();

  constructor(node: FakeNode) {
    this.#node = node;
  }

  take(folded: string): Promise<true | Incarnation> {
    const ticket = this.#forget(folded);
    return this.#ask((self) => {
      const { held, revisions, nodes } = this.#node.world;
      const holder = held.get(folded);
      const isOwn = holder === self && revisions.get(folded) === ticket;
      if (holder !== undefined && nodes.has(holder) && !isOwn) return holder;
      this.#set(folded, self);
      return true;
    });
  }

  surrender(folded: string): Ticket | undefined {
    const { bus, world } = this.#node;
    const { self } = bus;
    if (world.held.get(folded) !== self) return undefined;
    const ticket = world.revisions.get(folded)!;
    const timer = world.clock?.setTimeout(() => {
      this.#surrendered.delete(folded);
      this.#release(folded, self, ticket);
    }, SURRENDER_MS);
    this.#surrendered.set(folded, { ticket, timer });
    return ticket;
  }

  takeFrom(folded: string, ticket: Ticket): Promise<boolean> {
    return this.#ask((self) => {
      if (this.#node.world.revisions.get(folded) !== ticket) return false;
      this.#set(folded, self);
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
    this.#release(folded, self, world.revisions.get(folded));
  }

  #release(folded: string, self: Incarnation, ticket: Ticket | undefined): void {
    const { world } = this.#node;
    world.send(`table ${self}`, () => {
      if (world.held.get(folded) !== self || world.revisions.get(folded) !== ticket) return;
      world.held.delete(folded);
      world.revisions.delete(folded);
    });
  }

  #set(folded: string, self: Incarnation): void {
    const { world } = this.#node;
    world.held.set(folded, self);
    world.revisions.set(folded, ++world.revision);
  }

  /** Gives what was surrendered back no more. */
  #forget(folded: string): Ticket | undefined {
    const { ticket, timer } = this.#surrendered.get(folded) ?? {};
    this.#node.world.clock?.clearTimeout(timer);
    this.#surrendered.delete(folded);
    return ticket;
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
