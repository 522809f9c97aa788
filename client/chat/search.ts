/**
 * Looking for what was said.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { KeptDelivery } from "../../common/wire/protocol.ts";
import type { SearchPageOptions } from "../library/options.ts";
import type { Chat } from "./chat.ts";
import { conversationOf } from "./conversations.ts";
import { renderHit } from "./render_kept.ts";
import { line } from "./styled_line.ts";

/** What is looked for, and where. */
export interface Query {
  /** The words, as the server takes them. */
  readonly text: string;
  /** Only in that conversation. */
  readonly with?: string;
  /** Only what that user has said. */
  readonly from?: string;
}

/** What a {@linkcode Search} is made of. */
export interface SearchOptions {
  /** The client, the ui and the language. */
  readonly chat: Pick<
    Chat,
    "client" | "ui" | "speaker" | "back" | "slash" | "tell" | "fail" | "say"
  >;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Hits that are shown at once. */
const PAGE = 10;
/** Hits that can be looked at again; the first ones are forgotten. */
const MAX_HITS = 1_000;

/** The words before a `:` that say where to look. */
const PLACES: Readonly<Record<string, "with" | "from">> = {
  in: "with",
  from: "from",
  в: "with",
  от: "from",
};

/**
 * Reads what is behind `search`: `in:#dev from:bob lunch*`. In quotes nothing has a meaning of its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readQuery("in:#dev from:bob a b"), { text: "a b", with: "#dev", from: "bob" });
 * assertEquals(readQuery('"in:#dev"'), { text: '"in:#dev"' });
 * ```
 */
export function readQuery(typed: string): Query {
  const words: string[] = [];
  const places: { with?: string; from?: string } = {};
  for (const [word] of typed.matchAll(/"[^"]*"?\*?|[^\s"]+/g)) {
    const [, key = "", name = ""] = /^(\p{L}+):(\S+)$/u.exec(word) ?? [];
    const place = Object.hasOwn(PLACES, key.toLowerCase()) ? PLACES[key.toLowerCase()] : undefined;
    if (place === undefined) words.push(word);
    else places[place] = name;
  }
  return { text: words.join(" "), ...places };
}

/** The last search of a person, with its hits. */
export class Search {
  readonly #options: SearchOptions;
  #query: Query | undefined;
  #next: string | undefined;
  /** The hits by their numbers. */
  readonly #hits = new Map<number, KeptDelivery>();
  #count = 0;

  /** Has looked for nothing yet. */
  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /**
   * Looks for something else and shows the newest hits.
   *
   * @throws {RefusedError} If the server does not look for that.
   */
  async begin(query: Query): Promise<void> {
    const { chat } = this.#options;
    if (!/[\p{L}\p{N}]/u.test(query.text)) {
      chat.fail("searchNoWords", { slash: chat.slash });
      return;
    }
    this.#query = query;
    this.#hits.clear();
    this.#count = 0;
    this.#next = undefined;
    await this.#page(query, undefined);
  }

  /**
   * Shows the hits behind those that were shown.
   *
   * @throws {RefusedError} If the server does not look for that any more.
   */
  async goOn(): Promise<void> {
    const { chat } = this.#options;
    if (this.#query === undefined) chat.fail("searchNoWords", { slash: chat.slash });
    else if (this.#next === undefined) chat.tell("noMoreHits");
    else await this.#page(this.#query, this.#next);
  }

  /**
   * Shows what was said around a hit.
   *
   * @param number As it stands before the hit.
   * @throws {RefusedError} If the server no longer shows that.
   */
  async around(number: number): Promise<void> {
    const { chat } = this.#options;
    const hit = this.#hits.get(number);
    if (hit === undefined) {
      chat.fail(this.#count === 0 ? "noHits" : "noHit", { number, slash: chat.slash });
    } else await chat.back.around(this.#nameOf(hit), hit);
  }

  async #page(query: Query, cursor: string | undefined): Promise<void> {
    const { chat, clock } = this.#options;
    const { text, ...place } = query;
    const asked: SearchPageOptions = { ...place, limit: PAGE };
    if (cursor !== undefined) asked.cursor = cursor;
    const { messages, next } = await chat.client.searchPage(text, asked);
    if (query !== this.#query || cursor !== this.#next) return; // another search has begun meanwhile
    this.#next = messages.length > 0 ? next : undefined;
    const { speaker } = chat;
    for (const hit of messages.slice(0, PAGE)) {
      const number = ++this.#count;
      this.#hits.set(number, hit);
      this.#hits.delete(number - MAX_HITS);
      const look = { query: text, nowMs: clock.epochMs(), speaker };
      chat.ui.show(renderHit(number, this.#nameOf(hit), hit, look));
    }
    if (this.#count === 0) {
      chat.tell(query.with === undefined ? "nothingFoundHere" : "nothingFound");
    } else {
      const hint = this.#next === undefined ? "hitsEnd" : "hitsGoOn";
      // Of a hit that is there.
      const values = { number: Math.min(2, this.#count), slash: chat.slash };
      chat.ui.show(line("info", chat.say(hint, values), "faint"));
    }
  }

  #nameOf(hit: KeptDelivery): string {
    return conversationOf(hit, this.#options.chat.client.name ?? "");
  }
}
