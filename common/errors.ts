/**
 * The errors that callers of this code catch by class.
 *
 * @module
 */

import { printable } from "./printable.ts";

/** A line is no valid frame. `message` is one sentence that is safe to send and to print. */
export class FrameError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "FrameError";
  /** The request's `id`, where the frame had a valid one: the answer carries it back. */
  readonly id: string | number | undefined;

  /**
   * Makes the error.
   *
   * @param message What is wrong and what is allowed; never the peer's own text.
   * @param id The request's `id`, if it is known.
   */
  constructor(message: string, id?: string | number) {
    super(message);
    this.id = id;
  }
}

/** What comes cannot be told apart any more: no frame behind it can be read, either. */
export class FramingError extends FrameError {}

/** The command line is wrong. `message` is one line for the user; the exit status is 2. */
export class UsageError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "UsageError";
}

/**
 * What a flag says is wrong, or does not go with the others. Where the value is not from the command line but from a file
 * whose keys are the flags' names, {@linkcode FlagError.asKey} says the same of the key.
 */
export class FlagError extends UsageError {
  /** The flag's name, without dashes. */
  readonly flag: string;
  readonly #words: (shown: (name: string) => string) => string;

  /**
   * Makes the error.
   *
   * @param words What is wrong and what is allowed, in one line; it gets what to call a flag of a name.
   */
  constructor(flag: string, words: (shown: (name: string) => string) => string) {
    super(words((name) => `--${name}`));
    this.flag = flag;
    this.#words = words;
  }

  /** The same about keys. @param place Where the key is: `jim.toml:2`. */
  asKey(place: string): UsageError {
    return new UsageError(`${place}: ${this.#words((name) => name)}`);
  }
}

/** The program cannot do its work (port taken, no permission …). One line for the user; exit status 1. */
export class StartError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "StartError";
}

/** What went wrong, in its own words: anything can be thrown, not only an `Error`. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same with the stack, where there is one: for a log, never for a user. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** What the system says of a fault, without what follows it: its number, and a path that the caller names itself. */
export function systemWords(error: unknown): string {
  return printable(messageOf(error).replace(/ \(os error \d+\).*/s, ""));
}

/** Why a file cannot be read, in a few words. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  return systemWords(error);
}
