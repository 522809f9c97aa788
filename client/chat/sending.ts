/**
 * Sending messages, and what became of them.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { isRoomAddress, type MessageKind } from "../../common/wire/protocol.ts";
import type { Clock } from "../../common/clock.ts";
import { BoundedMap } from "../library/bounded_map.ts";
import type { ClientEvent } from "../library/events.ts";
import type { Chat } from "./chat.ts";
import type { HeldMessages } from "./held_messages.ts";
import type { KnownMessages } from "./known_messages.ts";
import type { Moves } from "./moves.ts";
import { type Kept, type OwnMessage, OwnMessages } from "./own_messages.ts";
import type { Recorder } from "./recorder.ts";
import { line } from "./styled_line.ts";
import type { Transcript } from "./transcript.ts";
import type { View } from "./view.ts";

/** What {@linkcode Sending} is made of. */
export interface SendingOptions {
  /** The client, and where it is shown. */
  readonly chat: Pick<Chat, "client" | "ui" | "conversations" | "later" | "say">;
  /** Where messages are shown. */
  readonly transcript: Transcript;
  /** What was on the screen. */
  readonly known: KnownMessages;
  /** Gathers who comes and goes, until something is said. */
  readonly moves: Moves;
  /** Keeps what is said. */
  readonly recorder: Recorder;
  /** What is shown. */
  readonly view: View;
  /** What the server does not keep. */
  readonly held: HeldMessages;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Conversations of which it is remembered that the last own message there is not kept, or that the other one is away. */
const MAX_UNKEPT = 1_000;

/** Sends own messages, and shows each with its state when the server has answered. */
export class Sending {
  readonly #options: SendingOptions;
  readonly #own: OwnMessages;
  readonly #unkept = new BoundedMap<true>({ entries: MAX_UNKEPT });
  /** Why those are away of whom that was told. */
  readonly #away = new BoundedMap<string>({ entries: MAX_UNKEPT });

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

  /**
   * Sends a message; of a kind if it is not just said.
   *
   * @param onTaken Called when the server has taken it.
   */
  send(to: string, text: string, kind: MessageKind | undefined, onTaken: () => void): void {
    const { chat, transcript } = this.#options;
    const { client } = chat;
    const id = crypto.randomUUID();
    const own: OwnMessage = { to, text, doer: doerOf(client, kind) };
    const shown = this.#own.add(id, own, onTaken);
    chat.later(async () => {
      try {
        await client.send(to, text, { id, kind });
        await shown;
      } catch (error) {
        if (!client.isClosed) this.#own.settle(id); // else the end of the chat says what became of it
        throw error;
      }
    });
    if (!client.isOnline) transcript.unanswered(own, "stateQueued");
  }

  /** A message has its answer. */
  outcome({ to, message: text, kind, outcome }: ClientEvent & { type: "outcome" }): void {
    const { chat: { client }, transcript, known, view, held, clock } = this.#options;
    const { name = "" } = client;
    this.#options.moves.flush(to);
    transcript.outcome({ to, text, doer: doerOf(client, kind) }, outcome);
    if (view.shows(to)) view.noteShown(to);
    if (outcome.state === "refused") {
      this.#own.settle(outcome.id);
      if (outcome.about?.refused === "slow") this.#giveBack(to, text, kind);
      return;
    }
    this.#options.recorder.sent({ to, text, kind }, name);
    const { id, seq } = outcome;
    // What it answers comes before it.
    this.#own.settle(id, { seq });
    if (seq === undefined) this.#unkept.set(foldName(to), true);
    else this.#unkept.delete(foldName(to));
    const time = clock.epochMs() / 1000;
    const said = { time, from: name, message: text, ...(kind && { kind }) };
    if (seq === undefined) held.remember(to, { event: "msg", to, ...said });
    else known.add(to, { seq, ...said });
    if (!isRoomAddress(to)) this.#tellAway(to, outcome.away);
  }

  /** Whoever is away is told of once, until they are back or say something else. */
  #tellAway(to: string, away: string | undefined): void {
    const folded = foldName(to);
    if (away === this.#away.get(folded)) return;
    this.#away.delete(folded);
    if (away === undefined) return;
    this.#away.set(folded, away);
    const { chat } = this.#options;
    chat.ui.show(line("info", chat.say("isAway", { name: to, away }), "faint"));
  }

  /** A message that will be taken in a moment stands in the input again, if nothing else does. */
  #giveBack(to: string, text: string, kind: MessageKind | undefined): void {
    const { chat: { ui, conversations } } = this.#options;
    if (!conversations.isOpen(to)) return;
    if (kind === "action") ui.prefill?.("/me ", text);
    else ui.prefill?.("", text.startsWith("/") ? `/${text}` : text);
  }

  /** The chat ends: shows what had no answer. */
  end(): void {
    for (const own of this.#own.abandon()) {
      this.#options.transcript.unanswered(own, "stateUnanswered");
    }
  }
}

/** The own name, if a message says what one does. */
function doerOf(
  { name }: Pick<Chat["client"], "name">,
  kind: MessageKind | undefined,
): string | undefined {
  return kind === "action" ? name : undefined;
}
