/**
 * Something that is asked in the place of the prompt.
 *
 * @module
 */

import type { InputState } from "./layout.ts";
import type { LineEditor } from "./line_editor.ts";
import { SecretLine } from "./secret_line.ts";

/** A question and, once it is there, its answer. */
export class Question {
  readonly #prompt: string;
  readonly #answer = Promise.withResolvers<string | undefined>();
  /** Where the answer is typed. */
  readonly field: LineEditor | SecretLine;
  /** Whether it is yes or no. */
  readonly isConfirmation: boolean;

  /**
   * Shows nothing: the owner of the screen paints {@linkcode Question.input}.
   *
   * @param prompt What is asked.
   * @param field Where the answer is typed.
   * @param isConfirmation Whether it is yes or no.
   */
  constructor(prompt: string, field: LineEditor | SecretLine, isConfirmation = false) {
    this.#prompt = prompt;
    this.field = field;
    this.isConfirmation = isConfirmation;
  }

  /** Whether what is typed is neither shown nor kept. */
  get isSecret(): boolean {
    return this.field instanceof SecretLine;
  }

  /** Whether its answer has no further lines. */
  get isOneLine(): boolean {
    return this.isSecret || this.isConfirmation;
  }

  /** The question with as much of its answer as may be seen. */
  get input(): InputState {
    const { field } = this;
    if (field instanceof SecretLine) return { prompt: this.#prompt, text: "", cursor: 0 };
    return { prompt: this.#prompt, text: field.text, cursor: field.cursor };
  }

  /** Resolves with the answer; with `undefined` if there is none. */
  get answer(): Promise<string | undefined> {
    return this.#answer.promise;
  }

  /** Answers it; only the first answer counts. */
  resolve(answer: string | undefined): void {
    this.#answer.resolve(answer);
  }
}

/** Whether an answer means yes, in any language of the client: `y`, `yes`, `д`, `да`. */
export function isYes(answer: string | undefined): boolean {
  return /^\s*(y|yes|д|да)\s*$/iu.test(answer ?? "");
}

/** Whether an answer means no: `n`, `no`, `н`, `нет`, or nothing. */
export function isNo(answer: string | undefined): boolean {
  return /^\s*(n|no|н|нет)?\s*$/iu.test(answer ?? "");
}
