/**
 * What comes in, on its way to whoever listens.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { Acknowledger } from "./acknowledger.ts";
import { toJoined } from "./answers.ts";
import { Confirmations } from "./confirmations.ts";
import type { Connection, ConnectionEvent } from "./connection.ts";
import { ConnectionLostError } from "./errors.ts";
import type { ClientEvent } from "./events.ts";
import { Feed } from "./feed.ts";
import { GapFiller, type Return } from "./gap_filler.ts";
import { Inbox } from "./inbox.ts";
import type { JoinAnswer } from "./options.ts";
import { Rosters } from "./rosters.ts";
import { isOver, readRoomNews } from "./room_news.ts";

/** How an {@linkcode Incoming} behaves. */
export interface IncomingOptions {
  /** Events that may wait for a consumer, and their UTF-16 units, before reading is paused. */
  maxQueued: number;
  /** UTF-16 units that they may have. */
  maxQueuedUnits: number;
  /** See `ClientOptions`. */
  maxMissed: number;
  /** Where time comes from. */
  clock: Clock;
  /** The name under which the client is online. */
  ownName: () => string | undefined;
  /** There is room again: reading may go on. */
  onRoomy: () => void;
  /** A room is no more, or the client was taken out of it. */
  onRoomGone: (room: string) => void;
  /** More has come than is kept: the cap, in words. */
  onOverload: (cap: string) => void;
  /** Nobody takes what the mailbox has, and so much stands behind it that the session cannot stay numbered. */
  onStuck: () => void;
}

/** How a session goes on a connection. */
export interface Login {
  /** Whether its frames are numbered. */
  readonly isNumbered: boolean;
  /** Whether it is the session of the connection before. */
  readonly isResumed: boolean;
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
  /** What the server need not keep any more. */
  readonly #confirmations: Confirmations;
  /** Who is where. */
  readonly #rosters: Rosters;
  /** What comes now has waited for the connection. */
  #isCatchingUp = false;
  #connection: Connection | undefined;

  /**
   * Makes one that nothing has come into.
   *
   * @param options See {@linkcode IncomingOptions}.
   */
  constructor(options: IncomingOptions) {
    this.#options = options;
    const { maxQueued, maxQueuedUnits, maxMissed, ownName, clock, onStuck } = options;
    this.#rosters = new Rosters({ ownName });
    this.#inbox = new Inbox({
      onAcknowledge: (stored) => {
        this.#acknowledger.acknowledge(stored);
        this.#confirmations.moved();
      },
    });
    this.#confirmations = new Confirmations({
      ...{ clock, onStuck },
      firstOpen: () => this.#inbox.firstOpen,
    });
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

  /** What to say that was seen, to go on with a session. */
  tellSeen(): number {
    return this.#confirmations.tell();
  }

  /** A connection takes the place of the one before; nobody has logged in on it. */
  attach(): void {
    this.#connection = undefined;
    this.#isCatchingUp = false;
    this.#acknowledger.detach();
    this.#confirmations.lost();
    this.gaps.lost();
  }

  /** The client is online on a new connection; nothing has come since. */
  loggedIn(connection: Connection, { isNumbered, isResumed }: Login): void {
    this.#connection = connection;
    if (isResumed) {
      this.#confirmations.goOn(connection);
      this.#isCatchingUp = true;
    } else {
      this.#inbox.reset();
      this.#confirmations.begin(connection, isNumbered);
      if (!isNumbered) this.#acknowledger.attach(connection);
    }
  }

  /** All that has waited for the connection comes before the answer to what is asked now. */
  #markEndOfBacklog(): void {
    const connection = this.#connection;
    connection?.send({ event: "probe" }, () => {
      if (connection === this.#connection) this.#isCatchingUp = false;
    }, false);
  }

  /** The server has let the client into a room. */
  entered(answer: JoinAnswer): void {
    this.#rosters.entered(answer.room, answer.users);
    this.gaps.entered(answer.room, answer);
  }

  /** The client has entered a room again, or tried to. */
  returned(room: string, what: Return): void {
    if (!(what.answer instanceof ConnectionLostError)) {
      const { room: shown, users } = toJoined(what.answer, room);
      this.#rosters.entered(room, users);
      this.#publish({ type: "room-back", room: shown, users });
    }
    this.gaps.returned(room, what);
  }

  /** The client is no longer in a room. */
  left(room: string): void {
    this.#rosters.left(room);
    this.gaps.left(room);
  }

  /** Somebody says for their consumer that all stored messages up to a number were handled. */
  settle(stored: number): void {
    this.#inbox.settle(stored);
    this.#confirmations.moved();
  }

  /** The server has said something unasked. */
  receive(connection: Connection, event: ConnectionEvent): void {
    const n = numberOf(event);
    if (!this.#confirmations.isNew(n)) return;
    this.#take(event);
    // A stored message that waits already is confirmed with the frame that brought it first.
    if (n !== undefined && "line" in event) {
      this.#confirmations.took(n, event.line, this.#inbox.isLastOpen(n));
    }
    if (this.#isFull) connection.pause();
  }

  #take(event: ConnectionEvent): void {
    if (event.type === "message") {
      const receipt = this.#inbox.accept(event.message, this.feed.messageListeners);
      const shown = this.#isCatchingUp ? { ...event, missed: true as const } : event;
      if (receipt !== undefined) this.gaps.arrived({ event: shown, receipt });
      if (this.#inbox.unacknowledged > MAX_UNACKNOWLEDGED) {
        this.#options.onOverload(
          `more than ${MAX_UNACKNOWLEDGED} stored messages before one was handled`,
        );
      }
    } else if (event.type === "change") {
      this.gaps.arrived({ event });
    } else if (event.type === "notice") {
      this.#takeNotice(event);
    } else if (event.type !== "probe") {
      this.#publish(event);
    }
  }

  #takeNotice(event: ConnectionEvent & { type: "notice" }): void {
    const notice = this.#rosters.newsOf(event.notice);
    if (notice === undefined) return;
    const news = readRoomNews(notice);
    if (news === undefined) return this.#publish({ ...event, notice });
    const { ownName, onRoomGone } = this.#options;
    if (isOver(news, ownName() ?? "")) onRoomGone(news.room);
    this.#publish({ ...event, notice, news });
  }

  /** Something has happened to the client itself. */
  happened(event: ClientEvent): void {
    if (event.type === "room-lost") this.left(event.room);
    this.#publish(event);
    if (event.type === "online" && event.again && this.#connection !== undefined) {
      if (event.resumed) this.#markEndOfBacklog();
      this.gaps.online(this.#connection, event.resumed);
    }
    const seq = event.type === "outcome" && "seq" in event.outcome ? event.outcome.seq : undefined;
    if (event.type === "outcome" && seq !== undefined) this.gaps.said(event.to, seq);
  }

  /** The client has ended: hands out what waits, then ends all streams. */
  end(error: Error | undefined): void {
    this.#confirmations.lost();
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

/** The number of a frame, in a numbered session. */
function numberOf(event: ConnectionEvent): number | undefined {
  switch (event.type) {
    case "message":
      return event.message.n;
    case "notice":
      return event.notice.n;
    case "change":
      return event.change.n;
    default:
      return undefined;
  }
}
