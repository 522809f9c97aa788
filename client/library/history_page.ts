/**
 * A page of a conversation, as it must be whatever server sends it.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import type { KeptDelivery, Response } from "../../common/wire/protocol.ts";
import { WrongAnswerError } from "./errors.ts";
import type { HistoryPage } from "./options.ts";

/** What a page was asked for with. */
export interface PageBounds {
  /** All numbers are lower. */
  readonly before?: number;
  /** All numbers are higher. */
  readonly after?: number;
  /** Messages at most; not more than an honest server gives in any case. */
  readonly limit?: number;
}

/**
 * The page in an answer to `history`.
 *
 * @param bounds What was asked for.
 * @throws {WrongAnswerError} If the messages are not those, or their numbers do not rise, or there shall be more where
 *   there is none: then whoever asks for the next page would ask for ever.
 */
export function readPage(
  { messages = [], more = false }: Pick<Response, "messages" | "more">,
  bounds: PageBounds,
): HistoryPage {
  const fault = faultOf(messages, more, bounds);
  if (fault !== undefined) throw new WrongAnswerError("history", fault);
  return { messages, more };
}

function faultOf(
  messages: readonly KeptDelivery[],
  more: boolean,
  { before = Infinity, after = 0, limit = LIMITS.maxHistoryMessages }: PageBounds,
): string | undefined {
  const most = Math.min(limit, LIMITS.maxHistoryMessages);
  if (messages.length > most) return `${messages.length} messages in a page of ${most}`;
  let last = after;
  for (const { seq } of messages) {
    if (seq <= last || seq >= before) return `message ${seq} where it cannot be`;
    last = seq;
  }
  return more && messages.length === 0 ? "a page without messages, and more behind it" : undefined;
}
