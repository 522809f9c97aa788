/**
 * The way to the other nodes over NATS.
 *
 * @module
 */

import { type Clock, systemClock } from "../../../common/clock.ts";
import { messageOf, StartError } from "../../../common/errors.ts";
import type { Log } from "../../../common/log.ts";
import { printable } from "../../../common/printable.ts";
import type { Batch, Bus, BusListener, Incarnation } from "../bus.ts";
import { UnavailableError } from "../operation_log.ts";
import type { Beat } from "./beat.ts";
import { Beats } from "./beats.ts";
import { hearBeats } from "./hear_beats.ts";
import type { NodeState } from "./liveness.ts";
import type { NatsConnection } from "./nats_connection.ts";
import { newIncarnation, type NodeAbout, type NodeEntry, NodeTable } from "./node_table.ts";
import { patiently } from "./patience.ts";
import type { Streams } from "./streams.ts";
import { Talk } from "./talk.ts";

/** Milliseconds for which a start is tried: a bucket that was just made may not be known to all NATS servers yet. */
const START_MS = 10_000;

/** Milliseconds between two attempts to be among the others again. */
const RETRY_MS = 500;

/** Milliseconds that a node that ends waits for NATS to say that it has entered that. */
const LEAVE_MS = 2_000;

/** What a node has and says. */
export interface NatsBusOptions {
  /** The connection: stays open, and gets its own messages back (no `noEcho`). */
  readonly nats: NatsConnection;
  /** Makes the bucket. */
  readonly streams: Streams;
  /** Where users connect, for people who look after the nodes. */
  readonly address: string;
  /** Whether no other node may say the same: an operator has chosen it. @default {false} */
  readonly isOnlyOne?: boolean;
  /**
   * Names the database that this process keeps locked: what was entered with the same and lives, is dead for sure, and is
   * entered so at once.
   */
  readonly copy?: string | undefined;
  /** How many users are online. */
  readonly users: () => number;
  /** The number of the entry of the log up to which all is applied. */
  readonly position: () => number;
  /** The position that another node has, with each of its beats: a log that lags behind that may have stalled. */
  readonly onPosition?: (position: number) => void;
  /**
   * Time.
   *
   * @default {systemClock}
   */
  readonly clock?: Clock;
  /** For whoever looks after the nodes: who comes, leaves, is dead, is cut off. */
  readonly log: Log;
}

/** One life. */
interface Life {
  readonly self: Incarnation;
  readonly talk: Talk;
  readonly beats: Beats;
}

/**
 * A node among others. See `Liveness` for when it is cut off, and for when others are dead; see `Talk` for what is sent.
 *
 * After `fenced` there is no `nodeGone` for the nodes that were there; after `restored` there is a `nodeCame` for each
 * that is.
 */
export class NatsBus implements Bus {
  readonly #options: NatsBusOptions;
  readonly #clock: Clock;
  readonly #nodes = new Set<Incarnation>();
  #self = newIncarnation();
  #listener: BusListener | undefined;
  #table: NodeTable | undefined;
  /** Nothing while it is cut off, and before it has begun. */
  #life: Life | undefined;
  #fences = 0;
  #isEnded = false;

