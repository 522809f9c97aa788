/**
 * A conversation from its end back, for a place that shows it apart from all that happens.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import type { KeptDelivery } from "../../common/wire/protocol.ts";
import type { Chat } from "./chat.ts";
import { renderDay } from "./render.ts";
import { renderKept } from "./render_kept.ts";
import { type Line, line } from "./styled_line.ts";
import type { Transcript } from "./transcript.ts";

/** What {@linkcode PastPages} are made of. */
export interface PastPagesOptions {
  /** The client and the language. */
  readonly chat: Pick<Chat, "client" | "speaker" | "later" | "tell" | "say">;
  /** Knows the look. */
  readonly transcript: Transcript;
  /** The conversation. */
  readonly name: string;
}

/** Asks a server for what it keeps, a page at a time. Nothing of it counts as read. */
export class PastPages {
  readonly #options: PastPagesOptions;
  /** The oldest message so far. The mark of its day is given with the page before, which may be of the same day. */
  #oldest: KeptDelivery | undefined;
  #isWhole = false;

  /** Has asked for nothing yet. */
  constructor(options: PastPagesOptions) {
    this.#options = options;
  }

  /** The conversation. */
  get name(): string {
    return this.#options.name;
  }

  /** Whether there is nothing older. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /**
   * The page before those that were given.
   *
   * @returns Nothing if there is none; why is told then, unless all is given already.
   */
  async older(): Promise<Line[] | undefined> {
    let lines: Line[] | undefined;
    const ask = async (): Promise<void> => {
      lines = await this.#ask();
    };
    if (!this.#isWhole) await this.#options.chat.later(ask);
    return lines;
  }

  async #ask(): Promise<Line[] | undefined> {
    const { chat, name } = this.#options;
    const newer = this.#oldest;
    const { messages, more } = await chat.client.history(name, {
      limit: LIMITS.maxHistoryMessages,
      ...(newer === undefined ? {} : { before: newer.seq }),
    });
    const [first] = messages;
    this.#isWhole = !more || first === undefined;
    if (first === undefined && newer === undefined) {
      chat.tell("nothingKept", { name });
      return undefined;
    }
    this.#oldest = first ?? newer;
    const lines = messages.flatMap((message, i) => [
      ...this.#dayBetween(messages[i - 1], message),
      ...this.#render(message, messages),
    ]);
    lines.push(...this.#dayBetween(messages.at(-1), newer));
    return this.#isWhole ? [...this.#beginning(), ...lines] : lines;
  }

  #render(message: KeptDelivery, page: readonly KeptDelivery[]): Line[] {
    const { chat: { client: { name: ownName = "" } }, transcript } = this.#options;
    const answered = page.find(({ seq }) => seq === message.reply);
    return renderKept(message, transcript.look, { ownName, isDim: false, answered });
  }

  #beginning(): Line[] {
    const { chat, name } = this.#options;
    const date = new Date(this.#oldest!.time * 1000);
    const words = line("info", chat.say("beginning", { name }), "faint");
    return isDate(date) ? [words, renderDay(date, chat.speaker)] : [words];
  }

  /** The mark between two messages, if they are of two days. */
  #dayBetween(before: KeptDelivery | undefined, behind: KeptDelivery | undefined): Line[] {
    if (before === undefined || behind === undefined) return [];
    const [one, other] = [before, behind].map(({ time }) => new Date(time * 1000)) as [Date, Date];
    const isSame = one.toDateString() === other.toDateString();
    return isSame || !isDate(other) ? [] : [renderDay(other, this.#options.chat.speaker)];
  }
}

function isDate(date: Date): boolean {
  return !Number.isNaN(date.getTime());
}
