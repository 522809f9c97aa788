/**
 * The table of names in NATS.
 *
 * @module
 */

import { type Clock, systemClock, type Timer } from "../../../common/clock.ts";
import { messageOf } from "../../../common/errors.ts";
import type { Log } from "../../../common/log.ts";
import type { Incarnation } from "../bus.ts";
import { type NameTable, SURRENDER_MS, type Ticket } from "../name_table.ts";
import { UnavailableError } from "../operation_log.ts";
import type { NatsBus } from "./nats_bus.ts";
import { isIncarnation } from "./node_table.ts";
import { ANSWER_MS } from "./patience.ts";
import type { RevisedEntry, RevisedTable } from "./revised_table.ts";

/** Milliseconds for which a name is tried to be taken. */
const PATIENCE_MS = 5_000;

/** Milliseconds between two attempts while NATS does not answer. */
const RETRY_MS = 250;

/** Milliseconds after which the first look for rubbish is taken, and then between two. */
const SWEEP_FIRST_MS = 60_000, SWEEP_MS = 3_600_000;

/** Milliseconds for which an entry stays that nobody holds: longer than any write can be under way. */
const RUBBISH_MS = 600_000;

/** A name that this node holds, or is giving back. */
interface Hold {
  /** In which life. */
  readonly self: Incarnation;
  /** The revision of the entry; `undefined`: an attempt to take it got no answer, so that it may be held. */
  readonly revision: number | undefined;
  /** The revision that such an attempt was to replace, if another node had surrendered the name. */
  readonly ticket?: Ticket | undefined;
}

/** Stands for the holder of a name that nobody holds. */
const NOBODY: Incarnation = "";

/** What it needs of the bus. */
type Life = Pick<NatsBus, "self" | "nodes" | "isAlive" | "stateOf" | "forgetEnded">;

/** The bucket. */
type Table = Pick<RevisedTable, "read" | "write" | "remove" | "entries">;

/**
 * Names by compare-and-set in the bucket `<prefix>_names`: under the name in base64url, `{"holder": <incarnation>}`, or
 * `{}` if nobody holds it.
 *
 * Revisions only rise, and what is given back stays as an entry for ten minutes, so a write that was given up on and lands
 * late finds another revision than it expects: no late attempt takes or gives back what was taken anew. All reads go to
 * the bucket's leader. Who holds what is forgotten when the node is cut off: the holder that is entered is dead then.
 */
export class NatsNames implements NameTable, Disposable {
  readonly #table: Table;
  readonly #life: Life;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #held = new Map<string, Hold>();
  /** What is given back, as long as nobody takes it here again. */
  readonly #returning = new Map<string, Hold>();
  readonly #taking = new Map<string, Promise<true | Incarnation>>();
  readonly #surrendered = new Set<Timer>();
  #sweepTimer: Timer;

  /**
   * Nothing is held yet.
   *
   * @param table The bucket.
   * @param life This node, and what it knows of others.
   */
  constructor(table: Table, life: Life, { clock = systemClock, log }: { clock?: Clock; log: Log }) {
    this.#table = table;
    this.#life = life;
    this.#clock = clock;
    this.#log = log;
    this.#sweepTimer = clock.setTimeout(() => this.#sweepLater(), SWEEP_FIRST_MS);
  }

  /** See `NameTable.take`. */
  async take(folded: string): Promise<true | Incarnation> {
    return await this.#alone(folded, undefined);
  }

