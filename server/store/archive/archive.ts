import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { ConversationSummary, Page, PageOptions, SearchPlace } from "../messages.ts";
import { parseQuery } from "../search_text.ts";
import { SizeLimit } from "../size_limit.ts";
import { type ConversationListOptions, SqliteConversations } from "../sqlite/conversations.ts";
import { tryTruncateLog } from "../sqlite/erasure.ts";
import {
  type ChangeOutcome,
  type ChangeTerms,
  type MessageChange,
  SqliteMessageChanges,
} from "../sqlite/message_changes.ts";
import {
  accountScope,
  conversationMark,
  MessageIndex,
  roomScope,
  senderMark,
} from "../sqlite/message_index.ts";
import { MessageTexts } from "../sqlite/message_texts.ts";
import { type MessageBody, readPage, SqliteMessages } from "../sqlite/messages.ts";
import { SqliteRemovals } from "../sqlite/removals.ts";
import { SqliteRetention } from "../sqlite/retention.ts";
import { IN_MEMORY } from "../sqlite_file.ts";
import { inTransaction } from "../transaction.ts";
import { findHits, type Hits, type IndexLook, type ReadTexts, type SearchRange } from "./look.ts";

/** What became of an attempt to index. */
export interface Indexed {
  /** The highest id up to which messages are indexed. */
  readonly indexed: number;
  /** Whether none was left. */
  readonly isDone: boolean;
}

const now = (): number => performance.now();

/** Milliseconds of one transaction of changes after which it begins no other. */
const CHANGES_MS = 15;

/**
 * All that may take long in a database of messages: reading pages of them, searching, indexing, retention, and changing
 * their texts, for these have to be taken out of the index. Synchronous,
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
  readonly #body: StatementSync;
  readonly #hits: StatementSync;
  readonly #texts: MessageTexts;
  readonly #changes: SqliteMessageChanges;
  readonly #removals: SqliteRemovals;
  #index: MessageIndex | undefined;

  /** Works on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    // Nothing here makes the database larger but the index, and of that the caller decides.
    const size = new SizeLimit(db, { path: IN_MEMORY, maxBytes: 0, onChange: () => {} });
    this.#conversations = new SqliteConversations(db, size);
    this.#messages = new SqliteMessages(db, this.#conversations);
    this.#retention = new SqliteRetention(db);
    this.#texts = new MessageTexts(db, (id, change) => this.#ready.changing(id, change));
    this.#changes = new SqliteMessageChanges(db, this.#texts);
    this.#removals = new SqliteRemovals(db, this.#texts);
    this.#account = db.prepare("SELECT id FROM accounts WHERE folded = ?");
    this.#direct = db.prepare(
      `SELECT id, last FROM conversations
         WHERE kind = 'direct' AND a = min(?1, ?2) AND b = max(?1, ?2) AND ended = 0`,
    );
    this.#ofRoom = db.prepare(
      "SELECT id, last FROM conversations WHERE kind = 'room' AND a = ? AND ended = 0",
    );
    this.#newest = db.prepare(
      "SELECT id, seq FROM messages WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
    );
    this.#body = db.prepare(
      `SELECT body FROM messages
         WHERE id = coalesce((SELECT message FROM moves WHERE first = ?1), ?1)`,
    );
    this.#hits = db.prepare(
      `SELECT m.seq, m.time, m.body FROM json_each(?) AS hit
         LEFT JOIN moves v ON v.first = hit.value
         JOIN messages m ON m.id = coalesce(v.message, hit.value)
         JOIN conversations c ON c.id = m.conversation AND c.ended = 0
         ORDER BY hit.key`,
    );
  }

  /** See `Store.listMessages`. */
  listMessages(conversation: number, page: PageOptions): Page {
    return this.#messages.list(conversation, page);
  }

  /** See `Store.listConversations`. */
  listConversations(folded: string, options: ConversationListOptions): ConversationSummary[] {
    return this.#conversations.list(folded, options);
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

  /** Messages that contain what is looked for: see {@linkcode findHits}. */
  findHits(look: IndexLook): Hits {
    const terms = parseQuery(look.text);
    if (terms === undefined) return { hits: [], next: undefined, lead: undefined };
    const readTexts: ReadTexts = (numbers) => this.#textsOf(numbers);
    return findHits(this.#ready.index, readTexts, look, terms, now);
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

  /**
   * Changes messages in one transaction, which is on disk when this returns: the first of these, as many as are done in
   * some milliseconds, and at least one.
   *
   * @returns What became of each of those.
   */
  changeSome(changes: readonly MessageChange[], terms: ChangeTerms): ChangeOutcome[] {
    const end = performance.now() + CHANGES_MS;
    let { room } = terms;
    return durably(this.#db, () => {
      const outcomes: ChangeOutcome[] = [];
      for (const change of changes) {
        if (outcomes.length > 0 && performance.now() >= end) break;
        const outcome = this.#changes.change(change, { ...terms, room });
        // Room for a longer text is used up at once; what the old one has left is counted by the next transaction.
        if (typeof outcome === "object" && "message" in change) {
          room -= Buffer.byteLength(change.message);
        }
        outcomes.push(outcome);
      }
      return outcomes;
    });
  }

  /** Erases some of what accounts that are gone have left: see `SqliteRemovals.goOn`. Gives which entries had it. */
  removeSome(units: number, now: number): { readonly more: boolean; readonly entries: number[] } {
    const entries: number[] = [];
    const more = inTransaction(this.#db, () => this.#removals.goOn(now, units, entries));
    return { more, entries };
  }

  /** Empties the write-ahead log without waiting for anybody. Returns `false` if another connection is in the way. */
  emptyLog(): boolean {
    return tryTruncateLog(this.#db);
  }

  /** See `SqliteRetention.forget`. */
  forgetSome(units: number, before: number): boolean {
    return inTransaction(this.#db, () => this.#retention.forget(this.#ready, before, units));
  }

  *#textsOf(numbers: readonly number[]): Iterable<{ number: number; text: string }> {
    // One by one: whoever asks may have enough before the end.
    for (const number of numbers) {
      const row = this.#body.get(number);
      if (row === undefined) continue;
      const { message: text } = JSON.parse(row.body as string) as Partial<MessageBody>;
      if (text !== undefined) yield { number, text };
    }
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
    const row = this.#newest.get(conversation, seq);
    if (row === undefined) return 0;
    const first = this.#ready.firstOf(row.id as number);
    return row.seq === seq ? first : first + 1;
  }
}

/**
 * Does work in one transaction that is on disk when this returns, also on a connection that otherwise waits for no disk
 * (sqlite.org/pragma.html#pragma_synchronous).
 */
function durably<T>(db: DatabaseSync, work: () => T): T {
  const { synchronous } = db.prepare("PRAGMA synchronous").get()!;
  db.exec("PRAGMA synchronous = FULL");
  try {
    return inTransaction(db, work);
  } finally {
    db.exec(`PRAGMA synchronous = ${synchronous}`);
  }
}
