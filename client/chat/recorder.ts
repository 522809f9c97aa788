/**
 * What is said → lines of a record.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import type { Deleted, Delivery, Edited, MessageKind } from "../../common/wire/protocol.ts";
import { BoundedMap } from "../library/bounded_map.ts";
import type { Speaker } from "../texts/texts.ts";
import { conversationOf } from "./conversations.ts";
import type { KnownMessage } from "./known_messages.ts";
import type { ChatRecord } from "./record.ts";
import { clockSpan, saidBy } from "./render.ts";
import { renderChange } from "./render_kept.ts";
import { paint } from "./styled_line.ts";

/** What a {@linkcode Recorder} is made of. */
export interface RecorderOptions {
  /** Where the lines go; nowhere if it is missing. */
  readonly record: ChatRecord | undefined;
  /** The language. */
  readonly speaker: Speaker;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Messages that are known not to be new when they come once more. */
const MAX_KNOWN = 20_000;

/** Records each message once, and what is changed in it, as it becomes known. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #known = new BoundedMap<true>({ entries: MAX_KNOWN });

  /** Has recorded nothing yet. */
  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /**
   * A message from somebody.
   *
   * @param isLate Whether it was fetched, or waited, after it had been said; the line says so.
   */
  message(message: Delivery, ownName: string, isLate: boolean): void {
    const { record, speaker } = this.#options;
    const { from, time, seq, message: text, kind } = message;
    if (record === undefined) return;
    const name = conversationOf(message, ownName);
    if (seq !== undefined) {
      const key = `${foldName(name)} ${seq} ${time} ${foldName(from)}`;
      if (this.#known.has(key)) return;
      this.#known.set(key, true);
    }
    const tail = isLate ? ` · ${speaker.say("recordedLate")}` : "";
    this.#add(ownName, name, `${headOf(time, from, kind)}${text}${tail}`, time);
  }

  /** An own message that the server has taken. */
  sent(
    { to, text, kind }: { to: string; text: string; kind?: MessageKind | undefined },
    ownName: string,
  ): void {
    const time = this.#options.clock.epochMs() / 1_000;
    this.#add(ownName, to, headOf(time, ownName, kind) + text, time);
  }

  /**
   * A message was changed or deleted.
   *
   * @param known What it was, if that is known.
   */
  change(change: Edited | Deleted, known: KnownMessage | undefined, ownName: string): void {
    const { speaker, clock } = this.#options;
    const look = { speaker, multiline: false, nowMs: clock.epochMs() };
    for (const line of renderChange(change, known, ownName, look)) {
      this.#add(ownName, conversationOf(change, ownName), paint(line), change.time);
    }
  }

  #add(owner: string, name: string, line: string, time: number): void {
    const at = new Date(time * 1_000);
    const { record, clock } = this.#options;
    record?.add(owner, name, line, Number.isNaN(at.getTime()) ? new Date(clock.epochMs()) : at);
  }
}

/** `[12:34:56] bob: `, or `[12:34:56] * bob ` for what somebody does. */
function headOf(time: number, from: string, kind: MessageKind | undefined): string {
  return [clockSpan(time), ...saidBy(from, kind)].map(({ text }) => text).join("");
}
