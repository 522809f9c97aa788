/**
 * All that the embedded store has of one account.
 *
 * @module
 */

import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

import type { StoredBody } from "./sqlite/messages.ts";
import { SERVER_WIDE } from "./sqlite/room_acts.ts";

const SECONDS_A_DAY = 86_400;
const SECONDS_A_MINUTE = 60;
/** Rows that are read at once: what is in memory, and for how long the database is read without a pause. */
const PAGE = 200;

type Row = Record<string, SQLOutputValue>;

/** The first rows with a higher `at`, which rises. */
type Page = (after: number) => Row[];

/**
 * All that there is of an account: records with a `kind`, one kind after the other as docs/operating.md lists them.
 *
 * Each page is read when it is asked for, and no longer: whoever takes the records slowly keeps nobody from writing, and
 * gets what there is by then.
 *
 * @returns `undefined` if there is no such account.
 */
export function exportAccount(db: DatabaseSync, folded: string): Iterable<object> | undefined {
  const row = db.prepare(
    `SELECT a.id, a.name, a.password_hash, a.created, n.last_day, n.last_minute, b.reason, b.since
       FROM accounts a LEFT JOIN names n USING (folded) LEFT JOIN blocks b USING (folded)
       WHERE folded = ?`,
  ).get(folded);
  return row && records(db, row);
}

function* records(db: DatabaseSync, account: Row): Generator<object> {
  const id = account.id as number;
  yield accountRecord(account);
  yield* rooms(db, id);
  yield* invitations(db, id);
  yield* sanctions(db, id);
  yield* acts(db, id);
  yield* networks(db, id);
  yield* conversations(db, id);
  yield* directMessages(db, id);
  yield* sentMessages(db, id);
  yield* letters(db, id);
  yield* correspondents(db, id);
  yield* blockedUsers(db, id);
}

function accountRecord(row: Row): object {
  return {
    kind: "account",
    account_name: row.name,
    password_hash: row.password_hash,
    created: row.created,
    ...lastSeen(row),
    ...(row.reason !== null && { blocked: { reason: row.reason, since: row.since } }),
  };
}

/** As exactly as it is known. */
function lastSeen({ last_day: day, last_minute: minute }: Row): object {
  if (minute !== null) return { last_seen: Number(minute) * SECONDS_A_MINUTE };
  return day === null ? {} : { last_seen: Number(day) * SECONDS_A_DAY };
}

function* rooms(db: DatabaseSync, account: number): Generator<object> {
  const some = db.prepare(
    `SELECT r.id AS at, r.name AS room, r.topic, r.made, rr.role
       FROM room_roles rr JOIN rooms r ON r.id = rr.room
       WHERE rr.account = ? AND r.id > ? ORDER BY r.id LIMIT ?`,
  );
  for (const { at: _, ...room } of paged((after) => some.all(account, after, PAGE))) {
    yield { kind: "room", ...room };
  }
}

function* invitations(db: DatabaseSync, account: number): Generator<object> {
  const some = db.prepare(
    `SELECT r.id AS at, r.name AS room FROM room_invitations i JOIN rooms r ON r.id = i.room
       WHERE i.account = ? AND r.id > ? ORDER BY r.id LIMIT ?`,
  );
  for (const { room } of paged((after) => some.all(account, after, PAGE))) {
    yield { kind: "room_invitation", room };
  }
}

/** Bans and mutes, also those that are over and not deleted yet. */
function* sanctions(db: DatabaseSync, account: number): Generator<object> {
  const some = db.prepare(
    `SELECT s.id AS at, r.name AS room, s.kind, s.time, s.until, s.by, s.reason
       FROM room_sanctions s JOIN rooms r ON r.id = s.room
       WHERE s.account = ? AND s.id > ? ORDER BY s.id LIMIT ?`,
  );
  for (const row of paged((after) => some.all(account, after, PAGE))) {
    const { at: _, kind, until, ...more } = row;
    yield { kind: `room_${kind}`, ...more, ...(until !== null && { until }) };
  }
}

/** What the account did in rooms, and what was done to it there. */
function* acts(db: DatabaseSync, account: number): Generator<object> {
  const some = db.prepare(
    `SELECT id AS at, time, name AS room, by, action, target, detail FROM room_acts
       WHERE id IN (
         SELECT id FROM (SELECT id FROM room_acts WHERE by_account = ?1 AND id > ?2 ORDER BY id LIMIT ?3)
         UNION
         SELECT id FROM (SELECT id FROM room_acts WHERE target_account = ?1 AND id > ?2 ORDER BY id LIMIT ?3))
       ORDER BY id LIMIT ?3`,
  );
  for (const row of paged((after) => some.all(account, after, PAGE))) {
    const { at: _, room, target, detail, ...act } = row;
    yield {
      ...{ kind: "room_act", ...act },
      ...(room !== SERVER_WIDE.name && { room }),
      ...(target !== null && { target }),
      ...(detail !== null && { detail: JSON.parse(detail as string) }),
    };
  }
}

