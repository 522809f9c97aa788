/**
 * What comes in, on its way to whoever listens.
 *
 * @module
 */

import { Acknowledger } from "./acknowledger.ts";
import type { Connection, ConnectionEvent } from "./connection.ts";
import type { ClientEvent } from "./events.ts";
import { Feed } from "./feed.ts";
import { GapFiller } from "./gap_filler.ts";
import { Inbox } from "./inbox.ts";

/** How an {@linkcode Incoming} behaves. */
export interface IncomingOptions {
  /** Events that may wait for a consumer, and their UTF-16 units, before reading is paused. */
  maxQueued: number;
  /** UTF-16 units that they may have. */
  maxQueuedUnits: number;
  /** See `ClientOptions`. */
  maxMissed: number;
  /** The name under which the client is online. */
  ownName: () => string | undefined;
  /** There is room again: reading may go on. */
  onRoomy: () => void;
  /** A room is no more. */
  onRoomGone: (room: string) => void;
  /** More has come than is kept: the cap, in words. */
  onOverload: (cap: string) => void;
}

/**
 * While an answer is waited for, reading goes on. What an honest server has sent before the answer, its queue and the
 * buffers of two systems (about 12 MiB), is less than this many times the bound, even in frames of 90 bytes.
 */
const OVERLOAD = 4;
/** Stored messages whose turn to be acknowledged has not come: more than a mailbox and all those buffers hold. */
const MAX_UNACKNOWLEDGED = 262_144;

/**
 * Drops what has come before, puts in order what was missed, and hands out the rest; acknowledges what was handled; and
 * pauses the connection when nobody takes anything.
 */
export class Incoming {
  /** Whoever listens. */
  readonly feed: Feed;
  /** What was missed. */
  readonly gaps: GapFiller;
  readonly #options: IncomingOptions;
  readonly #acknowledger = new Acknowledger();
  readonly #inbox: Inbox;
  #connection: Connection | undefined;

  /**
   * Makes one that nothing has come into.
   *
   * @param options See {@linkcode IncomingOptions}.
   */
  constructor(options: IncomingOptions) {
    this.#options = options;
    const { maxQueued, maxQueuedUnits, maxMissed, ownName } = options;
    this.#inbox = new Inbox({ onAcknowledge: (stored) => this.#acknowledger.acknowledge(stored) });
    this.feed = new Feed(() => {
      if (this.#isFull) return;
      options.onRoomy();
      this.gaps.resume();
    });
    this.gaps = new GapFiller({
      ...{ maxMissed, ownName },
      maxWaiting: { arrivals: maxQueued, units: maxQueuedUnits },
      isFull: () => this.#isFull,
      onArrival: ({ event, receipt }) => {
        if (receipt !== undefined) receipt.open = this.feed.messageListeners;
        this.#publish(event, receipt && (() => this.#inbox.handled(receipt)));
      },
      onMissed: (event) => {
        const receipt = this.#inbox.accept(event.message, this.feed.messageListeners);
        if (receipt !== undefined) this.#publish(event, () => this.#inbox.handled(receipt));
      },
      onGap: (event) => this.#publish(event),
    });
  }

  /** A connection takes the place of the one before. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#inbox.reset();
    this.#acknowledger.attach(connection);
    this.gaps.lost();
  }

  /** The server has said something unasked. */
  receive(connection: Connection, event: ConnectionEvent): void {
    if (event.type === "message") {
      const receipt = this.#inbox.accept(event.message, this.feed.messageListeners);
      if (receipt !== undefined) this.gaps.arrived({ event, receipt });
      if (this.#inbox.unacknowledged > MAX_UNACKNOWLEDGED) {
        this.#options.onOverload(
          `more than ${MAX_UNACKNOWLEDGED} stored messages before one was handled`,
        );
      }
    } else if (event.type === "change") {
      this.gaps.arrived({ event });
    } else if (event.type !== "probe") {
      const { room, remove } = event.type === "notice" ? event.notice : {};
      if (room !== undefined && remove) this.#options.onRoomGone(room);
      this.#publish(event);
    }
    if (this.#isFull) connection.pause();
  }

  /** Something has happened to the client itself. */
  happened(event: ClientEvent): void {
    if (event.type === "room-lost") this.gaps.left(event.room);
    this.#publish(event);
    if (event.type === "online" && event.again && this.#connection !== undefined) {
      this.gaps.online(this.#connection);
    }
    const seq = event.type === "outcome" && "seq" in event.outcome ? event.outcome.seq : undefined;
    if (event.type === "outcome" && seq !== undefined) this.gaps.said(event.to, seq);
  }

  /** The client has ended: hands out what waits, then ends all streams. */
  end(error: Error | undefined): void {
    this.gaps.end();
    this.feed.end(error);
  }

  /** Whether no more should be read until a consumer has taken something. */
  get #isFull(): boolean {
    const { events, units } = this.feed.backlog;
    return events >= this.#options.maxQueued || units >= this.#options.maxQueuedUnits;
  }

  #publish(event: ClientEvent, onHandled?: () => void): void {
    this.feed.publish(event, onHandled);
    const most = OVERLOAD * this.#options.maxQueuedUnits;
    if (this.feed.backlog.units > most) {
      this.#options.onOverload(
        `more than ${most} characters before an answer, and nobody takes them`,
      );
    }
  }
}
