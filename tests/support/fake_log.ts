/**
 * A log of operations in memory, shared by the nodes of a test.
 *
 * @module
 */

import { setImmediate } from "node:timers";

import { lifetimeOf } from "../../server/cluster/operation.ts";
import type { Lifetime, Operation } from "../../server/cluster/operation.ts";
import {
  type Entry,
  type OperationLog,
  UnavailableError,
} from "../../server/cluster/operation_log.ts";

/** Steps that all nodes together take in one turn of the event loop at most. */
const MAX_STEPS = 24;

/**
 * One log, and the ways of its nodes to it. In each turn of the event loop, as long as there is something to do, nodes are
 * chosen by chance: what a node appends gets its number later than it was appended, and comes to each node later still. So
 * the same seed and the same calls, in the same turns, give the same order.
 *
 * Operations go through JSON, as on a wire.
 *
 * @example
 * ```ts
 * import { seededRandom } from "./random.ts";
 *
 * const world = new FakeLogWorld(seededRandom(1));
 * const [first, second] = [world.node(), world.node()];
 * second.follow(0, ({ seq }) => console.log(seq));
 * await first.append("a-1", { do: "enter", folded: "park", at: 0 });
 * await world.settled();
 * ```
 */
export class FakeLogWorld {
  readonly #random: () => number;
  readonly #texts = new Map<number, { readonly id: string; readonly text: string }>();
  readonly #numbers = new Map<string, number>();
  readonly #nodes = new Set<FakeLog>();
  readonly #idle: (() => void)[] = [];
  #newest = 0;
  #isRunning = false;

  /** @param random From 0 up to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The number of the newest entry that ever was; 0 at first. */
  get newest(): number {
    return this.#newest;
  }

