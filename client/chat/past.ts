/**
 * What was said before: shown when a conversation is opened, and further back when it is asked for.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import {
  CODE,
  type Conversation,
  isRoomAddress,
  type KeptDelivery,
} from "../../common/wire/protocol.ts";
import { RefusedError } from "../library/errors.ts";
import type { HistoryPage } from "../library/options.ts";
import type { Chat } from "./chat.ts";
import type { Unread } from "./conversations.ts";
import type { KnownMessages } from "./known_messages.ts";
import type { ReadMarks } from "./read_marks.ts";
import { isOwn, renderRule, whenWords } from "./render_kept.ts";
import { line } from "./styled_line.ts";
import type { Transcript } from "./transcript.ts";
import { mergeUnread, unreadWords } from "./unread.ts";

/** What {@linkcode Past} is made of. */
export interface PastOptions {
  /** The client, the ui and the language. */
  readonly chat: Pick<
    Chat,
    "client" | "ui" | "speaker" | "conversations" | "names" | "tell" | "say"
  >;
  /** Where messages are shown. */
  readonly transcript: Transcript;
  /** What was on the screen. */
  readonly known: KnownMessages;
  /** Where it is noted what was read. */
  readonly marks: ReadMarks;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** What a server says of a conversation before it is shown. */
export type Standing = Pick<Conversation, "read" | "unread"> | undefined;

/** Where the next older page begins. */
interface Place {
  readonly name: string;
  /** The number of the oldest message that was shown; without it there is none. */
  readonly before: number | undefined;
  readonly hasMore: boolean;
  /** Whether the person was told that there is no more. */
  isToldEnd?: boolean;
}

/** Messages of before that are shown when a conversation is opened. */
const PAST = 10;
/** New ones that are shown then. */
const FRESH = 50;
/** Older messages that are asked for if nobody says how many. */
export const HISTORY_PAGE = 20;
/** All that is asked for when a conversation is opened. */
export const OPENING: number = PAST + FRESH;

/** Shows what is kept of conversations. Where a server keeps nothing, opening one shows nothing. */
export class Past {
  readonly #options: PastOptions;
  /** Whether the server keeps conversations of this name; `undefined` if it was not asked. */
  #areKept: boolean | undefined;
  #place: Place | undefined;
  #isAsking = false;

  /** Has asked for nothing yet. */
  constructor(options: PastOptions) {
    this.#options = options;
  }

  /** The name has become an account's: what was refused before may be answered now. */
  becameAccount(): void {
    this.#areKept = undefined;
  }

