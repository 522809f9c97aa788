/**
 * What is said in a chat, as it is shown: messages and what became of own ones, in order, with a mark where the day
 * changes.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { type Delivery, isRoomAddress, type Notice } from "../../common/wire/protocol.ts";
import type { SendOutcome } from "../library/events.ts";
import type { Speaker } from "../texts/texts.ts";
import { isMentioned } from "./mention.ts";
import type { OwnMessage } from "./own_messages.ts";
import {
  renderDay,
  renderMessage,
  renderNotice,
  type RenderOptions,
  renderOutcome,
  renderUnanswered,
} from "./render.ts";
import type { Ui } from "./ui.ts";

/** How a {@linkcode Transcript} behaves. */
export interface TranscriptOptions extends RenderOptions {
  /** Where it is shown. */
  readonly ui: Ui;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Ring for direct messages and mentions. */
  readonly bell: boolean;
}

/** Shows what is said. */
export class Transcript {
  readonly #options: TranscriptOptions;
  readonly #ui: Ui;
  readonly #speaker: Speaker;
  #shownDay: string;

  /**
   * Shows nothing yet; the day that it begins with has no mark.
   *
   * @param options See {@linkcode TranscriptOptions}.
   */
  constructor(options: TranscriptOptions) {
    this.#options = options;
    this.#ui = options.ui;
    this.#speaker = options.speaker;
    this.#shownDay = new Date(options.clock.epochMs()).toDateString();
  }

  /**
   * A message from somebody.
   *
   * @param ownName Whose mention in a room rings and stands out.
   */
  message(message: Delivery, ownName: string): void {
    this.#markDay(message.time);
    const isDirect = !isRoomAddress(message.to);
    const mentions = !isDirect && isMentioned(ownName, message.message);
    this.#ui.show(...renderMessage(message, this.#options, mentions));
    if (this.#options.bell && (isDirect || mentions)) this.#ui.ring();
  }

  /** What the server says unasked. */
  notice(notice: Notice): void {
    this.#ui.show(renderNotice(notice, this.#speaker));
  }

  /** What became of an own message. */
  outcome({ to, text }: OwnMessage, outcome: SendOutcome): void {
    const time = this.#now();
    this.#markDay(time);
    this.#ui.show(...renderOutcome(to, text, outcome, time, this.#options));
  }

  /** An own message waits for a connection, or will never get an answer. */
  unanswered({ to, text }: OwnMessage, state: "stateQueued" | "stateUnanswered"): void {
    this.#ui.show(...renderUnanswered(to, text, state, this.#now(), this.#options));
  }

  /** Marks a change of the day, also back to one: stored messages keep their own time. */
  #markDay(unixSeconds: number): void {
    const date = new Date(unixSeconds * 1000);
    const day = date.toDateString();
    if (day === this.#shownDay || Number.isNaN(date.getTime())) return;
    this.#shownDay = day;
    this.#ui.show(renderDay(date, this.#speaker));
  }

  /** Unix seconds. */
  #now(): number {
    return this.#options.clock.epochMs() / 1000;
  }
}
