/**
 * The log of operations as a stream of JetStream.
 *
 * @module
 */

import { type Clock, systemClock } from "../../../common/clock.ts";
import { messageOf, StartError } from "../../../common/errors.ts";
import type { Log } from "../../../common/log.ts";
import { type Lifetime, lifetimeOf, type Operation } from "../operation.ts";
import { type Entry, type OperationLog, UnavailableError } from "../operation_log.ts";
import { Appender } from "./appender.ts";
import type { JetStreamManager } from "./client_types.ts";
import { Feed } from "./feed.ts";
import type { NatsConnection } from "./nats_connection.ts";
import { nextMessage } from "./next_message.ts";
import { OwnNumbers } from "./own_numbers.ts";
import { type Patience, patiently } from "./patience.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

const NOT_THE_SAME =
  "The log in NATS is not the one that this database is a copy of (restore it, or begin with a new --db)";

/** Milliseconds for which a number is believed that the stream does not know of. */
const HINT_MS = 10_000;

/** So many entries are erased at once. */
const ERASES = 64;

/** What a {@linkcode NatsLog} needs. */
export interface NatsLogOptions {
  /** The connection; it is not closed with the log. */
  readonly nats: NatsConnection;
  /** JetStream. */
  readonly manager: JetStreamManager;
  /** The stream: see `Streams.log`. */
  readonly stream: string;
  /** Is told what is amiss. */
  readonly log: Log;
  /**
   * How long something is tried, in milliseconds.
   *
   * @default {10_000}
   */
  readonly patienceMs?: number;
  /**
   * What times are taken by.
   *
   * @default {systemClock}
   */
  readonly clock?: Clock;
}

/**
 * The log in JetStream: an entry is a message `{"id", "operation"}` on the subject `PREFIX.log.LIFETIME`, its number is
 * that of the message.
 *
 * What JetStream gives, and what it does not:
 * - An acknowledged message has been written by a majority of the servers (one of one). It is not synced: if the power
 *   fails for a majority at once, the newest may be lost (nats-server 2.10 and newer: `sync_interval: always`).
 * - `last` is told by the leader of the stream, which has acknowledged all before. In the moment of an election, and
 *   by a leader that is cut off and does not know yet, it may be too low by what was acknowledged last. So it never is
 *   lower than what this node has appended, read, or been told of by {@linkcode NatsLog.hint}.
 */
export class NatsLog implements OperationLog {
  readonly #options: NatsLogOptions;
  readonly #patience: Patience;
  readonly #appender: Appender;
  readonly #own: OwnNumbers;
  #feed: Feed | undefined;
  /** The highest number that is known. */
  #known = 0;
  /** What another node has said, and until when it is believed. */
  #hinted = { seq: 0, until: -Infinity };
  #asking: Promise<unknown> = Promise.resolve();
  #nextLast: Promise<number> | undefined;

