/**
 * The beats of one life of a node, and what follows from those of others.
 *
 * @module
 */

import type { Msg, Subscription } from "@nats-io/transport-node";

import type { Clock, Timer } from "../../../common/clock.ts";
import { messageOf, stackOf } from "../../../common/errors.ts";
import type { Log } from "../../../common/log.ts";
import type { Incarnation } from "../bus.ts";
import { type Beat, readBeat } from "./beat.ts";
import type { Client } from "./client_types.ts";
import { BEAT_MS, Liveness, type NodeState } from "./liveness.ts";
import { isIncarnation, type NodeAbout, type NodeEntry, type NodeTable } from "./node_table.ts";

/** With each second beat a node renews its entry. */
const RENEW_EACH = 2;

/** With this beat a node that is entered as alive and was not heard is not waited for any more. */
const INTRODUCED_BY = 3;

/** What of a beat only the node knows. */
export type Report = Pick<Beat, "told" | "position" | "users" | "address">;

/** What is told of the nodes. None of it throws. */
export interface BeatListener {
  /** A node is there. */
  came(beat: Beat): void;
  /** A node has beaten; also the one that has just come. */
  beat(beat: Beat): void;
  /** A node that was known has gone. */
  gone(node: Incarnation, state: "dead" | "left"): void;
  /** This life is over. The last call. */
  fenced(reason: string): void;
}

/** What it needs. */
export interface BeatsOptions {
  /** The connection; it gets its own messages back. */
  readonly nc: Pick<Client, "publish" | "subscribe">;
  /** What subjects begin with. */
  readonly prefix: string;
  /** Where nodes are entered. */
  readonly table: Pick<NodeTable, "enter" | "find" | "end">;
  /** Who beats. */
  readonly self: Incarnation;
  /** As what it is entered. */
  readonly about: NodeAbout;
  /** The revision of its entry. */
  readonly revision: number;
  /** When it was sent to be entered, by `clock.monotonicMs()`. */
  readonly since: number;
  /** What to say beside. */
  readonly report: () => Report;
  /** Who hears. */
  readonly listener: BeatListener;
  /** Time. */
  readonly clock: Clock;
  /** For what cannot be read. */
  readonly log: Log;
}

/** Beats on `<prefix>.beat`; on `<prefix>.ended` it is said whose entry to look at. */
export class Beats {
  readonly #options: BeatsOptions;
  readonly #liveness: Liveness;
  readonly #subscriptions: Subscription[];
  /** Nodes whose end is being entered. */
  readonly #ending = new Set<Incarnation>();
  #timer: Timer | undefined;
  #revision: number;
  #isRenewing = false;
  #hasComplained = false;
  readonly #introduced = Promise.withResolvers<void>();

