/**
 * The Tab key: the first one completes, the second one lists all that fits, further ones go through it.
 *
 * @module
 */

import { complete, type CompletionSources } from "./completion.ts";
import type { LineEditor } from "./line_editor.ts";

/** What was listed. */
interface Choice {
  /** Where in the text it goes. */
  readonly start: number;
  readonly hits: readonly string[];
  /** How many of them have stood there. */
  count: number;
}

/** Knows how often Tab was pressed. */
export class TabCompletion {
  /** What stood before the cursor after the last Tab, if no other key has come since. */
  #before: string | undefined;
  #choice: Choice | undefined;

  /** Another key was pressed. */
  reset(): void {
    this.#before = undefined;
    this.#choice = undefined;
  }

  /**
   * Completes the word before the cursor.
   *
   * @returns What there is to choose from, if this Tab asks for it; else nothing.
   */
  press(editor: LineEditor, sources: CompletionSources): readonly string[] {
    const before = textBefore(editor);
    if (this.#before !== before) this.reset();
    if (this.#choice !== undefined) {
      const { start, hits, count } = this.#choice;
      this.#replace(editor, before.length - start, hits[count % hits.length]!);
      this.#choice.count++;
      return [];
    }
    const { replaced, text, hits } = complete(before, sources, editor.text.slice(editor.cursor));
    if (hits.length === 0) return [];
    const isAgain = hits.length > 1 && this.#before !== undefined;
    if (!before.endsWith(text)) this.#replace(editor, replaced, text);
    else this.#before = before;
    if (!isAgain) return [];
    this.#choice = { start: before.length - replaced, hits, count: 0 };
    return hits;
  }

  #replace(editor: LineEditor, units: number, text: string): void {
    editor.deleteBack(units);
    editor.insert(text);
    this.#before = textBefore(editor);
  }
}

function textBefore({ text, cursor }: LineEditor): string {
  return text.slice(0, cursor);
}
