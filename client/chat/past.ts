/**
 * What was said before, as it is shown when a conversation is opened, and what of it is unread.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import {
  CODE,
  type Conversation,
  type Delivery,
  isRoomAddress,
  type KeptDelivery,
} from "../../common/wire/protocol.ts";
import { RefusedError } from "../library/errors.ts";
import type { HistoryPage } from "../library/options.ts";
import type { Chat } from "./chat.ts";
import type { Unread } from "./conversations.ts";
import type { Held, HeldMessages } from "./held_messages.ts";
import type { KnownMessages } from "./known_messages.ts";
import type { KeptBlocks } from "./kept_blocks.ts";
import type { LookBack } from "./look_back.ts";
import type { ReadMarks } from "./read_marks.ts";
import { isOwn } from "./render_kept.ts";
import { line } from "./styled_line.ts";
import { mergeUnread, unreadWords } from "./unread.ts";
import type { View } from "./view.ts";

/** What {@linkcode Past} is made of. */
export interface PastOptions {
  /** The client, the ui and the language. */
  readonly chat: Pick<
    Chat,
    "client" | "ui" | "speaker" | "conversations" | "names" | "slash" | "tell" | "say"
  >;
  /** Shows the messages. */
  readonly blocks: KeptBlocks;
  /** Goes on before them. */
  readonly back: LookBack;
  /** What was on the screen. */
  readonly known: KnownMessages;
  /** What is shown. */
  readonly view: View;
  /** What came and was not shown. */
  readonly held: HeldMessages;
  /** Where it is noted what was read. */
  readonly marks: ReadMarks;
}

/** What a server says of a conversation before it is shown. */
export type Standing = Pick<Conversation, "read" | "unread"> | undefined;

/** Messages of before that are shown when a conversation is opened. */
const PAST = 10;
/** New ones that are shown then. */
const FRESH = 50;
/** What was said before is not shown once more if it is among so many that were shown last. */
const RECENT = 12;
/** All that is asked for when a conversation is opened. */
export const OPENING: number = PAST + FRESH;

/** Shows what is kept of conversations. Where a server keeps nothing, opening one shows nothing. */
export class Past {
  readonly #options: PastOptions;
  /** Whether the server keeps conversations of this name; `undefined` if it was not asked. */
  #areKept: boolean | undefined;

  /** Has asked for nothing yet. */
  constructor(options: PastOptions) {
    this.#options = options;
  }

  /** The name has become an account's: what was refused before may be answered now, and reading counts. */
  async becameAccount(): Promise<void> {
    this.#areKept = undefined;
    await this.conversations();
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
   * A conversation was opened, in which one is already if it is a room: shows what is kept of it, here or at the server.
   * Without a connection that is what is kept here.
   *
   * @returns Whether anything is.
   */
  async open(name: string): Promise<boolean> {
    const { client } = this.#options.chat;
    let standing: Standing;
    let page: HistoryPage | undefined;
    try {
      if (client.isOnline) standing = await this.standing(name);
      const mayBeKept = isRoomAddress(name) || standing !== undefined;
      if (client.isOnline && mayBeKept) {
        page = await orNothing(client.history(name, { limit: OPENING }));
      }
    } finally {
      page ??= { messages: [], more: false };
      this.show(name, page, standing);
    }
    return page.messages.length > 0 || this.#options.view.endsWith(name);
  }

  /**
   * Shows the end of a conversation: the last messages that were read, then those that are new; all of it is read then.
   * Shows nothing where that was among what was shown last, or where another conversation is shown by now.
   *
   * @param page The newest messages; of more than {@linkcode OPENING} the oldest are left out.
   * @param told What the server says of it.
   */
  show(name: string, page: HistoryPage, told: Standing): void {
    const messages = page.messages.slice(-OPENING);
    const { chat, known, marks, blocks, back, held, view } = this.#options;
    for (const { from } of messages) chat.names.spoke(from);
    if (!view.shows(name)) return;
    const waiting = held.take(name);
    const { unseen, since, lost } = waiting;
    if (messages.length === 0) return this.#showHeld(name, waiting);
    const more = page.more || messages.length < page.messages.length;
    const standing = told ?? standingOf(unseen, lost);
    const isUnread = (message: KeptDelivery): boolean =>
      standing !== undefined && message.seq > standing.read && !this.#isOwn(message);
    const isFresh = (message: KeptDelivery): boolean =>
      isUnread(message) && message.message !== undefined && !known.has(name, message);
    const fresh = messages.filter(isFresh);
    const first = fresh[Math.max(0, fresh.length - FRESH)];
    const start = first === undefined ? messages.length : messages.indexOf(first);
    const before = messages.slice(Math.max(0, start - PAST), start);
    const isCut = before.some(isFresh);
    const unlisted = (standing?.unread ?? 0) - messages.filter(isUnread).length -
      this.#countSeen(name, standing?.read ?? 0, messages[0]!.seq);
    const left = Math.max(0, fresh.length - FRESH) + (more ? Math.max(0, unlisted) : 0);
    const past = isCut ? [] : before;
    const last = messages.at(-1)!;
    const isBehind = ({ seq = Infinity }: Delivery): boolean => seq > last.seq;
    // In one stream some of them are on the screen; alone, own answers stand where they belong.
    const isRepeated = (message: KeptDelivery): boolean =>
      !view.isOne && this.#isShown(name, message);
    const kept = messages.slice(start).filter((message) => !isRepeated(message));
    const unkept = since.filter(isBehind).map(asKept);
    const rest = unkept.length === 0
      ? kept
      : [...kept, ...unkept].toSorted((one, other) => one.time - other.time);
    marks.read(name, last.seq);
    marks.flush();
    const isOnScreen = left === 0 && rest.length === 0 && this.#wereLast(name, past);
    if (isOnScreen && back.isIn(name)) return;
    const oldest = (past[0] ?? rest[0])!;
    back.begin(name, oldest.seq, more || oldest.seq > messages[0]!.seq);
    if (isOnScreen) return;
    blocks.show(name, past, true);
    const shown = fresh.slice(-FRESH).length + unseen.filter(isBehind).length;
    blocks.rule(shown === 0 ? "" : chat.say("newMessages", { count: shown }));
    if (left > 0) chat.tell("newBefore", { count: left, name, slash: chat.slash });
    blocks.show(name, rest, false, past.length === 0);
  }

  /**
   * A room was entered: shows the end of it. While another conversation is shown, it is only noted how much is new.
   *
   * @param page What the server gave with its answer.
   */
  entered(page: HistoryPage & { readonly room: string }, standing: Standing): void {
    const { chat: { conversations }, view } = this.#options;
    const { room } = page;
    if (view.shows(room)) this.show(room, page, standing);
    else if (conversations.unreadIn(room) === undefined && standing !== undefined) {
      conversations.waiting(room, standing.unread);
    }
  }

  /** Shows what is kept here alone. */
  #showHeld(name: string, { seen, unseen, since, lost }: Held): void {
    const { chat, blocks, known, view } = this.#options;
    const isShown = ({ seq, ...message }: Delivery): boolean =>
      seq !== undefined && known.has(name, { ...message, seq });
    const fresh = unseen.filter((message) => !isShown(message));
    const rest = since.filter((message) => !isShown(message)).map(asKept);
    // In one stream they have been on the screen.
    const before = view.isOne ? seen.map(asKept) : [];
    if (fresh.length === 0 && (before.length === 0 || view.endsWith(name))) return;
    blocks.show(name, before, true);
    blocks.rule(fresh.length === 0 ? "" : chat.say("newMessages", { count: fresh.length }));
    if (lost > 0) chat.tell("heldLost", { count: lost });
    blocks.show(name, rest, false, before.length === 0);
  }

