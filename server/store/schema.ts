/**
 * The tables of the embedded database and the way from each version to the next.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";

import { foldName } from "../../common/names.ts";
import { refoldNames } from "./refold.ts";
import { SchemaError } from "./schema_error.ts";
import { CREATE_SEARCH_INDEX } from "./search_index.ts";
import { WORD_RULES } from "./search_text.ts";
import { inTransaction } from "./transaction.ts";

/** Marks a file as ours in its header ("JIM1"), so that another program's database is never taken for one. */
export const APPLICATION_ID = 0x4a494d31;

/** What leads from one version to the next: SQL, or what SQL cannot do. Runs inside a transaction. */
export type Migration = string | ((db: DatabaseSync) => void);

/**
 * Step `n` leads from version `n` to version `n + 1`; a new file is version 0. A released step is
 * never edited: databases that it made exist.
 */
export const MIGRATIONS: readonly Migration[] = [
  // 0 → 1: names, accounts, mailboxes, blocked names.
  `CREATE TABLE names (
     folded   TEXT PRIMARY KEY,
     name     TEXT NOT NULL,
     last_day INTEGER NOT NULL            -- days since 1970-01-01: one write a day is enough
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX names_by_day ON names (last_day);

   CREATE TABLE accounts (
     id            INTEGER PRIMARY KEY AUTOINCREMENT,
     folded        TEXT NOT NULL UNIQUE,
     name          TEXT NOT NULL,
     password_hash TEXT NOT NULL,
     created       REAL NOT NULL,
     last_stored   INTEGER NOT NULL DEFAULT 0,  -- the highest letter number ever given
     letter_count  INTEGER NOT NULL DEFAULT 0,  -- what the mailbox holds now: a limit is checked
     letter_bytes  INTEGER NOT NULL DEFAULT 0   -- at every letter, so it must not need a scan
   ) STRICT;

   CREATE TABLE letters (
     account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     stored  INTEGER NOT NULL,
     time    REAL NOT NULL,
     bytes   INTEGER NOT NULL,
     body    TEXT NOT NULL,               -- JSON: keeps NUL and lone surrogates, which TEXT does not
     PRIMARY KEY (account, stored)
   ) STRICT;
   CREATE INDEX letters_by_time ON letters (time);
   CREATE TRIGGER letter_deleted AFTER DELETE ON letters BEGIN
     UPDATE accounts SET letter_count = letter_count - 1, letter_bytes = letter_bytes - old.bytes
       WHERE id = old.account;
   END;

   CREATE TABLE blocks (
     folded TEXT PRIMARY KEY,
     name   TEXT NOT NULL,
     reason TEXT NOT NULL,
     since  REAL NOT NULL
   ) STRICT, WITHOUT ROWID;`,

  // 1 → 2: a journal of what administrators did, from which a running server learns whom to disconnect.
  `CREATE TABLE account_changes (
     seq    INTEGER PRIMARY KEY AUTOINCREMENT,
     folded TEXT NOT NULL,
     kind   TEXT NOT NULL CHECK (kind IN ('blocked', 'removed')),
     reason TEXT NOT NULL,
     time   REAL NOT NULL
   ) STRICT;
   CREATE INDEX account_changes_by_time ON account_changes (time);`,

  // 2 → 3: the networks from which owners have logged in.
  `CREATE TABLE trusted_networks (
     account  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     network  TEXT NOT NULL,              -- a hash: see trusted_networks.ts
     last_day INTEGER NOT NULL,           -- days since 1970-01-01, as in names
     PRIMARY KEY (account, network)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX trusted_networks_by_day ON trusted_networks (last_day);`,

  // 3 → 4: names folded as they are today.
  refoldNames,

  // 4 → 5: who has how much of whose mailbox, and who has written to whom.
  addShares,

  // 5 → 6: rooms that last, and who owns them.
  `CREATE TABLE rooms (
     id       INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again
     folded   TEXT NOT NULL UNIQUE,
     name     TEXT NOT NULL,
     topic    TEXT NOT NULL DEFAULT '',
     made     REAL NOT NULL,
     last_day INTEGER NOT NULL             -- days since 1970-01-01: when somebody was last in it
   ) STRICT;
   CREATE INDEX rooms_by_day ON rooms (last_day);

   -- By id, not by name: who gets a removed account's name is not who had it.
   CREATE TABLE room_roles (
     room    INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
     account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     role    TEXT NOT NULL CHECK (role IN ('owner', 'moderator')),
     PRIMARY KEY (room, account)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX room_roles_by_account ON room_roles (account, role);`,

  // 6 → 7: messages that are kept; a letter becomes a mark on one.
  keepMessages,

  // 7 → 8: whose a guest's message is: a session, for a guest's name is nobody's.
  `ALTER TABLE messages ADD COLUMN guest TEXT;`,

  // 8 → 9: which accounts are in which rooms that last, also while they are offline; a room takes its messages with it.
  `CREATE TABLE room_members (
     id      INTEGER PRIMARY KEY,          -- rises: the oldest are forgotten first
     account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     room    INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
     UNIQUE (account, room)
   ) STRICT;
   CREATE INDEX room_members_by_account ON room_members (account, id);
   CREATE INDEX room_members_by_room ON room_members (room);

   CREATE TRIGGER room_deleted AFTER DELETE ON rooms BEGIN
     UPDATE conversations SET ended = 1 WHERE kind = 'room' AND a = old.id;
   END;`,

  // 9 → 10: the index that messages are searched with. It is filled behind them, also behind those that are there.
  addSearchIndex,

  // 10 → 11: a letter's text may change; what is left to erase of accounts that are gone.
  `CREATE TRIGGER letter_changed AFTER UPDATE OF bytes ON letters BEGIN
     UPDATE accounts SET
         letter_bytes = letter_bytes - old.bytes + new.bytes,
         guest_bytes = guest_bytes + new.is_guest * (new.bytes - old.bytes),
         stranger_bytes = stranger_bytes + new.is_stranger * (new.bytes - old.bytes)
       WHERE id = new.account;
     UPDATE shares SET letter_bytes = letter_bytes - old.bytes + new.bytes
       WHERE account = new.account AND sender = new.sender;
   END;

   CREATE TABLE removals (
     account INTEGER PRIMARY KEY,            -- an id that no account has any more
     folded  TEXT NOT NULL,                  -- the name that it had
     time    REAL NOT NULL,                  -- when it was removed
     swept   INTEGER NOT NULL DEFAULT 0      -- none of its messages up to this id is left
   ) STRICT;`,

  // 11 → 12: what proves a name without a password; as what a letter was sent that may have arrived.
  `CREATE TABLE resume_tokens (
     id      INTEGER PRIMARY KEY,         -- rises: of very many the latest are right
     account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     hash    TEXT NOT NULL,               -- SHA-256; the token itself is the client's alone
     session TEXT,                        -- in which it was given out, once that has ended in order
     ended   REAL,                        -- Unix seconds of the connection's end; NULL while there is one
     UNIQUE (account, hash)
   ) STRICT;
   CREATE INDEX resume_tokens_by_end ON resume_tokens (ended) WHERE ended IS NOT NULL;

   ALTER TABLE letters ADD COLUMN session TEXT;
   ALTER TABLE letters ADD COLUMN n INTEGER;`,

  // 12 → 13: what became of messages that got a longer text. Beside their rows, for none of these may grow.
  `CREATE TABLE moves (
     first   INTEGER PRIMARY KEY,            -- the id that the message had at first: its place among all
     message INTEGER NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE     -- the row that it has now
   ) STRICT;`,

  // 13 → 14: codes with which accounts are made where registration is by invitation.
  `CREATE TABLE invites (
     id        INTEGER PRIMARY KEY AUTOINCREMENT,  -- by which an administrator names it
     hash      TEXT NOT NULL UNIQUE,         -- SHA-256; the code itself is the guest's alone
     uses_left INTEGER NOT NULL,
     expires   REAL NOT NULL,                -- Unix seconds
     note      TEXT NOT NULL,                -- the administrator's own
     made      REAL NOT NULL
   ) STRICT;`,

  // 14 → 15: which accounts take no direct messages from which others. By id, not by name, as in room_roles.
  `CREATE TABLE user_blocks (
     account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,   -- who wants no messages
     other   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,   -- from whom
     since   REAL NOT NULL,
     PRIMARY KEY (account, other)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX user_blocks_by_other ON user_blocks (other);`,

  // 15 → 16: how rooms are run: settings, invitations, bans and mutes, and who did what.
  `ALTER TABLE rooms ADD COLUMN private INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE rooms ADD COLUMN moderated INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE rooms ADD COLUMN slow REAL NOT NULL DEFAULT 0;  -- seconds
   CREATE INDEX rooms_by_private ON rooms (private, folded);

   CREATE TABLE room_invitations (
     room    INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
     account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     PRIMARY KEY (room, account)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX room_invitations_by_account ON room_invitations (account);

   CREATE TABLE room_sanctions (
     id         INTEGER PRIMARY KEY,
     room       INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
     kind       TEXT NOT NULL CHECK (kind IN ('ban', 'mute')),
     account    INTEGER REFERENCES accounts (id) ON DELETE CASCADE,  -- NULL: of a guest
     folded     TEXT NOT NULL,
     name       TEXT NOT NULL,
     network    TEXT,                        -- of a guest: a hash, see room_policy.ts
     until      REAL,                        -- Unix seconds; NULL: for good
     reason     TEXT NOT NULL,
     by         TEXT NOT NULL,
     by_account INTEGER,                     -- NULL: an account that is gone
     time       REAL NOT NULL
   ) STRICT;
   -- One of a kind per person: an account and a guest of one name are two.
   CREATE UNIQUE INDEX room_sanctions_by_room ON room_sanctions (room, kind, folded, (account IS NULL));
   CREATE INDEX room_sanctions_by_account ON room_sanctions (account, kind, room) WHERE account IS NOT NULL;
   CREATE INDEX room_sanctions_by_guest ON room_sanctions (folded, kind, room) WHERE account IS NULL;
   CREATE INDEX room_sanctions_by_network ON room_sanctions (substr(network, 1, 2))  -- networkBucket
     WHERE account IS NULL AND kind = 'ban' AND network IS NOT NULL;
   CREATE INDEX room_sanctions_by_end ON room_sanctions (until) WHERE until IS NOT NULL;
   CREATE INDEX room_sanctions_by_author ON room_sanctions (by_account) WHERE by_account IS NOT NULL;

   -- What somebody did in a room; it outlives the room.
   CREATE TABLE room_acts (
     id             INTEGER PRIMARY KEY AUTOINCREMENT,
     time           REAL NOT NULL,
     room           INTEGER NOT NULL,
     folded         TEXT NOT NULL,           -- the room's name
     name           TEXT NOT NULL,
     by             TEXT NOT NULL,
     by_account     INTEGER,                 -- NULL: an administrator, or an account that is gone
     action         TEXT NOT NULL,
     target         TEXT,
     target_account INTEGER,                 -- NULL: a guest, or nobody
     detail         TEXT                     -- JSON
   ) STRICT;
   CREATE INDEX room_acts_by_time ON room_acts (time);
   CREATE INDEX room_acts_by_room ON room_acts (folded, id);
   CREATE INDEX room_acts_by_author ON room_acts (by_account, id);
   CREATE INDEX room_acts_by_target ON room_acts (target_account, id) WHERE target_account IS NOT NULL;

   -- By whomever an account is deleted: what was done to it goes with it, what it did to others has no name any more.
   CREATE TRIGGER account_forgotten AFTER DELETE ON accounts BEGIN
     DELETE FROM room_acts WHERE target_account = old.id;
     UPDATE room_acts SET by = '', by_account = NULL WHERE by_account = old.id;
     UPDATE room_sanctions SET by = '', by_account = NULL WHERE by_account = old.id;
   END;

   -- From which a running server learns what administrators did with rooms.
   CREATE TABLE room_changes (
     seq    INTEGER PRIMARY KEY AUTOINCREMENT,
     room   INTEGER NOT NULL,
     folded TEXT NOT NULL,
     time   REAL NOT NULL
   ) STRICT;
   CREATE INDEX room_changes_by_time ON room_changes (time);`,

  // 16 → 17: a database that is one node's copy: how far it is, and what it has to know to go on as all others do.
  `CREATE TABLE replica (
     id       INTEGER PRIMARY KEY CHECK (id = 1),
     log      TEXT NOT NULL,              -- names the log of operations
     position INTEGER NOT NULL            -- the number of the last entry of which the effects are here
   ) STRICT;

   -- Which other entries of the log have a text of a message: its own is that of its number.
   CREATE TABLE message_entries (
     entry        INTEGER PRIMARY KEY,
     conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
     seq          INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX message_entries_by_message ON message_entries (conversation, seq);

   -- Who was lately taken out of a room or silenced, and by which entry: what they said without knowing is not kept.
   CREATE TABLE expulsions (
     room   INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
     folded TEXT NOT NULL,
     entry  INTEGER NOT NULL,
     time   REAL NOT NULL,
     PRIMARY KEY (room, folded)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX expulsions_by_time ON expulsions (time);`,

  // 17 → 18: when somebody was last online, to the minute; who gets a removed account's name is not who had it.
  `ALTER TABLE names ADD COLUMN last_minute INTEGER;  -- since 1970; NULL: not known
   CREATE TRIGGER account_unseen AFTER DELETE ON accounts BEGIN
     UPDATE names SET last_minute = NULL WHERE folded = old.folded;
   END;`,
];