  /**
   * Begins to listen, and to beat in the next turn.
   *
   * @param known The nodes that are entered.
   */
  constructor(options: BeatsOptions, known: readonly NodeEntry[]) {
    this.#options = options;
    const { self, since, clock, listener, nc, prefix } = options;
    this.#revision = options.revision;
    this.#liveness = new Liveness(self, since, clock, {
      gone: (node, state) => listener.gone(node, state),
      silent: (node) => void this.end(node, "dead").catch(() => {}), // tried again with the next beat
      fenced: (reason) => {
        this.stop();
        listener.fenced(reason);
      },
    });
    for (const { node, state } of known) this.#liveness.recorded(node, state);
    if (!known.some(({ state }) => state === "alive")) this.#introduced.resolve();
    this.#subscriptions = [
      nc.subscribe(`${prefix}.beat`, { callback: this.#safely((text) => this.#heard(text)) }),
      nc.subscribe(`${prefix}.ended`, {
        callback: this.#safely((text) => void this.#look(text).catch(() => {})),
      }),
    ];
    this.#timer = clock.setTimeout(() => this.#tick(), 0);
  }

  /**
   * Resolves when this node has told another one that it knows it, or there is none: from then on it is taken for dead 8 s
   * after its end, not 14 (see {@linkcode Liveness}). After 1 s it is not waited for longer, or when this node stops.
   */
  get introduced(): Promise<void> {
    return this.#introduced.promise;
  }

  /** Whether this life goes on; looks at the clock. */
  isAlive(): boolean {
    return this.#liveness.check();
  }

  /**
   * What has become of a node.
   *
   * @returns `undefined` if nobody has ever heard of it.
   * @throws {UnavailableError} If nothing is known of it here, and NATS does not answer.
   */
  async stateOf(node: Incarnation): Promise<NodeState | undefined> {
    const known = this.#liveness.stateOf(node);
    if (known !== undefined) return known;
    if (!isIncarnation(node)) return undefined;
    const state = (await this.#options.table.find(node))?.state;
    if (state !== undefined) this.#liveness.recorded(node, state);
    return state;
  }

  /**
   * Enters a node's end, and lets the others know.
   *
   * @throws {UnavailableError} If NATS does not answer.
   */
  async end(node: Incarnation, state: "dead" | "left"): Promise<void> {
    if (this.#ending.has(node)) return;
    this.#ending.add(node);
    try {
      const { table, nc, prefix } = this.#options;
      this.#liveness.recorded(node, await table.end(node, state));
      nc.publish(`${prefix}.ended`, node);
    } finally {
      this.#ending.delete(node);
    }
  }

  /** No beat follows, and none is heard. */
  stop(): void {
    this.#introduced.resolve();
    this.#options.clock.clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #tick(): void {
    this.#beat();
    if (this.#liveness.isFenced) return;
    this.#timer = this.#options.clock.setTimeout(() => this.#tick(), BEAT_MS);
  }

  /** The entry is renewed behind the beat: whoever gets an answer has been heard. */
  #beat(): void {
    const pulse = this.#liveness.tick();
    if (pulse === undefined) return;
    const { nc, prefix, report, log } = this.#options;
    const beat: Beat = { ...pulse, ...report() };
    try {
      nc.publish(`${prefix}.beat`, JSON.stringify(beat));
    } catch (error) {
      log.debug("no beat", { why: messageOf(error) }); // the connection was closed
    }
    const isKnown = Object.keys(pulse.heard).length > 0;
    if (isKnown || pulse.number >= INTRODUCED_BY) this.#introduced.resolve();
    // How long it goes on that there is no answer, the next beats see.
    if (pulse.number % RENEW_EACH === 1) void this.#renew(pulse.number).catch(() => {});
  }

  /** A write, since a leader that is cut off from most NATS servers still answers reads, but no write. */
  async #renew(number: number): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      const { table, self, about } = this.#options;
      const revision = await table.enter(self, about, this.#revision);
      if (revision !== undefined) {
        this.#revision = revision;
        this.#liveness.acknowledged(number);
        return;
      }
      const entry = await table.find(self);
      // Alive: an attempt without an answer was done after all.
      if (entry?.state === "alive") this.#revision = entry.revision;
      else this.#liveness.recorded(self, entry?.state);
    } finally {
      this.#isRenewing = false;
    }
  }

  #heard(text: string): void {
    const beat = readBeat(text);
    if (beat === undefined) {
      if (!this.#hasComplained) this.#options.log.warn("a beat cannot be read");
      this.#hasComplained = true;
      return;
    }
    const { listener, self } = this.#options;
    const isNew = this.#liveness.heard(beat);
    if (beat.node === self || this.#liveness.stateOf(beat.node) !== "alive") return;
    if (isNew) listener.came(beat);
    listener.beat(beat);
    // Whoever comes need not wait to hear of this node.
    if (isNew) this.#beat();
  }

  /** Looks at the entry of a node that is said to have ended. */
  async #look(node: string): Promise<void> {
    if (!isIncarnation(node) || this.#liveness.stateOf(node) !== "alive") return;
    this.#liveness.recorded(node, (await this.#options.table.find(node))?.state);
  }

  #safely(take: (text: string) => void): (error: Error | null, message: Msg) => void {
    return (error, message) => {
      if (error !== null) return;
      try {
        take(message.string());
      } catch (error) {
        // What throws here would end the reading of the connection.
        this.#options.log.error("a beat has failed", { error: stackOf(error) });
      }
    };
  }
}