/** At most 100: see `LIMITS.maxTrustedNetworks`. */
function* networks(db: DatabaseSync, account: number): Generator<object> {
  const all = db.prepare(
    "SELECT network, last_day FROM trusted_networks WHERE account = ? ORDER BY network",
  );
  for (const { network, last_day: day } of all.all(account)) {
    yield { kind: "network", network, last_seen: Number(day) * SECONDS_A_DAY };
  }
}

function* conversations(db: DatabaseSync, account: number): Generator<object> {
  const some = db.prepare(
    `SELECT c.id AS at, coalesce(o.name, r.name) AS "with", c.last,
            coalesce(s.seq, 0) AS read, c.last_time AS time
       FROM conversations c
       LEFT JOIN reads s ON s.account = ?1 AND s.conversation = c.id
       LEFT JOIN accounts o ON c.kind = 'direct' AND o.id = c.a + c.b - ?1
       LEFT JOIN rooms r ON c.kind = 'room' AND r.id = c.a
       WHERE c.id > ?2 AND c.ended = 0
         AND (c.kind = 'direct' AND (c.a = ?1 OR c.b = ?1) OR c.kind = 'room' AND s.seq IS NOT NULL)
       ORDER BY c.id LIMIT ?3`,
  );
  for (const { at: _, ...conversation } of paged((after) => some.all(account, after, PAGE))) {
    yield { kind: "conversation", ...conversation };
  }
}

function* directMessages(db: DatabaseSync, account: number): Generator<object> {
  const some = db.prepare(
    `SELECT c.id AS at, o.name FROM conversations c JOIN accounts o ON o.id = c.a + c.b - ?1
       WHERE c.kind = 'direct' AND c.ended = 0 AND (c.a = ?1 OR c.b = ?1) AND c.id > ?2
       ORDER BY c.id LIMIT ?3`,
  );
  const messages = db.prepare(
    `SELECT seq AS at, time, body FROM messages WHERE conversation = ? AND seq > ?
       ORDER BY seq LIMIT ?`,
  );
  for (const { at: conversation, name } of paged((after) => some.all(account, after, PAGE))) {
    for (const row of paged((after) => messages.all(conversation!, after, PAGE))) {
      yield { kind: "message", with: name, seq: row.at, ...said(row) };
    }
  }
}

/** What the account said in rooms, and what waits elsewhere for somebody and is in no conversation. */
function* sentMessages(db: DatabaseSync, account: number): Generator<object> {
  const some = db.prepare(
    `SELECT m.id AS at, r.name AS room, m.seq, m.time, m.body
       FROM messages m LEFT JOIN conversations c ON c.id = m.conversation
       LEFT JOIN rooms r ON r.id = c.a AND c.kind = 'room'
       WHERE m.sender = ? AND m.id > ? AND (m.conversation IS NULL
         OR c.kind = 'room' AND c.ended = 0 AND m.seq IS NOT NULL)
       ORDER BY m.id LIMIT ?`,
  );
  for (const row of paged((after) => some.all(account, after, PAGE))) {
    yield row.room === null
      ? { kind: "sent_letter", ...said(row) }
      : { kind: "room_message", room: row.room, seq: row.seq, ...said(row) };
  }
}

function* letters(db: DatabaseSync, account: number): Generator<object> {
  const some = db.prepare(
    `SELECT l.stored AS at, m.seq, m.time, m.body FROM letters l JOIN messages m ON m.id = l.message
       WHERE l.account = ? AND l.stored > ? ORDER BY l.stored LIMIT ?`,
  );
  for (const row of paged((after) => some.all(account, after, PAGE))) {
    const { at: stored, seq } = row;
    yield { kind: "letter", stored, ...(seq !== null && { seq }), ...said(row) };
  }
}

function* correspondents(db: DatabaseSync, account: number): Generator<object> {
  const some = db.prepare(
    `SELECT c.id AS at, o.name FROM correspondents c JOIN accounts o ON o.id = c.other
       WHERE c.account = ? AND c.id > ? ORDER BY c.id LIMIT ?`,
  );
  for (const { name } of paged((after) => some.all(account, after, PAGE))) {
    yield { kind: "correspondent", account_name: name };
  }
}

/** Accounts from which the account takes no direct messages: at most 1000, see `LIMITS.maxBlockedUsers`. */
function* blockedUsers(db: DatabaseSync, account: number): Generator<object> {
  const all = db.prepare(
    `SELECT o.name, b.since FROM user_blocks b JOIN accounts o ON o.id = b.other
       WHERE b.account = ? ORDER BY b.since, o.id`,
  );
  for (const { name, since } of all.all(account)) {
    yield { kind: "blocked", account_name: name, since };
  }
}

/** Time, names and text of a message. In a record `kind` says what it is a record of. */
function said({ time, body }: Row): object {
  const { kind, ...parts } = JSON.parse(body as string) as StoredBody;
  return { time, ...parts, ...(kind !== undefined && { message_kind: kind }) };
}

/** All rows, a page at a time. */
function* paged(page: Page): Generator<Row> {
  for (let after = 0;;) {
    const rows = page(after);
    yield* rows;
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.at as number;
  }
}
