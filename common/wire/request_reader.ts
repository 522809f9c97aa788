/**
 * The requests of one connection.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import { parsePlainMsg, PLAIN_ID, PLAIN_SEEN, PLAIN_TEXT, PlainMsg } from "./plain_msg.ts";
import type { EventKey, Request } from "./protocol.ts";
import { parseRequest, type RequestLimits } from "./requests.ts";

/** The end of a plain `msg` whose text is the last field but the id and what was seen, from the text on. */
const TAIL = new RegExp(`"${PLAIN_TEXT}"\\}$`, "y");
const LONGER_TAIL = new RegExp(
  `"(${PLAIN_TEXT})"(?:,"id":${PLAIN_ID})?(?:,"seen":${PLAIN_SEEN})?\\}$`,
  "y",
);

/** What stands before the text. */
const FIELD = '"message":';

/** Messages that begin in ever new ways are learned from less and less often, down to one in 64. */
const MAX_SKIPS = 64;

/**
 * Reads one connection's lines, and remembers how the last plain `msg` began, up to its text. A line that begins the
 * same way has the same fields; only its text is left to check. Whatever it is not sure of goes to
 * {@linkcode parseRequest}, which would say the same of every line.
 */
export class RequestReader {
  /** The peer's dialect: the key of its first valid request; `event` until then. */
  key: EventKey;
  readonly #limits: RequestLimits;
  readonly #maxMessage: number;
  #hasSpoken: boolean;
  /** How lines begin that are known; empty if none are. */
  #head = "";
  /** The fields in it. */
  #to = "";
  #from: string | undefined;
  /** Messages learned from without meeting the same beginning again, and those still to be skipped. */
  #misses = 0;
  #skips = 0;

  /**
   * Makes a reader that has read nothing.
   *
   * @param limits See {@linkcode RequestLimits}.
   * @param key The peer's dialect, if that is known.
   */
  constructor(limits: RequestLimits = {}, key: EventKey | undefined = undefined) {
    this.key = key ?? "event";
    this.#hasSpoken = key !== undefined;
    this.#limits = limits;
    this.#maxMessage = limits.maxMessage ?? LIMITS.maxMessage;
  }

  /**
   * Reads a request.
   *
   * @param line One line without its end, as `LineReader` yields it.
   * @throws {FrameError} If the line is no valid request. Its `id` is the request's, where that was valid.
   */
  read(line: string): Request {
    const known = this.#readKnown(line);
    if (known !== undefined) return known;
    const plain = parsePlainMsg(line, this.#maxMessage);
    if (plain !== undefined) {
      this.#hasSpoken = true;
      this.#learn(line, plain);
      return plain;
    }
    const { key, request } = parseRequest(line, this.#limits);
    if (!this.#hasSpoken) {
      this.#hasSpoken = true;
      this.key = key;
    }
    return request;
  }

  #readKnown(line: string): PlainMsg | undefined {
    const size = this.#head.length;
    if (size === 0 || line.slice(0, size) !== this.#head) return undefined;
    if (line.length - size > this.#maxMessage) return undefined; // or nearly: the long way counts
    TAIL.lastIndex = LONGER_TAIL.lastIndex = size;
    if (TAIL.test(line)) {
      this.#misses = 0;
      return new PlainMsg(this.#to, this.#from, line.slice(size, -1), undefined, undefined);
    }
    const tail = LONGER_TAIL.exec(line);
    if (tail === null) return undefined;
    this.#misses = 0;
    const id = tail[2] ?? (tail[3] === undefined ? undefined : Number(tail[3]));
    const seen = tail[4] === undefined ? undefined : Number(tail[4]);
    const messageJson = line.slice(size, size + tail[1]!.length + 2);
    return new PlainMsg(this.#to, this.#from, messageJson, id, seen);
  }

  #learn(line: string, { to, from, messageJson }: PlainMsg): void {
    if (this.#skips > 0) {
      this.#skips--;
      return;
    }
    this.#skips = Math.min(MAX_SKIPS, this.#misses++);
    // The first place behind the field's name is where the text stands: the fields before hold no such name.
    const size = line.indexOf(messageJson, line.indexOf(FIELD) + FIELD.length);
    // Copies: a part of a text keeps all of it alive, and these are kept.
    [this.#head, this.#to, this.#from] = JSON.parse(
      JSON.stringify([line.slice(0, size), to, from ?? null]),
    );
    this.#from ??= undefined;
  }
}
