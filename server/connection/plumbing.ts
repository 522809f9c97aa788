/**
 * What all connections of one server share.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { Log } from "../../common/log.ts";
import { SplitterPool } from "../../common/wire/splitter.ts";
import type { ServerSettings } from "../flags.ts";
import { Counters } from "../metrics/counters.ts";
import type { Deliveries } from "../metrics/deliveries.ts";
import { ClassicKeys } from "./classic/classic_keys.ts";
import { AnswerEncoder } from "./answer_encoder.ts";
import { Deadlines } from "./deadlines.ts";
import { QueueMemory } from "./queue_memory.ts";
import { Turns } from "./turns.ts";

/** See {@linkcode Plumbing}. */
export interface PlumbingOptions {
  /** Where time comes from. */
  readonly clock: Clock;
  /** What the operator set. */
  readonly settings: ServerSettings;
  /** Where to say what happens. */
  readonly log: Log;
  /**
   * Where to count what happens.
   *
   * @default {new Counters()}
   */
  readonly counters?: Counters;
  /** Measures how long messages take, if anybody wants to know. */
  readonly deliveries?: Deliveries | undefined;
}

/** What connections read, write and take turns with. */
export class Plumbing implements Disposable {
  /** Where time comes from. */
  readonly clock: Clock;
  /** What the operator set. */
  readonly settings: ServerSettings;
  /** Where to say what happens. */
  readonly log: Log;
  /** Counts what happens. */
  readonly counters: Counters;
  /** Measures how long messages take, if anybody wants to know. */
  readonly deliveries: Deliveries | undefined;
  /** Fair shares of the event loop. */
  readonly turns: Turns;
  /** What wakes connections that say nothing. */
  readonly deadlines: Deadlines;
  /** What splits the lines of all connections. */
  readonly splitters: SplitterPool = new SplitterPool();
  /** Makes lines of answers. */
  readonly answers: AnswerEncoder = new AnswerEncoder();
  /** Public keys of classic clients that are online. */
  readonly classicKeys: ClassicKeys = new ClassicKeys();
  /** Bounds what all queues hold together. */
  readonly memory: QueueMemory;

  /** When an outbox writes: see {@linkcode Turns.schedule}. */
  readonly schedule = (flush: () => void, isUrgent: boolean): void =>
    this.turns.schedule(flush, isUrgent);

  /** See {@linkcode PlumbingOptions}. */
  constructor({ clock, settings, log, counters = new Counters(), deliveries }: PlumbingOptions) {
    this.clock = clock;
    this.settings = settings;
    this.log = log;
    this.counters = counters;
    this.deadlines = new Deadlines(clock);
    this.memory = new QueueMemory(settings.maxMemory * 1_048_576);
    this.deliveries = deliveries;
    this.turns = new Turns({ clock, onEnd: deliveries && (() => deliveries.turnEnded()) });
  }

  /** Closes what it opened. What is scheduled still happens. */
  [Symbol.dispose](): void {
    this.turns[Symbol.dispose]();
  }
}