  /**
   * The conversations of this name.
   *
   * @returns Nothing if the server keeps none, or none for this name; then it is not asked again.
   */
  async conversations(): Promise<Conversation[] | undefined> {
    if (this.#areKept === false) return undefined;
    const { chat: { client }, marks } = this.#options;
    const list = await orNothing(client.conversations());
    this.#areKept = marks.areKept = list !== undefined;
    for (const { with: name, read } of list ?? []) marks.learned(name, read);
    return list;
  }

  /** What the server says of a conversation; nothing for a room that one was never in. */
  async standing(name: string): Promise<Standing> {
    const list = await this.conversations();
    const found = list?.find((one) => foldName(one.with) === foldName(name));
    // Nobody has a mark in a direct conversation that has just begun.
    if (found !== undefined || list === undefined || isRoomAddress(name)) return found;
    return { read: 0, unread: 0 };
  }

  /**
   * A conversation was opened, in which one is already if it is a room: shows what is kept of it.
   *
   * @returns Whether anything is.
   */
  async open(name: string): Promise<boolean> {
    const standing = this.standing(name);
    if (!isRoomAddress(name) && await standing === undefined) return false;
    const { client } = this.#options.chat;
    const page = await orNothing(client.history(name, { limit: OPENING }));
    if (page === undefined || page.messages.length === 0) return false;
    this.show(name, page, await standing);
    return true;
  }

  /**
   * Shows the end of a conversation: the last messages that were read, then those that are new; all of it is read then.
   *
   * @param page The newest messages; of more than {@linkcode OPENING} the oldest are left out.
   */
  show(name: string, page: HistoryPage, standing: Standing): void {
    const messages = page.messages.slice(-OPENING);
    if (messages.length === 0) return;
    const more = page.more || messages.length < page.messages.length;
    const { chat, known, marks } = this.#options;
    const isUnread = (message: KeptDelivery): boolean =>
      standing !== undefined && message.seq > standing.read && !this.#isOwn(message);
    const isFresh = (message: KeptDelivery): boolean =>
      isUnread(message) && message.message !== undefined && !known.has(name, message);
    const fresh = messages.filter(isFresh);
    const first = fresh[Math.max(0, fresh.length - FRESH)];
    const start = first === undefined ? messages.length : messages.indexOf(first);
    const before = messages.slice(Math.max(0, start - PAST), start);
    const isCut = before.some(isFresh);
    const unlisted = (standing?.unread ?? 0) - messages.filter(isUnread).length;
    const left = Math.max(0, fresh.length - FRESH) + (more ? Math.max(0, unlisted) : 0);
    const past = isCut ? [] : before;
    const rest = messages.slice(start).filter((message) => !this.#isShown(name, message));
    this.#block(name, past, true);
    const shown = fresh.slice(-FRESH).length;
    this.#rule(shown === 0 ? "" : chat.say("newMessages", { count: shown }));
    if (left > 0) chat.tell("newBefore", { count: left, name });
    this.#block(name, rest, false, past.length === 0);
    const oldest = (past[0] ?? rest[0])!;
    this.#place = { name, before: oldest.seq, hasMore: more || oldest.seq > messages[0]!.seq };
    marks.read(name, messages.at(-1)!.seq);
    marks.flush();
  }

  /**
   * Shows the messages before the oldest that was shown of this conversation, or else the newest. Does nothing while the
   * answer to the last such question is not there.
   *
   * @param limit How many, 1–100.
   * @throws {RefusedError} If the server keeps nothing there, or not for this name.
   */
  async older(name: string, limit: number): Promise<void> {
    if (this.#isAsking) return;
    const { chat } = this.#options;
    const place = this.#placeIn(name);
    if (place?.hasMore === false) {
      place.isToldEnd = true;
      chat.tell("nothingOlder", { name });
      return;
    }
    this.#isAsking = true;
    try {
      const before = place?.before === undefined ? {} : { before: place.before };
      this.#showOlder(name, await chat.client.history(name, { ...before, limit }), place);
    } finally {
      this.#isAsking = false;
    }
  }

  /** The same for a key, which may be held down: that there is no more is told once. */
  async lookBack(name: string): Promise<void> {
    if (this.#placeIn(name)?.isToldEnd !== true) await this.older(name, HISTORY_PAGE);
  }

  /**
   * Shows what was said around a message.
   *
   * @param hit The message; it is marked.
   * @throws {RefusedError} If the server no longer shows it to this name.
   */
  async around(name: string, hit: KeptDelivery): Promise<void> {
    const { chat: { client, ui, speaker }, clock } = this.#options;
    const [before, after] = await Promise.all([
      client.history(name, { before: hit.seq, limit: PAST }),
      client.history(name, { after: hit.seq, limit: PAST }),
    ]);
    const when = whenWords(hit.time, clock.epochMs(), speaker);
    ui.show(line("info", speaker.say("aroundHead", { name, when }), "strong"));
    this.#block(name, before.messages, true);
    ui.show(line("info", speaker.say("aroundHit"), "notice"));
    this.#block(name, [hit], false, before.messages.length === 0);
    this.#block(name, after.messages, true, false);
    this.#rule("");
  }

  /** The person writes to that name: what was shown of it is read. */
  answered(name: string): void {
    const { known, marks } = this.#options;
    const newest = marks.areKept ? known.newest(name) : undefined;
    if (newest !== undefined) marks.read(name, newest.seq);
  }

  /** Tells what is unread, if the server knows it and there is anything: for the beginning. */
  async greet(): Promise<void> {
    const kept = await this.conversations();
    const { names } = this.#options.chat;
    names.add((kept ?? []).map((conversation) => conversation.with));
    if (kept?.some(({ unread }) => unread > 0)) this.#showUnread(mergeUnread(kept, []));
  }

  /** Tells what is unread. */
  async unread(): Promise<void> {
    const { chat, marks } = this.#options;
    marks.flush();
    const kept = await this.conversations();
    this.#showUnread(mergeUnread(kept, chat.conversations.unread));
  }

  /** The conversation is over: under its name there may be another one. */
  forget(name: string): void {
    this.#options.known.forget(name);
    this.#options.marks.forget(name);
    if (this.#placeIn(name) !== undefined) this.#place = undefined;
  }

  /** The person turns to something else: what they have read is told now. */
  noteRead(): void {
    this.#options.marks.flush();
  }

  #placeIn(name: string): Place | undefined {
    const place = this.#place;
    return place !== undefined && foldName(place.name) === foldName(name) ? place : undefined;
  }

  #showOlder(name: string, { messages, more }: HistoryPage, place: Place | undefined): void {
    const { chat, clock } = this.#options;
    const { ui, speaker } = chat;
    const [first, last] = [messages[0], messages.at(-1)];
    this.#place = { name, before: first?.seq ?? place?.before, hasMore: more };
    if (first === undefined || last === undefined) {
      chat.tell(place === undefined ? "nothingKept" : "nothingOlder", { name });
      return;
    }
    const [from, to] = [first, last].map(({ time }) => whenWords(time, clock.epochMs(), speaker));
    const values = { name, count: messages.length, from: from!, to: to! };
    ui.show(line("info", speaker.say("olderHead", values), "strong"));
    if (!more) ui.show(line("info", speaker.say("beginning", { name }), "faint"));
    this.#block(name, messages, true);
    this.#rule("");
  }

  /** Shows messages; from now on they are known. */
  #block(
    name: string,
    messages: readonly KeptDelivery[],
    isDim: boolean,
    marksFirst = isDim,
  ): void {
    const { chat: { client }, transcript, known } = this.#options;
    const find = (seq: number) =>
      messages.find((message) => message.seq === seq) ?? known.find(name, seq);
    const ownName = client.name ?? "";
    transcript.kept(messages, { ownName, isDim, find, marksFirst });
    for (const message of messages) known.add(name, message);
  }

  #showUnread(unread: readonly Unread[]): void {
    const { ui, speaker } = this.#options.chat;
    ui.show(line("info", unreadWords(unread, speaker), "notice"));
  }

  #rule(words: string): void {
    const { ui } = this.#options.chat;
    ui.show(renderRule(words, ui.columns));
  }

  /** Own ones were shown when the server had answered, under the time of this machine. */
  #isShown(name: string, message: KeptDelivery): boolean {
    const { known } = this.#options;
    return this.#isOwn(message)
      ? known.find(name, message.seq) !== undefined
      : known.has(name, message);
  }

  #isOwn(message: KeptDelivery): boolean {
    return isOwn(message, this.#options.chat.client.name ?? "");
  }
}

/** What a server gives; nothing if it refuses, as one does that keeps nothing. */
async function orNothing<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof RefusedError && error.code !== CODE.serverError) return undefined;
    throw error;
  }
}
