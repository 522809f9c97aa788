import { DatabaseSync } from "node:sqlite";

/** A message of a lasting room. */
export interface RoomMessage {
  /** The room, folded. */
  room: string;
  seq: number;
  /** The sender, as shown: an account unless there is a session. */
  from: string;
  message: string;
  /** The guest's session. */
  session?: string;
  /** @default {now} */
  time?: number;
}

/** Puts messages into a database file as if they had been kept; the rooms must exist. */
export function putRoomMessages(path: string, ...messages: RoomMessage[]): void {
  using db = new DatabaseSync(path, { timeout: 5_000 });
  for (const { room, seq, from, message, session, time = Date.now() / 1_000 } of messages) {
    db.prepare(
      `INSERT INTO conversations (kind, a, reserved) SELECT 'room', id, 256 FROM rooms WHERE folded = ?
         ON CONFLICT DO NOTHING`,
    ).run(room);
    const body = JSON.stringify({ to: room, from, message });
    db.prepare(
      `INSERT INTO messages (conversation, seq, time, sender, body, delivered, guest)
         SELECT c.id, ?2, ?3, (SELECT id FROM accounts WHERE folded = ?4 AND ?6 IS NULL), ?5, 1, ?6
           FROM conversations c JOIN rooms r ON r.id = c.a WHERE c.kind = 'room' AND r.folded = ?1`,
    ).run(room, seq, time, from.toLowerCase(), body, session ?? null);
    db.prepare(
      `UPDATE conversations SET last = ?2, last_time = ?3 WHERE kind = 'room'
         AND a = (SELECT id FROM rooms WHERE folded = ?1)`,
    ).run(room, seq, time);
  }
}
