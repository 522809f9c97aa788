/**
 * The search in what was typed, in the place of the prompt.
 *
 * @module
 */

import type { Draft } from "./draft.ts";
import { HistorySearch } from "./history_search.ts";
import type { Key } from "./keys.ts";
import type { InputState } from "./layout.ts";

/** Begins and ends a {@linkcode HistorySearch}; what it finds goes into the draft, not to anybody. */
export class TypedSearch {
  readonly #draft: Draft;
  #search: HistorySearch | undefined;
  /** What was looked for last. */
  #last = "";

  /** Looks for nothing. */
  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** A key was pressed. @returns Whether it was for the search. */
  press(text: string | undefined, key: Key): boolean {
    const search = this.#search;
    if (search === undefined) {
      const begins = key.ctrl === true && key.name === "r";
      if (begins) this.#search = new HistorySearch(this.#draft.editor.history, this.#last);
      return begins;
    }
    const step = search.press(text, key);
    if (step === "stays") return true;
    if (search.query !== "") this.#last = search.query;
    this.stop();
    if (step !== "leaves" && search.hit !== undefined) this.#draft.take(search.hit);
    return step !== "takes and presses";
  }

  /** Something was pasted. @returns Whether it was for the search. */
  paste(text: string): boolean {
    this.#search?.add(text);
    return this.#search !== undefined;
  }

  /**
   * What stands in the place of the input; nothing if nothing is looked for.
   *
   * @param promptOf Words what is looked for, and whether it is not found.
   */
  input(promptOf: (query: string, isFailing: boolean) => string): InputState | undefined {
    const search = this.#search;
    if (search === undefined) return undefined;
    const { text, cursor } = search.hit ?? this.#draft.editor;
    return { prompt: promptOf(search.query, search.isFailing), text, cursor };
  }

  /** Ends it; the draft is as it was. */
  stop(): void {
    this.#search = undefined;
  }
}
