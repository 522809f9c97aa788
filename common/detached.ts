/**
 * Texts that are kept.
 *
 * @module
 */

/**
 * The same text in memory of its own. A part of a text keeps all of it alive, and a line is a part of everything that was
 * read with it. (V8 puts together what was added up before it cuts a part off.)
 */
export function detached(text: string): string {
  return ` ${text}`.slice(1);
}
