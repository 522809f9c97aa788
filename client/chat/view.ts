/**
 * What of all that comes is shown. Rules only: no terminal, no connection.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { isRoomAddress } from "../../common/wire/protocol.ts";
import { BoundedMap } from "../library/bounded_map.ts";
import type { ChatMemory } from "./chat_memory.ts";
import type { Conversations } from "./conversations.ts";

/** What a {@linkcode View} is made of. */
export interface ViewOptions {
  /** Whom the person talks to. */
  readonly conversations: Pick<Conversations, "current" | "isOpen">;
  /** What the person chose; without it everything is in one stream, always. */
  readonly memory: Pick<ChatMemory, "view"> | undefined;
}

/** So many lines are shown of what somebody writes elsewhere. */
const MAX_HINTS = 3;
/** People whose lines are counted. */
const MAX_COUNTED = 1_000;

/**
 * In an open conversation that conversation alone is shown, unless the person wants all in one stream. Of what comes
 * elsewhere, direct messages and those with one's name show one line each: the first three of each person in each
 * conversation, until that is opened. All else is counted only.
 */
export class View {
  readonly #options: ViewOptions;
  readonly #hints = new BoundedMap<number>({ entries: MAX_COUNTED });
  #lastShown: string | undefined;

  /** Nothing was shown yet. */
  constructor(options: ViewOptions) {
    this.#options = options;
  }

  /** Whether the person may choose. */
  get isChoice(): boolean {
    return this.#options.memory !== undefined;
  }

  /** Whether a conversation that is open is shown alone. */
  get isOne(): boolean {
    return this.#options.memory?.view === "one";
  }

  /** The person wants the other one. */
  toggle(): void {
    const { memory } = this.#options;
    if (memory !== undefined) memory.view = this.isOne ? "all" : "one";
  }

  /** Whether what comes in that conversation is shown. */
  shows(name: string): boolean {
    const { conversations } = this.#options;
    return !this.isOne || conversations.current === undefined || conversations.isOpen(name);
  }

  /**
   * Whether a message that is not shown has a line all the same. Each one that has is counted.
   *
   * @param name The conversation.
   * @param isMentioned Whether one's name is in it.
   */
  hints(name: string, from: string, isMentioned: boolean): boolean {
    if (isRoomAddress(name) && !isMentioned) return false;
    const key = `${foldName(name)} ${foldName(from)}`;
    const count = this.#hints.get(key) ?? 0;
    if (count >= MAX_HINTS) return false;
    this.#hints.set(key, count + 1);
    return true;
  }

  /** The conversation was opened: its lines are counted anew. */
  opened(name: string): void {
    const start = `${foldName(name)} `;
    for (const [key] of this.#hints.entries()) if (key.startsWith(start)) this.#hints.delete(key);
  }

  /** Messages of that conversation stand at the end of the stream. */
  noteShown(name: string): void {
    this.#lastShown = foldName(name);
  }

  /** What is shown of that conversation is not as it was. */
  noteChanged(name: string): void {
    if (this.endsWith(name)) this.#lastShown = undefined;
  }

  /** Whether what is shown of that conversation need not be repeated, since nothing else came behind it. */
  endsWith(name: string): boolean {
    return this.#lastShown === foldName(name);
  }
}