  /** See `NameTable.surrender`: the ticket is the revision, which is another one after each taking and giving back. */
  surrender(folded: string): Ticket | undefined {
    const hold = this.#hold(folded);
    if (hold?.revision === undefined) return undefined;
    this.#held.delete(folded);
    this.#returning.set(folded, hold);
    const timer = this.#clock.setTimeout(() => {
      this.#surrendered.delete(timer);
      if (this.#returning.get(folded) === hold) void this.#giveBackNow(folded, hold);
    }, SURRENDER_MS);
    this.#surrendered.add(timer);
    return hold.revision;
  }

  /** See `NameTable.takeFrom`. */
  async takeFrom(folded: string, ticket: Ticket): Promise<boolean> {
    return await this.#alone(folded, ticket) === true;
  }

  /** See `NameTable.holderOf`. */
  async holderOf(folded: string): Promise<Incarnation | undefined> {
    const holder = holderOf(await this.#table.read(keyOf(folded)));
    return holder === undefined || await this.#hasEnded(holder) ? undefined : holder;
  }

  /**
   * See `NameTable.release`. Does nothing for a name that this node does not hold. A node whose name was taken over calls
   * it, too: the other one keeps it.
   */
  release(folded: string): void {
    const hold = this.#hold(folded);
    if (hold === undefined) return;
    this.#held.delete(folded);
    this.#giveBack(folded, hold);
  }

  /**
   * Takes out what nobody holds and nobody has touched for ten minutes, and forgets nodes that ended long ago. Done every
   * hour by one of the nodes.
   *
   * @throws {UnavailableError} If NATS does not answer.
   */
  async sweep(): Promise<void> {
    const now = this.#clock.epochMs();
    for await (const [, entry] of this.#table.entries()) {
      if (now - entry.at < RUBBISH_MS) continue;
      const holder = holderOf(entry);
      if (holder === undefined || await this.#hasEnded(holder)) {
        await this.#table.remove(entry.revision);
      }
    }
    await this.#life.forgetEnded();
  }

  /** Takes no more looks for rubbish, and gives back nothing more. */
  [Symbol.dispose](): void {
    this.#clock.clearTimeout(this.#sweepTimer);
    for (const timer of this.#surrendered) this.#clock.clearTimeout(timer);
  }

  /** One attempt at a time, so that each knows what the one before has done. */
  async #alone(folded: string, ticket: Ticket | undefined): Promise<true | Incarnation> {
    for (let other; (other = this.#taking.get(folded)) !== undefined;) {
      await other.catch(() => {});
    }
    const taking = this.#take(folded, ticket).finally(() => this.#taking.delete(folded));
    this.#taking.set(folded, taking);
    return await taking;
  }

  async #take(folded: string, ticket: Ticket | undefined): Promise<true | Incarnation> {
    const { self } = this.#life;
    if (this.#hold(folded) !== undefined) return self;
    const key = keyOf(folded);
    const lastStart = this.#clock.monotonicMs() + PATIENCE_MS - ANSWER_MS;
    // What is being given back is taken by its revision: either this or the giving back succeeds. Everything else is read
    // first: nats-server 2.9 counts writes that fail, forgets the count when it is killed, and then does again what it has
    // done already, so that its copy of the bucket is another one than those of the other servers.
    let expected = ticket ?? this.#returning.get(folded)?.revision;
    this.#returning.delete(folded);
    let isDoubtful = false;
    while (this.#isStill(self) && this.#clock.monotonicMs() <= lastStart) {
      try {
        if (expected === undefined) {
          const entry = await this.#table.read(key);
          const holder = holderOf(entry);
          // Its own: an attempt that got no answer has landed. It is confirmed by another one.
          const isFree = holder === self ||
            (ticket === undefined && (holder === undefined || await this.#hasEnded(holder)));
          if (!isFree) return holder ?? NOBODY;
          if (this.#clock.monotonicMs() > lastStart) break;
          expected = entry?.revision ?? 0;
        }
        const revision = await this.#table.write(key, { holder: self }, expected);
        if (revision !== undefined) {
          if (!this.#isStill(self)) break;
          this.#held.set(folded, { self, revision });
          return true;
        }
        expected = undefined; // somebody was first, or an attempt that got no answer has landed
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        isDoubtful = true;
        await this.#pause();
      }
    }
    if (!this.#isStill(self)) throw new UnavailableError("this node is cut off");
    if (isDoubtful) this.#giveBack(folded, { self, revision: undefined, ticket });
    throw new UnavailableError("it is not known within 5 s who holds the name");
  }

  #giveBack(folded: string, hold: Hold): void {
    this.#returning.set(folded, hold);
    void this.#giveBackNow(folded, hold);
  }

  /** Tries until it is done. Whoever takes the name here meanwhile ends that, or finds it done. */
  async #giveBackNow(folded: string, { self, revision, ticket }: Hold): Promise<void> {
    const key = keyOf(folded);
    const hold = this.#returning.get(folded);
    const isGoing = (): boolean => this.#returning.get(folded) === hold && this.#isStill(self);
    let known = revision;
    while (isGoing()) {
      try {
        const expected = known ?? await this.#doubtful(key, self, ticket);
        if (expected === undefined || !isGoing()) break;
        // Of two writes that expect the same revision one fails: what is under way cannot land behind this.
        if (await this.#table.write(key, {}, expected) !== undefined) break;
        // It is done, or somebody else's; or the entry is this node's under another revision, and stays so if it is left.
        if (known === undefined) await this.#pause();
        known = undefined;
      } catch (error) {
        this.#log.debug("a name is not given back yet", { why: messageOf(error) });
        await this.#pause();
      }
    }
    if (this.#returning.get(folded) === hold) this.#returning.delete(folded);
  }

  /**
   * The revision that an attempt without an answer has made, or may still replace; nothing if another node holds it. Who has
   * surrendered the name does not hold it.
   */
  async #doubtful(
    key: string,
    self: Incarnation,
    ticket: Ticket | undefined,
  ): Promise<number | undefined> {
    const entry = await this.#table.read(key);
    const holder = holderOf(entry);
    const isTheirs = holder !== undefined && holder !== self && entry?.revision !== ticket;
    return isTheirs ? undefined : entry?.revision ?? 0;
  }

  async #hasEnded(holder: Incarnation): Promise<boolean> {
    const state = await this.#life.stateOf(holder);
    return state === "dead" || state === "left";
  }

  #sweepLater(): void {
    this.#sweepTimer = this.#clock.setTimeout(() => this.#sweepLater(), SWEEP_MS);
    const { self, nodes, isAlive } = this.#life;
    if (!isAlive || nodes.values().some((node) => node < self)) return;
    this.sweep().catch((error) => {
      this.#log.debug("names are not swept", { why: messageOf(error) });
    });
  }

  /** What this node holds in the life that it has. */
  #hold(folded: string): Hold | undefined {
    const hold = this.#held.get(folded);
    if (hold === undefined || this.#isStill(hold.self)) return hold;
    this.#held.clear(); // of a life that is over
    return undefined;
  }

  #isStill(self: Incarnation): boolean {
    return this.#life.isAlive && this.#life.self === self;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimeout(resolve, RETRY_MS));
  }
}

/** Who holds a name, by its entry; what cannot be read is held by nobody. */
function holderOf(entry: RevisedEntry | undefined): Incarnation | undefined {
  const value = entry?.value;
  if (typeof value !== "object" || value === null || !("holder" in value)) return undefined;
  return isIncarnation(value.holder) ? value.holder : undefined;
}

function keyOf(folded: string): string {
  return new TextEncoder().encode(folded).toBase64({ alphabet: "base64url", omitPadding: true });
}
