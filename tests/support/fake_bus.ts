/**
 * Several nodes in one process: what they say to each other, and who holds which name, without a network.
 *
 * @module
 */

import { setImmediate } from "node:timers";

import type { Clock, Timer } from "../../common/clock.ts";
import type { Batch, Bus, BusListener, Incarnation } from "../../server/cluster/bus.ts";
import { UnavailableError } from "../../server/cluster/operation_log.ts";
import { FakeNameTable } from "./fake_name_table.ts";
import { seededRandom } from "./random.ts";
import { settle } from "./settle.ts";

/** What a test may choose. */
export interface FakeWorldOptions {
  /** Decides which of the things that are under way comes next. @default {1} */
  seed?: number;
  /** What `ask` waits by; without it, only a node's end makes an answer fail. */
  clock?: Clock;
}

/** Something that is under way. A word is what may be lost. */
interface Parcel {
  readonly isWord: boolean;
  deliver(): void;
}

/**
 * The nodes and the ways between them. What is said takes a number of turns of the event loop that the seed decides; on one
 * way the order stays, and of words, questions and answers each have a way of their own.
 *
 * @example
 * ```ts ignore
 * const world = new FakeWorld({ seed: 7 });
 * const [a, b] = [world.join(), world.join()];
 * await a.bus.start(listener);
 * await b.bus.start(another);
 * a.bus.tell("hello");
 * await world.quiet();
 * ```
 */
export class FakeWorld {
  readonly clock: Clock | undefined;
  /** Who holds which name, by incarnation. */
  readonly held = new Map<string, Incarnation>();
  /** What changes with each taking of a name. */
  readonly revisions = new Map<string, number>();
  revision = 0;
  /** The nodes that are there, by incarnation. */
  readonly nodes = new Map<Incarnation, FakeNode>();
  /** How many answers of each node are lost from now on. */
  readonly losingAnswers = new Map<FakeNode, number>();
  /** While `true`, the table of names does not answer: whoever asks is told so. */
  isTableDown = false;
  readonly #random: () => number;
  readonly #ways = new Map<string, Parcel[]>();
  readonly #stopped = new Set<string>();
  #isPumping = false;
  #lives = 0;

  constructor({ seed = 1, clock }: FakeWorldOptions = {}) {
    this.#random = seededRandom(seed);
    this.clock = clock;
  }

  /** A node that is not started yet. */
  join(): FakeNode {
    return new FakeNode(this);
  }

  /** A name for a further life of a node. */
  nextLife(): Incarnation {
    return `node-${++this.#lives}`;
  }

  /** Puts something on a way. */
  send(way: string, deliver: () => void, isWord = false): void {
    const parcels = this.#ways.get(way);
    if (parcels === undefined) this.#ways.set(way, [{ deliver, isWord }]);
    else parcels.push({ deliver, isWord });
    this.#pump();
  }

  /** Loses the words that are under way from one node to another; the listener learns that some were. */
  lose(from: FakeNode, to: FakeNode): void {
    const way = wordsWay(from.bus.self, to.bus.self);
    const parcels = this.#ways.get(way) ?? [];
    const left = parcels.filter(({ isWord }) => !isWord);
    if (left.length === parcels.length) return;
    const { self } = from.bus;
    this.#ways.set(way, [...left, { isWord: false, deliver: () => to.hear()?.missed(self) }]);
  }

  /** What one node says to another stays under way from now on, until {@linkcode FakeWorld.resume}. */
  stop(from: FakeNode, to: FakeNode): void {
    this.#stopped.add(wordsWay(from.bus.self, to.bus.self));
  }

  /** What was stopped goes on. */
  resume(): void {
    this.#stopped.clear();
    this.#pump();
  }

