/**
 * What the client hands out, as it is shown.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import { type Delivery, isRoomAddress, namesIn } from "../../common/wire/protocol.ts";
import type { ClientEvent } from "../library/events.ts";
import { isOver, type RoomNews } from "../library/room_news.ts";
import type { Chat } from "./chat.ts";
import type { HeldMessages } from "./held_messages.ts";
import type { View } from "./view.ts";
import { conversationOf } from "./conversations.ts";
import type { KnownMessage, KnownMessages } from "./known_messages.ts";
import type { Interruption } from "./comeback.ts";
import type { Moves } from "./moves.ts";
import type { Notifier } from "./notifier.ts";
import type { Recorder } from "./recorder.ts";
import { SHUTDOWN } from "./failures.ts";
import type { LinkEvent, LinkNews } from "./link_news.ts";
import { inOrder, Missed } from "./missed.ts";
import { isRoomMention } from "./mention.ts";
import type { ReadMarks } from "./read_marks.ts";
import { clockWords } from "./render.ts";
import { whenWords } from "./render_kept.ts";
import type { Sending } from "./sending.ts";
import type { Transcript } from "./transcript.ts";

/** What {@linkcode Incoming} is made of. */
export interface IncomingOptions {
  /** The chat in which it happens. */
  readonly chat: Pick<
    Chat,
    | "client"
    | "ui"
    | "speaker"
    | "slash"
    | "conversations"
    | "names"
    | "members"
    | "changes"
    | "tell"
    | "roomIsGone"
  >;
  /** Where messages are shown. */
  readonly transcript: Transcript;
  /** What was on the screen. */
  readonly known: KnownMessages;
  /** What is shown. */
  readonly view: View;
  /** What is not. */
  readonly held: HeldMessages;
  /** Where it is noted what was read. */
  readonly marks: ReadMarks;
  /** Own messages. */
  readonly sending: Sending;
  /** Tells of the connection. */
  readonly link: LinkNews;
  /** Gathers who comes and goes. */
  readonly moves: Moves;
  /** Calls whoever looks elsewhere. */
  readonly notifier: Notifier;
  /** Keeps what is said. */
  readonly recorder: Recorder;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** A conversation that is being opened. */
export interface Hold {
  /** Its name. */
  readonly name: string;
}

/** Events that wait for a conversation to be opened; what is more is shown where it comes. */
const MAX_WAITING = 2_000;

/** Shows what happens, each thing once and in the order in which it came. */
export class Incoming {
  readonly #options: IncomingOptions;
  readonly #missed: Missed;
  /** How long the connection was lost, until that is said. */
  #interruption: Interruption | undefined;
  /** Whether the connection is not the first one. */
  #isBack = false;
  /** The connection was lost for so short a time that what came meanwhile is as if it came now. */
  #wasShort = false;
  #hold: Hold | undefined;
  /** What happens in a conversation while it is being opened. */
  #waiting: ClientEvent[] = [];

  /** Nothing has happened yet. */
  constructor(options: IncomingOptions) {
    this.#options = options;
    this.#missed = new Missed({ show: (messages) => this.#showMissed(messages), ...options });
  }

  /** Something happens. */
  take(event: ClientEvent): void {
    const { chat, sending, link } = this.#options;
    if (this.#isHeldUp(event)) {
      this.#waiting.push(event);
      return;
    }
    switch (event.type) {
      case "message":
        this.#onMessage(event.message, event.missed === true);
        break;
      case "change":
        this.#missed.flush();
        chat.changes.arrived(event.change);
        break;
      case "notice":
        this.#onNotice(event);
        break;
      case "outcome":
        sending.outcome(event);
        break;
      case "room-back":
        this.#onRoomBack(event);
        break;
      default:
        if (event.type === "gap") this.#missed.flush();
        this.#settleMoves(event);
        if (event.type === "online") chat.names.add([event.name]);
        this.#returned(event, link.tell(event));
        if (event.type === "room-lost") chat.roomIsGone(event.room);
    }
    chat.ui.refresh();
  }

  /**
   * Nothing more happens.
   *
   * @param isRenamed Whether the person goes on under another name, and sees there what they have not seen.
   */
  end({ isRenamed }: { isRenamed: boolean }): void {
    this.#goOn();
    this.#missed.flush();
    this.#options.moves.flush();
    if (!isRenamed) this.#showLast();
    this.#options.link.end();
  }

