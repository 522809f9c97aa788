/**
 * SIGHUP, as other daemons take it: settings and certificate are to be read again.
 *
 * @module
 */

/** Wishes to read everything again: one that comes before that can be done is not lost. */
export class ReloadWishes {
  #reload: (() => void) | undefined;
  #isEarly = false;

  /** Somebody wishes it. */
  request(): void {
    if (this.#reload === undefined) this.#isEarly = true;
    else this.#reload();
  }

  /** From now on wishes are fulfilled; if there were any before, that is done once, at once. */
  open(reload: () => void): void {
    this.#reload = reload;
    if (this.#isEarly) reload();
  }
}
