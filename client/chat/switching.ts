/**
 * From one conversation to the other.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { isRoomAddress } from "../../common/wire/protocol.ts";
import type { Chat } from "./chat.ts";
import type { ChatMemory } from "./chat_memory.ts";
import type { Unread } from "./conversations.ts";
import type { Incoming } from "./incoming.ts";
import { renderHead } from "./render_kept.ts";
import type { View } from "./view.ts";

/** What {@linkcode Switching} is made of. */
export interface SwitchingOptions {
  /** Who turns from one to the other. */
  readonly chat: Pick<
    Chat,
    | "client"
    | "ui"
    | "conversations"
    | "members"
    | "past"
    | "isIn"
    | "enterRoom"
    | "later"
    | "tell"
    | "fail"
  >;
  /** What is shown of what comes. */
  readonly view: View;
  /** What comes meanwhile. */
  readonly incoming: Incoming;
  /** Where it is remembered which conversation is open. */
  readonly memory: ChatMemory | undefined;
}

/** Opens conversations: by name, by number, the next one, the next with something unread. */
export class Switching {
  readonly #options: SwitchingOptions;
  #isExplained = false;

  /** Nothing is open. */
  constructor(options: SwitchingOptions) {
    this.#options = options;
  }

  /**
   * Opens a conversation and shows what was said there. A room is entered.
   *
   * @param isTyped Whether the name was typed, so that it may be a typing error.
   */
  to(name: string, isTyped = false): void {
    const { chat: { conversations, past, ui }, view, memory } = this.#options;
    past.noteRead();
    const unread = conversations.open(name);
    view.opened(name);
    if (memory !== undefined) memory.open = name;
    this.#announce(name);
    ui.refresh();
    this.#show(name, unread, isTyped);
  }

  /**
   * Opens the conversation that was open in an earlier run. Its name is in the prompt from now on; the rest is shown when
   * that is resolved.
   */
  goOn(name: string, until: Promise<void>): void {
    const { chat: { conversations, ui }, incoming } = this.#options;
    const unread = conversations.open(name);
    ui.refresh();
    const hold = incoming.hold(name);
    until.finally(() => {
      if (conversations.isOpen(name)) {
        this.#announce(name);
        this.#show(name, unread, false);
      }
      incoming.release(hold);
    });
  }

  /** Opens the conversation that has this number, if there is one and it is another one. */
  toNumber(number: number): void {
    const { conversations } = this.#options.chat;
    const name = conversations.numbers.at(number);
    if (name !== undefined && !conversations.isOpen(name)) this.to(name);
  }

  /** Opens the conversation that comes next by its number. */
  step(step: 1 | -1): void {
    const { conversations: { current, numbers } } = this.#options.chat;
    const name = numbers.neighbour(current, step);
    if (name !== undefined) this.to(name);
  }

  /** Opens the next conversation with something unread: those first where one is mentioned, then direct ones. */
  toUnread(): void {
    const { chat } = this.#options;
    const rank = ({ name, isMentioned }: Unread): number =>
      isMentioned ? 0 : isRoomAddress(name) ? 2 : 1;
    const [first] = chat.conversations.unread
      .toSorted((one, other) => rank(one) - rank(other));
    if (first === undefined) chat.tell("unreadNone");
    else this.to(first.name);
  }

  /** Ends the conversation that is open. */
  close(): void {
    const { chat, memory } = this.#options;
    chat.past.noteRead();
    if (memory !== undefined) memory.open = undefined;
    chat.tell(chat.conversations.close() ? "chatEnds" : "noChat");
    chat.ui.refresh();
  }

  /** Where the person may choose what is shown, a rule with the name; how to talk there is said once. */
  #announce(name: string): void {
    const { chat, view } = this.#options;
    if (view.isChoice) chat.ui.show(renderHead(name, chat.ui.columns));
    if (!view.isChoice || !this.#isExplained) chat.tell("chatWith", { to: name });
    this.#isExplained = true;
  }

  #show(name: string, unread: Unread | undefined, isTyped: boolean): void {
    const { chat, incoming } = this.#options;
    const { ui, past, conversations, members } = chat;
    const hold = incoming.hold(name);
    // They may have been told to a session that is gone, or to one under another name.
    if (ui.repaintsPrompt && chat.isIn(name)) {
      chat.later(async () => {
        await members.learn(name);
        ui.refresh();
      });
    }
    chat.later(async () => {
      try {
        if (isRoomAddress(name) && !chat.isIn(name)) return await chat.enterRoom(name);
        const isKept = ui.isInteractive && await past.open(name);
        // Whoever has spoken with the person is no typing error.
        if (isTyped && !isKept && !isRoomAddress(name)) await this.#warnOfNobody(name);
      } finally {
        // The person has turned to something else before it was shown.
        if (unread !== undefined && !conversations.isOpen(name)) conversations.restore(unread);
        incoming.release(hold);
      }
    });
  }

  /** Says so if nobody of that name is online: it may have been typed wrong. Where the list is cut, nobody knows. */
  async #warnOfNobody(name: string): Promise<void> {
    const { chat } = this.#options;
    const { client } = chat;
    if (!client.isOnline) return;
    const { users, total } = await client.who();
    const isThere = users.some(({ account_name }) => foldName(account_name) === foldName(name));
    if (!isThere && total === users.length) chat.fail("nobodyOnline", { name });
  }
}
