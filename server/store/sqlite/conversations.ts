import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { ConversationSummary } from "../messages.ts";
import type { SizeLimit } from "../size_limit.ts";
import { maySee, STANDING } from "./room_standing.ts";

/** Numbers that are reserved at once: what a crash, or forgetting a counter, leaves unused at most. */
const BLOCK = 256;
/** Conversations whose counters are in memory; about 1 MB. */
const MAX_COUNTERS = 10_000;
/** Messages that one list of conversations looks at to count what is unread, so that others wait for it only briefly. */
const MAX_COUNTED = 5_000;

/** What is asked of a list of conversations. */
export interface ConversationListOptions {
  /** How many at most. */
  readonly limit: number;
  /** Unix seconds. */
  readonly now: number;
  /** Rooms that the account is in, by number. */
  readonly rooms: readonly number[];
}

/** What is known of a conversation's numbers. All up to `reserved` are on disk as reserved. */
interface Counter {
  next: number;
  reserved: number;
}

/** The newest message that a transaction has added to a conversation. */
interface Newest {
  seq: number;
  time: number;
}

/**
 * Conversations, and the numbers of their messages. Synchronous; what changes something belongs into a transaction.
 *
 * A number is given out only after its block was committed as reserved; a counter that is not in memory begins behind
 * all that was ever reserved. So no number is used twice, whatever is lost.
 */
