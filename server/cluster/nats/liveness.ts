/**
 * Who is alive: what a node concludes from beats, acknowledgements and time. Knows no network.
 *
 * @module
 */

import type { Clock } from "../../../common/clock.ts";
import type { Incarnation } from "../bus.ts";

/** Milliseconds between two beats. */
export const BEAT_MS = 500;
/** Without a sign that others know of it, a node is no node any more after this many milliseconds. */
export const FENCE_MS = 6_000;
/** The same for a node that knows no other: only JetStream can tell it, and that may be busy with an election. */
export const LONE_FENCE_MS = 12_000;
/**
 * Whatever others say, a node is no node any more when JetStream has written nothing of it for so long: it may be on the
 * smaller side of NATS servers that are cut off from each other, and the larger side takes all on it for dead. Longer than
 * an election of JetStream's leaders, which takes up to 9 s.
 */
export const UNWRITTEN_FENCE_MS = 20_000;
/** Silent for this many milliseconds, a node is dead: 2 s after it has fenced itself. */
export const DEAD_MS = 8_000;
/** The same for one that has not said that it knows this node: it may think that it is alone. */
export const STRANGER_DEAD_MS = 14_000;
/** A node that has not heard its own beats for so long was deaf, and begins anew to count others' silence. */
export const DEAF_MS = 1_250;

/** What a node's entry says of it. Only "alive" ever changes. */
export type NodeState = "alive" | "dead" | "left";

/** What of a beat matters here. */
export interface Pulse {
  /** Whose. */
  readonly node: Incarnation;
  /** Rises with each beat of a node, from 1 on. */
  readonly number: number;
  /** The newest beat that it knows of each other node that lives for all it knows. */
  readonly heard: Readonly<Record<Incarnation, number>>;
}

/** What is concluded. None of it throws. */
export interface LivenessEvents {
  /** A node that is known has gone, for good. */
  gone(node: Incarnation, state: "dead" | "left"): void;
  /** A node has been silent for too long: its entry is to be changed, if it still says that it lives. Called with each tick. */
  silent(node: Incarnation): void;
  /** This life is over. The last call. */
  fenced(reason: string): void;
}

/** Another node that lives, for all that is known. */
interface Peer {
  /** Its newest beat, of which this node knows by itself or from others; 0: none. */
  number: number;
  /** When that came, or the entry was seen. */
  at: number;
  /** Whether it has said that it knows this node. */
  knowsMe: boolean;
  /** Whether it was heard, and not only heard of. */
  isThere: boolean;
}

/**
 * One life of a node: it ends by being fenced and never begins again.
 *
 * Guarantees, if clocks of machines run alike to 10 % and JetStream keeps one order:
 * 1. A life counts from the moment at which a beat was *sent* that somebody then confirmed, so how long words are under
 *    way does not matter: it is over {@linkcode FENCE_MS} after that, on the node itself, and for nobody else before
 *    {@linkcode DEAD_MS}.
 * 2. Who knows of a beat by way of a third node counts it as heard, so a node that is confirmed by one is not dead for
 *    another that hears that one.
 * 3. A node that was stopped, or that heard nothing itself, takes nobody for dead for it.
 */
export class Liveness {
  readonly #self: Incarnation;
  readonly #clock: Clock;
  readonly #events: LivenessEvents;
  readonly #peers = new Map<Incarnation, Peer>();
  readonly #ended = new Map<Incarnation, "dead" | "left">();
  /** When the beats of the last seconds were sent. */
  readonly #sent = new Map<number, number>();
  #number = 0;
  /** The moment up to which others know that this node lives. */
  #confirmed: number;
  /** The moment of the last beat behind which JetStream has written that this node lives. */
  #written: number;
  #echoAt: number;
  #listeningSince: number;
  #isFenced = false;

  /**
   * A life begins.
   *
   * @param self Its incarnation.
   * @param since When its entry was sent off that is there now, by `clock.monotonicMs()`.
   */
  constructor(self: Incarnation, since: number, clock: Clock, events: LivenessEvents) {
    this.#self = self;
    this.#clock = clock;
    this.#events = events;
    this.#confirmed = this.#written = since;
    this.#echoAt = this.#listeningSince = clock.monotonicMs();
  }

  /** Whether this life is over. */
  get isFenced(): boolean {
    return this.#isFenced;
  }

