/**
 * Going back in a conversation, page by page.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import type { KeptDelivery } from "../../common/wire/protocol.ts";
import type { HistoryPage } from "../library/options.ts";
import type { Chat } from "./chat.ts";
import type { KeptBlocks } from "./kept_blocks.ts";
import { whenWords } from "./render_kept.ts";
import { line } from "./styled_line.ts";

/** What {@linkcode LookBack} is made of. */
export interface LookBackOptions {
  /** The client, the ui and the language. */
  readonly chat: Pick<Chat, "client" | "ui" | "speaker" | "tell" | "say">;
  /** Shows the messages. */
  readonly blocks: KeptBlocks;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Where the next older page begins. */
interface Place {
  readonly name: string;
  /** The number of the oldest message that was shown; without it there is none. */
  readonly before: number | undefined;
  readonly hasMore: boolean;
}

/** Older messages that are shown at once. */
const PAGE = 20;
/** Messages that are shown before and behind a hit. */
const AROUND = 10;

/** Shows older messages of one conversation after the other. */
export class LookBack {
  readonly #options: LookBackOptions;
  #place: Place | undefined;
  #isAsking = false;

  /** Has shown nothing yet. */
  constructor(options: LookBackOptions) {
    this.#options = options;
  }

  /** The conversation that was shown last; nothing if there was none, or it is over. */
  get name(): string | undefined {
    return this.#place?.name;
  }

  /** Whether that is the conversation that was shown last. */
  isIn(name: string): boolean {
    return this.#placeIn(name) !== undefined;
  }

  /** A conversation is shown from that message on. */
  begin(name: string, before: number, hasMore: boolean): void {
    this.#place = { name, before, hasMore };
  }

  /**
   * Shows the newest messages of a conversation, whatever was shown of it before; then it goes on before these.
   *
   * @param limit How many, 1–100.
   * @throws {RefusedError} If the server keeps nothing there, or not for this name.
   */
  async newest(name: string, limit: number): Promise<void> {
    this.#show(name, await this.#options.chat.client.history(name, { limit }), undefined);
  }

  /**
   * Shows the messages before those that were shown last of this conversation, or else the newest. Does nothing while the
   * answer to the last such question is not there.
   *
   * @throws {RefusedError} If the server keeps nothing there, or not for this name.
   */
  async older(name: string): Promise<void> {
    if (this.#isAsking) return;
    const { chat } = this.#options;
    const place = this.#placeIn(name);
    if (place?.hasMore === false) {
      chat.tell("nothingOlder", { name });
      return;
    }
    this.#isAsking = true;
    try {
      if (place?.before === undefined) return await this.newest(name, PAGE);
      const page = { before: place.before, limit: PAGE };
      this.#show(name, await chat.client.history(name, page), place);
    } finally {
      this.#isAsking = false;
    }
  }

  /**
   * Shows what was said around a message.
   *
   * @param hit The message; it is marked.
   * @throws {RefusedError} If the server no longer shows it to this name.
   */
  async around(name: string, hit: KeptDelivery): Promise<void> {
    const { chat: { client, ui, speaker }, blocks, clock } = this.#options;
    const [before, after] = await Promise.all([
      client.history(name, { before: hit.seq, limit: AROUND }),
      client.history(name, { after: hit.seq, limit: AROUND }),
    ]);
    const when = whenWords(hit.time, clock.epochMs(), speaker);
    ui.show(line("info", speaker.say("aroundHead", { name, when }), "strong"));
    blocks.show(name, before.messages, true);
    blocks.show(name, [hit], false, before.messages.length === 0);
    ui.show(line("info", speaker.say("aroundHit"), "notice")); // behind it: before it the day may stand
    blocks.show(name, after.messages, true, false);
    blocks.rule();
  }

  /** The conversation is over: under its name there may be another one. */
  forget(name: string): void {
    if (this.isIn(name)) this.#place = undefined;
  }

  #placeIn(name: string): Place | undefined {
    const place = this.#place;
    return place !== undefined && foldName(place.name) === foldName(name) ? place : undefined;
  }

  #show(name: string, { messages, more }: HistoryPage, place: Place | undefined): void {
    const { chat, blocks, clock } = this.#options;
    const { ui, speaker } = chat;
    const [first, last] = [messages[0], messages.at(-1)];
    this.#place = { name, before: first?.seq ?? place?.before, hasMore: more };
    if (first === undefined || last === undefined) {
      chat.tell(place === undefined ? "nothingKept" : "nothingOlder", { name });
      return;
    }
    const [from, to] = [first, last].map(({ time }) => whenWords(time, clock.epochMs(), speaker));
    const values = { name, count: messages.length, from: from!, to: to! };
    const head = place === undefined ? "newestHead" : "olderHead";
    ui.show(line("info", speaker.say(head, values), "strong"));
    if (!more) ui.show(line("info", speaker.say("beginning", { name }), "faint"));
    blocks.show(name, messages, true);
    blocks.rule();
  }
}
