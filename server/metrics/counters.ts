/**
 * What has happened since the start, in plain numbers.
 *
 * @module
 */

import {
  CLOSE_REASONS,
  type CloseReason,
  CODE,
  type Code,
  type EventName,
} from "../../common/wire/protocol.ts";

/** What was asked for; `invalid` is what was no valid request. */
export type Asked = EventName | "invalid";

/** Answers to one event, by code. */
type Row = Record<Code, number>;

const NONE = Object.fromEntries(Object.values(CODE).map((code) => [code, 0])) as Row;

/**
 * Counts what a server does. To count is to add to a field, with `--metrics` or without; whoever wants to know reads.
 * Numbers only grow, and nobody's name is in them.
 */
export class Counters {
  /** Connections that were let in. */
  connections = 0;
  /** Bytes that were read from connections, without those of TLS. */
  bytesRead = 0;
  /** Bytes that were handed to connections to be written, without those of TLS. */
  bytesWritten = 0;
  /** Logins whose password or token was wrong. */
  wrongLogins = 0;
  /** Logins that were refused unread, since too many had been wrong. */
  throttledLogins = 0;
  /** Connections that the server closed, or refused, by the reason. */
  readonly closes: Record<CloseReason, number> = Object.fromEntries(
    CLOSE_REASONS.map((reason) => [reason, 0]),
  ) as Record<CloseReason, number>;
  readonly #answers: Partial<Record<Asked, Row>> = {};

  /** A request was answered. */
  answered(asked: Asked, code: Code): void {
    (this.#answers[asked] ??= { ...NONE })[code]++;
  }

  /** How often each event was answered with each code, where that was at least once. */
  *answers(): Generator<{ readonly event: string; readonly code: string; readonly count: number }> {
    for (const [event, row] of Object.entries(this.#answers)) {
      for (const [code, count] of Object.entries(row)) {
        if (count > 0) yield { event, code, count };
      }
    }
  }
}