  /** What is known of a node; `undefined`: nothing. */
  stateOf(node: Incarnation): NodeState | undefined {
    if (node === this.#self) return this.#isFenced ? "dead" : "alive";
    return this.#ended.get(node) ?? (this.#peers.has(node) ? "alive" : undefined);
  }

  /**
   * Looks at the clock: ends this life if it is over. To be called before anything is done in its name: a process that was
   * stopped for long notices here.
   *
   * @returns Whether it goes on.
   */
  check(): boolean {
    if (this.#isFenced) return false;
    const now = this.#clock.monotonicMs();
    if (now - this.#written >= UNWRITTEN_FENCE_MS) {
      this.#fence(`JetStream has written nothing for ${UNWRITTEN_FENCE_MS / 1_000} s`);
      return false;
    }
    const isLone = this.#peers.size === 0;
    const silence = now - this.#confirmed;
    if (silence < (isLone ? LONE_FENCE_MS : FENCE_MS)) return true;
    const seconds = (silence / 1000).toFixed(1);
    this.#fence(
      isLone
        ? `no answer from JetStream for ${seconds} s`
        : `neither another node nor JetStream has confirmed this one for ${seconds} s`,
    );
    return false;
  }

  /**
   * The time of a beat.
   *
   * @returns What is to be sent, before this node's own entry is asked for; nothing if this life is over.
   */
  tick(): Pulse | undefined {
    if (!this.check()) return undefined;
    const now = this.#clock.monotonicMs();
    if (now - this.#echoAt <= DEAF_MS) {
      for (const [node, peer] of this.#peers) {
        const patience = peer.knowsMe ? DEAD_MS : STRANGER_DEAD_MS;
        if (now - Math.max(peer.at, this.#listeningSince) >= patience) this.#events.silent(node);
      }
    }
    this.#sent.set(++this.#number, now);
    for (const [number, at] of this.#sent) {
      if (now - at <= LONE_FENCE_MS) break;
      this.#sent.delete(number);
    }
    const heard: Record<Incarnation, number> = {};
    for (const [node, { number }] of this.#peers) if (number > 0) heard[node] = number;
    return { node: this.#self, number: this.#number, heard };
  }

  /**
   * A beat has come: another node's, or this one's own.
   *
   * @returns Whether it is the first one of another node that lives.
   */
  heard({ node, number, heard }: Pulse): boolean {
    if (!this.check()) return false;
    const now = this.#clock.monotonicMs();
    if (node === this.#self) {
      if (now - this.#echoAt > DEAF_MS) this.#listeningSince = now;
      this.#echoAt = now;
      return false;
    }
    if (this.#ended.has(node)) return false;
    const peer = this.#know(node, number);
    for (const [other, newest] of Object.entries(heard)) {
      if (other === this.#self) {
        peer.knowsMe = true;
        this.#confirm(newest);
      } else if (!this.#ended.has(other)) this.#know(other, newest);
    }
    const isFirst = !peer.isThere;
    peer.isThere = true;
    return isFirst;
  }

  /** JetStream has written, after a beat was sent, that this node lives: which needs most of its servers. */
  acknowledged(number: number): void {
    if (!this.check()) return;
    this.#confirm(number);
    this.#written = Math.max(this.#written, this.#sent.get(number) ?? 0);
  }

  /** A node's entry was read. `undefined`: there is none any more. */
  recorded(node: Incarnation, state: NodeState | undefined): void {
    if (this.#isFenced) return;
    if (node === this.#self) {
      if (state !== "alive") this.#fence("the others took it for dead");
    } else if (state === "alive") {
      if (!this.#ended.has(node)) this.#know(node, 0);
    } else {
      const peer = this.#peers.get(node);
      this.#peers.delete(node);
      const end = state ?? "dead";
      this.#ended.set(node, end);
      if (peer !== undefined) this.#events.gone(node, end);
    }
  }

  /** A node lives, or did when it sent that beat. */
  #know(node: Incarnation, number: number): Peer {
    const at = this.#clock.monotonicMs();
    let peer = this.#peers.get(node);
    if (peer === undefined) {
      peer = { number, at, knowsMe: false, isThere: false };
      this.#peers.set(node, peer);
    } else if (number > peer.number) {
      peer.number = number;
      peer.at = at;
    }
    return peer;
  }

  #confirm(number: number): void {
    this.#confirmed = Math.max(this.#confirmed, this.#sent.get(number) ?? 0);
  }

  #fence(reason: string): void {
    this.#isFenced = true;
    this.#events.fenced(reason);
  }
}
