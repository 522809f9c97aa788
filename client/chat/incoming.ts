/**
 * What the client hands out, as it is shown.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { Delivery, Notice } from "../../common/wire/protocol.ts";
import type { ClientEvent } from "../library/events.ts";
import type { Chat } from "./chat.ts";
import { conversationOf } from "./conversations.ts";
import { REPLACED } from "./failures.ts";
import type { KnownMessage, KnownMessages } from "./known_messages.ts";
import type { LinkNews } from "./link_news.ts";
import { Missed } from "./missed.ts";
import type { ReadMarks } from "./read_marks.ts";
import type { Sending } from "./sending.ts";
import type { Transcript } from "./transcript.ts";

/** What {@linkcode Incoming} is made of. */
export interface IncomingOptions {
  /** The chat in which it happens. */
  readonly chat: Pick<
    Chat,
    "client" | "ui" | "conversations" | "names" | "changes" | "tell" | "roomIsGone"
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
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Shows what happens, each thing once and in the order in which it came. */
export class Incoming {
  readonly #options: IncomingOptions;
  readonly #missed: Missed;

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
        this.#onNotice(event.notice);
        break;
      case "outcome":
        sending.outcome(event);
        break;
      default:
        if (event.type === "gap") this.#missed.flush();
        if (event.type === "online") chat.names.add([event.name]);
        link.tell(event);
        if (event.type === "room-lost") chat.roomIsGone(event.room);
    }
    chat.ui.refresh();
  }

  /** Nothing more happens. */
  end(): void {
    this.#missed.flush();
  }

  #onMessage(message: Delivery, isMissed: boolean): void {
    const { chat, known, transcript } = this.#options;
    const ownName = chat.client.name ?? "";
    const name = conversationOf(message, ownName);
    const { seq } = message;
    // It may have been among what was shown of the conversation while it was on its way.
    if (seq !== undefined && known.has(name, { ...message, seq })) return;
    chat.conversations.received(message);
    chat.names.add([message.from]);
    if (isMissed) {
      this.#missed.add(message);
      return;
    }
    this.#missed.flush();
    transcript.message(message, ownName, this.#answered(name, message));
    this.#wasShown(name, message);
  }

  #showMissed(messages: readonly Delivery[]): void {
    const { chat, transcript } = this.#options;
    const ownName = chat.client.name ?? "";
    chat.tell("missed", { count: messages.length });
    for (const message of messages) {
      const name = conversationOf(message, ownName);
      const find = (): KnownMessage | undefined => this.#answered(name, message);
      const kept = { ...message, seq: message.seq ?? 0 };
      transcript.kept([kept], { ownName, isDim: true, find });
      this.#wasShown(name, message);
    }
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

  #onNotice(notice: Notice): void {
    const { chat, transcript } = this.#options;
    const { joined, left, remove, room } = notice;
    if (joined !== undefined) chat.names.add([joined]);
    if (left !== undefined) chat.names.delete(left);
    // How a connection ends that was replaced is said once, by the caller of `run`.
    if (notice.reason !== REPLACED) transcript.notice(notice);
    if (remove && room !== undefined) chat.roomIsGone(room);
  }
}
