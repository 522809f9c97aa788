/**
 * Brings what was missed while the connection was lost.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import {
  CODE,
  isRoomAddress,
  isSuccess,
  type KeptDelivery,
  type Response,
} from "../../common/wire/protocol.ts";
import { toJoined } from "./answers.ts";
import type { Answer, Connection } from "./connection.ts";
import { ConnectionLostError, WrongAnswerError } from "./errors.ts";
import type { ClientEvent, GapReason } from "./events.ts";
import { type Arrival, type Gap, partnerOf, seqOf, toDelivery } from "./gap.ts";
import { Gaps } from "./gaps.ts";
import { readPage } from "./history_page.ts";
import { LastSeen } from "./last_seen.ts";

/** How a {@linkcode GapFiller} behaves. */
export interface GapFillerOptions {
  /** Messages of one conversation that are brought at most; 0: nothing is asked for. */
  maxMissed: number;
  /** How many arrivals may wait behind what is missing, in all conversations, and how many UTF-16 units they may have. */
  maxWaiting: { arrivals: number; units: number };
  /** One's own name, whose messages were not missed. */
  ownName: () => string | undefined;
  /** Whether nobody takes what is handed out: then no more is asked for until {@linkcode GapFiller.resume}. */
  isFull: () => boolean;
  /** Something that has arrived, in its place. */
  onArrival: (arrival: Arrival) => void;
  /** A message that was missed, in its place; it may have come before. */
  onMissed: (event: ClientEvent & { type: "message" }) => void;
  /** What stays missing. */
  onGap: (event: ClientEvent & { type: "gap" }) => void;
}

/** What became of entering a room again. */
export interface Return {
  /** That it is in, or the end of the connection. */
  readonly answer: Answer;
  /** With which number it was entered, if with any. */
  readonly after?: number | undefined;
  /** Why it was entered without one, if the server had refused the number. */
  readonly refused?: Response | undefined;
}

/** Messages that are asked for at once; the most that the protocol allows. */
const PAGE = 100;

/**
 * Hands out, after a lost connection, what was missed in the rooms that the client is in and in its direct
 * conversations, before all that arrives there afterwards.
 *
 * Guarantees:
 * 1. It asks only where a number was seen, for one page at a time, and for the next one when this one was taken.
 * 2. In each conversation messages are handed out in the order of their numbers, none twice. Own ones and deleted ones
 *    are left out. Other conversations are not held up.
 * 3. What cannot be brought is said by one `gap`, and no error goes further than that.
 * 4. It keeps a page, and what waits behind it up to a cap; beyond the cap nothing waits any more.
 */
export class GapFiller {
  readonly #options: GapFillerOptions;
  readonly #lastSeen = new LastSeen();
  /** In this order they are filled. */
  readonly #gaps = new Gaps();
  #connection: Connection | undefined;
  /** Whose next page is on its way. */
  #asked: Gap | undefined;

  /**
   * Makes one that has seen nothing yet.
   *
   * @param options See {@linkcode GapFillerOptions}.
   * @throws {RangeError} If `maxMissed` is negative or no number.
   */
  constructor(options: GapFillerOptions) {
    const { maxMissed } = options;
    if (!(maxMissed >= 0)) {
      throw new RangeError(`maxMissed must be a number from 0, received ${maxMissed}`);
    }
    this.#options = options;
  }