  /** Nothing happens before `start`. */
  constructor(options: NatsBusOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** See `Bus.self`. Another one after `restored`. */
  get self(): Incarnation {
    return this.#self;
  }

  /** See `Bus.nodes`. None while it is cut off. */
  get nodes(): ReadonlySet<Incarnation> {
    return this.#nodes;
  }

  /** How often this node was cut off. */
  get fences(): number {
    return this.#fences;
  }

  /** Whether this node may act for itself: looks at the clock, so that one that was stopped for long learns it here. */
  get isAlive(): boolean {
    return this.#life?.beats.isAlive() ?? false;
  }

  /**
   * See `Bus.start`. What was entered with the same `copy` is dead when it resolves, and the others know of this node:
   * names that it holds from then on are free 8 s after it is killed.
   *
   * @throws {StartError} If the bucket cannot be used, or another node has the name that only one may have.
   * @throws {UnavailableError} If NATS does not answer within 10 s.
   */
  async start(listener: BusListener): Promise<void> {
    this.#listener = listener;
    this.#table = await NodeTable.open(this.#options.nats, this.#options.streams);
    const table = this.#table;
    const patience = { patienceMs: START_MS, clock: this.#clock };
    await patiently(() => this.#endFormer(table), patience);
    const silent = await patiently(() => this.#refuseNamesake(table), patience);
    const revision = await patiently(() => this.#begin(table), patience);
    // Of two that begin at once, the one that was entered first has the name.
    const rival = (await patiently(() => this.#namesakes(table), patience))
      .find((entry) => entry.revision < (revision ?? 0) && !silent.has(entry.node));
    if (rival !== undefined) throw this.#nameTaken(rival.node);
    await this.#life?.beats.introduced;
  }

  /**
   * What has become of a node, for all that is known: "dead" and "left" are for good.
   *
   * @returns `undefined` if nobody has ever heard of it.
   * @throws {UnavailableError} If this node is cut off, or NATS does not answer.
   */
  stateOf(node: Incarnation): Promise<NodeState | undefined> {
    if (!this.isAlive) return Promise.reject(new UnavailableError("this node is cut off"));
    return this.#life!.beats.stateOf(node);
  }

  /**
   * Forgets nodes that ended more than a day ago. Names that they held have to be gone.
   *
   * @throws {UnavailableError} If NATS does not answer.
   */
  async forgetEnded(): Promise<void> {
    await this.#table?.forget(this.#clock.epochMs());
  }

  /** See `Bus.tell`. Goes nowhere while this node is cut off. */
  tell(word: unknown): void {
    if (this.isAlive) this.#life!.talk.tell(word);
  }

  /** See `Bus.ask`. */
  ask(node: Incarnation, question: unknown, seconds = 5): Promise<unknown> {
    if (!this.isAlive) return Promise.reject(new UnavailableError("this node is cut off"));
    return this.#life!.talk.ask(node, question, seconds);
  }

  /** See `Bus.askAll`. */
  askAll(node: Incarnation, batch: Batch): void {
    if (this.isAlive) this.#life!.talk.askAll(node, batch);
    else batch.fail(new UnavailableError("this node is cut off"));
  }

  /** Leaves: the others drop this node and its names at once. The connection stays open. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    const life = this.#life;
    if (life === undefined) return;
    this.#life = undefined;
    this.#nodes.clear();
    life.talk.flush();
    life.talk.close("this node ends");
    life.beats.stop();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimeout(resolve, LEAVE_MS);
    await Promise.race([this.#leave(life.self), promise]);
    this.#clock.clearTimeout(timer);
  }

  async #leave(self: Incarnation): Promise<void> {
    try {
      await this.#endNode(this.#table!, self, "left");
      await this.#options.nats.client.flush();
    } catch (error) {
      this.#options.log.warn("the others are not told that this node ends", {
        why: messageOf(error),
      });
    }
  }

  /** Enters a node's end, and lets the others know. */
  async #endNode(table: NodeTable, node: Incarnation, state: "dead" | "left"): Promise<void> {
    await table.end(node, state);
    const { client, prefix } = this.#options.nats;
    client.publish(`${prefix}.ended`, node);
  }

  /** Ends what had the same database before: while this process has it locked, nobody else can. */
  async #endFormer(table: NodeTable): Promise<void> {
    const { copy } = this.#options;
    if (copy === undefined) return;
    for (const { node, state, copy: other } of await table.list()) {
      if (other === copy && state === "alive") await this.#endNode(table, node, "dead");
    }
  }

  /**
   * Makes sure that no other node has this one's name.
   *
   * @returns Nodes that are entered as alive and are not heard: they are dead, or about to be found so.
   */
  async #refuseNamesake(table: NodeTable): Promise<ReadonlySet<Incarnation>> {
    const silent = new Set<Incarnation>();
    for (;;) {
      const nodes = (await this.#namesakes(table)).map(({ node }) => node)
        .filter((node) => !silent.has(node));
      if (nodes.length === 0) return silent;
      const [heard] = (await hearBeats(this.#options.nats, nodes, this.#clock)).keys();
      if (heard !== undefined) throw this.#nameTaken(heard);
      for (const node of nodes) silent.add(node);
    }
  }

  /** Other nodes that live, for all that is known, under this one's name, if only one may have it. */
  async #namesakes(table: NodeTable): Promise<NodeEntry[]> {
    const { address, copy, isOnlyOne = false } = this.#options;
    if (!isOnlyOne) return [];
    // What has the same database is this process itself, whose entry may have been given up too soon.
    return (await table.list()).filter((entry) =>
      entry.state === "alive" && entry.address === address && entry.node !== this.#life?.self &&
      (copy === undefined || entry.copy !== copy)
    );
  }

  #nameTaken(node: Incarnation): StartError {
    const name = printable(this.#options.address);
    return new StartError(
      `A node that lives is called '${name}' already (${node}); give this one another name with --node`,
    );
  }

  /** A life begins. Gives the revision of its entry, unless this node is to end. */
  async #begin(table: NodeTable): Promise<number | undefined> {
    const { nats: { client: nc, prefix }, address, copy, log } = this.#options;
    const known = await table.list();
    const self = newIncarnation();
    const since = this.#clock.monotonicMs();
    const started = this.#clock.epochMs();
    const about: NodeAbout = { address, started, ...(copy !== undefined && { copy }) };
    const revision = await table.enter(self, about, 0);
    if (revision === undefined) throw new UnavailableError("the entry is another node's");
    if (this.#isEnded) {
      await this.#leave(self);
      return undefined;
    }
    this.#self = self;
    const isAlive = (): boolean => life.beats.isAlive();
    const listener = this.#listener!;
    const clock = this.#clock;
    const talk = new Talk({ nc, prefix, self, isAlive, listener, clock, log });
    const beats = new Beats({
      ...{ nc, prefix, table, self, about, revision, since, clock, log },
      report: () => ({
        told: talk.told,
        position: this.#options.position(),
        users: this.#options.users(),
        address,
      }),
      listener: {
        came: (beat) => this.#came(beat, talk),
        beat: (beat) => {
          talk.upTo(beat.node, beat.told);
          this.#options.onPosition?.(beat.position);
        },
        gone: (node, state) => this.#gone(node, state, talk),
        fenced: (reason) => this.#fenced(reason, life),
      },
    }, known);
    const life: Life = { self, talk, beats };
    this.#life = life;
    return revision;
  }

  #came({ node, told, address, users }: Beat, talk: Talk): void {
    talk.add(node, told);
    this.#nodes.add(node);
    this.#options.log.info("node came", { node, address, users });
    this.#listener!.nodeCame(node);
  }

  #gone(node: Incarnation, state: "dead" | "left", talk: Talk): void {
    talk.remove(node);
    const { log } = this.#options;
    if (state === "left") log.info("node left", { node });
    else log.warn("node dead", { node });
    if (this.#nodes.delete(node)) this.#listener!.nodeGone(node);
  }

  #fenced(reason: string, { self, talk }: Life): void {
    this.#life = undefined;
    this.#fences++;
    this.#nodes.clear();
    this.#options.log.error("this node is cut off", { node: self, reason });
    talk.close("this node is cut off");
    this.#listener!.fenced(reason);
    void this.#restore(self);
  }

  /** Tries until it is done: the life that is over is entered as such first, so that its names are free. */
  async #restore(former: Incarnation): Promise<void> {
    const table = this.#table!;
    while (!this.#isEnded) {
      try {
        await this.#endNode(table, former, "dead");
        await this.#begin(table);
        break;
      } catch (error) {
        this.#options.log.debug("not among the others yet", { why: messageOf(error) });
        await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, RETRY_MS));
      }
    }
    if (this.#life === undefined) return;
    this.#options.log.warn("this node is among the others again", { node: this.#self, former });
    this.#listener!.restored();
  }
}
