/**
 * Answers as lines.
 *
 * @module
 */

import { encodeResponse } from "../../common/wire/encode.ts";
import type { RequestId } from "../../common/wire/protocol.ts";
import type { Answer } from "../answer.ts";

/**
 * Makes lines of answers. Under load nearly all are the same word for word, second by second, so the last line is
 * kept: nothing is allocated for the next one like it.
 */
export class AnswerEncoder {
  #answer: Answer | undefined;
  #time = 0;
  #line = "";

  /**
   * Makes a line.
   *
   * @param answer What to say; never changed after it was made.
   * @param time Unix seconds.
   * @param id The request's id, if it had one.
   */
  encode(answer: Answer, time: number, id: RequestId | undefined): string {
    const { code, sentence, extras } = answer;
    if (id !== undefined) return encodeResponse(code, time, sentence, id, extras);
    if (answer !== this.#answer || time !== this.#time) {
      this.#line = encodeResponse(code, time, sentence, undefined, extras);
      this.#answer = answer;
      this.#time = time;
    }
    return this.#line;
  }
}