/** The version that this program writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/**
 * Brings a database up to {@linkcode SCHEMA_VERSION}, in one transaction: after a crash it is the old version
 * or the new one. Does not write if there is nothing to do.
 *
 * @param db An open, writable connection outside a transaction.
 * @param steps The way from each version to the next; a shorter list makes an older file.
 * @throws {SchemaError} If the file belongs to another program or to a later version of this one.
 * @throws {NameClashError} If two of its accounts have one name by today's rule; nothing was changed.
 */
export function migrate(db: DatabaseSync, steps: readonly Migration[] = MIGRATIONS): void {
  checkOwner(db, steps.length);
  if (readPragma(db, "user_version") === steps.length) return;
  inTransaction(db, () => {
    // Another program may have brought the same old file up to date while this one waited.
    const version = readPragma(db, "user_version");
    for (const step of steps.slice(version)) {
      if (typeof step === "string") db.exec(step);
      else step(db);
    }
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${steps.length}`);
  });
}

/**
 * Makes sure, without writing, that a file is empty or ours and no newer than this program.
 *
 * @param known The highest version that the caller understands.
 * @throws {SchemaError} If it is not.
 */
export function checkOwner(db: DatabaseSync, known: number = SCHEMA_VERSION): void {
  const version = readPragma(db, "user_version");
  const isEmpty = db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (isEmpty && version === 0) return;
  if (readPragma(db, "application_id") !== APPLICATION_ID) {
    throw new SchemaError("it is another program's database; choose another file");
  }
  if (version > known) {
    throw new SchemaError(
      `its schema version is ${version}, this program knows up to ${known}; use the newer program`,
    );
  }
}

function readPragma(db: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/**
 * Shares of mailboxes. A limit is checked at every letter, so nothing may be counted then: triggers keep the counts,
 * whoever inserts or deletes letters.
 */
function addShares(db: DatabaseSync): void {
  db.exec(`
    ALTER TABLE letters ADD COLUMN sender TEXT NOT NULL DEFAULT '';          -- folded
    ALTER TABLE letters ADD COLUMN is_guest INTEGER NOT NULL DEFAULT 0;      -- had no account
    ALTER TABLE letters ADD COLUMN is_stranger INTEGER NOT NULL DEFAULT 0;   -- the owner never wrote to them; guests, too
    ALTER TABLE accounts ADD COLUMN guest_count INTEGER NOT NULL DEFAULT 0;  -- these are parts of letter_count
    ALTER TABLE accounts ADD COLUMN guest_bytes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE accounts ADD COLUMN stranger_count INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE accounts ADD COLUMN stranger_bytes INTEGER NOT NULL DEFAULT 0;

    CREATE TABLE shares (
      account      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
      sender       TEXT NOT NULL,
      letter_count INTEGER NOT NULL,
      letter_bytes INTEGER NOT NULL,
      PRIMARY KEY (account, sender)
    ) STRICT, WITHOUT ROWID;

    -- By id, not by name: who gets a removed account's name is not who had it.
    CREATE TABLE correspondents (
      id      INTEGER PRIMARY KEY,         -- rises: the oldest are forgotten first
      account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
      other   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
      UNIQUE (account, other)
    ) STRICT;
    CREATE INDEX correspondents_by_account ON correspondents (account, id);
    CREATE INDEX correspondents_by_other ON correspondents (other);`);
  // Waiting letters name their senders, so they seed `correspondents`.
  db.function("sender_of", { deterministic: true }, (body) => foldName(JSON.parse(`${body}`).from));
  db.exec(`
    UPDATE letters SET sender = sender_of(body);
    INSERT INTO correspondents (account, other)
      SELECT DISTINCT s.id, l.account FROM letters l JOIN accounts s ON s.folded = l.sender
        ORDER BY l.time;
    UPDATE letters SET
      is_guest = NOT EXISTS (SELECT 1 FROM accounts a WHERE a.folded = sender),
      is_stranger = NOT EXISTS (
        SELECT 1 FROM correspondents c JOIN accounts a ON a.id = c.other
          WHERE c.account = letters.account AND a.folded = letters.sender);
    INSERT INTO shares
      SELECT account, sender, count(*), sum(bytes) FROM letters GROUP BY account, sender;
    UPDATE accounts SET
      (guest_count, guest_bytes, stranger_count, stranger_bytes) = (
        SELECT coalesce(sum(is_guest), 0), coalesce(sum(is_guest * bytes), 0),
               coalesce(sum(is_stranger), 0), coalesce(sum(is_stranger * bytes), 0)
          FROM letters WHERE account = accounts.id);

    CREATE TRIGGER letter_inserted AFTER INSERT ON letters BEGIN
      UPDATE accounts SET
          last_stored = new.stored,
          letter_count = letter_count + 1, letter_bytes = letter_bytes + new.bytes,
          guest_count = guest_count + new.is_guest,
          guest_bytes = guest_bytes + new.is_guest * new.bytes,
          stranger_count = stranger_count + new.is_stranger,
          stranger_bytes = stranger_bytes + new.is_stranger * new.bytes
        WHERE id = new.account;
      INSERT INTO shares VALUES (new.account, new.sender, 1, new.bytes)
        ON CONFLICT DO UPDATE SET
          letter_count = letter_count + 1, letter_bytes = letter_bytes + excluded.letter_bytes;
    END;

    DROP TRIGGER letter_deleted;
    CREATE TRIGGER letter_deleted AFTER DELETE ON letters BEGIN
      UPDATE accounts SET
          letter_count = letter_count - 1, letter_bytes = letter_bytes - old.bytes,
          guest_count = guest_count - old.is_guest,
          guest_bytes = guest_bytes - old.is_guest * old.bytes,
          stranger_count = stranger_count - old.is_stranger,
          stranger_bytes = stranger_bytes - old.is_stranger * old.bytes
        WHERE id = old.account;
      UPDATE shares SET letter_count = letter_count - 1, letter_bytes = letter_bytes - old.bytes
        WHERE account = old.account AND sender = old.sender;
      DELETE FROM shares
        WHERE account = old.account AND sender = old.sender AND letter_count <= 0;
    END;`);
}

/**
 * Kept messages. A letter and a kept message are one row: what waits in mailboxes today becomes rows that nothing but a
 * letter needs, and goes with it as before.
 */
function keepMessages(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE conversations (
      id        INTEGER PRIMARY KEY AUTOINCREMENT,
      kind      TEXT NOT NULL CHECK (kind IN ('direct', 'room')),
      a         INTEGER NOT NULL,            -- direct: the accounts, the smaller id first; room: the lasting room
      b         INTEGER NOT NULL DEFAULT 0,
      reserved  INTEGER NOT NULL DEFAULT 0,  -- no number up to this one is given out by who opens the file next
      last      INTEGER NOT NULL DEFAULT 0,  -- the number of the newest message
      last_time REAL NOT NULL DEFAULT 0,
      ended     INTEGER NOT NULL DEFAULT 0,  -- nobody reads it any more: the retention deletes it, some rows at a time
      UNIQUE (kind, a, b)
    ) STRICT;
    CREATE INDEX conversations_by_a ON conversations (a, last_time) WHERE kind = 'direct';
    CREATE INDEX conversations_by_b ON conversations (b, last_time) WHERE kind = 'direct';
    CREATE INDEX conversations_ended ON conversations (id) WHERE ended = 1;

    CREATE TABLE messages (
      id           INTEGER PRIMARY KEY AUTOINCREMENT,         -- the order of all messages
      conversation INTEGER REFERENCES conversations (id),     -- NULL: a letter and nothing else
      seq          INTEGER,
      time         REAL NOT NULL,
      sender       INTEGER,                -- an account, perhaps one that is gone; NULL: a guest
      body         TEXT NOT NULL,          -- JSON: keeps NUL and lone surrogates, which TEXT does not
      fingerprint  TEXT,                   -- of the request; goes when the text changes or goes
      delivered    INTEGER NOT NULL DEFAULT 0                 -- how many connections took it at once
    ) STRICT;
    -- With the sender, so that counting what is unread looks at nothing else.
    CREATE INDEX messages_by_seq ON messages (conversation, seq, sender);
    CREATE INDEX messages_by_time ON messages (time) WHERE conversation IS NOT NULL;
    CREATE INDEX messages_by_fingerprint ON messages (fingerprint) WHERE fingerprint IS NOT NULL;

    CREATE TABLE reads (
      account      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
      conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
      seq          INTEGER NOT NULL,
      PRIMARY KEY (account, conversation)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX reads_by_conversation ON reads (conversation);

    INSERT INTO messages (id, time, sender, body)
      SELECT l.rowid, l.time, a.id, l.body FROM letters l LEFT JOIN accounts a ON a.folded = l.sender
        ORDER BY l.rowid;
    ALTER TABLE letters ADD COLUMN message INTEGER REFERENCES messages (id);
    UPDATE letters SET message = rowid;
    ALTER TABLE letters DROP COLUMN body;
    CREATE UNIQUE INDEX letters_by_message ON letters (message);

    CREATE TRIGGER letter_unmarked AFTER DELETE ON letters BEGIN
      DELETE FROM messages WHERE id = old.message AND conversation IS NULL;
    END;
    CREATE TRIGGER account_deleted AFTER DELETE ON accounts BEGIN
      UPDATE conversations SET ended = 1 WHERE kind = 'direct' AND a = old.id;
      UPDATE conversations SET ended = 1 WHERE kind = 'direct' AND b = old.id;
    END;`);
}

/** An empty index, and which messages are in it. */
function addSearchIndex(db: DatabaseSync): void {
  db.exec(`
    ${CREATE_SEARCH_INDEX}
    CREATE TABLE search_state (
      id      INTEGER PRIMARY KEY CHECK (id = 1),
      indexed INTEGER NOT NULL,            -- messages up to this id are in the index, later ones are not
      rules   TEXT NOT NULL                -- how texts became words: see WORD_RULES
    ) STRICT;`);
  db.prepare("INSERT INTO search_state VALUES (1, 0, ?)").run(WORD_RULES);
}
