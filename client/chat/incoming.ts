/**
 * What the client hands out, as it is shown.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { type Delivery, namesIn } from "../../common/wire/protocol.ts";
import type { ClientEvent } from "../library/events.ts";
import { isOver } from "../library/room_news.ts";
import type { Chat } from "./chat.ts";
import { conversationOf } from "./conversations.ts";
import type { KnownMessage, KnownMessages } from "./known_messages.ts";
import type { Interruption } from "./comeback.ts";
import type { Moves } from "./moves.ts";
import type { Notifier } from "./notifier.ts";
import type { Recorder } from "./recorder.ts";
import type { LinkNews } from "./link_news.ts";
import { inOrder, Missed } from "./missed.ts";
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

  /** Nothing has happened yet. */
  constructor(options: IncomingOptions) {
    this.#options = options;
    this.#missed = new Missed({ show: (messages) => this.#showMissed(messages), ...options });
  }

  /** Something happens. */
  take(event: ClientEvent): void {
    const { chat, sending, link } = this.#options;
    switch (event.type) {
      case "message":
        this.#onMessage(event.message, event.missed === true);
        break;
      case "change":
        this.#missed.flush();
        chat.changes.show(event.change);
        break;
      case "notice":
        this.#onNotice(event);
        break;
      case "outcome":
        sending.outcome(event);
        break;
      default:
        if (event.type === "gap") this.#missed.flush();
        if (event.type !== "malformed") this.#options.moves.flush();
        if (event.type === "online") chat.names.add([event.name]);
        if (event.type === "online" && !event.resumed) chat.members.forget();
        this.#returned(event, link.tell(event));
        if (event.type === "room-lost") chat.roomIsGone(event.room);
    }
    chat.ui.refresh();
  }

  /** Nothing more happens. */
  end(): void {
    this.#missed.flush();
    this.#options.moves.flush();
    this.#options.link.end();
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
    const { chat, known, transcript, moves, notifier, recorder } = this.#options;
    const ownName = chat.client.name ?? "";
    const name = conversationOf(message, ownName);
    const { seq } = message;
    recorder.message(message, ownName, isMissed || message.stored !== undefined);
    // It may have been among what was shown of the conversation while it was on its way.
    if (seq !== undefined && known.has(name, { ...message, seq })) return;
    chat.conversations.received(message);
    chat.names.add([message.from]);
    // What is stored has waited, too.
    const hasWaited = isMissed || (this.#isBack && message.stored !== undefined);
    if (hasWaited && !this.#wasShort) {
      this.#missed.add(message);
      return;
    }
    this.#missed.flush();
    moves.flush(name);
    transcript.message(message, ownName, this.#answered(name, message));
    notifier.message(message, ownName);
    this.#wasShown(name, message);
  }

  #showMissed(messages: readonly Delivery[]): void {
    const { chat, known, transcript } = this.#options;
    const ownName = chat.client.name ?? "";
    const nameOf = (message: Delivery): string => conversationOf(message, ownName);
    // The conversation may have been opened since they came.
    const fresh = messages.filter((message) => {
      const { seq } = message;
      return seq === undefined || !known.has(nameOf(message), { ...message, seq });
    });
    this.#options.moves.flush();
    this.#sayMissed(fresh.length);
    for (const message of inOrder(fresh, nameOf)) {
      const name = nameOf(message);
      const find = (): KnownMessage | undefined => this.#answered(name, message);
      const kept = { ...message, seq: message.seq ?? 0 };
      transcript.kept([kept], { ownName, isDim: true, find });
      this.#wasShown(name, message);
    }
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
    const { chat, known, marks } = this.#options;
    const { seq } = message;
    if (seq === undefined) return;
    known.add(name, { ...message, seq });
    if (chat.conversations.isOpen(name)) marks.read(name, seq);
  }

  #onNotice({ notice, news }: ClientEvent & { type: "notice" }): void {
    const { chat, transcript, link, moves } = this.#options;
    const { joined, left, room, time } = notice;
    const [came, went] = [namesIn(joined), namesIn(left)];
    chat.names.add(came);
    for (const name of went) chat.names.delete(name);
    const isMove = news === undefined && room !== undefined && came.length + went.length > 0;
    if (!isMove) moves.flush(room);
    if (isMove && chat.ui.isInteractive) moves.add(room, came, went, time);
    // A moderator may give any reason.
    else if (news !== undefined || !link.tells(notice.reason)) {
      const { speaker, slash, client: { name: ownName = "" } } = chat;
      transcript.notice(notice, news, { speaker, slash, ownName });
    }
    if (room !== undefined) chat.members.moved(room, came, went);
    if (news?.type === "invited") chat.names.add([news.room]);
    if (news !== undefined && isOver(news, chat.client.name ?? "")) chat.roomIsGone(news.room);
  }
}