  /** Of a stream that is there. */
  constructor(options: NatsLogOptions) {
    const { patienceMs = 10_000, clock = systemClock } = options;
    this.#options = options;
    this.#patience = { patienceMs, clock };
    this.#appender = new Appender(options.nats, this.#patience);
    this.#own = new OwnNumbers((acknowledged, read) => {
      options.log.error("the copies of the log in NATS differ", { acknowledged, read });
    });
  }

  /** The highest number that this node knows of, to tell others. */
  get known(): number {
    return this.#known;
  }

  /**
   * Another node says that there is an entry with that number. The stream is asked; if it does not know of it, that is
   * believed for ten seconds only: an election is over by then, and nobody is to stop this node by a number that is none.
   */
  hint(seq: number): void {
    if (seq <= this.#known) return;
    this.#hinted = { seq, until: this.#patience.clock.monotonicMs() + HINT_MS };
    this.last().catch(() => {}); // whoever needs it hears of it
  }

  #know(seq: number): void {
    if (seq > this.#known) this.#known = seq;
    this.#feed?.hint(seq);
  }

  /**
   * Makes sure that a copy goes on with this log, not with another one that is in its place. To be called before
   * {@linkcode NatsLog.follow}.
   *
   * @param after The number up to which the copy has it.
   * @param origin What this method has returned for the copy before; `undefined` for a new one.
   * @returns When the log was made: no two logs have the same.
   * @throws {StartError} If it is another log, or lacks its end.
   */
  async check(after: number, origin?: string): Promise<string> {
    const { manager, stream } = this.#options;
    const check = async (): Promise<string> => {
      const { created, state } = await manager.streams.info(stream);
      const isOther = origin !== undefined && created !== origin;
      // In the moment of an election the leader may not have applied all yet.
      if (!isOther && state.last_seq < after) throw new Error(`it ends at ${state.last_seq}`);
      if (!isOther) return created;
      throw new StartError(`${NOT_THE_SAME}: it was made ${created}, the other one ${origin}`);
    };
    try {
      return await patiently(check, this.#patience);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      throw new StartError(`${NOT_THE_SAME}, or has lost its end: ${messageOf(error)}`);
    }
  }

  async append(id: string, operation: Operation): Promise<number> {
    const payload = ENCODER.encode(JSON.stringify({ id, operation }));
    this.#own.expect(id);
    const seq = await this.#appender.append(id, this.#subject(lifetimeOf(operation)), payload);
    this.#own.acknowledged(id, seq);
    this.#know(seq);
    return seq;
  }

  last(): Promise<number> {
    // Who comes while others wait for an answer needs one of a later question; all of them share it.
    return this.#nextLast ??= this.#askLast();
  }

  follow(
    after: number,
    onEntry: (entry: Entry) => void | Promise<void>,
    onPassed: (seq: number) => void = () => {},
  ): void {
    if (this.#feed !== undefined) throw new Error("The log is followed already");
    const { nats, manager, stream, log } = this.#options;
    this.#feed = new Feed({
      ...{ nats, manager, stream, log, after, onPassed, clock: this.#patience.clock },
      subject: this.#subject("*"),
      onMessage: (seq, payload) => {
        if (seq > this.#known) this.#known = seq;
        const entry = readEntry(seq, payload);
        if (entry !== undefined) {
          this.#own.read(entry.id, seq);
          return onEntry(entry);
        }
        log.error("not an operation in the log, passed over", { seq });
        onPassed(seq);
      },
    });
    this.#feed.hint(this.#known);
  }

  async erase(seqs: readonly number[]): Promise<void> {
    const left = [...seqs];
    const work = async (): Promise<void> => {
      for (let seq = left.pop(); seq !== undefined; seq = left.pop()) {
        const one = seq;
        await patiently(() => this.#eraseOne(one), this.#patience);
      }
    };
    await Promise.all(Array.from({ length: Math.min(ERASES, left.length) }, work));
  }

  /** See {@linkcode OperationLog.forget}. The newest entry of all stays: JetStream counts on from it. */
  async forget(lifetime: Lifetime, before: Date): Promise<void> {
    const { manager, stream } = this.#options;
    const filter = this.#subject(lifetime);
    const seq = await this.#firstSince(filter, before);
    // To JetStream 0 and 1 are no limit: it would take all.
    if (seq <= 1) return;
    await patiently(() => manager.streams.purge(stream, { filter, seq }), this.#patience);
  }

  /** Gives up what is under way; nothing is given any more. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#feed?.[Symbol.dispose]();
    this.#appender[Symbol.dispose]();
    return Promise.resolve();
  }

  #subject(lifetime: Lifetime | "*"): string {
    return `${this.#options.nats.prefix}.log.${lifetime}`;
  }

  async #askLast(): Promise<number> {
    await this.#asking.catch(() => {});
    this.#nextLast = undefined;
    const asking = this.#state();
    this.#asking = asking;
    this.#know((await asking).last_seq);
    const { seq, until } = this.#hinted;
    return this.#patience.clock.monotonicMs() < until ? Math.max(this.#known, seq) : this.#known;
  }

  async #state(): Promise<{ first_seq: number; last_seq: number }> {
    const { manager, stream } = this.#options;
    const { state } = await patiently(() => manager.streams.info(stream), this.#patience);
    return state;
  }

  async #eraseOne(seq: number): Promise<void> {
    const { streams } = this.#options.manager;
    const { stream } = this.#options;
    try {
      await streams.deleteMessage(stream, seq, true);
    } catch (error) {
      // One that is gone already is told in several ways, and by a cluster not at all.
      if (await streams.getMessage(stream, { seq }) !== null) throw error;
    }
  }

  /**
   * The number from which on all messages of a subject are of a time or later, or that of the newest message. Numbers rise
   * with times.
   */
  async #firstSince(subject: string, time: Date): Promise<number> {
    const { manager, stream } = this.#options;
    let { first_seq: low, last_seq: high } = await this.#state();
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const next = await patiently(
        () => nextMessage(manager, stream, { seq: middle, subject }),
        this.#patience,
      );
      if (next !== null && next.time < time) low = Math.min(next.seq + 1, high);
      else high = middle;
    }
    return low;
  }
}

/** An entry; what somebody else has published is none. */
function readEntry(seq: number, payload: Uint8Array): Entry | undefined {
  try {
    const { id, operation } = JSON.parse(DECODER.decode(payload));
    const isEntry = typeof id === "string" && typeof operation?.do === "string";
    return isEntry ? { seq, id, operation } : undefined;
  } catch {
    return undefined;
  }
}
