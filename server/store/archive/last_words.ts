/** What is said of an error that nobody catches in a thread: nothing of the error, which may have somebody's text. */
export const LAST_WORDS = "lost";

/** The scope of a worker, as far as its end needs it. */
export interface ErrorScope {
  /** Listens to what nobody catches. */
  addEventListener(type: string, listener: (event: Event) => void): void;
  /** Tells whoever started the thread. */
  postMessage(message: unknown): void;
  /** Ends the thread. */
  close(): void;
}

/**
 * Ends a thread quietly at an error that nobody catches. The runtime would print its stack and its text to the standard
 * error of the whole program; whoever started the thread gets {@linkcode LAST_WORDS} instead.
 *
 * @param scope The worker's own.
 */
export function sayLastWords(scope: ErrorScope): void {
  for (const type of ["error", "unhandledrejection"]) {
    scope.addEventListener(type, (event) => {
      event.preventDefault();
      scope.postMessage(LAST_WORDS);
      scope.close();
    });
  }
}