  /** Waits until nothing is under way, but for what is stopped. */
  async quiet(): Promise<void> {
    for (let calm = 0; calm < 2; calm++) {
      await settle();
      if (this.#isPumping) calm = -1;
    }
  }

  /** The end of a node for all others: what it has said last may be lost. */
  end(node: FakeNode): void {
    const { self } = node.bus;
    this.nodes.delete(self);
    for (const other of this.nodes.values()) {
      const way = wordsWay(self, other.bus.self);
      const parcels = this.#ways.get(way);
      if (parcels !== undefined) parcels.length = Math.ceil(this.#random() * parcels.length);
      this.send(way, () => other.lost(self));
    }
  }

  #pump(): void {
    if (this.#isPumping || !this.#hasWork()) return;
    this.#isPumping = true;
    setImmediate(() => {
      for (const [way, parcels] of [...this.#ways]) {
        while (!this.#stopped.has(way) && this.#random() < 0.6) {
          const parcel = parcels.shift();
          if (parcel === undefined) break;
          parcel.deliver();
        }
        if (parcels.length === 0 && this.#ways.get(way) === parcels) this.#ways.delete(way);
      }
      this.#isPumping = false;
      this.#pump();
    });
  }

  #hasWork(): boolean {
    for (const way of this.#ways.keys()) {
      if (!this.#stopped.has(way)) return true;
    }
    return false;
  }
}

/** A node of a {@linkcode FakeWorld}. */
export class FakeNode {
  readonly bus: FakeBus;
  readonly names: FakeNameTable;
  readonly world: FakeWorld;
  listener: BusListener | undefined;
  /** The others that it knows of. */
  readonly known = new Set<Incarnation>();
  /** Ends the questions that wait for a node's answer. */
  readonly waiting = new Map<Incarnation, Set<() => void>>();

  constructor(world: FakeWorld) {
    this.world = world;
    this.bus = new FakeBus(this);
    this.names = new FakeNameTable(this);
  }

  /** Whether it is one of the nodes at the moment. */
  get isThere(): boolean {
    return this.world.nodes.get(this.bus.self) === this;
  }

  /** Who hears what comes for this node now. */
  hear(): BusListener | undefined {
    return this.isThere ? this.listener : undefined;
  }

  /** The process dies: nothing it does from now on gets to anybody. Its names are free. */
  die(): void {
    if (!this.isThere) return;
    this.world.end(this);
    this.#forgetAll();
  }

  /** It is cut off, and learns of it before the others do. */
  fence(reason = "cut off"): void {
    if (!this.isThere) return;
    this.world.end(this);
    this.#forgetAll();
    this.listener!.fenced(reason);
  }

  /** It is among the others again. */
  restore(): void {
    this.bus.self = this.world.nextLife();
    this.enter();
    this.listener!.restored();
    this.meet();
  }

  /** Is one of the nodes from now on. */
  enter(): void {
    this.world.nodes.set(this.bus.self, this);
  }

  /** Lets all others know of it, and it of them. */
  meet(): void {
    const { self } = this.bus;
    for (const [other, node] of this.world.nodes) {
      if (node === this) continue;
      this.world.send(wordsWay(self, other), () => node.found(self));
      this.world.send(wordsWay(other, self), () => this.isThere && this.found(other));
    }
  }

  /** Another node is there. */
  found(other: Incarnation): void {
    const listener = this.hear();
    if (listener === undefined || this.known.has(other)) return;
    this.known.add(other);
    listener.nodeCame(other);
  }

  /** Another node has gone. */
  lost(other: Incarnation): void {
    for (const end of this.waiting.get(other) ?? []) end();
    if (this.known.delete(other)) this.hear()?.nodeGone(other);
  }

  #forgetAll(): void {
    this.known.clear();
    for (const waiting of this.waiting.values()) for (const end of waiting) end();
  }
}

/** A node's {@linkcode Bus}. */
export class FakeBus implements Bus {
  self: Incarnation;
  readonly #node: FakeNode;

  constructor(node: FakeNode) {
    this.#node = node;
    this.self = node.world.nextLife();
  }

  get nodes(): ReadonlySet<Incarnation> {
    return this.#node.known;
  }

  start(listener: BusListener): Promise<void> {
    this.#node.listener = listener;
    this.#node.enter();
    this.#node.meet();
    return Promise.resolve();
  }

  tell(word: unknown): void {
    const [node, from, json] = [this.#node, this.self, JSON.stringify(word)];
    if (!node.isThere) return;
    for (const [to, other] of node.world.nodes) {
      if (other === node) continue;
      const deliver = (): void => {
        if (other.known.has(from)) other.hear()?.told(from, JSON.parse(json));
      };
      node.world.send(wordsWay(from, to), deliver, true);
    }
  }

  ask(to: Incarnation, question: unknown, seconds = 5): Promise<unknown> {
    const json = JSON.stringify(question);
    return new Promise((resolve, fail) => {
      this.#ask(to, () => json, { take: (answer) => (resolve(answer), false), fail }, seconds);
    });
  }

  askAll(to: Incarnation, batch: Batch): void {
    this.#ask(to, () => JSON.stringify(batch.close()), batch, 5);
  }

  #ask(
    to: Incarnation,
    close: () => string,
    asker: Pick<Batch, "take" | "fail">,
    seconds: number,
  ): void {
    const [node, from] = [this.#node, this.self];
    const { world } = node;
    const other = world.nodes.get(to);
    if (!node.isThere || other === undefined) {
      return asker.fail(new UnavailableError(`${to} is not there`));
    }
    const waiting = node.waiting.get(to) ?? new Set();
    node.waiting.set(to, waiting);
    const over = (): void => {
      waiting.delete(end);
      world.clock?.clearTimeout(timer);
    };
    const end = (): void => {
      over();
      asker.fail(new UnavailableError(`${to} does not answer`));
    };
    waiting.add(end);
    const timer: Timer | undefined = world.clock?.setTimeout(end, seconds * 1_000);
    const answer = (given: unknown): void => {
      const json = JSON.stringify(given ?? null);
      const losses = world.losingAnswers.get(other) ?? 0;
      if (losses > 0) {
        world.losingAnswers.set(other, losses - 1);
      } else if (other.isThere && other.bus.self === to) {
        world.send(`answer ${to} ${from}`, () => {
          if (waiting.has(end) && !asker.take(JSON.parse(json))) over();
        });
      }
    };
    world.send(`question ${from} ${to}`, async () => {
      const json = close();
      if (other.bus.self !== to) return;
      const listener = other.hear();
      if (listener === undefined) return;
      const given = listener.asked(from, JSON.parse(json), answer);
      answer(given instanceof Promise ? await given : given);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#node.die();
    return Promise.resolve();
  }
}

function wordsWay(from: Incarnation, to: Incarnation): string {
  return `words ${from} ${to}`;
}
