import { assert } from "@std/assert";

import { BEAT_MS, Liveness, type NodeState } from "../../server/cluster/nats/liveness.ts";
import { FakeClock } from "./fake_clock.ts";
import { seededRandom } from "./random.ts";

const NAMES = ["alice", "bob", "carol"];

/**
 * One NATS server and the nodes around it. Each way from and to a node keeps its order, takes up to 150 ms, and loses all
 * while it is cut; JetStream answers nobody while it elects a leader; a node that is stopped does nothing, and finds what
 * has come meanwhile when it goes on.
 */
export class LivenessWorld {
  readonly clock = new FakeClock();
  readonly random: () => number;
  readonly nodes: Node[] = [];
  readonly entries = new Map<string, NodeState>();
  readonly holders = new Map<string, string>();
  hasLeader = true;
  lives = 0;
  /** What has happened, so that a test can see that it was hard enough. */
  readonly count = { fenced: 0, dead: 0, takenOver: 0, held: 0 };

  /** Up to how many milliseconds there are between two troubles of a kind. */
  readonly #calm: number;

  constructor(seed: number, nodes: number) {
    this.random = seededRandom(seed);
    this.#calm = seed % 2 === 0 ? 30_000 : 100_000;
    for (let i = 0; i < nodes; i++) this.nodes.push(new Node(this));
  }

  /** Something that breaks, now and then, for 1.5 s up to `most` ms. */
  trouble(most: number, begin: () => void, end: () => void): void {
    const calm = 1_000 + this.random() * this.#calm;
    this.clock.setTimeout(() => {
      begin();
      this.clock.setTimeout(() => {
        end();
        this.trouble(most, begin, end);
      }, 1_500 + this.random() * (most - 1_500));
    }, calm);
  }

  /** No name has two holders who believe it. */
  check(): void {
    for (const name of NAMES) {
      const holders = this.nodes.filter((node) => node.believesToHold(name));
      assert(holders.length <= 1, `${name}: ${holders.map(({ self }) => self)}`);
    }
  }
}

/** A way that keeps its order. */
class Way {
  isCut = false;
  #at = 0;

  constructor(readonly world: LivenessWorld) {}

  send(then: () => void): void {
    const { clock, random } = this.world;
    if (this.isCut) return;
    this.#at = Math.max(this.#at, clock.monotonicMs() + random() * 150);
    clock.setTimeout(() => {
      if (!this.isCut) then();
    }, this.#at - clock.monotonicMs());
  }
}

class Node {
  readonly to: Way;
  readonly from: Way;
  self = "";
  isStopped = false;
  liveness: Liveness | undefined;
  readonly held = new Set<string>();
  #backlog: (() => void)[] = [];
  /** Each life ends once, and nothing is concluded in it afterwards. */
  readonly ends: string[] = [];

  constructor(readonly world: LivenessWorld) {
    this.to = new Way(world);
    this.from = new Way(world);
    this.#begin();
    for (const way of [this.to, this.from]) {
      world.trouble(20_000, () => way.isCut = true, () => way.isCut = false);
    }
    world.trouble(25_000, () => this.isStopped = true, () => this.#goOn());
  }

  believesToHold(name: string): boolean {
    return !this.isStopped && this.liveness?.isFenced === false && this.held.has(name);
  }

  /** Does something when the node runs. */
  #run(then: () => void): void {
    if (this.isStopped) this.#backlog.push(then);
    else {
      then();
      this.world.check();
    }
  }

  #goOn(): void {
    this.isStopped = false;
    const backlog = this.#backlog;
    this.#backlog = [];
    // Which of timers and messages come first is the event loop's affair; the node asks before it serves anybody.
    if (this.world.random() < 0.5) backlog.reverse();
    this.liveness?.check();
    for (const then of backlog) this.#run(then);
  }

  /** Asks JetStream; there may be no answer, or none that arrives, though it is done. */
  #ask<T>(what: () => T, then: (answer: T) => void): void {
    this.to.send(() => {
      if (!this.world.hasLeader) return;
      const answer = what();
      this.from.send(() => this.#run(() => then(answer)));
    });
  }

  #toAll(then: (node: Node) => void): void {
    this.to.send(() => {
      for (const node of this.world.nodes) node.from.send(() => node.#run(() => then(node)));
    });
  }

  /** A life begins when the former one is entered as over. */
  #begin(former?: string): void {
    const { world } = this;
    const self = `life${++world.lives}`;
    const since = world.clock.monotonicMs();
    let hasBegun = false;
    this.#ask(() => {
      if (former !== undefined) world.entries.set(former, "dead");
      world.entries.set(self, "alive");
      return new Map(world.entries);
    }, (known) => {
      if (hasBegun || this.liveness !== undefined && !this.liveness.isFenced) return;
      hasBegun = true;
      this.self = self;
      this.held.clear();
      this.liveness = new Liveness(self, since, world.clock, {
        gone: () => assert(!this.ends.includes(self)),
        silent: (node) => this.#end(node),
        fenced: () => {
          assert(!this.ends.includes(self), "a life ends once");
          this.ends.push(self);
          world.count.fenced++;
          this.#begin(self);
        },
      });
      for (const [node, state] of known) if (node !== self) this.liveness.recorded(node, state);
      this.#tick(this.liveness);
    });
    world.clock.setTimeout(() => this.#run(() => hasBegun || this.#retry(former)), 3_000);
  }

  #retry(former?: string): void {
    if (this.liveness === undefined || this.liveness.isFenced) this.#begin(former);
  }

  #end(node: string): void {
    const { liveness, world } = this;
    this.#ask(() => {
      if (world.entries.get(node) === "alive") {
        world.entries.set(node, "dead");
        world.count.dead++;
      }
      return world.entries.get(node);
    }, (state) => {
      liveness!.recorded(node, state);
      this.#toAll((other) =>
        other.#ask(() => world.entries.get(node), (now) => other.liveness?.recorded(node, now))
      );
    });
  }

  #tick(liveness: Liveness): void {
    const pulse = liveness.tick();
    if (pulse === undefined) return;
    this.#toAll((node) => node.liveness?.heard(pulse));
    const { entries } = this.world;
    this.#ask(() => entries.get(pulse.node), (state) => {
      if (state === "alive") liveness.acknowledged(pulse.number);
      else liveness.recorded(pulse.node, state);
    });
    this.#take(liveness);
    this.world.clock.setTimeout(() => this.#run(() => this.#tick(liveness)), BEAT_MS);
  }

  /** Takes a name that nobody holds, or whose holder has ended. */
  #take(liveness: Liveness): void {
    const { world, self } = this;
    const name = NAMES[Math.floor(world.random() * NAMES.length)]!;
    this.#ask(() => {
      const holder = world.holders.get(name);
      if (holder === self) return true;
      if (holder !== undefined && world.entries.get(holder) === "alive") return false;
      if (holder !== undefined) world.count.takenOver++;
      world.holders.set(name, self);
      return true;
    }, (isTaken) => {
      if (!isTaken || !liveness.check()) return;
      this.held.add(name);
      world.count.held++;
    });
  }
}