export class SqliteConversations {
  readonly #size: SizeLimit;
  readonly #accountId: StatementSync;
  readonly #direct: StatementSync;
  readonly #insertDirect: StatementSync;
  readonly #room: StatementSync;
  readonly #insertRoom: StatementSync;
  readonly #isOpen: StatementSync;
  readonly #last: StatementSync;
  readonly #reserve: StatementSync;
  readonly #touch: StatementSync;
  readonly #markRead: StatementSync;
  readonly #markReadTo: StatementSync;
  readonly #list: StatementSync;
  readonly #countUnread: StatementSync;
  /** The latest used last. */
  readonly #counters = new Map<number, Counter>();
  /** Of the transaction under way: the conversations that messages came to, `null` for those that take none. */
  readonly #newest = new Map<number, Newest | null>();

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, size: SizeLimit) {
    this.#size = size;
    this.#accountId = db.prepare("SELECT id FROM accounts WHERE folded = ?");
    this.#direct = db.prepare(
      "SELECT id FROM conversations WHERE kind = 'direct' AND a = min(?1, ?2) AND b = max(?1, ?2)",
    );
    this.#insertDirect = db.prepare(
      `INSERT INTO conversations (kind, a, b) VALUES ('direct', min(?1, ?2), max(?1, ?2))
         RETURNING id`,
    );
    this.#room = db.prepare(
      "SELECT id FROM conversations WHERE kind = 'room' AND a = ? AND b = 0 AND ended = 0",
    );
    this.#insertRoom = db.prepare(
      "INSERT INTO conversations (kind, a) SELECT 'room', id FROM rooms WHERE id = ? RETURNING id",
    );
    this.#isOpen = db.prepare("SELECT 1 FROM conversations WHERE id = ? AND ended = 0");
    this.#last = db.prepare("SELECT last FROM conversations WHERE id = ?");
    this.#reserve = db.prepare(
      "UPDATE conversations SET reserved = reserved + ? WHERE id = ? RETURNING reserved",
    );
    this.#touch = db.prepare(
      "UPDATE conversations SET last = ?2, last_time = ?3 WHERE id = ?1 AND last < ?2",
    );
    this.#markRead = db.prepare(
      `INSERT INTO reads (account, conversation, seq)
         SELECT a.id, c.id, min(?3, c.last) FROM accounts a, conversations c
           WHERE a.folded = ?1 AND c.id = ?2
         ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
    );
    this.#markReadTo = db.prepare(
      `INSERT INTO reads (account, conversation, seq)
         SELECT id, ?2, ?3 FROM accounts WHERE folded = ?1
         ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
    );
    const half = (mine: string, other: string, more: string): string =>
      `SELECT * FROM (SELECT id, ${other} AS other, last, last_time FROM conversations
         WHERE kind = 'direct' AND ${mine} = ?1 AND ended = 0 AND last > 0 ${more}
         ORDER BY last_time DESC LIMIT ?2)`;
    // No more rooms than `LIMITS.maxRememberedRooms`; which of them count is for `refusalOf` to say.
    this.#list = db.prepare(
      `SELECT c.*, coalesce(s.seq, 0) AS seen
         FROM (
           SELECT d.id, o.name, d.last, d.last_time, NULL AS room,
                  0 AS private, 0 AS moderated, 0 AS slow, NULL AS role, 0 AS invited, NULL AS banned_until
             FROM (${half("a", "b", "")} UNION ALL ${half("b", "a", "AND a <> b")}) AS d
             JOIN accounts o ON o.id = d.other
           UNION ALL
           SELECT v.id, r.name, coalesce(v.last, 0), max(coalesce(v.last_time, 0), r.made), r.id, ${STANDING}
             FROM room_members i JOIN rooms r ON r.id = i.room
             LEFT JOIN conversations v ON v.kind = 'room' AND v.a = r.id AND v.b = 0
             WHERE i.account = ?1) AS c
         LEFT JOIN reads s ON s.account = ?1 AND s.conversation = c.id
         ORDER BY c.last_time DESC`,
    );
    this.#countUnread = db.prepare(
      `SELECT count(*) AS looked_at, coalesce(sum(sender IS NOT ?2), 0) AS unread FROM (
         SELECT sender FROM messages WHERE conversation = ?1 AND seq > ?3
           ORDER BY seq DESC LIMIT ?4)`,
    );
  }

  /** See `Store.findDirect`. */
  findDirect(folded: string, other: string): number | undefined {
    const [account, its] = [this.#idOf(folded), this.#idOf(other)];
    return account === undefined || its === undefined ? undefined : this.directOf(account, its);
  }

  /** See `Store.openDirect`. */
  openDirect(folded: string, other: string): number | undefined {
    const [account, its] = [this.#idOf(folded), this.#idOf(other)];
    if (account === undefined || its === undefined) return undefined;
    let conversation = this.directOf(account, its);
    if (conversation === undefined) {
      this.#size.check();
      conversation = this.makeDirect(account, its);
    }
    if (this.peek(conversation) === undefined) this.#reserveBlock(conversation);
    return conversation;
  }

  /** The conversation of a room, by its id, if there is one. */
  findRoom(room: number): number | undefined {
    return this.#room.get(room)?.id as number | undefined;
  }

  /** See `Store.openRoom`. */
  openRoom(room: number): number | undefined {
    let conversation = this.findRoom(room);
    if (conversation === undefined) {
      this.#size.check();
      conversation = this.#insertRoom.get(room)?.id as number | undefined;
      if (conversation === undefined) return undefined;
    }
    if (this.peek(conversation) === undefined) this.#reserveBlock(conversation);
    return conversation;
  }

  /** The number of the newest message that was written; 0 if there is none. */
  lastOf(conversation: number): number {
    this.settle();
    return this.lastWritten(conversation);
  }

  /** The same, of what was written by transactions that are through. */
  lastWritten(conversation: number): number {
    return this.#last.get(conversation)?.last as number | undefined ?? 0;
  }

  /** The conversation of two accounts, by their ids, if they have one. */
  directOf(account: number, other: number): number | undefined {
    return this.#direct.get(account, other)?.id as number | undefined;
  }

  /** Makes the conversation of two accounts that have none. */
  makeDirect(account: number, other: number): number {
    return this.#insertDirect.get(account, other)!.id as number;
  }

  /** The number for the next message, if one is at hand. */
  peek(conversation: number): number | undefined {
    const counter = this.#counters.get(conversation);
    return counter !== undefined && counter.next <= counter.reserved ? counter.next : undefined;
  }

  /** Uses up a number that {@linkcode SqliteConversations.peek} gave. */
  use(conversation: number, seq: number): void {
    const counter = this.#counters.get(conversation);
    if (counter === undefined) return;
    counter.next = Math.max(counter.next, seq + 1);
    this.#counters.delete(conversation);
    this.#counters.set(conversation, counter);
  }

  /** A number for a message that is written in this very transaction. */
  take(conversation: number): number {
    const seq = this.peek(conversation) ?? this.#reserveBlock(conversation);
    this.use(conversation, seq);
    return seq;
  }

  /** Whether a message may be written: the conversation is there and has not ended. Looked up once in a transaction. */
  takes(conversation: number): boolean {
    let newest = this.#newest.get(conversation);
    if (newest === undefined) {
      newest = this.#isOpen.get(conversation) === undefined ? null : { seq: 0, time: 0 };
      this.#newest.set(conversation, newest);
    }
    return newest !== null;
  }

  /** A message was written: it may be the newest, which {@linkcode SqliteConversations.settle} writes down. */
  added(conversation: number, seq: number, time: number): void {
    const newest = this.#newest.get(conversation);
    if (!newest) this.#newest.set(conversation, { seq, time });
    else if (newest.seq < seq) [newest.seq, newest.time] = [seq, time];
  }

  /**
   * Writes down what messages have changed in their conversations, once for all of a transaction: at its end, and before
   * something in it needs to know, or ends conversations.
   */
  settle(): void {
    for (const [conversation, newest] of this.#newest) {
      if (newest === null || newest.seq === 0) continue;
      this.#touch.run(conversation, newest.seq, newest.time);
      const counter = this.#counters.get(conversation);
      // Half of what is reserved is used up.
      if (counter !== undefined && counter.reserved - counter.next < BLOCK / 2) {
        this.#reserveBlock(conversation);
      }
    }
    this.#newest.clear();
  }

  /** A transaction was not committed: what is known of it is wrong. */
  rolledBack(): void {
    this.#counters.clear();
    this.#newest.clear();
  }

  /** See `Store.markRead`. */
  markRead(folded: string, conversation: number, seq: number): void {
    this.settle();
    this.#markRead.run(folded, conversation, seq);
  }

  /** The same, also up to a message that is not here, or not yet. */
  markReadTo(folded: string, conversation: number, seq: number): void {
    this.#markReadTo.run(folded, conversation, seq);
  }

  /** See `Store.listConversations`. */
  list(folded: string, { limit, now, rooms }: ConversationListOptions): ConversationSummary[] {
    const account = this.#idOf(folded);
    if (account === undefined) return [];
    const isIn = new Set(rooms);
    const listed: ConversationSummary[] = [];
    let left = MAX_COUNTED;
    for (const row of this.#list.all(account, limit)) {
      if (listed.length >= limit) break;
      const room = row.room as number | null;
      if (room !== null && !maySee(row, { isMember: isIn.has(room) }, now)) continue;
      const [last, read] = [row.last as number, row.seen as number];
      let unread = 0;
      if (read < last) {
        const counted = this.#countUnread.get(row.id as number, account, read, left)!;
        unread = counted.unread as number;
        left -= counted.looked_at as number;
      }
      listed.push({ with: row.name as string, last, read, unread, time: row.last_time as number });
    }
    return listed;
  }

  #idOf(folded: string): number | undefined {
    return this.#accountId.get(folded)?.id as number | undefined;
  }

  /** Gives the first number that can be given out then. */
  #reserveBlock(conversation: number): number {
    const row = this.#reserve.get(BLOCK, conversation);
    const reserved = row!.reserved as number;
    const counter = this.#counters.get(conversation);
    if (counter !== undefined) {
      counter.reserved = reserved;
      return counter.next;
    }
    const next = reserved - BLOCK + 1;
    this.#counters.set(conversation, { next, reserved });
    if (this.#counters.size > MAX_COUNTERS) {
      this.#counters.delete(this.#counters.keys().next().value!);
    }
    return next;
  }
}
