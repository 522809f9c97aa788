/**
 * Changing and deleting what was said.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { Deleted, Edited, KeptDelivery } from "../../common/wire/protocol.ts";
import type { Chat } from "./chat.ts";
import { conversationOf } from "./conversations.ts";
import type { HeldMessages } from "./held_messages.ts";
import type { KnownMessage, KnownMessages } from "./known_messages.ts";
import { isOwn, shortText, whenWords } from "./render_kept.ts";
import type { Recorder } from "./recorder.ts";
import type { Sending } from "./sending.ts";
import type { Transcript } from "./transcript.ts";
import type { View } from "./view.ts";

/** What {@linkcode Changes} are made of. */
export interface ChangesOptions {
  /** The client, the ui, the language, and whom the person talks to. */
  readonly chat: Pick<
    Chat,
    "client" | "ui" | "speaker" | "conversations" | "slash" | "later" | "say" | "tell" | "fail"
  >;
  /** Where changes are shown. */
  readonly transcript: Transcript;
  /** What was on the screen. */
  readonly known: KnownMessages;
  /** What is shown. */
  readonly view: View;
  /** What is not. */
  readonly held: HeldMessages;
  /** What is on its way. */
  readonly sending: Sending;
  /** Keeps what is said. */
  readonly recorder: Recorder;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** A message, and where it is. */
interface Target {
  readonly to: string;
  readonly message: KnownMessage;
}

/** Messages of a conversation that are looked through for the last one of somebody. */
const LOOKED_AT = 100;

/** The last own message is not kept. */
const UNKEPT = Symbol();

/** Changes the last own message, deletes that of somebody else too, and shows what others change. */
export class Changes {
  readonly #options: ChangesOptions;

  /** Has changed nothing yet. */
  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  /** The server tells of a change. In a conversation that is not shown it is seen when that is opened. */
  arrived(change: Edited | Deleted): void {
    const { chat: { client: { name: ownName = "" } }, view, held } = this.#options;
    const name = conversationOf(change, ownName);
    held.change(name, change);
    if (view.shows(name)) {
      this.show(change);
    } else {
      view.noteChanged(name);
      this.#note(name, change);
    }
  }

  /** A change is made. */
  show(change: Edited | Deleted): void {
    const { chat: { client: { name: ownName = "" } }, transcript, known } = this.#options;
    const name = conversationOf(change, ownName);
    transcript.change(change, known.find(name, change.seq), ownName);
    this.#note(name, change);
  }

  #note(name: string, change: Edited | Deleted): void {
    const { chat: { client: { name: ownName = "" } }, known, recorder } = this.#options;
    const before = known.find(name, change.seq);
    recorder.change(change, before, ownName);
    if (before === undefined) return;
    const { message: _, ...rest } = before;
    known.add(name, change.event === "edit" ? { ...rest, message: change.message } : rest);
  }

  /**
   * Gives the last own message another text.
   *
   * @throws {RefusedError} If the server does not do that, as for a message that is more than a day old.
   */
  async edit(text: string): Promise<void> {
    const target = await this.#lastOwn();
    if (target === undefined) return;
    const { chat: { client } } = this.#options;
    const { to, message: { seq, kind } } = target;
    await client.edit(to, seq, text);
    const said = { message: text, ...(kind !== undefined && { kind }) };
    this.show({ event: "edit", ...said, ...this.#frame(target) });
  }

  /** Puts the text of the last own message into the input, to be changed there. */
  async draft(command: string): Promise<void> {
    const target = await this.#lastOwn();
    if (target === undefined) return;
    const { chat } = this.#options;
    const { to, message: { message = "" } } = target;
    const word = chat.slash + command;
    if (chat.ui.prefill?.(`${word} `, message)) return;
    chat.tell("editThis", { to, text: shortText(message), command: word });
  }

  /**
   * Deletes the last own message, if the person says so. Resolves when they have said it.
   *
   * @throws {RefusedError} If there is none on the screen, and the server does not show any.
   */
  async delete(): Promise<void> {
    const target = await this.#lastOwn();
    if (target !== undefined) await this.#confirmDeletion(target, "deleteThis");
  }

  /**
   * Deletes the last message of somebody in a room, as those may who run it, if the person says so. Resolves when they have
   * said it.
   *
   * @throws {RefusedError} If the server does not show what was said there.
   */
  async deleteOf(from: string, room: string): Promise<void> {
    const { chat } = this.#options;
    const message = await this.#look(room, from);
    if (message === undefined) chat.fail("nothingOf", { name: from, room });
    else await this.#confirmDeletion({ to: room, message }, "deleteOf");
  }

  async #confirmDeletion(target: Target, question: "deleteThis" | "deleteOf"): Promise<void> {
    const { chat, clock } = this.#options;
    const { client, ui, speaker } = chat;
    const { to, message: { seq, time, from, message = "" } } = target;
    const when = whenWords(time, clock.epochMs(), speaker);
    if (!await ui.confirm(chat.say(question, { to, from, when, text: shortText(message) }))) {
      chat.tell("notDeleted");
      return;
    }
    chat.later(async () => {
      await client.delete(to, seq);
      const { name = "" } = client;
      this.show({ event: "delete", by: name, ...this.#frame(target) });
    });
  }

  #frame(
    { to, message: { seq, from } }: Target,
  ): { time: number; to: string; from: string; seq: number } {
    return { time: this.#options.clock.epochMs() / 1000, to, from, seq };
  }

  /** The last own message of the conversation that is open, or in which the person wrote last; says if there is none. */
  async #lastOwn(): Promise<Target | undefined> {
    const { chat, sending, known } = this.#options;
    const { client, conversations } = chat;
    const to = conversations.current ?? conversations.lastAddressee;
    if (to === undefined) {
      chat.fail("nothingSaid");
      return undefined;
    }
    const { name = "" } = client;
    const before = sending.isUnkept(to) ? UNKEPT : known.newest(to, name);
    // One that is still on its way is later, and none that is sent from now on is meant.
    const last = await sending.answered(to);
    const isUnkept = last === undefined ? before === UNKEPT : last.seq === undefined;
    if (isUnkept) {
      chat.fail("notKept", { to });
      return undefined;
    }
    const shown = last?.seq === undefined ? before : known.find(to, last.seq);
    const message = shown === UNKEPT ? undefined : shown ?? await this.#look(to, name);
    if (message !== undefined) return { to, message };
    chat.fail("nothingSaidTo", { to });
    return undefined;
  }

  async #look(to: string, from: string): Promise<KeptDelivery | undefined> {
    const { messages } = await this.#options.chat.client.history(to, { limit: LOOKED_AT });
    return messages.findLast((message) => isOwn(message, from) && message.message !== undefined);
  }
}