  /** Something has arrived: hands it out, or keeps it until what was missed before it is there. */
  arrived(arrival: Arrival): void {
    const gap = this.#gaps.isEmpty ? undefined : this.#gaps.get(partnerOf(arrival, this.#isOwn));
    if (gap === undefined) {
      this.#handOut(arrival);
      return;
    }
    gap.hold(arrival);
    const { arrivals, units } = this.#gaps.waiting;
    const { maxWaiting } = this.#options;
    if (arrivals <= maxWaiting.arrivals && units <= maxWaiting.units) return;
    const sentence = "Too much came while missed messages were being fetched";
    for (const other of this.#gaps) if (other.waiting > 0) this.#giveUp(other, "busy", sentence);
  }

  /** A message of one's own is kept under that number. */
  said(to: string, seq: number): void {
    this.#lastSeen.said(to, seq);
  }

  /** The client was let into a room that it had asked for: what was said before is not missed. */
  entered(room: string, { last, isLasting }: { last?: number; isLasting: boolean }): void {
    // A room of guests keeps nothing and says 0, too.
    this.#lastSeen.entered(room, last === 0 && !isLasting ? undefined : last);
  }

  /** The client is no longer in a room. */
  left(room: string): void {
    const gap = this.#gaps.get(room);
    if (gap !== undefined) this.#close(gap);
    this.#lastSeen.forget(room);
  }

  /** With which number to enter a room again. */
  afterOf(room: string): number | undefined {
    if (this.#options.maxMissed === 0) return undefined;
    return this.#gaps.get(room)?.cursor ?? this.#lastSeen.after(room);
  }

  /** The connection is not the one that it was: what was asked for on it does not come. */
  lost(): void {
    this.#connection = undefined;
    this.#asked = undefined;
    for (const gap of this.#gaps) gap.isReady = false;
  }

  /** Online again: brings what was missed in direct conversations. */
  online(connection: Connection): void {
    this.#connection = connection;
    if (this.#options.maxMissed === 0) return;
    for (const { name, after } of this.#lastSeen.directs()) this.#gaps.open(name, after);
    for (const gap of this.#gaps) gap.isReady ||= !isRoomAddress(gap.name);
    this.resume();
  }

  /** The client has entered a room again, or tried to: brings what was missed there. */
  returned(room: string, { answer, after, refused }: Return): void {
    if (answer instanceof ConnectionLostError) {
      if (after !== undefined && answer.reason === "protocol") {
        this.#unreadable(this.#gaps.open(room, after), answer);
      }
      return;
    }
    const joined = toJoined(answer, room);
    const { last } = joined;
    const seen = this.afterOf(room);
    if (seen === undefined || last === undefined) {
      this.left(room);
      this.#lastSeen.entered(room, last === 0 ? undefined : last);
      return;
    }
    const gap = this.#gaps.open(room, seen);
    gap.upTo = last;
    if (last < seen) {
      gap.cursor = 0;
      this.#giveUp(gap, "renumbered", "The room is numbered anew");
    } else if (after === undefined) {
      this.#giveUp(gap, "refused", refused?.error ?? "");
      // Nothing is kept there: not to be asked again.
      if (last === 0) this.left(room);
    } else {
      gap.isReady = true;
      // A room of many, or one where much is being said, may leave no place for messages in the answer.
      const isBare = (answer.messages ?? []).length === 0;
      if (isBare) this.#askOrClose(gap, last > gap.cursor);
      else this.#takePage(gap, answer);
    }
  }

  /** Asks for the next page, if there is anything to ask for. To be called whenever something was taken. */
  resume(): void {
    const { isFull, maxMissed } = this.#options;
    const connection = this.#connection;
    if (connection === undefined || connection.isEnded || this.#asked !== undefined) return;
    const gap = [...this.#gaps].find(({ isReady }) => isReady);
    if (gap === undefined || isFull()) return;
    this.#asked = gap;
    const limit = Math.min(PAGE, maxMissed - gap.count);
    const request = { event: "history", with: gap.name, after: gap.cursor, limit } as const;
    // Not awaited: who takes nothing gets no page either.
    connection.send(request, (answer) => this.#answered(connection, gap, answer), false);
  }

  /** The client ends: hands out what has arrived. */
  end(): void {
    for (const gap of this.#gaps) this.#close(gap);
  }

  #answered(connection: Connection, gap: Gap, answer: Answer): void {
    if (connection !== this.#connection) return;
    this.#asked = undefined;
    if (this.#gaps.has(gap)) {
      if (answer instanceof ConnectionLostError) {
        if (answer.reason === "protocol") this.#unreadable(gap, answer);
      } else if (isSuccess(answer.response)) this.#takePage(gap, answer);
      else this.#refused(gap, answer);
    }
    this.resume();
  }

  #takePage(gap: Gap, answer: Pick<Response, "messages" | "more">): void {
    let page;
    try {
      page = readPage(answer, { after: gap.cursor });
    } catch (error) {
      if (!(error instanceof WrongAnswerError)) throw error;
      this.#giveUp(gap, "wrong", error.message);
      return;
    }
    for (const kept of page.messages) {
      if (gap.count === this.#options.maxMissed) break;
      gap.count++;
      this.#bring(gap, kept);
      if (!this.#gaps.has(gap)) return;
    }
    const isRest = (page.messages.at(-1)?.seq ?? 0) > gap.cursor;
    this.#askOrClose(gap, isRest || (page.more && gap.cursor < (gap.upTo ?? Infinity)));
  }

  #askOrClose(gap: Gap, isMore: boolean): void {
    const { maxMissed } = this.#options;
    if (!isMore) this.#close(gap);
    else if (gap.count < maxMissed) this.resume();
    else this.#giveUp(gap, "many", `More than ${maxMissed} messages were missed`);
  }

  /** A kept message has its turn, behind what has arrived and is numbered lower, or is the same. */
  #bring(gap: Gap, kept: KeptDelivery): void {
    for (const arrival of gap.take(kept.seq)) this.#handOut(arrival);
    gap.cursor = kept.seq;
    this.#lastSeen.heard(gap.name, kept.seq);
    const message = toDelivery(kept);
    if (message === undefined || this.#isOwn(message.from)) return;
    const line = JSON.stringify(message);
    this.#options.onMissed({ type: "message", message, line, missed: true });
  }

  #handOut(arrival: Arrival): void {
    const { event } = arrival;
    const seq = seqOf(arrival);
    if (event.type === "message" && seq !== undefined && !this.#isOwn(event.message.from)) {
      const name = partnerOf(arrival, this.#isOwn);
      // A stored message may be an old one that comes late.
      const isLate = event.message.stored !== undefined && seq <= (this.#lastSeen.after(name) ?? 0);
      if (!isLate) this.#lastSeen.heard(name, seq);
    }
    this.#options.onArrival(arrival);
  }

  /** The server refused a page. */
  #refused(gap: Gap, { response, error = "" }: Response): void {
    if (!isRoomAddress(gap.name)) this.#lastSeen.forget(gap.name);
    // With an account that is removed its conversations are: nothing is missing.
    if (response === CODE.notFound && !isRoomAddress(gap.name)) this.#close(gap);
    else this.#giveUp(gap, "refused", error);
  }

  /** An answer that cannot be read ended the connection: the same question would end the next one, too. */
  #unreadable(gap: Gap, { message }: ConnectionLostError): void {
    this.#lastSeen.forget(gap.name);
    if (isRoomAddress(gap.name)) this.#lastSeen.entered(gap.name, undefined);
    this.#giveUp(gap, "wrong", message);
  }

  #giveUp(gap: Gap, reason: GapReason, sentence: string): void {
    const upTo = gap.upTo ?? (gap.next === undefined ? undefined : gap.next - 1);
    if (upTo === undefined || upTo > gap.cursor) {
      const about = { with: gap.name, after: gap.cursor, ...(upTo === undefined ? {} : { upTo }) };
      this.#options.onGap({ type: "gap", ...about, reason, sentence });
    }
    this.#close(gap);
  }

  /** Nothing more is brought there: what waits goes on. */
  #close(gap: Gap): void {
    if (!this.#gaps.close(gap)) return;
    if (gap.upTo !== undefined) this.#lastSeen.heard(gap.name, gap.upTo);
    for (const arrival of gap.take()) this.#handOut(arrival);
  }

  readonly #isOwn = (name: string): boolean =>
    foldName(name) === foldName(this.#options.ownName() ?? "");
}
