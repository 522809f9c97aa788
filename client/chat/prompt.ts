/**
 * What stands before the input.
 *
 * @module
 */

import { BegunLine } from "./begun_line.ts";
import type { Chat } from "./chat.ts";
import type { LinkNews } from "./link_news.ts";
import type { Sending } from "./sending.ts";
import type { TypedLines } from "./typed_lines.ts";

/** What a {@linkcode Prompt} is made of. */
export interface PromptOptions {
  /** Who chats, and with whom. */
  readonly chat: Pick<Chat, "client" | "conversations" | "say">;
  /** What typed lines mean. */
  readonly typed: TypedLines;
  /** What waits for an answer. */
  readonly sending: Sending;
  /** How the connection is. */
  readonly link: LinkNews;
}

/** Knows what is being typed, and says where it would go. */
export class Prompt {
  readonly #options: PromptOptions;
  readonly #begun = new BegunLine();

  /** Nothing is typed yet. */
  constructor(options: PromptOptions) {
    this.#options = options;
  }

  /**
   * `eve> `; `eve → bob> ` in a conversation, and for a `reply` on its way, which goes to whoever had written last when
   * the line was begun.
   */
  get text(): string {
    const { chat, typed, sending, link } = this.#options;
    const { name = "", isOnline, away } = chat.client;
    const count = sending.count(isOnline ? "late" : "all");
    const waiting = count > 0 ? chat.say("promptWaiting", { count }) : "";
    const absent = away === undefined ? "" : chat.say("promptAway");
    const state = (isOnline ? "" : chat.say(link.prompt)) + waiting + absent;
    // A word may still become another one.
    const isReply = /\S\s/.test(this.#begun.text) && typed.isReply(this.#begun.text);
    const current = isReply ? this.replyTo : chat.conversations.current;
    const to = current === undefined ? "" : ` → ${current}`;
    return `${state}${name}${to}> `;
  }

  /** Whom `reply` answers: who had written last when the line was begun. */
  get replyTo(): string | undefined {
    return this.#begun.addressee(this.#options.chat.conversations.lastSender);
  }

  /**
   * The line that is being typed has changed.
   *
   * @param line All of it, empty when it was entered or cleared.
   */
  typing(line: string): void {
    this.#begun.change(line, this.#options.chat.conversations.lastSender);
  }
}