  /**
   * A conversation is being opened: what happens there is shown behind what was said before, in its turn.
   *
   * @returns What {@linkcode Incoming.release} takes. Only the last one counts.
   */
  hold(name: string): Hold {
    if (!this.#isBeingOpened(name)) this.#goOn();
    return this.#hold = { name };
  }

  /** It is open, or not to be opened any more. */
  release(hold: Hold): void {
    if (this.#hold === hold) this.#goOn();
  }

  #goOn(): void {
    const name = this.#hold?.name;
    this.#hold = undefined;
    if (name !== undefined) this.#showLate(name);
    for (const event of this.#waiting.splice(0)) this.take(event);
  }

  /** What was missed came when the end of the conversation that is open now had been shown already. */
  #showLate(name: string): void {
    const { chat, known, held } = this.#options;
    if (!chat.conversations.isOpen(name) || !held.isWaiting(name)) return;
    for (const message of held.take(name).unseen) {
      const { seq } = message;
      if (seq === undefined || !known.has(name, { ...message, seq })) this.#showDim(name, message);
    }
  }

  #isBeingOpened(name: string): boolean {
    return this.#hold !== undefined && foldName(this.#hold.name) === foldName(name);
  }

  #isHeldUp(event: ClientEvent): boolean {
    if (this.#hold === undefined || this.#waiting.length >= MAX_WAITING) return false;
    const name = placeOf(event, this.#options.chat.client.name ?? "");
    return name !== undefined && this.#isBeingOpened(name);
  }

  /** What nobody has seen, and nobody can look up when this client is gone. */
  #showLast(): void {
    const { chat, held, transcript } = this.#options;
    const unseen = held.unseenOnly(isRoomAddress);
    if (unseen.length === 0) return;
    chat.tell("unseenLast", { count: unseen.length });
    for (const message of inOrder(unseen, ({ from }) => from)) {
      transcript.message(message, chat.client.name ?? "");
    }
  }

  /** What becomes of the connection decides what of the moves that have gathered can be told. */
  #settleMoves(event: LinkEvent): void {
    const { moves } = this.#options;
    if (event.type === "offline") moves.lost();
    if (event.type === "online") moves.back(event.resumed === true);
    if (event.type === "gap") moves.flush(event.with);
    if (event.type === "room-lost") moves.forget(event.room);
  }

