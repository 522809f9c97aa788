/**
 * Words for a POSIX shell.
 *
 * @module
 */

/** The text as one word for a POSIX shell, quoted if need be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
