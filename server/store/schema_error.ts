/**
 * Why a database cannot be opened as it is.
 *
 * @module
 */

/**
 * The file is no database of ours, one of a later program, or holds what this one cannot take over. `message`
 * completes "Cannot open …: ".
 */
export class SchemaError extends Error {
  /** The name of the class, for logs. */
  override readonly name: string = "SchemaError";
}