  /** The entries that are there, in order. */
  get entries(): Entry[] {
    return [...this.#texts.keys()].map((seq) => this.#entry(seq)!);
  }

  /** Another node's way to the log. */
  node(): FakeLog {
    const node = new FakeLog(this);
    this.#nodes.add(node);
    return node;
  }

  /** Resolves when nothing is on its way any more: all that was appended is given to all that follow and are available. */
  settled(): Promise<void> {
    if (!this.#isRunning) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** A value from 0 up to 1. */
  random(): number {
    return this.#random();
  }

  /** Something is to be done from the end of this turn on. */
  wake(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => this.#run());
  }

  /** A node is gone. */
  leave(node: FakeLog): void {
    this.#nodes.delete(node);
  }

  /** Puts an entry behind all others, unless one of that id was appended before. Gives its number. */
  put(id: string, text: string): number {
    const before = this.#numbers.get(id);
    if (before !== undefined) return before;
    const seq = ++this.#newest;
    this.#numbers.set(id, seq);
    this.#texts.set(seq, { id, text });
    return seq;
  }

  /** The first entry behind a number. */
  after(seq: number): Entry | undefined {
    for (let next = seq + 1; next <= this.#newest; next++) {
      if (this.#texts.has(next)) return this.#entry(next);
    }
    return undefined;
  }

  /** Takes entries out. */
  erase(seqs: Iterable<number>): void {
    for (const seq of seqs) this.#texts.delete(seq);
  }

  #entry(seq: number): Entry | undefined {
    const found = this.#texts.get(seq);
    return found && { seq, id: found.id, operation: JSON.parse(found.text) as Operation };
  }

  #run(): void {
    for (let steps = 1 + Math.floor(this.#random() * MAX_STEPS); steps > 0; steps--) {
      const able = [...this.#nodes].filter((node) => node.canStep);
      if (able.length === 0) break;
      able[Math.floor(this.#random() * able.length)]!.step();
    }
    if ([...this.#nodes].some((node) => node.isBusy)) {
      setImmediate(() => this.#run());
      return;
    }
    this.#isRunning = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** Something that a node is about to do with the log. */
interface Errand {
  readonly run: () => void;
  readonly fail: (error: UnavailableError) => void;
}

/** A node's {@linkcode OperationLog}. */
export class FakeLog implements OperationLog {
  readonly #world: FakeLogWorld;
  #errands: Errand[] = [];
  #onEntry: ((entry: Entry) => void | Promise<void>) | undefined;
  #position = 0;
  /** The entry that was given last is not through. */
  #isGiving = false;
  #isAvailable = true;

  /** Made by {@linkcode FakeLogWorld.node}. */
  constructor(world: FakeLogWorld) {
    this.#world = world;
  }

  /** The number of the entry that was given last. */
  get position(): number {
    return this.#position;
  }

  /**
   * Whether the log can be reached. While it cannot, nothing comes, and what is asked is refused: half of what is on its
   * way then, and half of what is appended later, comes to be there all the same.
   */
  get isAvailable(): boolean {
    return this.#isAvailable;
  }

  set isAvailable(isAvailable: boolean) {
    this.#isAvailable = isAvailable;
    if (!isAvailable) { for (const errand of this.#errands.splice(0)) this.#refuse(errand); }
    this.#world.wake();
  }

  /** Whether it could do something at once. */
  get canStep(): boolean {
    return this.#isAvailable && (this.#errands.length > 0 || (!this.#isGiving && this.#hasMore));
  }

  /** Whether something is on its way. */
  get isBusy(): boolean {
    return this.#isGiving || this.canStep;
  }

  get #hasMore(): boolean {
    return this.#onEntry !== undefined && this.#world.after(this.#position) !== undefined;
  }

  /** Does one of the things that can be done, by chance. */
  step(): void {
    const mayGive = !this.#isGiving && this.#hasMore;
    if (this.#errands.length > 0 && (!mayGive || this.#world.random() < 0.5)) {
      this.#errands.shift()!.run();
    } else if (mayGive) void this.#give();
  }

  /** See {@linkcode OperationLog.append}. */
  append(id: string, operation: Operation): Promise<number> {
    const text = JSON.stringify(operation);
    return this.#ask(() => this.#world.put(id, text));
  }

  /** See {@linkcode OperationLog.last}. */
  last(): Promise<number> {
    return this.#ask(() => this.#world.newest);
  }

  /** See {@linkcode OperationLog.follow}. */
  follow(after: number, onEntry: (entry: Entry) => void | Promise<void>): void {
    if (this.#onEntry !== undefined) throw new Error("The log is followed already");
    this.#position = after;
    this.#onEntry = onEntry;
    this.#world.wake();
  }

  /** See {@linkcode OperationLog.erase}. */
  erase(seqs: readonly number[]): Promise<void> {
    return this.#ask(() => this.#world.erase(seqs));
  }

  /** See {@linkcode OperationLog.forget}. */
  forget(lifetime: Lifetime, before: Date): Promise<void> {
    return this.#ask(() =>
      this.#world.erase(
        this.#world.entries
          .filter(({ operation }) =>
            lifetimeOf(operation) === lifetime && operation.at < before.getTime()
          )
          .map(({ seq }) => seq),
      )
    );
  }

  /** Gives nothing any more; what is on its way is refused as if the log could not be reached. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#onEntry = undefined;
    this.#world.leave(this);
    this.isAvailable = false;
    return Promise.resolve();
  }

  #ask<T>(run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const errand = { run: () => resolve(run()), fail: reject };
      if (!this.#isAvailable) return this.#refuse(errand);
      this.#errands.push(errand);
      this.#world.wake();
    });
  }

  #refuse({ run, fail }: Errand): void {
    fail(new UnavailableError("The log cannot be reached"));
    if (this.#world.random() < 0.5) run(); // done all the same: only the answer is lost
    this.#world.wake();
  }

  async #give(): Promise<void> {
    const entry = this.#world.after(this.#position)!;
    this.#isGiving = true;
    this.#position = entry.seq;
    try {
      await this.#onEntry!(entry);
    } finally {
      this.#isGiving = false;
      this.#world.wake();
    }
  }
}
