/**
 * Requests about what is kept: reading, searching, changing it.
 *
 * @module
 */

import type {
  Conversation,
  HistoryRequest,
  KeptDelivery,
  SearchRequest,
} from "../../common/wire/protocol.ts";
import { readPage } from "./history_page.ts";
import { eachHit, eachPage } from "./history_walks.ts";
import type {
  CallOptions,
  HistoryOptions,
  HistoryPage,
  HistoryPagesOptions,
  SearchOptions,
  SearchPage,
  SearchPageOptions,
} from "./options.ts";
import { RoomRequests } from "./room_requests.ts";

/** The part of a `JimClient` that is about kept messages. */
export abstract class HistoryRequests extends RoomRequests {
  /**
   * Asks for one page of a conversation: the newest messages; with `before` the newest of those with a lower number,
   * with `after` the oldest of those with a higher one.
   *
   * @param name With whom: an account's name, or a room that one is in.
   * @returns At most `limit` messages, the oldest first.
   * @throws {RefusedError} 400 both `before` and `after`, or a `limit` out of range; 403 nothing is kept there, or not
   *   for this client; 404 no such account or room.
   * @throws {WrongAnswerError} If the messages are not in order, or not those that were asked for.
   */
  history(name: string, options: HistoryOptions = {}): Promise<HistoryPage> {
    const { before, after, limit, signal } = options;
    const request: HistoryRequest = { event: "history", with: name };
    if (before !== undefined) request.before = before;
    if (after !== undefined) request.after = after;
    if (limit !== undefined) request.limit = limit;
    return this.demand("history", request, { signal }, (response) => readPage(response, request));
  }

  /**
   * Walks through a conversation page by page: from the newest message, or from `before`, back to the oldest one; with
   * `after` from there on to the newest. The messages of each page are in order, the oldest first. Nothing is asked
   * before it is taken.
   *
   * @param name With whom: an account's name, or a room that one is in.
   * @throws What {@linkcode HistoryRequests.history} throws, when the page is taken.
   *
   * @example
   * ```ts ignore
   * for await (const page of client.historyPages("#dev", { after: 0 })) {
   *   for (const { from, message } of page) console.log(from, message ?? "(deleted)");
   * }
   * ```
   */
  historyPages(
    name: string,
    options: HistoryPagesOptions = {},
  ): AsyncIterableIterator<KeptDelivery[], undefined> {
    return eachPage((page) => this.history(name, page), options);
  }

  /**
   * Searches one's direct conversations and the rooms that one is in, and hands out what is found, the newest first.
   * Nothing is asked before it is taken; how to ask for a single page is {@linkcode HistoryRequests.searchPage}.
   *
   * @param text 1–200 characters. All words must occur; case and accents do not matter; a trailing `*` makes a prefix,
   *   `"quoted words"` a phrase.
   * @throws What {@linkcode HistoryRequests.searchPage} throws, when the hit is taken.
   *
   * @example
   * ```ts ignore
   * for await (const hit of client.search("lunch*", { limit: 5 })) console.log(hit.from, hit.message);
   * ```
   */
  search(
    text: string,
    options: SearchOptions = {},
  ): AsyncIterableIterator<KeptDelivery, undefined> {
    return eachHit((page) => this.searchPage(text, page), options);
  }

  /**
   * Asks for one page of what a search finds.
   *
   * @param text As for {@linkcode HistoryRequests.search}.
   * @returns What is found, the newest first, and the `cursor` of the next page if there is one.
   * @throws {RefusedError} 400 a text without a letter or digit, or too long; 403 nothing is kept, or one may not look
   *   there; 404 no such account or room.
   */
  searchPage(text: string, options: SearchPageOptions = {}): Promise<SearchPage> {
    const { signal, ...fields } = options;
    const request: SearchRequest = { event: "search", text };
    for (const name of ["with", "from", "cursor"] as const) {
      const value = fields[name];
      if (value !== undefined) request[name] = value;
    }
    if (fields.limit !== undefined) request.limit = fields.limit;
    return this.demand("search", request, { signal }, ({ messages = [], next }) => {
      return { messages, ...(next === undefined ? {} : { next }) };
    });
  }

  /**
   * Gives a message of one's own another text, within 24 hours. Others who may read it get a `change`.
   *
   * @param to To whom it went.
   * @param seq Its number, as in the outcome of `send`.
   * @throws {RefusedError} 400 wrong text, 403 not one's own, or too late, 404 there is none.
   */
  edit(to: string, seq: number, message: string, options: CallOptions = {}): Promise<void> {
    return this.demand("edit", { event: "edit", to, seq, message }, options, () => {});
  }

  /**
   * Deletes a message: one's own, or any in a room that one moderates. Its text is gone from the server for good.
   *
   * @param to To whom it went.
   * @param seq Its number.
   * @throws {RefusedError} 403 not one's own, 404 there is none.
   */
  delete(to: string, seq: number, options: CallOptions = {}): Promise<void> {
    return this.demand("delete", { event: "delete", to, seq }, options, () => {});
  }

  /**
   * Says up to where one has read a conversation; that never moves back.
   *
   * @param name With whom: an account's name, or a room.
   * @param seq The number of the last message that was read.
   * @throws {RefusedError} 403 not as a guest, 404 there is no such conversation.
   */
  markRead(name: string, seq: number, options: CallOptions = {}): Promise<void> {
    return this.demand("read", { event: "read", with: name, seq }, options, () => {});
  }

  /**
   * Asks for one's conversations.
   *
   * @returns The one with the newest message first; at most 500.
   * @throws {RefusedError} 403 not as a guest, or nothing is kept.
   */
  conversations(options: CallOptions = {}): Promise<Conversation[]> {
    return this.demand("conversations", { event: "conversations" }, options, (response) => {
      return response.conversations ?? [];
    });
  }
}