  /**
   * The person writes to that name.
   *
   * @returns To be called when that was taken: what had been shown of it by now is read. `undefined` if something had not.
   */
  answering(name: string): (() => void) | undefined {
    const { known, marks, held } = this.#options;
    const see = held.answering(name);
    if (see === undefined) return undefined;
    const newest = marks.areKept ? known.newest(name)?.seq ?? 0 : 0;
    return () => {
      let upTo = newest;
      for (const { seq, ...message } of see()) {
        if (seq === undefined) continue;
        known.add(name, { ...message, seq });
        upTo = Math.max(upTo, seq);
      }
      marks.read(name, upTo);
    };
  }

  /**
   * Tells what is unread, if anything is, without what was shown as it came: for the beginning, when stored messages
   * stand above.
   */
  greet(kept: readonly Conversation[]): void {
    const unseen = kept.map((one) => {
      const seen = this.#countSeen(one.with, one.read, one.last + 1);
      return { ...one, unread: one.unread - seen };
    });
    const { chat: { conversations }, held } = this.#options;
    for (const { with: name, read, unread } of unseen) {
      // What has come and was not shown is counted already.
      const more = unread - held.count(name, read);
      if (more > 0) conversations.waiting(name, more);
    }
    if (unseen.some(({ unread }) => unread > 0)) this.#showUnread(mergeUnread(unseen, []));
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
    this.#options.back.forget(name);
    this.#options.held.forget(name);
  }

  /** The person turns to something else: what they have read is told now. */
  noteRead(): void {
    this.#options.marks.flush();
  }

  #showUnread(unread: readonly Unread[]): void {
    const { ui, speaker } = this.#options.chat;
    ui.show(line("info", unreadWords(unread, speaker), "notice"));
  }

  /** How many messages of others between two numbers were shown, as stored ones are when one logs in. */
  #countSeen(name: string, after: number, before: number): number {
    const { known } = this.#options;
    return known.between(name, after, before).filter((message) => !this.#isOwn(message)).length;
  }

  #wereLast(name: string, messages: readonly KeptDelivery[]): boolean {
    const { known, view } = this.#options;
    const areThere = view.isOne ? view.endsWith(name) : known.areLast(name, messages, RECENT);
    return areThere && messages.every((message) => this.#isShown(name, message));
  }

  /** Own ones were shown when the server had answered, under the time of this machine. */
  #isShown(name: string, message: KeptDelivery): boolean {
    const { known } = this.#options;
    return this.#isOwn(message)
      ? known.find(name, message.seq) !== undefined
      : known.has(name, message);
  }

  #isOwn(message: Pick<KeptDelivery, "from">): boolean {
    return isOwn(message, this.#options.chat.client.name ?? "");
  }
}

/** Where a server does not say what is new, as to a guest, it is what was not shown. */
function standingOf(unseen: readonly Delivery[], lost: number): Standing {
  const numbers = unseen.flatMap(({ seq }) => seq === undefined ? [] : [seq]);
  if (numbers.length === 0) return undefined;
  return { read: Math.min(...numbers) - 1, unread: numbers.length + lost };
}

function asKept(message: Delivery): KeptDelivery {
  return { ...message, seq: message.seq ?? 0 };
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
