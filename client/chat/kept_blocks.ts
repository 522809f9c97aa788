/**
 * Blocks of kept messages on the screen.
 *
 * @module
 */

import type { KeptDelivery } from "../../common/wire/protocol.ts";
import type { Chat } from "./chat.ts";
import type { KnownMessage, KnownMessages } from "./known_messages.ts";
import { renderRule } from "./render_kept.ts";
import type { Transcript } from "./transcript.ts";
import type { View } from "./view.ts";

/** What {@linkcode KeptBlocks} are made of. */
export interface KeptBlocksOptions {
  /** The client and the ui. */
  readonly chat: Pick<Chat, "client" | "ui">;
  /** Where messages are shown. */
  readonly transcript: Transcript;
  /** What was on the screen. */
  readonly known: KnownMessages;
  /** Where it is noted what was shown last. */
  readonly view: View;
}

/** Shows kept messages in blocks. What was shown is known. */
export class KeptBlocks {
  readonly #options: KeptBlocksOptions;

  /** Has shown nothing yet. */
  constructor(options: KeptBlocksOptions) {
    this.#options = options;
  }

  /**
   * Shows messages of a conversation.
   *
   * @param isDim Whether they were said before, as opposed to being new.
   * @param marksFirst Whether the day of the first one is told in any case, unless it is today.
   */
  show(
    name: string,
    messages: readonly KeptDelivery[],
    isDim: boolean,
    marksFirst: boolean = isDim,
  ): void {
    const { chat: { client }, transcript, known, view } = this.#options;
    const find = (seq: number): KnownMessage | undefined =>
      messages.find((message) => message.seq === seq) ?? known.find(name, seq);
    const ownName = client.name ?? "";
    transcript.kept(messages, { ownName, isDim, find, marksFirst });
    if (messages.length > 0) view.noteShown(name);
    // What the server does not keep has no number.
    for (const message of messages) if (message.seq > 0) known.add(name, message);
  }

  /** Ends a block; the words say what follows. */
  rule(words = ""): void {
    const { ui } = this.#options.chat;
    ui.show(renderRule(words, ui.columns));
  }
}
