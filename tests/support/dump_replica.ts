/**
 * What a copy holds.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

/** What conversations are called, whatever their numbers are. */
const CONVERSATION =
  `(SELECT c.kind || ':' || coalesce(p.folded, c.a) || ':' || coalesce(q.folded, '')
  FROM conversations c
    LEFT JOIN accounts p ON c.kind = 'direct' AND p.id = c.a
    LEFT JOIN accounts q ON c.kind = 'direct' AND q.id = c.b
  WHERE c.id = it.conversation)`;
const account = (column: string): string =>
  `(SELECT folded FROM accounts WHERE id = it.${column}) AS ${column}`;

/** All that has to be the same on each node: not rows' own numbers, nor what is reserved, nor the search index. */
const QUERIES: Readonly<Record<string, string>> = {
  names: "SELECT * FROM names ORDER BY folded",
  // Without `last_stored`: numbers are the log's, and letters that were deleted may be out of it.
  accounts:
    `SELECT id, folded, name, password_hash, created, letter_count, letter_bytes, guest_count, guest_bytes,
    stranger_count, stranger_bytes FROM accounts ORDER BY id`,
  letters: `SELECT ${
    account("account")
  }, stored, it.time, bytes, it.sender, is_guest, is_stranger, session, n,
      m.body, m.time AS written
    FROM letters it JOIN messages m ON m.id = it.message ORDER BY account, stored`,
  shares: `SELECT ${
    account("account")
  }, sender, letter_count, letter_bytes FROM shares it ORDER BY 1, 2`,
  correspondents: `SELECT ${account("account")}, ${
    account("other")
  } FROM correspondents it ORDER BY it.account, it.id`,
  rooms: "SELECT * FROM rooms ORDER BY id",
  room_roles: `SELECT room, ${account("account")}, role FROM room_roles it ORDER BY 1, 2`,
  room_invitations: `SELECT room, ${account("account")} FROM room_invitations it ORDER BY 1, 2`,
  room_sanctions: `SELECT room, kind, ${
    account("account")
  }, folded, name, network, until, reason, by,
    ${account("by_account")}, time FROM room_sanctions it ORDER BY room, kind, folded, 3`,
  room_acts:
    `SELECT time, room, folded, name, by, action, target, detail FROM room_acts it ORDER BY id`,
  room_members: `SELECT ${
    account("account")
  }, room FROM room_members it ORDER BY it.account, it.id`,
  conversations:
    `SELECT (SELECT ${CONVERSATION} FROM (SELECT o.id AS conversation) it) AS name, last, last_time
    FROM conversations o WHERE ended = 0 ORDER BY 1`,
  messages: `SELECT ${CONVERSATION} AS name, seq, time, ${
    account("sender")
  }, body, fingerprint, delivered, guest
    FROM messages it
    WHERE seq IS NOT NULL AND conversation IN (SELECT id FROM conversations WHERE ended = 0) ORDER BY seq`,
  reads: `SELECT ${account("account")}, ${CONVERSATION} AS name, seq FROM reads it
    WHERE conversation IN (SELECT id FROM conversations WHERE ended = 0) ORDER BY 1, 2`,
  resume_tokens: `SELECT ${
    account("account")
  }, hash, session, ended FROM resume_tokens it ORDER BY it.account, it.id`,
  user_blocks: `SELECT ${account("account")}, ${
    account("other")
  }, since FROM user_blocks it ORDER BY 1, 2`,
  trusted_networks: `SELECT ${
    account("account")
  }, network, last_day FROM trusted_networks it ORDER BY 1, 2`,
  expulsions: "SELECT * FROM expulsions ORDER BY room, folded",
  blocks: "SELECT * FROM blocks ORDER BY folded",
  invites: "SELECT id, hash, uses_left, expires, note, made FROM invites ORDER BY id",
  replica: "SELECT log, position FROM replica",
};

/** What the file of a copy holds, by kind. */
export function dumpReplica(path: string): Record<string, Record<string, unknown>[]> {
  using db = new DatabaseSync(path, { readOnly: true });
  return Object.fromEntries(
    Object.entries(QUERIES).map(([kind, query]) => [
      kind,
      db.prepare(query).all().map((row) => ({ ...row })),
    ]),
  );
}
