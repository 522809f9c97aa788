/**
 * Sending messages, and what became of them.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { Clock } from "../../common/clock.ts";
import { BoundedMap } from "../library/bounded_map.ts";
import type { ClientEvent } from "../library/events.ts";
import type { Chat } from "./chat.ts";
import type { HeldMessages } from "./held_messages.ts";
import type { KnownMessages } from "./known_messages.ts";
import { type Kept, OwnMessages } from "./own_messages.ts";
import type { Transcript } from "./transcript.ts";
import type { View } from "./view.ts";

/** What {@linkcode Sending} is made of. */
export interface SendingOptions {
  /** The client, and where it is shown. */
  readonly chat: Pick<Chat, "client" | "ui" | "conversations" | "later">;
  /** Where messages are shown. */
  readonly transcript: Transcript;
  /** What was on the screen. */
  readonly known: KnownMessages;
  /** What is shown. */
  readonly view: View;
  /** What the server does not keep. */
  readonly held: HeldMessages;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Conversations of which it is remembered that the last own message there is not kept. */
const MAX_UNKEPT = 1_000;

/** Sends own messages, and shows each with its state when the server has answered. */
export class Sending {
  readonly #options: SendingOptions;
  readonly #own: OwnMessages;
  readonly #unkept = new BoundedMap<true>({ entries: MAX_UNKEPT });

  /** Has sent nothing yet. */
  constructor(options: SendingOptions) {
    this.#options = options;
    this.#own = new OwnMessages(options.clock, () => options.chat.ui.refresh());
  }

  /** How many messages wait for an answer: all of them, or those whose answer is late. */
  count(which: "all" | "late"): number {
    return this.#own.count(which);
  }

  /** See {@linkcode OwnMessages.answered}. */
  answered(to: string): Promise<Kept | undefined> {
    return this.#own.answered(to);
  }

  /** Whether the last message to that name has no number: then the server does not keep it, and cannot change it. */
  isUnkept(to: string): boolean {
    return this.#unkept.has(foldName(to));
  }

  /** Sends a message. */
  send(to: string, text: string): void {
    const { chat, transcript } = this.#options;
    const { client } = chat;
    const id = crypto.randomUUID();
    const shown = this.#own.add(id, { to, text });
    chat.later(async () => {
      try {
        await client.send(to, text, { id });
        await shown;
      } catch (error) {
        if (!client.isClosed) this.#own.settle(id); // else the end of the chat says what became of it
        throw error;
      }
    });
    if (!client.isOnline) transcript.unanswered({ to, text }, "stateQueued");
  }

  /** A message has its answer. */
  outcome({ to, message: text, outcome }: ClientEvent & { type: "outcome" }): void {
    const { chat: { client: { name = "" } }, transcript, known, view, held, clock } = this.#options;
    transcript.outcome({ to, text }, outcome);
    if (view.shows(to)) view.noteShown(to);
    if (outcome.state === "refused") {
      this.#own.settle(outcome.id);
      if (outcome.about?.refused === "slow") this.#giveBack(to, text);
      return;
    }
    const { id, seq } = outcome;
    if (seq === undefined) this.#unkept.set(foldName(to), true);
    else this.#unkept.delete(foldName(to));
    const time = clock.epochMs() / 1000;
    if (seq === undefined) held.remember(to, { event: "msg", time, to, from: name, message: text });
    if (seq !== undefined) known.add(to, { seq, time, from: name, message: text });
    this.#own.settle(id, { seq });
  }

  /** A message that will be taken in a moment stands in the input again, if nothing else does. */
  #giveBack(to: string, text: string): void {
    const { chat: { ui, conversations } } = this.#options;
    if (!conversations.isOpen(to)) return;
    ui.prefill?.("", text.startsWith("/") ? `/${text}` : text);
  }

  /** The chat ends: shows what had no answer. */
  end(): void {
    for (const own of this.#own.abandon()) {
      this.#options.transcript.unanswered(own, "stateUnanswered");
    }
  }
}
