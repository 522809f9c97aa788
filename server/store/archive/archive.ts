import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { ConversationSummary, Page, PageOptions, SearchPlace } from "../messages.ts";
import { parseQuery } from "../search_text.ts";
import { SizeLimit } from "../size_limit.ts";
import { SqliteConversations } from "../sqlite/conversations.ts";
import {
  accountScope,
  conversationMark,
  MessageIndex,
  roomScope,
  senderMark,
} from "../sqlite/message_index.ts";
import { readPage, SqliteMessages } from "../sqlite/messages.ts";
import { SqliteRetention } from "../sqlite/retention.ts";
import { IN_MEMORY } from "../sqlite_file.ts";
import { inTransaction } from "../transaction.ts";

/** What a search is about, as far as the index has to know. */
export interface SearchRange {
  /** Where to look, newest messages first. */
  readonly scopes: readonly string[];
  /** What all of them must have. */
  readonly marks: readonly string[];
  /** Only messages below this number. */
  readonly before: number;
}

/** One look into the index. */
export interface IndexLook extends SearchRange {
  /** What was typed. */
  readonly text: string;
  /** Only messages above this number. */
  readonly above: number;
  /** Messages at most. */
  readonly limit: number;
}

/** What became of an attempt to index. */
export interface Indexed {
  /** The highest id up to which messages are indexed. */
  readonly indexed: number;
  /** Whether none was left. */
  readonly isDone: boolean;
}

/**
 * All that may take long in a database of messages: reading pages of them, searching, indexing, retention. Synchronous,
 * on a connection that nobody else uses meanwhile; each call is short or does at most as much as it is told to.
 * `ArchiveService` decides when it is called.
 */
export class Archive {
  readonly #db: DatabaseSync;
  readonly #conversations: SqliteConversations;
  readonly #messages: SqliteMessages;
  readonly #retention: SqliteRetention;
  readonly #direct: StatementSync;
  readonly #ofRoom: StatementSync;
  readonly #account: StatementSync;
  readonly #newest: StatementSync;
  readonly #hits: StatementSync;
  #index: MessageIndex | undefined;

  /** Works on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    // Nothing here makes the database larger but the index, and of that the caller decides.
    const size = new SizeLimit(db, { path: IN_MEMORY, maxBytes: 0, onChange: () => {} });
    this.#conversations = new SqliteConversations(db, size);
    this.#messages = new SqliteMessages(db, this.#conversations);
    this.#retention = new SqliteRetention(db);
    this.#account = db.prepare("SELECT id FROM accounts WHERE folded = ?");
    this.#direct = db.prepare(
      `SELECT id, last FROM conversations
         WHERE kind = 'direct' AND a = min(?1, ?2) AND b = max(?1, ?2) AND ended = 0`,
    );
    this.#ofRoom = db.prepare(
      "SELECT id, last FROM conversations WHERE kind = 'room' AND a = ? AND ended = 0",
    );
    this.#newest = db.prepare(
      "SELECT id FROM messages WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
    );
    this.#hits = db.prepare(
      `SELECT m.seq, m.time, m.body FROM json_each(?) AS hit
         JOIN messages m ON m.id = hit.value
         JOIN conversations c ON c.id = m.conversation AND c.ended = 0
         ORDER BY hit.key`,
    );
  }

  /** See `Store.listMessages`. */
  listMessages(conversation: number, page: PageOptions): Page {
    return this.#messages.list(conversation, page);
  }

  /** See `Store.listConversations`. */
  listConversations(folded: string, limit: number): ConversationSummary[] {
    return this.#conversations.list(folded, limit);
  }

  /**
   * Where a search looks.
   *
   * @param account Whose direct messages, folded; none if `undefined`.
   * @param rooms Which rooms.
   * @param other Only direct messages with that account, folded.
   * @param from Only what somebody of that folded name has said.
   * @param after The message behind which it goes on.
   * @returns `undefined` if there is no such message, and never was.
   */
  findRange(
    { account, rooms, other, from, after }: {
      readonly account: string | undefined;
      readonly rooms: readonly number[];
      readonly other: string | undefined;
      readonly from: string | undefined;
      readonly after: SearchPlace | undefined;
    },
  ): SearchRange | undefined {
    const marks = from === undefined ? [] : [senderMark(from)];
    const own = account === undefined ? undefined : this.#idOf(account);
    let before = Number.MAX_SAFE_INTEGER;
    if (after !== undefined) {
      const conversation = "room" in after
        ? this.#ofRoom.get(after.room)
        : this.#directOf(own, after.account);
      if (conversation === undefined || after.seq > (conversation.last as number)) return undefined;
      before = this.#placeOf(conversation.id as number, after.seq);
    }
    const scopes = rooms.map(roomScope);
    if (other === undefined) {
      if (own !== undefined) scopes.unshift(accountScope(own));
    } else {
      const conversation = this.#directOf(own, other);
      if (conversation === undefined) return { scopes: [], marks, before };
      scopes.unshift(accountScope(own!));
      marks.push(conversationMark(conversation.id as number));
    }
    return { scopes, marks, before };
  }

  /** The numbers of the newest messages that contain what is looked for, the highest first. */
  findHits({ text, scopes, marks, before, above, limit }: IndexLook): number[] {
    const terms = parseQuery(text);
    if (terms === undefined) return [];
    return this.#ready.index.find({ scopes, marks, terms, before, above, limit });
  }

  /** As many of these messages as one answer has room for, in that order. Those that are gone meanwhile are left out. */
  readHits(ids: readonly number[], limit: number): Page {
    return readPage(this.#hits.iterate(JSON.stringify(ids)), limit);
  }

  /** Indexes some more messages: see `MessageIndex.add`. */
  indexSome(units: number): Indexed {
    return inTransaction(this.#db, () => {
      const isDone = this.#ready.add(units);
      return { indexed: this.#ready.indexed, isDone };
    });
  }

  /** Merges a part of the index, about so many pages; whether there may be more to merge. */
  mergeSome(pages: number): boolean {
    return inTransaction(this.#db, () => this.#ready.index.merge(pages));
  }

  /** See `SqliteRetention.forget`. */
  forgetSome(units: number, before: number): boolean {
    return inTransaction(this.#db, () => this.#retention.forget(this.#ready, before, units));
  }

  /** Made when it is needed: that takes a while. */
  get #ready(): MessageIndex {
    return this.#index ??= new MessageIndex(this.#db);
  }

  #idOf(folded: string): number | undefined {
    return this.#account.get(folded)?.id as number | undefined;
  }

  #directOf(own: number | undefined, other: string): Record<string, unknown> | undefined {
    const its = own === undefined ? undefined : this.#idOf(other);
    return its === undefined ? undefined : this.#direct.get(own!, its);
  }

  /** A number such that all below it are messages before that one, which may be gone meanwhile. */
  #placeOf(conversation: number, seq: number): number {
    const id = this.#find(conversation, seq);
    if (id !== undefined) return id;
    const newest = this.#newest.get(conversation, seq)?.id as number | undefined;
    return newest === undefined ? 0 : newest + 1;
  }

  #find(conversation: number, seq: number): number | undefined {
    return this.#messages.find({ conversation, seq })?.id;
  }
}