  /** Who was in the room was told to the session that is gone. */
  #onRoomBack({ room, users }: ClientEvent & { type: "room-back" }): void {
    const { chat: { members, names, ui }, moves } = this.#options;
    names.add(users);
    // A server may not say who is in.
    if (ui.isInteractive && users.length > 0) moves.returned(room, members.of(room), users);
    members.set(room, users);
  }

  #returned(event: ClientEvent, interruption: Interruption | undefined): void {
    if (event.type !== "online" || !event.again) return;
    this.#isBack = true;
    this.#wasShort = interruption === undefined && this.#options.chat.ui.isInteractive;
    if (interruption === undefined) return;
    this.#interruption = interruption;
    this.#missed.begin();
  }

  #onMessage(message: Delivery, isMissed: boolean): void {
    const { chat, known, held, view, transcript, moves, notifier, recorder } = this.#options;
    const ownName = chat.client.name ?? "";
    const name = conversationOf(message, ownName);
    const { seq } = message;
    // It may have been among what was shown of the conversation while it was on its way.
    if (seq !== undefined && known.has(name, { ...message, seq })) return;
    if (held.has(name, message)) return;
    recorder.message(message, ownName, isMissed || message.stored !== undefined);
    chat.conversations.received(message, isRoomMention(ownName, message));
    chat.names.add([message.from]);
    chat.names.spoke(message.from);
    // What is stored has waited, too.
    const hasWaited = isMissed || (this.#isBack && message.stored !== undefined);
    if (hasWaited && !this.#wasShort) {
      this.#missed.add(message);
      return;
    }
    this.#missed.flush();
    notifier.message(message, ownName);
    if (!view.shows(name)) {
      this.#keep(name, message);
      return;
    }
    moves.flush(name);
    transcript.message(message, ownName, this.#answered(name, message));
    held.remember(name, message);
    this.#wasShown(name, message);
  }

  /** A message of a conversation that is not shown now. */
  #keep(name: string, message: Delivery): void {
    const { chat: { client, conversations }, held, view, transcript } = this.#options;
    const isMentioned = isRoomMention(client.name ?? "", message);
    const isHinted = view.hints(name, message.from, isMentioned);
    held.add(name, message, isHinted);
    if (isHinted) transcript.hint(message, name, conversations.numbers.of(name));
  }

  #showMissed(messages: readonly Delivery[]): void {
    const { chat, known, view, held } = this.#options;
    const ownName = chat.client.name ?? "";
    const nameOf = (message: Delivery): string => conversationOf(message, ownName);
    // The conversation may have been opened since they came.
    const fresh = messages.filter((message) => {
      const { seq } = message;
      return seq === undefined || !known.has(nameOf(message), { ...message, seq });
    });
    this.#sayMissed(fresh.length);
    for (const message of inOrder(fresh, nameOf)) {
      const name = nameOf(message);
      if (this.#isBeingOpened(name)) {
        held.add(name, message);
      } else if (view.shows(name)) {
        this.#options.moves.flush(name);
        this.#showDim(name, message);
        held.remember(name, message);
      } else {
        this.#keep(name, message);
      }
    }
  }

  #showDim(name: string, message: Delivery): void {
    const { chat, transcript } = this.#options;
    const find = (): KnownMessage | undefined => this.#answered(name, message);
    const kept = { ...message, seq: message.seq ?? 0 };
    transcript.kept([kept], { ownName: chat.client.name ?? "", isDim: true, find });
    this.#wasShown(name, message);
  }

  #sayMissed(count: number): void {
    const { chat } = this.#options;
    const interruption = this.#interruption;
    this.#interruption = undefined;
    if (interruption === undefined) {
      if (count > 0) chat.tell("missed", { count });
      return;
    }
    const { fromMs, toMs } = interruption;
    const isOneDay = new Date(fromMs).toDateString() === new Date(toMs).toDateString();
    const from = isOneDay
      ? clockWords(fromMs / 1_000)
      : whenWords(fromMs / 1_000, toMs, chat.speaker);
    const times = { from, to: clockWords(toMs / 1_000) };
    if (count === 0) chat.tell("interrupted", times);
    else chat.tell("interruptedMissed", { ...times, count });
  }

  #answered(name: string, { reply }: Delivery): KnownMessage | undefined {
    return reply === undefined ? undefined : this.#options.known.find(name, reply);
  }

  #wasShown(name: string, message: Delivery): void {
    const { chat, known, marks, view } = this.#options;
    const { seq } = message;
    view.noteShown(name);
    if (seq === undefined) return;
    known.add(name, { ...message, seq });
    if (chat.conversations.isOpen(name)) marks.read(name, seq);
  }

  #onNotice({ notice, news }: ClientEvent & { type: "notice" }): void {
    const { chat, transcript, link, moves, view } = this.#options;
    const { joined, left, room, time } = notice;
    const [came, went] = [namesIn(joined), namesIn(left)];
    chat.names.add(came);
    for (const name of went) chat.names.delete(name);
    const { speaker, slash, client: { name: ownName = "" } } = chat;
    const isShown = room === undefined || view.shows(room) || isAbout(news, ownName);
    const isMove = news === undefined && room !== undefined && came.length + went.length > 0;
    // Who went just before the server did is mostly back with it.
    const isShutdown = news === undefined && notice.reason === SHUTDOWN;
    if (!isMove && !isShutdown) moves.flush(room);
    if (isMove && chat.ui.isInteractive) moves.add(room, came, went, time);
    // A moderator may give any reason.
    else if (isShown && (news !== undefined || !link.tells(notice.reason))) {
      transcript.notice(notice, news, { speaker, slash, ownName });
    }
    if (room !== undefined) chat.members.moved(room, came, went);
    if (news?.type === "invited") chat.names.add([news.room]);
    if (news === undefined || !isOver(news, ownName)) return;
    moves.forget(news.room);
    chat.roomIsGone(news.room);
  }
}

/** In which conversation something happens, if it is in one. */
function placeOf(event: ClientEvent, ownName: string): string | undefined {
  switch (event.type) {
    case "message":
      return conversationOf(event.message, ownName);
    case "change":
      return conversationOf(event.change, ownName);
    case "outcome":
      return event.to;
    case "notice":
      return event.notice.room;
    default:
      return undefined;
  }
}

/** Whether somebody who runs a room does something to whoever reads it, or ends the room. */
function isAbout(news: RoomNews | undefined, ownName: string): boolean {
  if (news === undefined || news.type === "set") return false;
  return news.type === "removed" || foldName(news.user) === foldName(ownName);
}
