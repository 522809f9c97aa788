/**
 * The Tab key: the first one completes, the second one lists all that fits.
 *
 * @module
 */

import { complete, type CompletionSources } from "./completion.ts";
import type { LineEditor } from "./line_editor.ts";

/** Knows whether Tab was pressed twice. */
export class TabCompletion {
  /** What stood before the cursor after the last Tab, if no other key has come since. */
  #before: string | undefined;

  /** Another key was pressed. */
  reset(): void {
    this.#before = undefined;
  }

  /**
   * Completes the word before the cursor.
   *
   * @returns What there is to choose from, if this Tab asks for it; else nothing.
   */
  press(editor: LineEditor, sources: CompletionSources): readonly string[] {
    const before = textBefore(editor);
    const { replaced, text, hits } = complete(before, sources, editor.text.slice(editor.cursor));
    if (hits.length === 0) return [];
    const choices = hits.length > 1 && this.#before === before ? hits : [];
    if (!before.endsWith(text)) {
      editor.deleteBack(replaced);
      editor.insert(text);
    }
    this.#before = textBefore(editor);
    return choices;
  }
}

function textBefore({ text, cursor }: LineEditor): string {
  return text.slice(0, cursor);
}
