/**
 * Walking through more than one page holds.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import type { KeptDelivery } from "../../common/wire/protocol.ts";
import { WrongAnswerError } from "./errors.ts";
import type {
  HistoryOptions,
  HistoryPage,
  HistoryPagesOptions,
  SearchOptions,
  SearchPage,
  SearchPageOptions,
} from "./options.ts";

/** Pages of a search that have no hit, one behind the other: a server that goes on like that will not stop. */
const MAX_EMPTY_PAGES = 100;

/**
 * The pages of a conversation, each asked for when it is taken.
 *
 * @param ask Asks for one page, which is checked.
 */
export async function* eachPage(
  ask: (options: HistoryOptions) => Promise<HistoryPage>,
  { before, after, pageSize, signal }: HistoryPagesOptions,
): AsyncGenerator<KeptDelivery[], undefined> {
  let bounds: HistoryOptions = {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
  for (;;) {
    const { messages, more } = await ask({
      ...bounds,
      ...(pageSize === undefined ? {} : { limit: pageSize }),
      signal,
    });
    if (messages.length > 0) yield messages;
    if (!more) return;
    // There are messages if there are more of them: `readPage` sees to that.
    bounds = after === undefined ? { before: messages[0]!.seq } : { after: messages.at(-1)!.seq };
  }
}

/**
 * What a search finds, each page asked for when its first hit is taken.
 *
 * @param ask Asks for one page.
 */
export async function* eachHit(
  ask: (options: SearchPageOptions) => Promise<SearchPage>,
  { limit = Infinity, signal, ...place }: SearchOptions,
): AsyncGenerator<KeptDelivery, undefined> {
  let cursor: string | undefined;
  let left = limit;
  let emptyPages = 0;
  while (left > 0) {
    const { messages, next } = await ask({
      ...place,
      ...(cursor === undefined ? {} : { cursor }),
      ...(left < LIMITS.historyMessages ? { limit: left } : {}),
      signal,
    });
    for (const message of messages.slice(0, left)) yield message;
    left -= messages.length;
    if (next === undefined) return;
    emptyPages = messages.length === 0 ? emptyPages + 1 : 0;
    if (next === cursor || emptyPages >= MAX_EMPTY_PAGES) {
      throw new WrongAnswerError("search", "a page behind which the search goes on as before it");
    }
    cursor = next;
  }
}
