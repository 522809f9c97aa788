/**
 * The short way for the request that is nearly all traffic: a `msg` that can be passed on as it was written.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { MsgRequest, RequestId } from "./protocol.ts";

const NAME = `[A-Za-z0-9][A-Za-z0-9_.-]{0,${LIMITS.maxNameChars - 1}}`;
/** What JSON allows for a number, as far as it is surely finite. */
const NUMBER = String.raw`(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?`;
/**
 * Text that means itself: nothing escaped, nothing that JSON forbids, and nothing that needs a second look
 * (surrogates, U+FFFD).
 */
export const PLAIN_TEXT: string = String.raw`[^"\\\u0000-\u001f\ud800-\udfff\ufffd]+`;
/** An id that means itself, as a text without quotes or as a number: two groups. */
export const PLAIN_ID: string = `(?:"([A-Za-z0-9_-]{1,${LIMITS.maxIdChars}})"|([1-9]\\d{0,14}))`;
/** A whole number that means itself: one group. */
export const PLAIN_SEEN: string = String.raw`(0|[1-9]\d{0,14})`;

/** The fields in the order in which clients write them, with no space between or, as Python has it, one. */
const PLAIN_MSG = new RegExp(
  String.raw`^\{"event": ?"msg"` +
    `(?:, ?"time": ?${NUMBER})?` +
    `, ?"to": ?"(#?${NAME})"` +
    `(?:, ?"from": ?"(${NAME})")?` +
    `, ?"message": ?("${PLAIN_TEXT}")` +
    `(?:, ?"encoding": ?"[A-Za-z0-9-]{1,${LIMITS.maxEncodingChars}}")?` +
    `(?:, ?"id": ?${PLAIN_ID})?` +
    `(?:, ?"seen": ?${PLAIN_SEEN})?` +
    String.raw`\}$`,
);

/** A {@linkcode MsgRequest} that was written plainly: its text is passed on as it stood in the line. */
export class PlainMsg implements MsgRequest {
  /** What is asked for. */
  readonly event = "msg";
  /** A name, or a room with `#`. */
  readonly to: string;
  /** The name of the sender. */
  readonly from: string | undefined;
  /** The text as JSON. */
  readonly messageJson: string;
  /** Comes back in the response. */
  readonly id: RequestId | undefined;
  /** Up to where frames have arrived. */
  readonly seen: number | undefined;

  /** See the fields. */
  constructor(
    to: string,
    from: string | undefined,
    messageJson: string,
    id: RequestId | undefined,
    seen: number | undefined,
  ) {
    this.to = to;
    this.from = from;
    this.messageJson = messageJson;
    this.id = id;
    this.seen = seen;
  }

  /** The text. */
  get message(): string {
    return this.messageJson.slice(1, -1); // nothing in it is escaped
  }
}

/**
 * Reads a `msg` request that is written plainly: known fields in the usual order, ASCII names, and a text in
 * which nothing is escaped. All else, right or wrong, is left to `JSON.parse` and a check of each field, which would
 * say the same of what is read here but take longer (docs/benchmarks.md).
 *
 * @param line One line without its end.
 * @param maxMessage Code points of a message.
 * @returns `undefined` if the line is anything else.
 */
export function parsePlainMsg(line: string, maxMessage: number): PlainMsg | undefined {
  const match = PLAIN_MSG.exec(line);
  if (match === null) return undefined;
  const to = match[1]!;
  const messageJson = match[3]!;
  if (to.length > LIMITS.maxNameChars || messageJson.length - 2 > maxMessage) return undefined;
  const number = match[5];
  const id = number === undefined ? match[4] : Number(number);
  const seen = match[6] === undefined ? undefined : Number(match[6]);
  return new PlainMsg(to, match[2], messageJson, id, seen);
}
