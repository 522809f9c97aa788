/** Options of {@linkcode promptSecret}. */
export interface PromptSecretOptions {
  /**
   * Shown for each character typed; an empty string shows nothing.
   *
   * @default {"*"}
   */
  mask?: string;
  /** Clear the line when done. */
  clear?: boolean;
}

/** Asks on the terminal without echo; `null` where standard input is no terminal. */
export function promptSecret(message?: string, options?: PromptSecretOptions): string | null;
