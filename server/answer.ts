/**
 * What an event handler says.
 *
 * @module
 */

import type { EncodedExtras } from "../common/wire/encode.ts";
import type { Code, ResponseExtras } from "../common/wire/protocol.ts";

/** The answer to a request, before it becomes a line. */
export interface Answer {
  /** 2xx, 4xx or 5xx. */
  readonly code: Code;
  /** One sentence for a person. */
  readonly sentence: string;
  /** Further fields of the response. */
  readonly extras?: ResponseExtras | EncodedExtras;
  /** Milliseconds that it took beside the event loop; with `costs: "size"` they are paid for, too. */
  readonly workMs?: number;
  /** Close the connection behind this answer. */
  readonly closes?: boolean;
  /**
   * Called right behind the answer, before anything else is put out. Nothing is read until it is done, or has to wait
   * until the client confirms frames. Never rejects.
   */
  readonly afterwards?: () => Promise<void>;
}

/**
 * The end of work that had to wait for something: called in one turn with sending its answer. So what it changes
 * cannot be noticed by others before the peer has been told: nobody's message overtakes "You are online".
 */
export type Commit = () => Answer;

/** Makes an {@linkcode Answer}. */
export function answer(code: Code, sentence: string, extras?: ResponseExtras): Answer {
  return extras === undefined ? { code, sentence } : { code, sentence, extras };
}

/** Makes an {@linkcode Answer} that is the connection's last. */
export function lastAnswer(code: Code, sentence: string): Answer {
  return { code, sentence, closes: true };
}
