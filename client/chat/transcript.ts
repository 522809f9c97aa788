/**
 * What is said in a chat, as it is shown: messages and what became of own ones, in order, with a mark where the day
 * changes.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import {
  type Deleted,
  type Delivery,
  type Edited,
  type KeptDelivery,
  type Notice,
} from "../../common/wire/protocol.ts";
import type { SendOutcome } from "../library/events.ts";
import type { RoomNews } from "../library/room_news.ts";
import type { Speaker } from "../texts/texts.ts";
import type { KnownMessage } from "./known_messages.ts";
import { fittingGutter } from "./message_head.ts";
import { isRoomMention } from "./mention.ts";
import type { Moved } from "./moves.ts";
import type { OwnMessage } from "./own_messages.ts";
import {
  renderDay,
  renderMessage,
  renderNotice,
  type RenderOptions,
  renderOutcome,
  renderUnanswered,
} from "./render.ts";
import { renderAnswered, renderChange, renderHint, renderKept } from "./render_kept.ts";
import { renderMoved } from "./render_moves.ts";
import type { Reader } from "./render_room.ts";
import type { Line } from "./styled_line.ts";
import type { Ui } from "./ui.ts";

/** How a {@linkcode Transcript} behaves. */
export interface TranscriptOptions extends RenderOptions {
  /** Where it is shown. */
  readonly ui: Ui;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** How a block of kept messages is shown. */
export interface KeptBlock {
  /** Who reads it. */
  readonly ownName: string;
  /** Whether they were said before, as opposed to being new. */
  readonly isDim: boolean;
  /** Finds the message that another one answers. */
  readonly find: (seq: number) => KnownMessage | undefined;
  /** Whether the day of the first message is told in any case, unless it is today. @default {false} */
  readonly marksFirst?: boolean;
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
   * @param ownName Whose mention in a room stands out.
   * @param answered The message that it answers, if that is known.
   */
  message(message: Delivery, ownName: string, answered?: KnownMessage): void {
    const mentions = isRoomMention(ownName, message);
    const look = this.look;
    this.#ui.show(
      ...this.#dayBefore(message.time),
      ...renderAnswered(answered, look),
      ...renderMessage(message, look, { mentions }),
    );
  }

  /**
   * A message of a conversation that is not shown now, in one row.
   *
   * @param name The conversation.
   * @param number By which number keys reach it, if it has one.
   */
  hint(message: Delivery, name: string, number: number | undefined): void {
    this.#ui.show(
      ...this.#dayBefore(message.time),
      renderHint(message, name, number, this.look),
    );
  }

  /** Kept messages, one block; nothing of it rings. */
  kept(messages: readonly KeptDelivery[], block: KeptBlock): void {
    const { ownName, isDim, find, marksFirst = false } = block;
    const [first] = messages;
    if (marksFirst && first !== undefined && !this.#isOfToday(first)) this.#shownDay = "";
    const look = this.look;
    this.#ui.show(...messages.flatMap((message) => {
      const answered = message.reply === undefined ? undefined : find(message.reply);
      const kept = { ownName, isDim, answered };
      return [...this.#dayBefore(message.time), ...renderKept(message, look, kept)];
    }));
  }

  /**
   * A message was changed or deleted.
   *
   * @param known What it was, if that is known.
   */
  change(change: Edited | Deleted, known: KnownMessage | undefined, ownName: string): void {
    const nowMs = this.#options.clock.epochMs();
    this.#ui.show(...renderChange(change, known, ownName, { ...this.look, nowMs }));
  }

  /**
   * What the server says unasked.
   *
   * @param news The same, if it is about what somebody does who runs a room.
   */
  notice(notice: Notice, news: RoomNews | undefined, reader: Reader): void {
    this.#ui.show(...renderNotice(notice, news, reader, this.look));
  }

  /** Who came into a room, and who left it. */
  moved(moved: Moved): void {
    this.#ui.show(renderMoved(moved, this.#speaker, this.look));
  }

  /** What became of an own message. */
  outcome({ to, text, doer }: OwnMessage, outcome: SendOutcome): void {
    const time = this.#now();
    this.#ui.show(
      ...this.#dayBefore(time),
      ...renderOutcome(to, text, outcome, time, this.look, doer),
    );
  }

  /** An own message waits for a connection, or will never get an answer. */
  unanswered({ to, text, doer }: OwnMessage, state: "stateQueued" | "stateUnanswered"): void {
    this.#ui.show(...renderUnanswered(to, text, state, this.#now(), this.look, doer));
  }

  /** How messages look at the width that the terminal has now. */
  get look(): RenderOptions {
    const { gutter = 0 } = this.#options;
    return { ...this.#options, gutter: fittingGutter(gutter, this.#ui.columns) };
  }

  /** The mark of a change of the day, also back to one: stored messages keep their own time. */
  #dayBefore(unixSeconds: number): Line[] {
    const date = new Date(unixSeconds * 1000);
    const day = date.toDateString();
    if (day === this.#shownDay || Number.isNaN(date.getTime())) return [];
    this.#shownDay = day;
    return [renderDay(date, this.#speaker)];
  }

  #isOfToday({ time }: KeptDelivery): boolean {
    const today = new Date(this.#options.clock.epochMs()).toDateString();
    return new Date(time * 1000).toDateString() === today;
  }

  /** Unix seconds. */
  #now(): number {
    return this.#options.clock.epochMs() / 1000;
  }
}
